"""Where in the photo the surroundings of thin damage look the same; compiled by numba.

PatchMatch (Barnes et al., 2009) on a coarse grid of cells: candidates by chance, then those of the
cells beside it, then by chance ever nearer the best one. Only brightness is compared, and levels
may differ: `thin_kernel` takes no more than the shape of what it is shown.
"""

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.compiled import compiled
from inpaint_studio.engines.thin_kernel import ABSENT, SOLVED

Light = npt.NDArray[np.float32]
Cells = npt.NDArray[np.int32]
Hole = npt.NDArray[np.bool_]
States = npt.NDArray[np.uint8]
Ways = npt.NDArray[np.int64]

CELL = 4
"""Pixels of a cell's side, which all come from the same place."""
UNLIKE = np.float32(1e30)
"""Of a cell for which there is no place; compiled loops know no infinity."""
_FIRST, _ROUNDS, _TRIES = 48, 2, 6
"""Candidates at first; passes over all cells; steps of each search, every one half as far."""
_SOFT = 2.0
"""How fast pixels of a patch count less towards its rim: exp(-this) there."""
_HOLD = 0.1
"""How strongly what is added is held to 0 everywhere."""
_SWEEPS, _RELAX = 12, 1.5
_LEAST = np.float32(1e-9)
_CALM = np.float32(2e-5)
"""Variance, a level of 8 bits, below which there is nothing to copy."""
_LEVEL = 0.9
"""How much of a difference in level is forgiven."""


@compiled
def match(
    light: Light, known: Hole, room: Cells, cells: Cells, grid: Cells, reach: int, seed: int
) -> tuple[Cells, Light]:
    """The way from each cell to the place most like it, and how unlike that still is.

    Args:
        light: (h, w) brightness, finite; what is not known does not matter. All arrays go on for
            `reach` and a radius beyond every cell.
        known: (h, w).
        room: (h, w), how many pixels around each one, over corners too, may be copied; 0 = not it.
        cells: (n, 4) row, column, radius of the patch and a number of its own, in reading order.
        grid: (rows, columns) of cells: which of `cells` it is, or -1.
        reach: how far to look, in pixels.
        seed: of the chances taken, beside the cell's own number.

    Returns:
        (n, 2) down and right, and (n,) the part of the variance next to the hole that is not
        explained; `UNLIKE` where there is no place, or no shape to copy.
    """
    count, widest = len(cells), np.max(cells[:, 2])
    ways, costs = np.zeros((count, 2), np.int32), np.full(count, UNLIKE, np.float32)
    weight = np.empty((2 * widest + 1, 2 * widest + 1), np.float32)
    shape = np.empty(count, np.float32)
    for at in range(count):
        _weigh(known, cells[at], weight)
        shape[at] = _variance(light, cells[at], weight)
    beside = _beside(count, grid)
    for turn in range(_ROUNDS):
        for step in range(count):
            at = step if turn % 2 == 0 else count - 1 - step
            if shape[at] > 0:
                _weigh(known, cells[at], weight)
                way, cost = ways[at], costs[at : at + 1]
                _follow(light, room, cells[at], weight, beside[at], ways, costs, way, cost)
                _search(light, room, cells[at], weight, (turn, reach, seed), way, cost)
    for at in range(count):
        if costs[at] < UNLIKE:
            costs[at] /= shape[at]
    return ways, costs


@compiled
def _follow(
    light: Light,
    room: Cells,
    cell: Cells,
    weight: Light,
    beside: Cells,
    ways: Cells,
    costs: Light,
    way: Cells,
    cost: Light,
) -> None:
    """Try the ways of the cells beside it."""
    for near in beside:
        if near >= 0 and costs[near] < UNLIKE:
            _try(light, room, cell, weight, (ways[near, 0], ways[near, 1]), way, cost)


@compiled
def _variance(light: Light, cell: Cells, weight: Light) -> np.float32:
    """What `_unlike` would be of a place without any shape; 0 where there is none here."""
    mass, total, squares = np.float32(0), np.float32(0), np.float32(0)
    radius = cell[2]
    for down in range(2 * radius + 1):
        for right in range(2 * radius + 1):
            counts = weight[down, right]
            value = light[cell[0] + down - radius, cell[1] + right - radius]
            mass += counts
            total += counts * value
            squares += counts * value * value
    shape = squares - total * total / max(mass, _LEAST)
    return shape if shape > _CALM * mass else np.float32(0)


