"""What tools see that look at colours: the whole photo with its layers, reduced. No Qt."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.steps import exhausted
from inpaint_studio.ui.canvas.pyramid import level_size

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.picture import PictureSource

Bytes = npt.NDArray[np.uint8]

LARGEST = 1_600_000
"""Pixels of a photo that can be looked through within a frame."""


class MaskPreview(NamedTuple):
    """What the mask would be: (h, w) uint8, stretched over `box` of the photo."""

    coverage: Coverage
    box: Box


class ReducedLook:
    """The photo with its layers at one reduced level, made when first needed. Safe between
    threads."""

    def __init__(self, source: PictureSource) -> None:
        self.source = source
        self.size = source.photo.photo.size
        self.level = sight_level(self.size)
        self._lock = threading.Lock()
        self._pixels: Bytes | None = None

    @property
    def pixels(self) -> Bytes:
        """(h, w, 4) uint8 sRGB RGBA."""
        with self._lock:
            if self._pixels is None:
                box = level_size(self.size, self.level).box
                self._pixels = exhausted(self.source.seen(self.level, box))
            return self._pixels


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What there is to see, and the mask at the same level: (h, w) uint8, a copy.

    `look.source` draws the same picture at every other level.
    """

    look: ReducedLook
    mask: Coverage

    @property
    def source(self) -> PictureSource:
        return self.look.source

    @property
    def pixels(self) -> Bytes:
        """(h, w, 4) uint8 sRGB RGBA; slow the first time."""
        return self.look.pixels

    def locate(self, x: float, y: float) -> Point | None:
        """The pixel under a photo position; None off the photo."""
        size, level = self.look.size, self.look.level
        if not (0 <= x < size.width and 0 <= y < size.height):
            return None
        return Point(int(y) >> level, int(x) >> level)

    def preview(self, coverage: Coverage) -> MaskPreview:
        """A mask of this level as the canvas can show it."""
        (height, width), level = coverage.shape, self.look.level
        return MaskPreview(coverage, Box(0, 0, height << level, width << level))


def sight_level(size: Size) -> int:
    """The finest level that can be looked through within a frame."""
    level = 0
    while level_size(size, level).area > LARGEST:
        level += 1
    return level
