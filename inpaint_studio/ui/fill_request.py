"""What a fill is asked to do, frozen at the moment of asking. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from inpaint_studio.engines.api import EngineSetup, Floats, Hole
from inpaint_studio.engines.registry import EngineEntry, engine_entry
from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.composite import Overlays
from inpaint_studio.imaging.edge_drawing import EdgeDrawing
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.weights.card import ModelCard

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.engines.task import FillTask
    from inpaint_studio.weights.library import Library


@dataclass(frozen=True, slots=True, eq=False)
class FillChoice:
    """What the user has chosen in the fill panel."""

    engine: str
    card: str = ""
    """Name of the model card; empty takes the engine's default."""
    device: str = "auto"
    grow: int = 0
    feather: int | None = None
    context: int | None = None
    seed: int = 0
    edges: Floats | EdgeDrawing | None = None
    """Edges the user drew, as `RestoreOptions.edges` takes them."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Options of the engine itself."""
    allowed: Hole | None = None
    """(H, W), the photo's size: pixels that may be copied; None for all of them."""
    forbidden: Hole | None = None
    """(H, W): pixels that may not; None for none."""
    first: Box | None = None
    """The part of the photo that is in view: filled before the rest, and no other fill for it."""

    @property
    def entry(self) -> EngineEntry:
        return engine_entry(self.engine)


@dataclass(frozen=True, slots=True, eq=False)
class FillSubject:
    """The photo, the layers on it and the mask as they were when Fill was pressed.

    Photo and overlays are immutable and shared with the document, the mask is a copy.
    """

    photo: Photo
    overlays: Overlays
    mask: Mask

    @classmethod
    def of(
        cls, document: "Document", *, mask: Mask | None = None, below: int | None = None
    ) -> Self:
        """The document's own mask, or another; what is seen, or only what lies under a layer."""
        mask = document.snapshot_mask() if mask is None else mask
        return cls(document.photo, document.overlays(below=below), mask)

    def look(self) -> Photo:
        """The photo as it is seen, with its visible layers: what a fill continues."""
        if not self.overlays:
            return self.photo
        from inpaint_studio.imaging.composite import flatten

        pixels = flatten(self.photo, self.overlays)
        return Photo(pixels, self.photo.profile, self.photo.metadata)


@dataclass(frozen=True, slots=True, eq=False)
class FillOrder:
    """What is to be filled, and what becomes of the fill."""

    subject: FillSubject
    replaces: int | None = None
    """Id of the layer whose pixels it takes the place of; None makes a new layer."""
    hides: int | None = None
    """Id of a layer over which the new one comes, and which is hidden then."""
    title: str = ""
    """What the history calls a step that does either."""
    merge: bool = False
    """Whether that becomes one step with the one before it of the same title."""


def choose_card(choice: FillChoice, library: "Library") -> ModelCard | None:
    """The card the choice means, None for engines that need none.

    Raises:
        WeightsError: there is no such card, or its licence has not been agreed to.
    """
    if not choice.entry.needs_card:
        return None
    wanted = choice.entry.card_engine
    card = library.find(choice.card) if choice.card else library.default_for(wanted)
    if library.needs_consent(card):
        raise WeightsError(
            f"“{card.title}” may only be used on the terms of its licence ({card.licence}): "
            "read and accept them under Models first."
        )
    return card


def make_setup(choice: FillChoice, library: "Library") -> EngineSetup:
    """What the chosen engine is opened with. Slow the first time: it checks the weights.

    Raises:
        WeightsError: the weights are missing, broken or not allowed.
    """
    card = choose_card(choice, library)
    return EngineSetup(card, dict(library.files(card)) if card else {}, choice.device)


def make_task(subject: FillSubject, choice: FillChoice, library: "Library") -> "FillTask":
    """All a fill needs, in one frozen value. Slow: it composes the photo and checks the weights.

    Raises:
        WeightsError: the weights are missing, broken or not allowed.
    """
    from inpaint_studio.engines.restore import RestoreOptions
    from inpaint_studio.engines.task import FillTask

    setup = make_setup(choice, library)
    return FillTask(
        photo=subject.look(),
        mask=subject.mask,
        engine=choice.engine,
        card=setup.card,
        files=setup.files,
        device=setup.device,
        restore_options=RestoreOptions(
            grow=choice.grow,
            feather=choice.feather,
            context=choice.context,
            seed=choice.seed,
            edges=choice.edges,
            options=choice.options,
            allowed=choice.allowed,
            forbidden=choice.forbidden,
            first=choice.first,
        ),
    )
