"""Reduced levels of photo, patches and mask: level k is the picture halved k times. No Qt.

Levels are made when first asked for, in strips of rows: a strip fits the processor's cache, and
between strips the work can be stopped. Odd sides are rounded up, the last row or column repeated.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Point, Size, tile_box
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Patch, Photo, Pixels

STRIP = 128
"""Rows of the finer level that are reduced at a time."""
GONE_BUDGET = 96 << 20
"""Bytes of reduced levels that are kept of patches nobody shows now."""

Array = npt.NDArray[Any]


def level_size(size: Size, level: int) -> Size:
    """The size of a picture of `size` halved `level` times."""
    return Size(-(-size.height >> level), -(-size.width >> level))


def level_box(box: Box, level: int) -> Box:
    """The smallest box of level pixels that covers a box of full-resolution pixels."""
    return Box(box.top >> level, box.left >> level, -(-box.bottom >> level), -(-box.right >> level))


class PhotoPyramid:
    """A photo and its reduced levels at its own depth, alpha-weighted where there is alpha.

    Safe to use from several threads.
    """

    def __init__(self, photo: Photo) -> None:
        self.photo = photo
        self._levels: list[Pixels] = [photo.pixels]
        self._lock = threading.Lock()

    def build(self, level: int) -> Generator[None, None, Pixels]:
        """Make what is missing up to `level` and return it; yields between strips."""
        with self._lock:
            while len(self._levels) <= level:
                finer = self._levels[-1]
                self._levels.append((yield from _halve_photo(finer, self.photo)))
            return self._levels[level]

    def stride(self, side: int) -> int:
        """How many pixels to skip for a quick look at most `side` pixels long."""
        return max(1, -(-max(self.photo.size) // side))


class PatchPyramid:
    """A layer's patch and its reduced levels, aligned with the photo's. Safe between threads."""

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self._levels: list[Patch] = [patch]
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of the reduced levels that were made."""
        return sum(level.pixels.nbytes + level.alpha.nbytes for level in self._levels[1:])

    def build(self, level: int) -> Generator[None, None, Patch]:
        """Make what is missing up to `level` and return the patch for a photo of that level."""
        with self._lock:
            while len(self._levels) <= level:
                self._levels.append((yield from _halve_patch(self._levels[-1])))
            return self._levels[level]


class PatchPyramids:
    """The pyramids of the patches that are shown, and of those shown last, found by their patch.

    A deleted layer that comes back is drawn without being reduced again. Not for use between
    threads.
    """

    def __init__(self, budget: int = GONE_BUDGET) -> None:
        self._budget = budget
        self._shown: dict[int, PatchPyramid] = {}
        self._gone: OrderedDict[int, PatchPyramid] = OrderedDict()

    def show(self, patches: Iterable[Patch]) -> None:
        """From now on these are shown."""
        before, self._shown = self._shown, {id(patch): self.of(patch) for patch in patches}
        for key in self._shown:
            self._gone.pop(key, None)
        for key in before.keys() - self._shown.keys():
            self._gone[key] = before[key]
        nbytes = sum(pyramid.nbytes for pyramid in self._gone.values())
        while nbytes > self._budget:
            nbytes -= self._gone.popitem(last=False)[1].nbytes

    def of(self, patch: Patch) -> PatchPyramid:
        """That of a patch, made if there is none; it is kept if the patch is shown."""
        known = self._shown.get(id(patch)) or self._gone.get(id(patch))
        return known if known is not None and known.patch is patch else PatchPyramid(patch)


class MaskPyramid:
    """The reduced levels of a mask canvas that changes under strokes.

    A pixel of a reduced mask is the largest of the four it stands for, so that a scratch one pixel
    wide can still be seen when the whole photo is shown. Not for use between threads.
    """

    def __init__(self, canvas: Coverage) -> None:
        self._levels: list[Coverage] = [canvas]

    def level(self, level: int) -> Coverage:
        """(h, w) uint8 coverage of that level; level 0 is the canvas itself."""
        while len(self._levels) <= level:
            finer = self._levels[-1]
            size = level_size(Size(*finer.shape), 1)
            self._levels.append(np.zeros(size, np.uint8))
            if len(self._levels) > 2 or finer.any():
                self._reduce(len(self._levels) - 1, size.box)
        return self._levels[level]

    def update(self, box: Box) -> None:
        """Bring the levels up to date after canvas pixels inside `box` have changed."""
        for level in range(1, len(self._levels)):
            self._reduce(level, level_box(box, level))

    def _reduce(self, level: int, box: Box) -> None:
        """Recompute `box` (in pixels of `level`) from the next finer level."""
        finer, coarser = self._levels[level - 1], self._levels[level]
        box = box.clip(Size(*coarser.shape))
        for top in range(box.top, box.bottom, STRIP):
            bottom = min(top + STRIP, box.bottom)
            strip = _even(finer[2 * top : 2 * bottom, 2 * box.left : 2 * box.right])
            rows = np.maximum(strip[0::2], strip[1::2])
            np.maximum(rows[:, 0::2], rows[:, 1::2], out=coarser[top:bottom, box.left : box.right])


