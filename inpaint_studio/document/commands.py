"""Everything that can be done to a document, each with its way back."""

from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from inpaint_studio.document.change import CanvasName, Change
from inpaint_studio.document.held import Edit, Held, OtherLayers
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pile import common_group, with_instead
from inpaint_studio.document.pixels import TileDelta
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.mask import Coverage

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document


class Command(Protocol):
    """One step of the history: `apply` and `revert` in turn, `apply` first.

    One that raises leaves the document as it was.
    """

    @property
    def title(self) -> str:
        """What the history panel calls it."""
        ...

    @property
    def held(self) -> Held: ...

    def apply(self, document: "Document") -> Change: ...

    def revert(self, document: "Document") -> Change: ...


@dataclass(frozen=True, slots=True)
class AddLayer:
    """Put a layer on top of all others."""

    layer: InitVar[Layer]
    title: str = field(init=False)
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    def __post_init__(self, layer: Layer) -> None:
        object.__setattr__(self, "title", f"Add {layer.name}")
        self.held.bring(layer)

    def apply(self, document: "Document") -> Change:
        return self.held.exchange(document, self._edit)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)

    def _edit(self, document: "Document") -> Edit:
        layer = self.held.brought()
        return Edit((*document.layers, layer), layer.name, layer.box)


@dataclass(frozen=True, slots=True)
class RemoveLayer:
    """Take a layer away. `apply` raises KeyError when there is none of that id."""

    id: int
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    @property
    def title(self) -> str:
        return f"Delete {self.held.name}"

    def apply(self, document: "Document") -> Change:
        return self.held.exchange(document, self._edit)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)

    def _edit(self, document: "Document") -> Edit:
        gone = document.layer(self.id)
        layers = tuple(layer for layer in document.layers if layer is not gone)
        return Edit(layers, gone.name, gone.box)


@dataclass(frozen=True, slots=True)
class MoveLayer:
    """Move a layer to another place in the pile; 0 is the bottom, too large is the top.

    It then lies in the group that both its neighbours lie in. `apply` raises KeyError when there
    is none of that id.
    """

    id: int
    to_index: int
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    @property
    def title(self) -> str:
        return f"Move {self.held.name}"

    def apply(self, document: "Document") -> Change:
        return self.held.exchange(document, self._edit)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)

    def _edit(self, document: "Document") -> Edit:
        moved = document.layer(self.id)
        layers = [layer for layer in document.layers if layer is not moved]
        place = min(max(0, self.to_index), len(layers))
        group = common_group(layers[max(0, place - 1) : place + 1], document.groups)
        if place in (0, len(layers)):
            group = None
        layers.insert(place, moved if moved.group == group else replace(moved, group=group))
        return Edit(tuple(layers), moved.name, moved.box)


@dataclass(frozen=True, slots=True)
class ReplaceLayer:
    """Put a new version of a layer (same id) in its place: name, opacity, visibility, pixels.

    `apply` raises KeyError when there is none of that id.
    """

    layer: InitVar[Layer]
    title: str
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    def __post_init__(self, layer: Layer) -> None:
        self.held.bring(layer)

    def apply(self, document: "Document") -> Change:
        return self.held.exchange(document, self._edit)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)

    def _edit(self, document: "Document") -> Edit:
        new = self.held.brought()
        old = document.layer(new.id)
        layers = with_instead(document.layers, old, new)
        return Edit(layers, new.name, _looks_different(old, new))


@dataclass(frozen=True, slots=True)
class Arrange:
    """Replace all layers and groups; `document.arrange` makes these for everything that touches
    more than one layer. Made for the document as it is: push it before anything else.
    """

    title: str
    edit: InitVar[Edit]
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    def __post_init__(self, edit: Edit) -> None:
        self.held.plan(edit)

    def apply(self, document: "Document") -> Change:
        return self.held.exchange(document, self.held.planned)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)


@dataclass(frozen=True, slots=True)
class PaintMask:
    """A stroke, or any other change of the mask, or (`on`) of an area to copy from.

    A stroke has already been drawn when its command is pushed; `apply` then draws nothing.
    """

    delta: TileDelta
    title: str = "Paint mask"
    on: CanvasName = "mask"

    @classmethod
    def to(
        cls, document: "Document", coverage: Coverage, *, title: str, on: CanvasName = "mask"
    ) -> "PaintMask":
        """The command that makes the canvas `coverage`, (H, W) uint8: load, grow, clear."""
        return cls(TileDelta.capture(document.canvas(on), coverage), title, on)

    @property
    def held(self) -> TileDelta:
        return self.delta

    def apply(self, document: "Document") -> Change:
        return Change(self.on, self.delta.box) if self.delta.applied else self._swap(document)

    def revert(self, document: "Document") -> Change:
        return self._swap(document)

    def _swap(self, document: "Document") -> Change:
        return Change(self.on, self.delta.swap(document.canvas(self.on)))


@dataclass(frozen=True, slots=True)
class PaintKeep:
    """A stroke on a layer's mask. `delta` is for a canvas of the patch's size.

    `apply` raises KeyError when there is no layer of that id, ValueError when it has no mask.
    """

    id: int
    delta: TileDelta
    title: str = "Paint layer mask"

    @property
    def held(self) -> TileDelta:
        return self.delta

    def apply(self, document: "Document") -> Change:
        return self._swap(document)

    def revert(self, document: "Document") -> Change:
        return self._swap(document)

    def _swap(self, document: "Document") -> Change:
        old = document.layer(self.id)
        if old.keep is None:
            raise ValueError(f"{old.name} has no mask")
        keep = old.keep.copy()
        box = self.delta.swap(keep)
        new = replace(old, keep=keep)
        document.layers = with_instead(document.layers, old, new)
        return Change("layers", box.shift(old.patch.at))


def _looks_different(old: Layer, new: Layer) -> Box:
    """Where two versions of a layer may look different; empty when only the name changed."""
    same = all(getattr(old, name) == getattr(new, name) for name in ("opacity", "visible", "blend"))
    same = same and old.patch is new.patch and old.keep is new.keep and old.group == new.group
    return EMPTY_BOX if same else old.box.union(new.box)
