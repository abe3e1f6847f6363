"""The surface that continues the known pixels into a hole: smooth, and under a little tension.

It makes the sum over all pixels of (Laplacian)^2 + tension * |gradient|^2 least, with what is known
held. Without tension that is biharmonic inpainting (Damelin and Hoang, On surface completion and
image inpainting by biharmonic functions, 2018), which overshoots where the rim is noisy; with it,
the spline in tension of Smith and Wessel (Gridding with continuous curvature splines, 1990).
"""

from collections.abc import Iterator
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.thin_kernel import ABSENT, FREE, KNOWN, REACH, SOLVED, mend
from inpaint_studio.imaging.geometry import Box, Point, Size, tile_box
from inpaint_studio.imaging.mask import hole_bounds

Floats = npt.NDArray[np.float32]
Hole = npt.NDArray[np.bool_]
States = npt.NDArray[np.uint8]

TENSION = 0.5
"""0.5 to 1 lie 2 % nearer to the truth than 0 on the scratches and cracks of 12 photos; below, the
slopes at the rim are continued further."""
DEEPEST = 12
"""Pixels from the rim beyond which the surface is so smooth that half the size shows all of it."""
TILE = 256
"""Pixels along which holes are solved at once."""
_LEAST_TILE = 32
_MANY = 16000
"""Free pixels that are too many for one tile: the work grows with their square."""
SURROUNDS = (4, 28)
"""Pixels beyond a tile in which holes are solved with it: so many, and as many times the depth of
the deepest hole again, up to so many. What lies further off does not show in 16 bits."""


class Window(NamedTuple):
    """Pixels that are solved for, and the part of the picture that is looked at to do so."""

    core: Box
    box: Box


def continue_surface(picture: Floats, hole: Hole, *, tension: float = TENSION) -> Floats:
    """Fill the hole; work and memory grow with its rim, not with its area.

    Args:
        picture: (H, W, C) float32; what lies in the hole does not matter.
        hole: (H, W) bool; at least one pixel is known.
        tension: 0 or more.

    Returns:
        (H, W, C) float32, `picture` bit for bit outside the hole; inside it may leave [0, 1].
    """
    filled = picture.copy()
    box = hole_bounds(hole)
    if box.is_empty or hole.all():
        return filled
    box = box.pad(REACH).clip(Size(*hole.shape))
    part, inside = filled[box.slices], hole[box.slices]
    free, depth = inside, depth_of(inside)
    if depth.max() > DEEPEST:
        part[inside] = 0
        part[inside] = _from_half_size(part, inside, tension)[inside]
        free = inside & (depth <= DEEPEST)
    for tile in tiles(box.size.box):
        for window in windows(free, depth, tile):
            light = bordered(part[window.box.slices])
            found = solve(light, states_of(free[window.box.slices]), window, tension=tension)
            part[window.core.slices][found] = core_of(light, window)[found]
    return filled


def depth_of(hole: Hole) -> Floats:
    """(H, W): how far each pixel of the hole is from the nearest known one; 0 outside it."""
    import cv2

    depth = cv2.distanceTransform(hole.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    return cast(Floats, depth)


def tiles(box: Box) -> Iterator[Box]:
    """The box in squares, in reading order."""
    for row, column in box.tiles(TILE):
        yield tile_box(row, column, TILE).intersect(box)


def windows(free: Hole, depth: Floats, tile: Box) -> Iterator[Window]:
    """Where to look to solve for the free pixels of a tile; in four where they are many."""
    core = hole_bounds(free[tile.slices]).shift(tile.origin)
    if core.is_empty:
        return
    least, most = SURROUNDS
    around = min(most, round(least * (1 + float(depth[core.slices].max()))))
    box = core.pad(around).clip(Size(*free.shape))
    if max(core.size) <= _LEAST_TILE or np.count_nonzero(free[box.slices]) <= _MANY:
        yield Window(core, box)
        return
    for quarter in _quarters(core):
        yield from windows(free, depth, quarter)


def states_of(free: Hole, absent: Hole | None = None) -> States:
    """What `solve` is to know of each pixel, with a border of what does not exist."""
    states = np.where(free, np.uint8(FREE), np.uint8(KNOWN))
    if absent is not None:
        states[absent] = ABSENT
    return np.pad(states, REACH, constant_values=ABSENT)


def bordered(light: Floats) -> Floats:
    """The pixels (h, w, C) with a border that is never looked at."""
    height, width, channels = light.shape
    array = np.empty((height + 2 * REACH, width + 2 * REACH, channels), np.float32)
    array[REACH:-REACH, REACH:-REACH] = light
    return array


def solve(light: Floats, states: States, window: Window, *, tension: float = TENSION) -> Hole:
    """Solve for a window in place; which pixels (h, w) of its core were found.

    Args:
        light: `bordered` pixels of the window's box; only known ones near free ones are read.
        states: as `states_of` makes them.
        window: what they are of.
        tension: 0 or more.
    """
    core = _within(window)
    mend(light, states, core, tension)
    return states[core.slices] == SOLVED


def core_of(light: Floats, window: Window) -> Floats:
    """(h, w, C): what `solve` made of the window's core, a view."""
    return light[_within(window).slices]


def _within(window: Window) -> Box:
    """The core as a part of bordered arrays."""
    return window.core.relative_to(window.box.origin).shift(Point(REACH, REACH))


def _quarters(box: Box) -> tuple[Box, Box, Box, Box]:
    row, column = (box.top + box.bottom) // 2, (box.left + box.right) // 2
    upper, lower = box._replace(bottom=row), box._replace(top=row)
    return (
        *(upper._replace(right=column), upper._replace(left=column)),
        *(lower._replace(right=column), lower._replace(left=column)),
    )


def _from_half_size(picture: Floats, hole: Hole, tension: float) -> Floats:
    """The same fill at half the size, brought back; only good deep inside the hole."""
    import cv2

    height, width = hole.shape
    pixels, known = _halved(picture), _halved((~hole).astype(np.float32)[:, :, None])
    some = known[:, :, 0] > 0
    pixels[some] /= known[some]
    half = continue_surface(pixels, ~some, tension=4 * tension)  # slopes double, bends quadruple
    size = (2 * half.shape[1], 2 * half.shape[0])
    return cv2.resize(half, size, interpolation=cv2.INTER_CUBIC)[:height, :width].astype(np.float32)


def _halved(array: Floats) -> Floats:
    """The mean of each 2 x 2 block; beyond the border there are zeros."""
    height, width = array.shape[:2]
    even = np.pad(array, ((0, height % 2), (0, width % 2), (0, 0)))
    blocks = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, -1)
    return blocks.mean(axis=(1, 3), dtype=np.float32)
