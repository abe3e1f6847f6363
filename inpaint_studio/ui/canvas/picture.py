"""The picture somebody looks at: any tile of it, drawn from the photo and its layers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from inpaint_studio.imaging.apart import apart
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.geometry import Box, tile_box
from inpaint_studio.imaging.photo import Photo, Pixels
from inpaint_studio.ui.canvas.beneath import Beneath
from inpaint_studio.ui.canvas.images import picture_image
from inpaint_studio.ui.canvas.overlays import Piled, cut_all, skip_all
from inpaint_studio.ui.canvas.pyramid import PhotoPyramid, level_size

SIDE = 256
"""Side of a tile in pixels of its level."""
OVERVIEW_SIDE = 1024
"""Longest side of the rough picture that stands in for tiles that are not there yet."""

Transform = Callable[[Pixels], npt.NDArray[np.uint8]]
"""(h, w, C) pixels of a photo to (h, w, 4) uint8 straight sRGB RGBA."""


class TileKey(NamedTuple):
    """A tile of a reduced level; `original` tiles show the photo without layers."""

    level: int
    row: int
    column: int
    original: bool = False

    @property
    def level_box(self) -> Box:
        """What it covers in pixels of its level (not clipped to the photo)."""
        return tile_box(self.row, self.column, SIDE)

    @property
    def box(self) -> Box:
        """What it covers in pixels of the photo (not clipped to the photo)."""
        return Box(*(edge << self.level for edge in self.level_box))


OVERVIEW = TileKey(-1, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class PictureSource:
    """All it takes to draw any tile; a change of the layers makes a new one.

    With `against`, what is drawn is the difference from that picture of the same photo, `gain`
    times as large as it is.
    """

    photo: PhotoPyramid
    layers: tuple[Piled, ...]
    transform: Transform
    against: PictureSource | None = None
    gain: int = 1

    def render(self, key: TileKey, beneath: Beneath | None = None) -> Generator[None, None, QImage]:
        """Draw one tile; yields where it may be stopped. `beneath` remembers from one time to the
        next what lies below the layers that change."""
        yield
        if key.level < 0:
            return self._image(self._overview(key))
        box = key.level_box.clip(level_size(self.photo.photo.size, key.level))
        if beneath is None or key.original or self.against is not None:
            return self._image((yield from self.look(key.level, box, original=key.original)))
        pixels = yield from self.photo.build(key.level)
        here = pixels[box.slices]
        flat = yield from beneath.flatten(key, here, self.layers, key.level, box)
        return self._image(flat)

    def look(
        self, level: int, box: Box, *, original: bool = False
    ) -> Generator[None, None, Pixels]:
        """What is seen in `box`, in pixels of `level`: (h, w, C) at the photo's depth, writable.

        Yields where it may be stopped.
        """
        pixels = yield from self.photo.build(level)
        overlays = yield from cut_all(() if original else self.layers, level, box)
        here = flatten(Photo(pixels[box.slices]), overlays)
        if self.against is None:
            return here
        return apart(here, (yield from self.against.look(level, box)), gain=self.gain)

    def seen(
        self, level: int, box: Box, *, original: bool = False
    ) -> Generator[None, None, npt.NDArray[np.uint8]]:
        """`look` as the screen shows it: (h, w, 4) uint8 straight sRGB RGBA."""
        return self.transform((yield from self.look(level, box, original=original)))

    def _overview(self, key: TileKey) -> Pixels:
        """Single pixels picked out of the full picture: rough, but there at once."""
        stride = self.photo.stride(OVERVIEW_SIDE)
        layers = () if key.original else self.layers
        thinned = Photo(self.photo.photo.pixels[::stride, ::stride])
        here = flatten(thinned, skip_all(layers, stride))
        if self.against is None:
            return here
        return apart(here, self.against._overview(key), gain=self.gain)

    def _image(self, pixels: Pixels) -> QImage:
        return picture_image(self.transform(pixels), opaque=not self.photo.photo.has_alpha)