def halve(pixels: Array) -> Array:
    """The mean of each 2 x 2 block of (H, W, C), rounded, at the same depth."""
    strip = _even(pixels)
    wide = {"uint8": np.uint16, "uint16": np.uint32}.get(strip.dtype.name, np.float32)
    rows = strip[0::2].astype(wide)
    rows += strip[1::2]
    reduced = np.empty((rows.shape[0], rows.shape[1] // 2, rows.shape[2]), strip.dtype)
    for channel in range(rows.shape[2]):  # one channel at a time runs several times faster
        total: Array = rows[:, 0::2, channel] + rows[:, 1::2, channel]
        reduced[:, :, channel] = total * 0.25 if wide is np.float32 else (total + 2) // 4
    return reduced


def halve_weighted(color: Array, alpha: Array) -> tuple[Array, Array]:
    """The mean of each 2 x 2 block of (H, W, C) colour weighted with (H, W) alpha, and of alpha."""
    weight = _even(alpha).astype(np.float32)[:, :, np.newaxis]
    total = _sum_blocks(weight)
    mean = _sum_blocks(_even(color) * weight)
    mean /= np.where(total > 0, total, 1.0)
    total *= 0.25
    if color.dtype.kind != "f":
        mean += 0.5
    if alpha.dtype.kind != "f":
        total += 0.5
    return mean.astype(color.dtype), total[:, :, 0].astype(alpha.dtype)


def _sum_blocks(array: Array) -> Array:
    rows = array[0::2] + array[1::2]
    return rows[:, 0::2] + rows[:, 1::2]


def _even(array: Array) -> Array:
    """The array with its last row or column repeated where a side is odd."""
    odd = [(0, length % 2) for length in array.shape[:2]]
    if not any(after for _, after in odd):
        return array
    return np.pad(array, [*odd, *[(0, 0)] * (array.ndim - 2)], mode="edge")


def _halve_photo(pixels: Pixels, photo: Photo) -> Generator[None, None, Pixels]:
    """The next level of a photo's pixels, alpha (if any) in the last channel."""
    size = level_size(Size(*pixels.shape[:2]), 1)
    reduced = np.empty((*size, pixels.shape[2]), pixels.dtype)
    for top in range(0, pixels.shape[0], STRIP):
        strip = pixels[top : top + STRIP]
        target = reduced[top // 2 : (top + STRIP) // 2]
        if photo.has_alpha:
            color, alpha = halve_weighted(strip[:, :, :-1], strip[:, :, -1])
            target[:, :, :-1], target[:, :, -1] = color, alpha
        else:
            target[...] = halve(strip)
        yield
    return reduced


def _halve_patch(patch: Patch) -> Generator[None, None, Patch]:
    """The patch at half the size, on the photo's grid of 2 x 2 blocks."""
    box = patch.box
    target = level_box(box, 1)
    color = np.zeros((*target.size, patch.pixels.shape[2]), patch.pixels.dtype)
    alpha = np.zeros(target.size, np.uint8)
    for row, column in target.tiles(STRIP):
        block = tile_box(row, column, STRIP).intersect(target)
        here = block.relative_to(target.origin).slices
        fine, cover = _cut_padded(patch, Box(*(2 * edge for edge in block)))
        if cover.all() and cover.min() == 255:  # most blocks are all patch or none of it
            color[here], alpha[here] = halve(fine), 255
        elif cover.any():
            color[here], alpha[here] = halve_weighted(fine, cover)
        yield
    return Patch(color, alpha, target.origin)


def _cut_padded(patch: Patch, box: Box) -> tuple[Array, Coverage]:
    """Colour and alpha of a box of the photo, transparent where the patch does not reach."""
    color = np.zeros((*box.size, patch.pixels.shape[2]), patch.pixels.dtype)
    alpha = np.zeros(box.size, np.uint8)
    shared = box.intersect(patch.box)
    here = shared.relative_to(box.origin).slices
    there = shared.relative_to(patch.at).slices
    color[here], alpha[here] = patch.pixels[there], patch.alpha[there]
    return color, alpha


def skip_patch(patch: Patch, stride: int) -> Patch | None:
    """Every `stride`-th pixel of a patch, placed on a photo thinned out in the same way."""
    first = [-(-start // stride) for start in patch.at]
    rows, columns = (
        slice(index * stride - start, None, stride)
        for index, start in zip(first, patch.at, strict=True)
    )
    alpha = patch.alpha[rows, columns]
    if alpha.size == 0:
        return None
    return Patch(patch.pixels[rows, columns], alpha, Point(*first))
