"""Which model files that a user hands over are: by checksum, by name given, by layout."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.weights.card import NAME_PATTERN, ModelCard, WeightsFile, read_card
from inpaint_studio.weights.conversion import Converter, Identity
from inpaint_studio.weights.fingerprint import Fingerprint, fingerprint

SUFFIXES = (".pth", ".pt", ".ckpt", ".bin", ".safetensors")
ROLES: Mapping[str, frozenset[str]] = {
    "pconv": frozenset({"generator"}),
    "edgeconnect": frozenset({"edges", "completion"}),
}
"""What a model of each engine is made of."""

_MOST_FILES = 32
"""A folder with more weights than this is not one model."""


class UnknownModelError(WeightsError):
    """Good weights, but nothing says which model they are: the user has to."""

    def __init__(self, sentence: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(sentence, candidates)
        self.candidates = candidates
        """Names of the cards they could belong to."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Source:
    """One file handed over."""

    path: Path
    identity: Identity
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Arrival:
    """A model handed over, its card found, ready to be installed."""

    card: ModelCard
    sources: Mapping[str, Source]
    """By role."""
    is_own: bool
    """Whether the card was made up for it (`own_card`), because no card describes it."""

    @property
    def checked(self) -> bool:
        """Whether every file agreed with a checksum of the card."""
        return all(
            source.fingerprint.agrees_with(self.card.files[role])
            for role, source in self.sources.items()
        )


def gather(path: Path, converter: Converter) -> dict[str, Source]:
    """The files of one model by role, from a file or a folder.

    Raises:
        WeightsError: nothing usable is there, a part is missing, or there are several models.
    """
    sources: dict[str, Source] = {}
    files = _candidates(path)
    for file, identity in zip(files, converter.identify(files), strict=True):
        if isinstance(identity, WeightsError):
            if not path.is_dir():
                raise identity
            continue  # beside the generators lie discriminators and optimisers
        if identity.role in sources:
            raise WeightsError(
                f"{path} holds several models ({sources[identity.role].path.name} and "
                f"{file.name} among them); put one model into a folder of its own."
            )
        sources[identity.role] = Source(file, identity, fingerprint(file))
    _require_whole(path, sources)
    return sources


def match(sources: Mapping[str, Source], cards: Sequence[ModelCard]) -> ModelCard:
    """The card of these files: by checksum, else the only one that their layout leaves.

    Raises:
        UnknownModelError: none, or several could be meant.
    """
    identity = next(iter(sources.values())).identity
    alike = [card for card in cards if card.engine == identity.engine and not card.bundled]
    for card in alike:
        if _agreement(card, sources):
            return card
    unknown = [c for c in alike if c.layout == identity.layout and _agreement(c, sources) is None]
    if len(unknown) == 1:
        return unknown[0]
    names = tuple(card.name for card in unknown)
    which = f"say which of these models they are ({', '.join(names)}), or " if names else ""
    raise UnknownModelError(
        f"{_names(sources)}: these are {identity.engine} weights (layout: {identity.layout}) of no "
        f"known checksum; {which}give them a name of your own.",
        names,
    )


def require_fit(card: ModelCard, sources: Mapping[str, Source]) -> None:
    """See that these are the files `card` describes.

    Raises:
        WeightsError: another engine, layout or checksum.
    """
    if card.bundled:
        raise WeightsError(f"{card.name} comes with the program; there is nothing to import.")
    for role, source in sources.items():
        identity = source.identity
        if identity.engine != card.engine or identity.layout != card.layout:
            raise WeightsError(
                f"{source.path} holds {identity.engine} weights in the layout of "
                f"{identity.layout}, but {card.name} is {card.engine} in that of {card.layout}."
            )
        if source.fingerprint.agrees_with(card.files[role]) is False:
            raise WeightsError(
                f"{source.path} is not the file that {card.name} describes: its checksum differs; "
                "get it again, or import it under a name of your own."
            )


def own_card(name: str, sources: Mapping[str, Source]) -> ModelCard:
    """A card for weights that no card describes, saying how little is known.

    Raises:
        WeightsError: `name` cannot be the name of a card.
    """
    identity = next(iter(sources.values())).identity
    try:
        return msgspec.convert(
            {
                "name": name,
                "title": name,
                "engine": identity.engine,
                "layout": identity.layout,
                "files": {
                    role: WeightsFile(
                        re.sub(r"[\\:]", "_", source.path.name),
                        sha256=source.fingerprint.sha256,
                        bytes=source.fingerprint.bytes,
                    )
                    for role, source in sources.items()
                },
                "licence": "not stated",
                "commercial_use": "unclear",
                "origin": f"Imported from {_names(sources)}",
                "trained_on": "Not stated.",
                "good_at": "Weights of your own.",
                "size_rule": identity.size_rule,
                "dialect": identity.dialect,
            },
            ModelCard,
        )
    except msgspec.ValidationError as error:
        raise WeightsError(
            f"“{name}” cannot name a model; use small letters, digits, dots and hyphens "
            f"({NAME_PATTERN})."
        ) from error


def card_beside(
    path: Path, sources: Mapping[str, Source], *, known: Sequence[ModelCard]
) -> ModelCard | None:
    """The card that lies with the weights and has the checksum of every one of them.

    So a model that was trained, or handed on, keeps what is known of it. A known card that
    describes the same files has the last word: None then.
    """
    if any(_describes(card, sources) for card in known):
        return None
    folder = path if path.is_dir() else path.parent
    for file in sorted(folder.glob("*.toml")):
        with suppress(WeightsError):
            card = read_card(file)
            if _describes(card, sources):
                return msgspec.structs.replace(card, bundled=False)
    return None


def _describes(card: ModelCard, sources: Mapping[str, Source]) -> bool:
    return card.files.keys() == sources.keys() and all(
        source.identity.engine == card.engine
        and len(card.files[role].sha256) == 64
        and source.fingerprint.agrees_with(card.files[role])
        for role, source in sources.items()
    )


def _candidates(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise WeightsError(f"The folder {path} could not be read: {reason(error)}.") from error
    if not files:
        raise WeightsError(f"{path} holds no files of weights ({', '.join(SUFFIXES)}).")
    if len(files) > _MOST_FILES:
        raise WeightsError(f"{path} holds {len(files)} files of weights; choose one of them.")
    return files


def _require_whole(path: Path, sources: Mapping[str, Source]) -> None:
    if not sources:
        raise WeightsError(f"{path} holds no model that this program can run.")
    engines = {source.identity.engine for source in sources.values()}
    if len(engines) > 1:
        raise WeightsError(f"{path} holds models of several kinds; choose one of the files.")
    missing = ROLES[engines.pop()] - sources.keys()
    if missing:
        raise WeightsError(
            f"{path} holds half a model: the network for {' and '.join(sorted(missing))} is "
            "missing. Put both files into one folder and import the folder."
        )


def _agreement(card: ModelCard, sources: Mapping[str, Source]) -> bool | None:
    """Whether checksums identify `card`; None where it has none to compare."""
    if card.files.keys() != sources.keys():
        return False
    found = [source.fingerprint.agrees_with(card.files[role]) for role, source in sources.items()]
    if any(answer is False for answer in found):
        return False
    return True if all(found) else None


def _names(sources: Mapping[str, Source]) -> str:
    return " and ".join(source.path.name for source in sources.values())
