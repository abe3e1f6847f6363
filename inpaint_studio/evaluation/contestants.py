"""Who takes part: an engine, an engine with a certain model, or another program."""

import hashlib
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inpaint_studio import __version__
from inpaint_studio.engines.registry import engine_entry
from inpaint_studio.errors import UsageError
from inpaint_studio.weights.card import ModelCard
from inpaint_studio.weights.library import Library

PLACES = ("{photo}", "{mask}", "{out}")
"""What a command must hold; each is replaced by the path of a PNG."""
SERVES = "{stdin}"
"""What it holds instead where it is started once and reads the paths from its input."""
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Contestant:
    """One that fills holes. Pickles, to be sent to its own process."""

    label: str
    """What the table calls it."""
    identity: str
    """Changes with the weights, the program's version or the command, so that old results are not
    taken for new ones."""
    engine: str = ""
    """A name from `engines.registry.ENGINES`; empty for another program."""
    card: ModelCard | None = None
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])
    command: tuple[str, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether it is a program that is started once; see `programs`."""
        return any(SERVES in word for word in self.command)


def parse_contestants(texts: Iterable[str], library: Library) -> tuple[Contestant, ...]:
    """Read what `--engines` was given.

    Each text is engines joined by commas (`pconv,edgeconnect:my-card,telea`) or, with an equals
    sign, one other program: `name=command {photo} {mask} {out}`. {photo} is an RGB PNG with the
    hole painted grey, {mask} a grey PNG, white = fill, {out} the PNG to write, of the same size.
    `name=command {stdin}` is started once and reads the three paths line by line; see `programs`.

    Raises:
        UsageError: there is no such engine or program, or a name comes twice.
        WeightsError: a model is missing or damaged.
    """
    found: list[Contestant] = []
    for text in texts:
        if "=" in text:
            found.append(_program(text))
        else:
            found += [_engine(name.strip(), library) for name in text.split(",") if name.strip()]
    if not found:
        raise UsageError("Name at least one engine with --engines.")
    labels = [contestant.label for contestant in found]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"“{label}” is named twice in --engines. Give each its own name.")
    return tuple(found)


def _engine(text: str, library: Library) -> Contestant:
    name, _, card_name = text.partition(":")
    entry = engine_entry(name)
    if not entry.needs_card:
        if card_name:
            raise UsageError(f"The engine {name} takes no model. Leave out “:{card_name}”.")
        return Contestant(name, f"{name} {__version__}", name)
    card = library.find(card_name) if card_name else library.default_for(entry.card_engine)
    if card.engine != entry.card_engine:
        raise UsageError(f"The model {card.name} is for the engine {card.engine}, not for {name}.")
    files = library.files(card)
    return Contestant(text, f"{card.name} {_digest(card, files)}", name, card, dict(files))


def _digest(card: ModelCard, files: Mapping[str, Path]) -> str:
    """Of the weights, and of what the card tells the engine to do with them."""
    ways = (card.size_rule, card.dialect, card.line_thresholds, card.poses)
    total = hashlib.sha256(repr(ways).encode())
    for role, path in sorted(files.items()):
        total.update(role.encode())
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:12]


def _program(text: str) -> Contestant:
    label, _, command = text.partition("=")
    if not _LABEL.fullmatch(label):
        raise UsageError(f"“{label}” is no name for a program: use letters, digits, “-” and “_”.")
    _check_places(label, command)
    try:
        words = tuple(shlex.split(command, posix=os.name != "nt"))
    except ValueError:
        raise UsageError(f"The command of {label} has a quote that is never closed.") from None
    if shutil.which(words[0]) is None:
        raise UsageError(f"The command of {label} cannot be run: there is no program {words[0]}.")
    return Contestant(label, hashlib.sha256(command.encode()).hexdigest()[:12], command=words)


def _check_places(label: str, command: str) -> None:
    missing = [place for place in PLACES if place not in command]
    if SERVES in command:
        if len(missing) < len(PLACES):
            raise UsageError(f"The command of {label} has {SERVES}: then it takes no other places.")
    elif missing:
        raise UsageError(f"The command of {label} lacks {' and '.join(missing)}.")
