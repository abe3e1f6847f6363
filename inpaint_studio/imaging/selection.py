"""Select by colour: the magic wand, what is similar, a range of colours. On sRGB bytes.

Colours differ by the largest of their three channel differences, as the tolerance of other
programs' wands counts. Pixels are (h, w, 3) uint8 sRGB as the screen shows them.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.mask import Coverage, Hole

Bytes = npt.NDArray[np.uint8]
Cube = npt.NDArray[np.float32]
Color = tuple[int, int, int]
How = Literal["replace", "add", "subtract", "intersect"]
Selecting = Generator[None, None, Coverage]
"""Work that ends in a coverage of the whole photo; yields where it may be stopped."""

_BINS = 64
"""Levels per channel `similar_colors` tells apart."""


def color_at(pixels: Bytes, at: Point) -> Color:
    """The mean colour of the pixels next to `at`: grain must not decide what is selected."""
    top, left = max(0, at.top - 1), max(0, at.left - 1)
    around = pixels[top : at.top + 2, left : at.left + 2, :3].reshape(-1, 3)
    red, green, blue = (round(float(value)) for value in around.mean(axis=0))
    return red, green, blue


def color_distance(pixels: Bytes, color: Color) -> Bytes:
    """(h, w) uint8: how far each pixel is from `color`."""
    import cv2

    wanted = (*color, *(0,) * (pixels.shape[2] - 3))
    planes = cv2.split(cv2.absdiff(pixels, np.array(wanted, np.float64)))
    return cast(Bytes, cv2.max(cv2.max(planes[0], planes[1]), planes[2]))


def flood(distance: Bytes, seed: Point, tolerance: int) -> Hole:
    """(h, w) bool: what can be reached from `seed`, sideways and up and down, over pixels whose
    (h, w) `distance` is at most `tolerance`; the seed always belongs to it."""
    import cv2

    height, width = distance.shape
    reached = np.zeros((height + 2, width + 2), np.uint8)
    corner = (seed.left, seed.top)
    before, distance[seed] = distance[seed], 0
    flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    cv2.floodFill(distance, reached, corner, 0, 0, tolerance, flags)
    distance[seed] = before
    return reached[1:-1, 1:-1] == 255


def reach(distance: Bytes, seed: Point, tolerance: int, *, contiguous: bool) -> Hole:
    """(h, w) bool: what the wand selects, connected with `seed` or anywhere."""
    return flood(distance, seed, tolerance) if contiguous else distance <= tolerance


def combine(mask: Coverage, found: Coverage, how: How) -> Coverage:
    """(h, w) uint8: the mask with what was found added to it, taken away from it, and so on."""
    if how == "add":
        return np.maximum(mask, found)
    if how == "subtract":
        return np.minimum(mask, np.invert(found))
    return np.minimum(mask, found) if how == "intersect" else found


def color_range(pixels: Bytes, colors: Sequence[Color], fuzziness: int) -> Coverage:
    """(h, w) uint8: 255 for pixels like any of `colors`, fading to 0 at a distance of `fuzziness`;
    the closer half of the range counts in full."""
    nearest = np.full(pixels.shape[:2], 255, np.uint8)
    for color in colors:
        np.minimum(nearest, color_distance(pixels, color), out=nearest)
    steps = np.arange(256, dtype=np.float32)
    full, none = fuzziness / 2, max(1.0, fuzziness + 1.0)
    table = np.rint(np.clip((none - steps) / (none - full), 0, 1) * 255).astype(np.uint8)
    return table[nearest]


def similar_colors(pixels: Bytes, mask: Coverage, tolerance: int) -> Coverage:
    """(h, w) uint8: 255 wherever the colour is within about `tolerance` of one that is common in
    the mask; colours of fewer than one masked pixel in a thousand do not count."""
    import cv2

    channels, ranges = [0, 1, 2], [0, 256] * 3
    inside = (mask >= 128).view(np.uint8)
    counts = cast(Cube, cv2.calcHist([pixels], channels, inside, [_BINS] * 3, ranges))
    common = counts > counts.sum() / 1000
    chosen = _spread(common if common.any() else counts > 0, tolerance)
    cube = cv2.Mat(chosen, wrap_channels=False)  # or its last axis would count as channels
    return cast(Coverage, cv2.calcBackProject([pixels], channels, cube, ranges, 1.0))


def _spread(chosen: Hole, tolerance: int) -> Cube:
    """255 for every cell of the colour cube within `tolerance` of a chosen one."""
    import cv2

    cells = round(tolerance * _BINS / 256)
    side = np.ones((2 * cells + 1, 1), np.float32)
    cube = np.where(chosen, np.float32(255), np.float32(0))
    for _ in range(3):  # along one axis after the other
        flat = cast(Cube, cv2.dilate(cube.reshape(_BINS, -1), side))
        cube = np.ascontiguousarray(np.moveaxis(flat.reshape(_BINS, _BINS, _BINS), 0, 2))
    return cube


@dataclass(frozen=True, slots=True)
class Wand:
    """What the magic wand is set to."""

    tolerance: int = 32
    contiguous: bool = True
