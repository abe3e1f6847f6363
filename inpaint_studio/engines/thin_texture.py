"""Thin damage across texture: where the photo looks the same close by, its detail is continued too.

First every cell of the damage looks for the place most like its surroundings (`thin_match`); then
the surface is solved for as ever, but bent as the photo is bent in those places. Level and slope
come from the rim, grain and edges from next to it, and what joins cells from different places is
the surface itself.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.api import Floats, Hole
from inpaint_studio.engines.mending import MendOptions
from inpaint_studio.engines.thin_kernel import REACH
from inpaint_studio.engines.thin_match import CELL, bend, match
from inpaint_studio.engines.thin_solver import Window, core_of, solve, states_of
from inpaint_studio.engines.work import Work
from inpaint_studio.imaging.geometry import Box, Point, Size

Ints = npt.NDArray[np.int32]

LOOK = 40
"""Pixels around damage in which a place like it is looked for."""
_RADII = (5, 15)
"""Pixels to the rim of the patches that are compared: so many at least and at most."""
_KNOWN = 3
"""Pixels by which a patch is wider than the damage is deep."""
_TRUST = 0.15, 0.6
"""The parts of variance not explained at which a place begins to count less, and counts nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where each cell of a photo is copied from, and how far that is to be trusted."""

    ways: npt.NDArray[np.int16]
    """(rows, columns, 2): down and right."""
    shares: Floats
    """(rows, columns), 0 to 1; 0 where nothing is copied."""
    options: MendOptions

    @classmethod
    def none(cls, size: Size, options: MendOptions) -> "Places":
        """Nothing is copied anywhere yet."""
        cells = (-(-size.height // CELL), -(-size.width // CELL))
        return cls(np.zeros((*cells, 2), np.int16), np.zeros(cells, np.float32), options)

    def find(self, work: Work, hole: Hole, tile: Box) -> None:
        """Look for places for the cells of a tile that have some of the hole (H, W).

        The tile begins at a cell; it is the only one that writes to its cells.
        """
        sight = _Sight.of(work, tile.pad(LOOK + _RADII[1]), self.options)
        inside = hole[tile.slices] & work.missing[tile.slices]
        grid, cells = sight.cells(inside, tile, self.shares.shape[1])
        if not len(cells):
            return
        seed = self.options.seed
        ways, unlike = match(sight.brightness, sight.known, sight.room, cells, grid, LOOK, seed)
        rows, columns = np.nonzero(grid >= 0)
        at = rows + tile.top // CELL, columns + tile.left // CELL
        low, high = _TRUST
        self.ways[at] = ways
        self.shares[at] = np.clip((high - unlike) / (high - low), 0, 1)

    def are_in(self, window: Box) -> bool:
        """Whether anything is copied to a part of the photo."""
        rows, columns = (
            slice(low // CELL, -(-high // CELL))
            for low, high in ((window.top, window.bottom), (window.left, window.right))
        )
        return bool(self.shares[rows, columns].any())

    def shifts(self, window: Box, width: int) -> tuple[Ints, Floats]:
        """(h * w,) each: for arrays of that width which hold all of a window, in reading order."""
        rows = np.arange(window.top, window.bottom) // CELL
        columns = np.arange(window.left, window.right) // CELL
        at = rows.clip(0, len(self.shares) - 1)[:, None], columns.clip(0, self.shares.shape[1] - 1)
        ways = self.ways[at].astype(np.int32)
        flat = ways[:, :, 0] * np.int32(width) + ways[:, :, 1]
        return flat.ravel(), self.shares[at].ravel()


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """A tile and what is around it, also beyond the photo."""

    box: Box
    brightness: Floats
    known: Hole
    depth: Floats
    room: Ints

    @classmethod
    def of(cls, work: Work, box: Box, options: MendOptions) -> "_Sight":
        import cv2

        colours, known = look_beyond(work, box)
        unknown = ~known
        depth = cv2.distanceTransform(unknown.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
        copied = known & options.may_copy(box)
        room = cv2.distanceTransform(copied.view(np.uint8), cv2.DIST_C, cv2.DIST_MASK_3)
        brightness = colours.mean(axis=2, dtype=np.float32)
        return cls(box, brightness, known, cast(Floats, depth), room.astype(np.int32))

    def cells(self, inside: Hole, tile: Box, across: int) -> tuple[Ints, Ints]:
        """The grid of the tile's cells, and those that have some of the hole, for `match`."""
        size = Size(-(-tile.height // CELL), -(-tile.width // CELL))
        padded = np.zeros((size.height * CELL, size.width * CELL), np.float32)
        depth = self.depth[tile.relative_to(self.box.origin).slices]
        padded[: tile.height, : tile.width] = np.where(inside, depth, 0)
        deepest = padded.reshape(size.height, CELL, size.width, CELL).max(axis=(1, 3))
        rows, columns = np.nonzero(deepest)
        grid = np.full(size, -1, np.int32)
        grid[rows, columns] = np.arange(len(rows), dtype=np.int32)
        middle = Point(tile.top - self.box.top, tile.left - self.box.left)
        cells = np.empty((len(rows), 4), np.int32)
        cells[:, 0] = rows * CELL + CELL // 2 + middle.top
        cells[:, 1] = columns * CELL + CELL // 2 + middle.left
        cells[:, 2] = np.clip(np.ceil(deepest[rows, columns]) + _KNOWN, *_RADII)
        cells[:, 3] = (rows + tile.top // CELL) * across + columns + tile.left // CELL
        return grid, cells


def solve_like(
    work: Work, free: Hole, unknown: Hole, at: Window, places: Places
) -> tuple[Hole, Floats]:
    """Solve for a window on the photo as `thin_solver.solve` does, bent as `places` say.

    Args:
        work: the fill in progress.
        free: (h, w) of the window's box, what is sought.
        unknown: (h, w), all that is not known.
        at: the window, in the photo's coordinates.
        places: found for all cells of the window.

    Returns:
        (h, w) which pixels of the core were found, and their (n, C) colours.
    """
    outer = at.box.pad(LOOK + 2 * REACH)
    place = at.box.relative_to(outer.origin).slices
    sought, absent = np.zeros(outer.size, np.bool_), np.ones(outer.size, np.bool_)
    sought[place], absent[place] = free, unknown & ~free
    window, bordered = Window(at.core, outer), outer.pad(REACH)
    light, _ = look_beyond(work, bordered)
    shifts, shares = places.shifts(bordered, bordered.width)
    states = states_of(sought, absent)
    found = solve(light, states, window)
    bend(light, states, shifts, shares)
    return found, core_of(light, window)[found]


def look_beyond(work: Work, box: Box) -> tuple[Floats, Hole]:
    """(h, w, C) sRGB and (h, w) what of it is known, in a box that may leave the photo."""
    inside = box.clip(work.photo.size)
    place = inside.relative_to(box.origin).slices
    known = np.zeros(box.size, np.bool_)
    known[place] = ~work.missing[inside.slices]
    channels = work.photo.color_channels
    colours = np.zeros((*box.size, channels), np.float32)
    colours[place] = work.look(inside)(0, inside.height)[:, :, :channels]
    return colours, known