@compiled
def _search(
    light: Light,
    room: Cells,
    cell: Cells,
    weight: Light,
    chance: tuple[int, int, int],
    way: Cells,
    cost: Light,
) -> None:
    """By chance: everywhere at first, later around the best way, ever nearer."""
    turn, reach, seed = chance
    state = _scrambled(cell[3] * 4 + turn, seed)
    span = reach
    for step in range(_FIRST if turn == 0 else _TRIES):
        state = _next(state)
        down = int((state >> np.uint64(20)) & np.uint64(0xFFFF)) % (2 * span + 1) - span
        right = int((state >> np.uint64(40)) & np.uint64(0xFFFF)) % (2 * span + 1) - span
        centre = (way[0], way[1]) if turn or step >= _FIRST // 2 else (0, 0)
        there = centre[0] + down, centre[1] + right
        if max(abs(there[0]), abs(there[1])) <= reach:
            _try(light, room, cell, weight, there, way, cost)
        if turn or step >= _FIRST // 2:
            span = max(1, span * 3 // 4) if turn == 0 else max(1, span // 2)


@compiled
def _try(
    light: Light,
    room: Cells,
    cell: Cells,
    weight: Light,
    there: tuple[int, int],
    way: Cells,
    cost: Light,
) -> None:
    """Take this way if it leads to a place that is more like the cell's surroundings."""
    row, column, radius = cell[0] + there[0], cell[1] + there[1], cell[2]
    if room[row, column] <= radius:
        return
    found = _unlike(light, (cell[0], cell[1]), (row, column), weight, radius)
    if found < cost[0]:
        cost[0] = found
        way[0], way[1] = there


@compiled
def _unlike(
    light: Light, here: tuple[int, int], there: tuple[int, int], weight: Light, radius: int
) -> np.float32:
    """The weighted squares of the difference, most of its mean left out."""
    mass, total, squares = np.float32(0), np.float32(0), np.float32(0)
    side = 2 * radius + 1
    for down in range(side):
        own, other = here[0] + down - radius, there[0] + down - radius
        for right in range(side):
            counts = weight[down, right]
            mine = light[own, here[1] + right - radius]
            apart = mine - light[other, there[1] + right - radius]
            mass += counts
            total += counts * apart
            squares += counts * apart * apart
    return squares - np.float32(_LEVEL) * total * total / max(mass, _LEAST)


@compiled
def _beside(count: int, grid: Cells) -> Cells:
    """(n, 4): the cells above, left, right and below; -1 where there is none."""
    rows, columns = grid.shape
    beside = np.full((count, 4), -1, np.int32)
    for row in range(rows):
        for column in range(columns):
            at = grid[row, column]
            if at >= 0 and row > 0 and grid[row - 1, column] >= 0:
                beside[at, 0] = grid[row - 1, column]
                beside[grid[row - 1, column], 3] = at
            if at >= 0 and column > 0 and grid[row, column - 1] >= 0:
                beside[at, 1] = grid[row, column - 1]
                beside[grid[row, column - 1], 2] = at
    return beside


@compiled
def _weigh(known: Hole, cell: Cells, weight: Light) -> None:
    """How much each known pixel of a cell's patch counts: less the further away it is."""
    radius = cell[2]
    soft = np.float32(_SOFT / (radius * radius))
    for down in range(-radius, radius + 1):
        for right in range(-radius, radius + 1):
            fall = np.float32(down * down + right * right)
            counts = np.exp(-soft * fall) if known[cell[0] + down, cell[1] + right] else 0
            weight[down + radius, right + radius] = counts


@compiled
def _scrambled(number: int, seed: int) -> np.uint64:
    return _next(np.uint64(number) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed))


@compiled
def _next(state: np.uint64) -> np.uint64:
    """SplitMix64 (Steele, Lea and Flood, 2014)."""
    mixed = state + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@compiled
def bend(light: Light, states: States, shifts: Cells, shares: Light) -> None:
    """Give solved pixels the shape that the picture has where they are copied from.

    A membrane under the gradients by which that place differs from the surface (Perez, Gangnet and
    Blake, Poisson image editing, 2003), held to 0 at the rim and, softly, everywhere: so what does
    not fit together fades over a few pixels instead of adding up.

    Args:
        light: (h, w, C), C-contiguous, changed in place.
        states: (h, w), as `thin_kernel.mend` leaves them.
        shifts: (h * w,) from each solved pixel to the one it is like, known as those beside it.
        shares: (h * w,) 0 to 1, how far that is followed.
    """
    height, width, channels = light.shape
    values, kinds = light.reshape(height * width, channels), states.reshape(height * width)
    number = np.full(kinds.size, -1, np.int32)
    order = np.empty(np.count_nonzero(states == SOLVED), np.int32)
    count = 0
    for at in range(kinds.size):
        if kinds[at] == SOLVED:
            order[count], number[at] = at, count
            count += 1
    ways = np.array([-width, -1, 1, width])
    wanted = np.zeros((count, channels), np.float32)
    for row in range(count):
        _tension(values, kinds, ways, order[row], shifts, shares, wanted[row])
    added = np.zeros((count, channels), np.float32)
    for turn in range(_SWEEPS):
        for step in range(count):
            row = step if turn % 2 == 0 else count - 1 - step
            _relax(kinds, ways, order[row], number, wanted, added)
    for row in range(count):
        for channel in range(channels):
            values[order[row], channel] += added[row, channel]


@compiled
def _tension(
    values: Light,
    kinds: States,
    ways: Ways,
    at: int,
    shifts: Cells,
    shares: Light,
    wanted: Light,
) -> None:
    """How much steeper it is from all sides to this pixel there than in the surface."""
    for way in ways:
        beside = at + way
        if kinds[beside] == ABSENT:
            continue
        other = beside if kinds[beside] == SOLVED else at
        for side in range(2):
            place = other if side else at
            shift, share = shifts[place], np.float32(0.5) * shares[place]
            for channel in range(wanted.size):
                there = values[at + shift, channel] - values[beside + shift, channel]
                here = values[at, channel] - values[beside, channel]
                wanted[channel] += share * (there - here)


@compiled
def _relax(kinds: States, ways: Ways, at: int, number: Cells, wanted: Light, added: Light) -> None:
    """One step of successive over-relaxation."""
    row, degree = number[at], np.float32(_HOLD)
    for way in ways:
        degree += kinds[at + way] != ABSENT
    for channel in range(wanted.shape[1]):
        total = wanted[row, channel]
        for way in ways:
            beside = number[at + way]
            if beside >= 0:
                total += added[beside, channel]
        added[row, channel] += np.float32(_RELAX) * (total / degree - added[row, channel])
