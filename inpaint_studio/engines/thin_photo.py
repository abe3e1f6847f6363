"""Thin damage mended straight on the photo, tile by tile, on all cores.

Only pixels next to a hole are ever converted, so that time and memory follow the damage and not the
photo. Every tile looks at nothing but what was known before: the order they are mended in, and on
how many threads, does not show.
"""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.api import FillEvent, Floats, Hole, Preview, Progress
from inpaint_studio.engines.compiled import thread_count
from inpaint_studio.engines.thin_solver import (
    DEEPEST,
    SURROUNDS,
    Window,
    bordered,
    core_of,
    depth_of,
    solve,
    states_of,
    tiles,
    windows,
)
from inpaint_studio.engines.thin_texture import Places, solve_like
from inpaint_studio.engines.work import Work
from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.imaging.mask import hole_bounds

_SEEKING, _STAGE = "Looking for texture like it", "Mending thin damage"
_LOOKING = 0.6
"""Share of the progress that looking takes."""
_ZONE = 2
"""Times its depth: what is left, around what is too deep, to whoever fills that: no joint shows."""
_NEAR = np.ones((5, 5), np.uint8)
"""What a surface is held by: pixels at most two from the hole."""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Some pixels of the photo that have been filled."""

    core: Box
    pixels: Hole
    """(h, w) of the core."""


def mend_photo(
    work: Work, hole: Hole, *, first: Box | None = None, places: Places | None = None
) -> Generator[FillEvent, None, Hole | None]:
    """Fill what is thin of a hole (H, W), what touches `first` before the rest.

    With `places`, which are looked for before, it is continued with texture.

    Returns:
        (H, W): what is too wide, or has nothing known next to it; None where nothing is left.
    """
    yield Progress("Preparing", 0.0)  # the first fill of all compiles
    waiting = _in_order(hole, first)
    begin = _LOOKING if places else 0.0
    found: list[_Found] = []
    pool = ThreadPoolExecutor(thread_count())
    try:
        if places is not None:
            looked = pool.map(partial(places.find, work, hole), waiting)
            for number, _ in enumerate(looked, start=1):
                yield _progress(_SEEKING, number, len(waiting), (0.0, begin))
        mended = pool.map(partial(_mend_tile, work, hole, places), waiting)
        for number, pieces in enumerate(mended, start=1):
            found += pieces
            yield _progress(_STAGE, number, len(waiting), (begin, 1.0))
            if pieces and (first is None or not _box_of(pieces).intersect(first).is_empty):
                yield _preview(work, pieces)
    finally:
        pool.shutdown(cancel_futures=True)
    return _left(work, hole, found)


def _progress(stage: str, number: int, count: int, span: tuple[float, float]) -> Progress:
    """What is going on, and how many of its parts are done."""
    part = f": part {number} of {count}" if count > 1 else ""
    return Progress(stage + part, span[0] + (span[1] - span[0]) * number / count)


def thin_part(hole: Hole, *, deepest: float = DEEPEST) -> Hole:
    """(H, W): what of a hole lies at most `deepest` and `DEEPEST` pixels from its rim, so that
    `mend_photo` fills it. The rest are blots, without the arms they have."""
    thin = np.zeros(hole.shape, np.bool_)
    size, deepest = Size(*hole.shape), min(deepest, DEEPEST)
    for tile in _in_order(hole, None):
        around = _around(tile, size)
        inside = hole[around.slices]
        part = _thin(inside, depth_of(inside), deepest)
        thin[tile.slices] = part[tile.relative_to(around.origin).slices]
    return thin


def _in_order(hole: Hole, first: Box | None) -> list[Box]:
    """The tiles that have some of the hole; those that are to come first before the others."""
    busy = [tile for tile in tiles(hole_bounds(hole)) if hole[tile.slices].any()]
    if first is not None:
        seen = first
        busy.sort(key=lambda tile: tile.intersect(seen).is_empty)  # keeps their order otherwise
    return busy


def _mend_tile(work: Work, hole: Hole, places: Places | None, tile: Box) -> list[_Found]:
    """Solve for the hole in a tile, and keep what was found as the photo's own pixels."""
    found: list[_Found] = []
    around = _around(tile, work.photo.size)
    unknown = work.missing[around.slices]
    depth = depth_of(unknown)
    free = _thin(hole[around.slices] & unknown, depth)
    for window in windows(free, depth, tile.relative_to(around.origin)):
        inside, part = free[window.box.slices], unknown[window.box.slices]
        at = Window(window.core.shift(around.origin), window.box.shift(around.origin))
        if places is None or not places.are_in(at.box):
            solved, colours = _solve_plainly(work, inside, part, at)
        else:
            solved, colours = solve_like(work, inside, part, at, places)
        work.lay_at(*_places(solved, at.core.origin), np.broadcast_to(colours, (len(colours), 3)))
        found.append(_Found(at.core, solved))
    return found


def _solve_plainly(work: Work, free: Hole, unknown: Hole, at: Window) -> tuple[Hole, Floats]:
    """The smoothest surface: which pixels (h, w) of the core were found, and their colours."""
    light = _light(work, free, unknown, at.box.origin)
    found = solve(light, states_of(free, unknown & ~free), at)
    return found, core_of(light, at)[found]


def _around(tile: Box, size: Size) -> Box:
    """What is looked at to tell what of a tile's hole is thin."""
    return tile.pad(SURROUNDS[1] + DEEPEST).clip(size)


def _thin(hole: Hole, depth: Floats, deepest: float = DEEPEST) -> Hole:
    """The hole without what is near its deepest parts."""
    import cv2

    deep = depth > deepest
    if not deep.any():
        return hole
    apart = cv2.distanceTransform(1 - deep.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    return hole & (apart > _ZONE * deepest)


def _light(work: Work, free: Hole, unknown: Hole, origin: Point) -> Floats:
    """The known pixels next to the free ones, sRGB, with a border; one channel for grey photos."""
    import cv2

    near = cv2.dilate(free.view(np.uint8), _NEAR).view(np.bool_) & ~unknown
    channels = work.photo.color_channels
    light = np.zeros((*free.shape, channels), np.float32)
    light[near] = work.look_at(*_places(near, origin))[:, :channels]
    return bordered(light)


def _places(chosen: Hole, origin: Point) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns on the photo."""
    rows, columns = np.nonzero(chosen)
    return rows + origin.top, columns + origin.left


def _preview(work: Work, pieces: Sequence[_Found]) -> Preview:
    """What was found, in one box."""
    box = _box_of(pieces)
    hole = np.zeros(box.size, np.bool_)
    for piece in pieces:
        hole[piece.core.relative_to(box.origin).slices] |= piece.pixels
    pixels = np.zeros((*box.size, 3), np.float32)
    pixels[hole] = work.laid_at(*_places(hole, box.origin))
    return Preview(pixels, hole, box)


def _box_of(pieces: Sequence[_Found]) -> Box:
    return reduce(Box.union, (piece.core for piece in pieces))


def _left(work: Work, hole: Hole, found: Sequence[_Found]) -> Hole | None:
    """Take what was found from what is missing; what is still missing of the hole."""
    for piece in found:
        work.missing[piece.core.slices] &= ~piece.pixels
    left = hole & work.missing
    return left if left.any() else None
