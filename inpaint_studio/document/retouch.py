"""A stroke of a retouching brush on a layer of plain pixels, undone by what it covered only."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inpaint_studio.document.change import Change
from inpaint_studio.document.pile import with_instead
from inpaint_studio.document.spill import SpillFile
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Patch, Pixels

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer


class CoveredPixels:
    """The other state of one box of a layer, and where the layer lay in that state."""

    __slots__ = ("_alpha", "_brought", "_file", "_pixels", "box", "whole")

    def __init__(self, layer: "Layer", box: Box) -> None:
        self.box = box
        """What the stroke covers, on the photo."""
        self.whole = layer.box
        """Where the layer lies in the other state."""
        self._brought: Layer | None = layer
        self._pixels: Pixels = layer.patch.pixels[:0]
        self._alpha: Coverage = layer.patch.alpha[:0]
        self._file: SpillFile | None = None

    @property
    def nbytes(self) -> int:
        return self._pixels.nbytes + self._alpha.nbytes

    @property
    def disk_bytes(self) -> int:
        return self._file.nbytes if self._file is not None else 0

    def exchange(self, layer: "Layer") -> "Layer":
        """The layer in its other state; what it was is held now.

        Raises:
            StudioError: what was held on disk is gone or damaged.
        """
        self._recall()
        new = self._brought if self._brought is not None else self._rebuilt(layer)
        self._brought = None
        self.whole, held = layer.box, self.box.intersect(layer.box)
        cut = held.relative_to(layer.patch.at).slices
        self._pixels, self._alpha = layer.patch.pixels[cut].copy(), layer.patch.alpha[cut].copy()
        return new

    def spill(self, folder: Path) -> None:
        if self._file is None and self._alpha.size:
            chunks = (self._pixels.tobytes(), self._alpha.tobytes())
            self._file = SpillFile.write(folder, chunks)
            self._pixels, self._alpha = self._pixels[:0].copy(), self._alpha[:0].copy()

    def discard(self) -> None:
        if self._file is not None:
            self._file.remove()
        self._file = None
        self._brought = None

    def _recall(self) -> None:
        if self._file is None:
            return
        data = np.frombuffer(self._file.read(), np.uint8)
        size = self.box.intersect(self.whole).size
        color = data[: data.size - size.area].view(self._pixels.dtype)
        self._pixels = color.reshape(*size, self._pixels.shape[2])
        self._alpha = data[data.size - size.area :].reshape(size)
        self._file.remove()
        self._file = None

    def _rebuilt(self, layer: "Layer") -> "Layer":
        """The layer as it was in the other state, from what it is in this one."""
        old, whole = layer.patch, self.whole
        pixels = np.zeros((*whole.size, old.pixels.shape[2]), old.pixels.dtype)
        alpha = np.zeros(whole.size, np.uint8)
        shared = whole.intersect(layer.box)
        here, there = shared.relative_to(whole.origin), shared.relative_to(old.at)
        pixels[here.slices], alpha[here.slices] = old.pixels[there.slices], old.alpha[there.slices]
        part = self.box.intersect(whole).relative_to(whole.origin).slices
        pixels[part], alpha[part] = self._pixels, self._alpha
        return replace(layer, patch=Patch(pixels, alpha, whole.origin), keep=_keep(layer, whole))


def _keep(layer: "Layer", whole: Box) -> Coverage | None:
    """The layer's mask for another box; what it did not cover is shown."""
    if layer.keep is None:
        return None
    keep = np.full(Size(*whole.size), 255, np.uint8)
    shared = whole.intersect(layer.box)
    there = shared.relative_to(layer.box.origin).slices
    keep[shared.relative_to(whole.origin).slices] = layer.keep[there]
    return keep


def repainted(layer: "Layer", patch: Patch) -> "Layer":
    """The layer with another patch, its mask widened to it."""
    return replace(layer, patch=patch, keep=_keep(layer, patch.box))


@dataclass(frozen=True, slots=True)
class PaintPixels:
    """A stroke on a layer of plain pixels.

    `apply` raises KeyError when there is no layer of that id.
    """

    id: int
    title: str
    held: CoveredPixels = field(repr=False, compare=False)

    @classmethod
    def of(cls, layer: "Layer", patch: Patch, box: Box, *, title: str) -> "PaintPixels":
        """The stroke that gives `layer` another patch, which differs from its own in `box`."""
        return cls(layer.id, title, CoveredPixels(repainted(layer, patch), box))

    def apply(self, document: "Document") -> Change:
        return self._swap(document)

    def revert(self, document: "Document") -> Change:
        return self._swap(document)

    def _swap(self, document: "Document") -> Change:
        old = document.layer(self.id)
        new = self.held.exchange(old)
        document.layers = with_instead(document.layers, old, new)
        return Change("layers", self.held.box)
