"""The equations of `thin_solver`, set up and solved hole by hole; compiled by numba.

They are banded where holes are narrow: with pixels numbered along the hole (Cuthill and McKee,
Reducing the bandwidth of sparse symmetric matrices, 1969) each has to do with those a few times the
hole's width before it, and Cholesky's factor fills that envelope only (George and Liu, Computer
solution of large sparse positive definite systems, 1981, chapter 4).
"""

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.compiled import compiled

Floats = npt.NDArray[np.float32]
States = npt.NDArray[np.uint8]
_Doubles = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int32]
_Ways = npt.NDArray[np.int64]

KNOWN, FREE, ABSENT, SOLVED = 0, 1, 2, 3
"""What a pixel is: given; sought; not there, so that nothing pulls at it; found."""
REACH = 2
"""How far pixels have to do with each other: the Laplacian of the Laplacian."""


@compiled
def mend(light: Floats, state: States, core: tuple[int, int, int, int], tension: float) -> None:
    """Give free pixels the values of the smoothest surface, hole by hole.

    Holes that have no pixel in the core are left out, and so are those no known pixel touches.

    Args:
        light: (h, w, C), C-contiguous; written where `state` becomes `SOLVED`.
        state: (h, w), C-contiguous; the outermost `REACH` rows and columns are `ABSENT`.
        core: top, left, bottom, right.
        tension: 0 or more, as in `thin_solver`.
    """
    height, width, channels = light.shape
    values, states = light.reshape(height * width, channels), state.reshape(height * width)
    seen, number = np.full(states.size, -1, np.int32), np.full(states.size, -1, np.int32)
    order = np.empty(states.size, np.int32)
    near = _ways(width)
    top, left, bottom, right = core
    for row in range(top, bottom):
        for at in range(row * width + left, row * width + right):
            if states[at] == FREE and number[at] < 0:
                count = _number(states, near, order, seen, at)
                count = _number(states, near, order, number, order[count - 1])
                _solve(values, states, near, order[:count], number, tension)


@compiled
def _ways(width: int) -> _Ways:
    """To all pixels in reach: first those beside, then those over corners, then those two away."""
    ways = np.empty(12, np.int64)
    ways[0], ways[1], ways[2], ways[3] = -width, -1, 1, width
    ways[4], ways[5], ways[6], ways[7] = -width - 1, -width + 1, width - 1, width + 1
    ways[8], ways[9], ways[10], ways[11] = -2 * width, -2, 2, 2 * width
    return ways


@compiled
def _number(states: States, near: _Ways, order: _Numbers, number: _Numbers, seed: int) -> int:
    """Number the pixels of a hole from `seed` on, nearest first; how many they are."""
    order[0], number[seed] = seed, 0
    done, count = 0, 1
    while done < count:
        at = order[done]
        done += 1
        for way in near:
            there = at + way
            if states[there] == FREE and number[there] < 0:
                number[there] = count
                order[count] = there
                count += 1
    return count


@compiled
def _solve(
    values: Floats,
    states: States,
    near: _Ways,
    order: _Numbers,
    number: _Numbers,
    tension: float,
) -> None:
    """Solve for one hole, its pixels in the order of their numbers."""
    count = order.size
    first, begin = _envelope(states, near, order, number)
    lower = np.zeros(begin[count] + 1, np.float64)
    wanted = np.zeros((count, values.shape[1]), np.float64)
    held = 0
    for row in range(count):
        line = begin[row] - first[row]
        held += _equation(values, states, near, order[row], number, tension, lower[line:], wanted)
    if held == 0:
        return
    _factorise(lower, first, begin, wanted)
    _substitute(lower, first, begin, wanted)
    for row in range(count):
        at = order[row]
        states[at] = SOLVED
        for channel in range(values.shape[1]):
            values[at, channel] = wanted[row, channel]


@compiled
def _envelope(
    states: States, near: _Ways, order: _Numbers, number: _Numbers
) -> tuple[_Numbers, npt.NDArray[np.int64]]:
    """The first column of each row that is not 0, and where each row begins in memory."""
    first = np.empty(order.size, np.int32)
    begin = np.zeros(order.size + 1, np.int64)
    for row in range(order.size):
        least = row
        for way in near:
            there = order[row] + way
            if states[there] == FREE:
                least = min(least, number[there])
        first[row] = least
        begin[row + 1] = begin[row] + row - least + 1
    return first, begin


@compiled
def _equation(
    values: Floats,
    states: States,
    near: _Ways,
    at: int,
    number: _Numbers,
    tension: float,
    line: _Doubles,
    wanted: _Doubles,
) -> int:
    """Write one row of the equations; how many known pixels are in it.

    That is the Laplacian of all Laplacians the pixel is part of, its own and those beside it, and
    the tension times its own.
    """
    row, held = number[at], 0
    for centre_way in range(-1, 4):
        centre = at if centre_way < 0 else at + near[centre_way]
        if states[centre] == ABSENT:
            continue
        degree = 0.0
        for way in near[:4]:
            degree += states[centre + way] != ABSENT
        weight = degree + tension if centre_way < 0 else -1.0
        for way in range(-1, 4):
            there = centre if way < 0 else centre + near[way]
            value = weight * (degree if way < 0 else -1.0)
            if states[there] == KNOWN:
                held += 1
                for channel in range(values.shape[1]):
                    wanted[row, channel] -= value * values[there, channel]
            elif states[there] == FREE and number[there] <= row:
                line[number[there]] += value
    return held


@compiled
def _factorise(
    lower: _Doubles, first: _Numbers, begin: npt.NDArray[np.int64], wanted: _Doubles
) -> None:
    """Cholesky's factor in place, the inverse of its diagonal, and `wanted` divided by it."""
    for row in range(first.size):
        own, start = begin[row] - first[row], first[row]
        for column in range(start, row):
            other, shared = begin[column] - first[column], max(start, first[column])
            total = 0.0
            for at in range(shared, column):
                total += lower[own + at] * lower[other + at]
            lower[own + column] = (lower[own + column] - total) * lower[other + column]
        left = lower[own + row]
        for at in range(start, row):
            left -= lower[own + at] * lower[own + at]
        inverse = 1.0 / np.sqrt(left)
        lower[own + row] = inverse
        for channel in range(wanted.shape[1]):
            total = 0.0
            for at in range(start, row):
                total += lower[own + at] * wanted[at, channel]
            wanted[row, channel] = (wanted[row, channel] - total) * inverse


@compiled
def _substitute(
    lower: _Doubles, first: _Numbers, begin: npt.NDArray[np.int64], wanted: _Doubles
) -> None:
    """`wanted` divided by the transposed factor."""
    for row in range(first.size - 1, -1, -1):
        own = begin[row] - first[row]
        for channel in range(wanted.shape[1]):
            wanted[row, channel] *= lower[own + row]
        for at in range(first[row], row):
            share = lower[own + at]
            for channel in range(wanted.shape[1]):
                wanted[at, channel] -= share * wanted[row, channel]
