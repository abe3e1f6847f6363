"""Arrays that are empty nearly everywhere, in memory that is taken only where they are not.

Four small fills far apart, or a net of cracks, make a patch as large as the photo. Fresh memory the
system hands out is zero and takes no room until it is written to: what is empty is never written.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Point, Size, tile_box
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Patch, Pixels

TILE = 128
_WORTH = 1 << 20
"""Bytes below which nothing is gained."""
_MOST = 0.5
"""Share of the tiles above which nothing is gained."""


class PackedPatch(NamedTuple):
    """A patch without its empty tiles, to be handed to another process."""

    size: Size
    at: Point
    tiles: tuple[Box, ...]
    pixels: Pixels
    """(n, 1 | 3): those of the tiles, one after the other."""
    alpha: Coverage
    """(n,)"""


def sparse_copy(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy of an (h, w) or (h, w, c) array that takes memory only where it is not zero."""
    copy = np.zeros(array.shape, array.dtype)
    size = Size(*array.shape[:2])
    for box in _tiles(size):
        piece = array[box.slices]
        if piece.any():
            copy[box.slices] = piece
    return copy


def packed_patch(patch: Patch) -> PackedPatch | None:
    """The patch without what does not show; None where that would not be worth it."""
    size = Size(*patch.alpha.shape)
    if patch.pixels.nbytes < _WORTH:
        return None
    tiles = tuple(box for box in _tiles(size) if patch.alpha[box.slices].any())
    if sum(box.area for box in tiles) > _MOST * size.area:
        return None
    channels = patch.pixels.shape[2]
    pixels = [patch.pixels[box.slices].reshape(-1, channels) for box in tiles]
    alpha = [patch.alpha[box.slices].ravel() for box in tiles]
    empty = patch.pixels[:0, 0], patch.alpha[:0, 0]
    whole = np.concatenate([empty[0], *pixels]), np.concatenate([empty[1], *alpha])
    return PackedPatch(size, patch.at, tiles, *whole)


def unpacked_patch(packed: PackedPatch) -> Patch:
    """The patch again; what did not show is zero now, and takes no memory."""
    pixels = np.zeros((*packed.size, packed.pixels.shape[1]), packed.pixels.dtype)
    alpha = np.zeros(packed.size, np.uint8)
    start = 0
    for box in packed.tiles:
        part = slice(start, start + box.area)
        pixels[box.slices] = packed.pixels[part].reshape(*box.size, -1)
        alpha[box.slices] = packed.alpha[part].reshape(box.size)
        start = part.stop
    return Patch(pixels, alpha, packed.at)


def _tiles(size: Size) -> Iterator[Box]:
    return (tile_box(*tile, TILE).clip(size) for tile in size.box.tiles(TILE))
