"""What commands keep for their way back, in memory or on disk."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from inpaint_studio.document.change import Change
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.spill import SpillFile
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.photo import Patch

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document


class Held(Protocol):
    """What a command keeps for its way back (or forth)."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory it keeps that the document does not need at the moment."""
        ...

    @property
    def disk_bytes(self) -> int: ...

    def spill(self, folder: Path) -> None:
        """Move to `folder` what can be moved. OSError when that fails: nothing is lost."""
        ...

    def discard(self) -> None:
        """Free everything, on disk too: the command will not be used again."""
        ...


class Edit(NamedTuple):
    """The layers a command wants, the name of the one it is about, and what may look different."""

    layers: tuple[Layer, ...]
    name: str
    box: Box


class OtherLayers:
    """The layers on the other side of a command; most are the very ones the document has."""

    __slots__ = ("_box", "_brought", "_others", "name")

    def __init__(self) -> None:
        self.name = "layer"
        """Of the layer the command is about, once it was applied."""
        self._box = EMPTY_BOX
        self._brought: Layer | None = None
        self._others: list[_Memory | _OnDisk] | None = None

    def bring(self, layer: Layer) -> None:
        """Hold a layer the document is to get when the command is first applied."""
        self._brought = layer

    def brought(self) -> Layer:
        if self._brought is None:
            raise ValueError("this command was applied before, or was discarded")
        return self._brought

    @property
    def nbytes(self) -> int:
        return sum(other.nbytes for other in self._others or ())

    @property
    def disk_bytes(self) -> int:
        return sum(other.disk_bytes for other in self._others or ())

    def exchange(
        self, document: "Document", edit: "Callable[[Document], Edit] | None" = None
    ) -> Change:
        """Swap the layers of the document with those held; the first time, with those of `edit`.

        Raises:
            StudioError: a layer's file is gone or damaged; the document is unchanged.
        """
        if self._others is not None:
            wanted = tuple(other.layer() for other in self._others)
        elif edit is not None:
            wanted, self.name, self._box = edit(document)
        else:
            raise ValueError("a command must be applied before it is reverted")
        self._brought = None
        self._forget_files()
        self._others = _remember(document.layers, wanted)
        document.layers = wanted
        return Change("layers", self._box)

    def spill(self, folder: Path) -> None:
        if self._others is not None:
            for index, other in enumerate(self._others):
                if isinstance(other, _Memory) and other.nbytes:
                    self._others[index] = _OnDisk.write(folder, other.held)

    def discard(self) -> None:
        self._forget_files()
        self._others = self._brought = None

    def _forget_files(self) -> None:
        for other in self._others or ():
            if isinstance(other, _OnDisk):
                other.file.remove()


@dataclass(frozen=True, slots=True)
class _Memory:
    """A layer whose pixels are in memory; they count when nobody else shows them."""

    held: Layer
    nbytes: int
    disk_bytes: int = 0

    def layer(self) -> Layer:
        return self.held


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """A layer whose pixels are in a file: colours first, alpha after them."""

    stub: Layer
    """All of the layer but its pixels."""
    file: SpillFile
    shape: tuple[int, ...]
    nbytes: int = 0

    @classmethod
    def write(cls, folder: Path, layer: Layer) -> "_OnDisk":
        patch = layer.patch
        file = SpillFile.write(folder, (patch.pixels.data, patch.alpha.data))
        nothing = Patch(
            np.zeros((0, 0, patch.pixels.shape[2]), patch.pixels.dtype),
            np.zeros((0, 0), np.uint8),
            patch.at,
        )
        return cls(replace(layer, patch=nothing), file, patch.pixels.shape)

    @property
    def disk_bytes(self) -> int:
        return self.file.nbytes

    def layer(self) -> Layer:
        data = self.file.read()
        dtype = self.stub.patch.pixels.dtype
        colors = np.frombuffer(data, dtype, math.prod(self.shape)).reshape(self.shape)
        alpha = np.frombuffer(data, np.uint8, offset=colors.nbytes).reshape(self.shape[:2])
        return replace(self.stub, patch=Patch(colors, alpha, self.stub.patch.at))


def _remember(layers: tuple[Layer, ...], shown: tuple[Layer, ...]) -> "list[_Memory | _OnDisk]":
    patches = {id(layer.patch) for layer in shown}
    return [_Memory(layer, 0 if id(layer.patch) in patches else layer.nbytes) for layer in layers]
