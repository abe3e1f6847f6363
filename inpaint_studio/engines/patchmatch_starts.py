"""Other ways to begin than from all sides at once, and which of them led to the best fit."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.patchmatch_solver import Field, Flags, Floats, Solver
from inpaint_studio.imaging.levels import spread_along

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One way to fill a level."""

    misfit: float
    """Mean distance of its patches to what they are copied from."""
    colours: Floats
    """(n, C) of the pixels of the hole."""
    field: Field

    @classmethod
    def of(cls, solver: Solver) -> Self:
        """What the solver's level holds now."""
        solver.measure()
        level, costs = solver.level, np.maximum(solver.cost[solver.level.wanted], 0)
        colours = level.pixels[level.hole]
        return cls(float(costs.mean()), colours, solver.field.copy())

    def put_into(self, solver: Solver) -> None:
        """Make the solver's level what it was then."""
        solver.level.pixels[solver.level.hole] = self.colours
        solver.field[:] = self.field
        solver.picture_changed()


def begin_along(solver: Solver, axis: int) -> None:
    """Fill from one rim to the other along columns (axis 0) or rows (axis 1), and copy from the
    nearest source in that direction.

    What crosses the hole that way, a wall or a horizon, is in its place from the first; where all
    sides are filled at once (`Solver.begin`), what lies along the longer ones meets before it.
    """
    level, across = solver.level, 1 - axis
    frame = level.frame.box.slices
    pixels, hole = level.pixels[frame], level.hole[frame]
    pixels[hole] = spread_along(pixels, ~hole, axis)[hole]
    (top, left), (height, width) = level.origin, level.wanted.shape
    near = _nearest_along(level.allowed, axis)[top : top + height, left : left + width]
    found = level.wanted & (near >= 0)
    own = np.indices(near.shape)[across] + level.origin[across]
    solver.field[found, axis], solver.field[found, across] = near[found], own[found]
    solver.picture_changed()


def _nearest_along(allowed: Flags, axis: int) -> Places:
    """(H, W): the nearest allowed place in the same column (axis 0) or row; -1 without one."""
    length = allowed.shape[axis]
    places: Places = np.indices(allowed.shape)[axis]
    before: Places = np.maximum.accumulate(np.where(allowed, places, -2 * length), axis=axis)
    backwards: Places = np.flip(np.where(allowed, places, 3 * length), axis)
    after: Places = np.flip(np.minimum.accumulate(backwards, axis=axis), axis)
    nearest = np.where(places - before <= after - places, before, after)
    return np.where((nearest >= 0) & (nearest < length), nearest, -1)
