"""Adapt a model to a folder of pictures in minutes: the photos, the run, the model it leaves."""

import re
from dataclasses import dataclass
from pathlib import Path

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.errors import TrainingError, UsageError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.training.adapting import Basis, describe, short_run
from inpaint_studio.training.config import Config
from inpaint_studio.training.feature_files import find_features
from inpaint_studio.training.held_out import Case, Split, cases_of, split
from inpaint_studio.training.photos import find_photos
from inpaint_studio.weights.card import ModelCard
from inpaint_studio.weights.library import Library

BATCH = 8
RATE = 5e-5
"""For networks that were trained to the end (Liu et al. 2018, section 4.2)."""
BUNDLED_RATE = 4e-4
"""The bundled ones have far to go: a quarter of it brought half as much in the same minutes."""


@dataclass(frozen=True, slots=True)
class Finetuning:
    """A short run made ready: what it learns from, what it is judged by."""

    basis: Basis
    config: Config
    pictures: Split
    cases: tuple[Case, ...]
    folder: Path

    @property
    def card_file(self) -> Path:
        return Path(self.config.out) / f"{self.config.card.name}.toml"


def plan_finetuning(
    photos: Path, basis: Basis, out: Path, *, name: str, minutes: float, seed: int = 1
) -> Finetuning:
    """Find the pictures, hold some out, and settle how to train on the others.

    Raises:
        TrainingError: there are no pictures, or `out` cannot be written.
        UsageError: the model cannot be adapted.
    """
    pictures = split(find_photos([photos], []), seed=seed)
    listing = out / "pictures.txt"
    config = short_run(
        basis,
        out,
        minutes=minutes,
        batch=BATCH,
        rate=BUNDLED_RATE if basis.card.bundled else RATE,
        name=name,
        features=find_features(partial_conv=basis.card.engine == "pconv"),
        lists=(listing,),
        seed=seed,
    )
    _write_list(listing, pictures.learnt)
    return Finetuning(basis, config, pictures, cases_of(pictures.held_out, seed=seed), photos)


def keep(plan: Finetuning, library: Library) -> ModelCard:
    """Take what the run has left into the library, under the terms of the model it began with.

    Raises:
        WeightsError, TrainingError: it could not be read or written.
    """
    learnt = f"{len(plan.pictures.learnt)} pictures of {plan.folder.absolute().name}"
    title = f"{plan.basis.card.title}, adapted to {plan.folder.absolute().name}"
    describe(plan.card_file, plan.basis.card, title=title, learnt=learnt)
    arrival = library.recognise(Path(plan.config.out))
    library.give_consent(arrival.card)  # it was given for the model this one comes from
    return library.install(arrival)


def setup_of(card: ModelCard, library: Library, device: str) -> EngineSetup:
    """What the engine of a model is opened with."""
    return EngineSetup(card, library.files(card), device)


def free_name(basis: ModelCard, folder: Path, library: Library) -> str:
    """A name that no model has: that of the basis and of the folder, numbered if need be."""
    word = re.sub(r"[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-") or "adapted"
    stem = f"{basis.name}-{word}"[:60].rstrip("-.")
    taken = {card.name for card in library.cards()}
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (stem, *numbered) if name not in taken)


def require_free(name: str, library: Library) -> str:
    """The name, where no model has it.

    Raises:
        UsageError: one has.
    """
    if any(card.name == name for card in library.cards()):
        raise UsageError(f"There is a model “{name}” already; choose another name with --name.")
    return name


def _write_list(listing: Path, paths: tuple[Path, ...]) -> None:
    text = "".join(f"{path.absolute()}\n" for path in paths)
    try:
        listing.parent.mkdir(parents=True, exist_ok=True)
        listing.write_text(text, "utf-8", errors="surrogateescape")
    except OSError as error:
        raise TrainingError(f"{listing} could not be written: {reason(error)}.") from error
