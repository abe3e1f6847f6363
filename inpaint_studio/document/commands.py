"""Everything that can be done to a document, each with its way back."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from inpaint_studio.document.change import Change
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pixels import TileDelta
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.mask import Coverage

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document


class Held(Protocol):
    """What a command keeps for its way back (or forth)."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory kept alive by nothing else."""
        ...

    @property
    def disk_bytes(self) -> int: ...

    def spill(self, folder: Path) -> None:
        """Move to `folder` what can be moved. OSError when that fails: nothing is lost."""
        ...

    def discard(self) -> None:
        """Free everything, on disk too: the command will not be used again."""
        ...


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


class OtherLayers:
    """The layers on the other side of a command, shared with the document where they are in both."""

    __slots__ = ("_box", "_layers", "_nbytes", "name")

    def __init__(self) -> None:
        self.name = ""
        """The layer the command was about, for its title."""
        self._box = EMPTY_BOX
        self._layers: tuple[Layer, ...] | None = None
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        return self._nbytes

    @property
    def disk_bytes(self) -> int:
        return 0

    def spill(self, folder: Path) -> None:
        pass

    def discard(self) -> None:
        self._layers, self._nbytes = None, 0

    def enter(
        self, document: "Document", layers: tuple[Layer, ...], *, name: str, box: Box
    ) -> Change:
        """Give the document `layers` and remember those it had."""
        self.name, self._box, self._layers = name, box, layers
        return self.exchange(document)

    def exchange(self, document: "Document") -> Change:
        """Swap what is remembered with what the document has."""
        if self._layers is None:
            raise ValueError("a command must be applied before it is reverted")
        self._layers, document.layers = document.layers, self._layers
        shown = {id(layer.patch) for layer in document.layers}
        self._nbytes = sum(layer.nbytes for layer in self._layers if id(layer.patch) not in shown)
        return Change("layers", self._box)


@dataclass(frozen=True, slots=True)
class AddLayer:
    """Put a layer on top of all others."""

    layer: Layer
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    @property
    def title(self) -> str:
        return f"Add {self.layer.name}"

    def apply(self, document: "Document") -> Change:
        layers = (*document.layers, self.layer)
        return self.held.enter(document, layers, name=self.layer.name, box=self.layer.box)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)


@dataclass(frozen=True, slots=True)
class RemoveLayer:
    """Take a layer away. KeyError when there is none of that id."""

    id: int
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    @property
    def title(self) -> str:
        return f"Delete {self.held.name or 'layer'}"

    def apply(self, document: "Document") -> Change:
        gone = document.layer(self.id)
        layers = tuple(layer for layer in document.layers if layer is not gone)
        return self.held.enter(document, layers, name=gone.name, box=gone.box)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)


@dataclass(frozen=True, slots=True)
class MoveLayer:
    """Move a layer to another place in the pile; 0 is the bottom, too large is the top."""

    id: int
    to_index: int
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    @property
    def title(self) -> str:
        return f"Move {self.held.name or 'layer'}"

    def apply(self, document: "Document") -> Change:
        moved = document.layer(self.id)
        layers = [layer for layer in document.layers if layer is not moved]
        layers.insert(max(0, self.to_index), moved)
        return self.held.enter(document, tuple(layers), name=moved.name, box=moved.box)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)


@dataclass(frozen=True, slots=True)
class ReplaceLayer:
    """Put a new version of a layer (same id) in its place: name, opacity, visibility, pixels."""

    layer: Layer
    title: str
    held: OtherLayers = field(default_factory=OtherLayers, init=False, repr=False, compare=False)

    def apply(self, document: "Document") -> Change:
        old = document.layer(self.layer.id)
        layers = tuple(self.layer if layer is old else layer for layer in document.layers)
        box = _looks_different(old, self.layer)
        return self.held.enter(document, layers, name=self.layer.name, box=box)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)


@dataclass(frozen=True, slots=True)
class PaintMask:
    """A stroke, or any other change of the mask.

    A stroke has already been drawn when its command is pushed; `apply` then draws nothing.
    """

    delta: TileDelta
    title: str = "Paint mask"

    @classmethod
    def to(cls, document: "Document", coverage: Coverage, *, title: str) -> "PaintMask":
        """The command that makes the mask `coverage`, (H, W) uint8: load, grow, clear."""
        return cls(TileDelta.capture(document.mask, coverage), title)

    @property
    def held(self) -> TileDelta:
        return self.delta

    def apply(self, document: "Document") -> Change:
        if self.delta.applied:
            return Change("mask", self.delta.box)
        return Change("mask", self.delta.swap(document.mask))

    def revert(self, document: "Document") -> Change:
        return Change("mask", self.delta.swap(document.mask))


def _looks_different(old: Layer, new: Layer) -> Box:
    """Where two versions of a layer may look different; empty when only the name changed."""
    same = old.patch is new.patch and old.opacity == new.opacity and old.visible == new.visible
    return EMPTY_BOX if same else old.box.union(new.box)
