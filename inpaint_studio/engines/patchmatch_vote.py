"""The inner loops of PatchMatch that give pixels their colours. Compiled by numba.

Arrays and bands as in `patchmatch_field`. Wexler et al., Space-time completion of video, 2007, for
the vote.
"""

# numba takes numpy's numbers for Python's; pyright does not. numba's intrinsics have no types.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false
# pyright: reportUnknownVariableType=false

import numpy as np

from inpaint_studio.engines.compiled import compiled
from inpaint_studio.engines.patchmatch_field import (
    NEVER,
    PATCH,
    Codes,
    Field,
    Flags,
    Floats,
    Means,
    move_between,
)
from inpaint_studio.engines.patchmatch_lanes import add_row

_LEAST = np.float32(1e-4)
_MIDST = np.float32(0.05)
"""By how much a patch is the dearer for a pixel, per squared pixel from its midst."""


@compiled
def vote_band(
    band: tuple[int, int],
    rows: Floats,
    means: Means,
    wanted: Flags,
    origin: tuple[int, int],
    field: Field,
    weight: Floats,
    votes: Floats,
    limit: float,
) -> None:
    """Add each source patch, as heavy as `weight` (h, w), to the `votes` (h + 6, w + 6, 4).

    A band writes 6 rows into the next one's.
    """
    shifts = np.zeros(4, np.float32)
    flat, width = rows.ravel(), np.uint64(rows.shape[1])
    flat_votes, across = votes.ravel(), np.uint64(4 * votes.shape[1])
    for i in range(band[0], band[1]):
        for j in range(wanted.shape[1]):
            if not wanted[i, j]:
                continue
            heavy = weight[i, j]
            sy, sx = np.uint64(field[i, j, 0]), np.uint64(field[i, j, 1])
            if limit > 0:
                for channel in range(3):
                    at = (origin[0] + i, origin[1] + j)
                    shifts[channel] = move_between(means, at, (sy, sx), channel, limit)
            v = np.uint64(i) * across + np.uint64(4 * j)
            s = sy * width + np.uint64(4) * sx
            for _ in range(PATCH):
                add_row(flat_votes, v, flat, s, shifts, heavy)
                v += across
                s += width


@compiled
def settle_band(
    band: tuple[int, int],
    rows: Floats,
    hole: Flags,
    origin: tuple[int, int],
    votes: Floats,
    weights: Floats,
) -> None:
    """Give the pixels of the hole what was voted for; those without a vote keep what they have.

    `weights` is (h + 6, w + 6), the sum of the weights that went into `votes`.
    """
    for i in range(band[0], band[1]):
        for j in range(votes.shape[1]):
            y, x = origin[0] + i, origin[1] + j
            if hole[y, x] and weights[i, j] > 0:
                for channel in range(4):
                    value = votes[i, j, channel] / weights[i, j]
                    rows[y, 4 * x + channel] = min(max(value, np.float32(0)), np.float32(1))


@compiled
def choose_band(
    band: tuple[int, int],
    rows: Floats,
    codes: Codes,
    means: Means,
    hole: Flags,
    wanted: Flags,
    origin: tuple[int, int],
    field: Field,
    cost: Floats,
    limit: float,
) -> None:
    """Each hole pixel from the one best patch over it, so that grain is not averaged away.

    Newson et al., Video inpainting of complex scenes, 2014, section 3.4. A pixel without a patch
    keeps what it has. `rows` has 4 or 3 numbers for each pixel; the texture goes into the codes,
    too.
    """
    width = hole.shape[1]
    count = rows.shape[1] // width
    for i in range(band[0], band[1]):
        for j in range(wanted.shape[1] + PATCH - 1):
            y, x = origin[0] + i, origin[1] + j
            if not hole[y, x]:
                continue
            bi, bj = _best_over(wanted, cost, i, j)
            if bi < 0:
                continue
            to, at = (field[bi, bj, 0], field[bi, bj, 1]), (origin[0] + bi, origin[1] + bj)
            sy, sx = to[0] + i - bi, to[1] + j - bj
            codes[4 * (y * width + x) + 3] = codes[4 * (sy * width + sx) + 3]
            for channel in range(count):
                value = rows[sy, count * sx + channel]
                if limit > 0 and channel < 3:
                    value += move_between(means, at, to, channel, limit)
                rows[y, count * x + channel] = min(max(value, np.float32(0)), np.float32(1))


@compiled
def _best_over(wanted: Flags, cost: Floats, i: int, j: int) -> tuple[int, int]:
    """The nearest match of all patches over a pixel, preferring those it is in the midst of."""
    best, bi, bj = NEVER, -1, -1
    for pi in range(max(0, i - PATCH + 1), min(wanted.shape[0], i + 1)):
        for pj in range(max(0, j - PATCH + 1), min(wanted.shape[1], j + 1)):
            if wanted[pi, pj]:
                away = (i - pi - PATCH // 2) ** 2 + (j - pj - PATCH // 2) ** 2
                dear = (max(cost[pi, pj], np.float32(0)) + _LEAST) * (1 + _MIDST * away)
                if dear < best:
                    best, bi, bj = dear, pi, pj
    return bi, bj
