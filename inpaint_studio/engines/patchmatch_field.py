"""The inner loops of PatchMatch that search for like patches. Compiled by numba.

Arrays, all C-contiguous:

    rows     (H, 4 * W) float32   the picture: red, green, blue, texture, pixel after pixel
    codes    (4 * H * W + 8) uint8  the same in 1/255, row after row, to compare: a quarter of the
                                  memory to walk through, and four times as many at once
    means    (H, W, 3) uint16     mean of the patch that begins (top left) at a pixel, in 1/65535
    allowed  (H, W) bool          where a source patch may begin
    wanted   (h, w) bool          where a target patch begins; row 0, column 0 lies at `origin`
    field    (h, w, 2) int32      where the source patch of a target patch begins, on the picture
    cost     (h, w) float32       distance of the two

Barnes et al., PatchMatch, 2009, for the search; the offset of colours per patch is the bias of
Darabi et al., Image melding, 2012. Rows are worked on in bands: within a band a patch learns from
the neighbours done before it, across its border from how they were before the pass. So bands run in
any number of threads and the outcome is the same.
"""

# numba takes numpy's numbers for Python's; pyright does not. numba's intrinsics have no types.
# pyright: reportArgumentType=false, reportReturnType=false, reportCallIssue=false
# pyright: reportAssignmentType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.compiled import compiled
from inpaint_studio.engines.patchmatch_lanes import apart_first, apart_last, apart_then

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]
Means = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]
Field = npt.NDArray[np.int32]
Match = tuple[float, int, int]
"""How far a source patch is, and where it begins."""

PATCH = 7
"""Pixels along a patch's side."""
_AREA = np.float32(PATCH * PATCH)
NEVER = np.float32(1e30)
_UNIT = np.float32(1 / 255**2)
FINEST = 65535
_FINE = np.float32(1 / FINEST)
_TRIES = 64
_COHERENT = np.float32(0.75)
"""How much of its distance counts of a patch that goes on from its neighbour."""


@compiled
def _shift(target: float, source: float, limit: float) -> float:
    """How far the source's mean is moved to the target's; a third is left as the price."""
    return min(max(np.float32(0.75) * (target - source), -limit), limit)


@compiled
def move_between(
    means: Means, target: tuple[int, int], source: tuple[int, int], channel: int, limit: float
) -> float:
    """How far one channel of the source patch is moved to fit the target patch."""
    here, there = means[target[0], target[1], channel], means[source[0], source[1], channel]
    return _shift(np.float32(here) * _FINE, np.float32(there) * _FINE, limit)


@compiled
def _gain(means: Means, ty: int, tx: int, sy: int, sx: int, limit: float) -> float:
    """By how much moving the source's mean lowers the sum of squares, its price taken off."""
    gain = np.float32(0)
    if limit > 0:
        for channel in range(3):
            target = np.float32(means[ty, tx, channel]) * _FINE
            source = np.float32(means[sy, sx, channel]) * _FINE
            apart, move = target - source, _shift(target, source, limit)
            gain += np.float32(2) * move * apart - np.float32(4 / 3) * move * move
    return _AREA * gain


@compiled
def _apart(codes: Codes, across: int, ty: int, tx: int, sy: int, sx: int, limit: float) -> float:
    """Sum of squared differences of two patches, or something above `limit`."""
    t = np.uint64(ty) * across + np.uint64(4 * tx)
    s = np.uint64(sy) * across + np.uint64(4 * sx)
    total = np.float32(apart_first(codes, t, s, across)) * _UNIT
    if total <= limit:
        total += np.float32(apart_then(codes, t, s, across)) * _UNIT
        if total <= limit:
            total += np.float32(apart_last(codes, t, s, across)) * _UNIT
    return total


@compiled
def _chance(seed: int, y: int, x: int, step: int) -> int:
    """A well-mixed 32-bit number that depends on nothing but what is given."""
    state = np.uint64(seed) ^ (np.uint64(y) << np.uint64(40)) ^ (np.uint64(x) << np.uint64(16))
    state = (state ^ np.uint64(step)) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((state ^ (state >> np.uint64(31))) >> np.uint64(32))


@compiled
def _better(
    codes: Codes,
    across: int,
    means: Means,
    allowed: Flags,
    at: tuple[int, int],
    to: tuple[int, int],
    best: Match,
    limit: float,
) -> Match:
    """The source patch `to` for the target patch `at`, if it may be copied and is nearer."""
    sy, sx = np.int64(to[0]), np.int64(to[1])
    if sy < 0 or sx < 0 or sy >= allowed.shape[0] or sx >= allowed.shape[1]:
        return best
    if not allowed[sy, sx] or (sy == best[1] and sx == best[2]):
        return best
    gain = _gain(means, at[0], at[1], sy, sx, limit)
    apart = _apart(codes, across, at[0], at[1], sy, sx, best[0] + gain) - gain
    return (apart, sy, sx) if apart < best[0] else best


@compiled
def _wander(
    codes: Codes,
    across: int,
    means: Means,
    allowed: Flags,
    at: tuple[int, int],
    best: Match,
    limit: float,
    reach: int,
    seed: int,
) -> Match:
    """Look around the best so far, half as far each time."""
    radius, tried = reach, 0
    while radius >= 1:
        chance = _chance(seed, at[0], at[1], tried)
        span = 2 * radius + 1
        to = (
            best[1] - radius + (chance & 0xFFFF) * span // 0x10000,
            best[2] - radius + (chance >> 16) * span // 0x10000,
        )
        best = _better(codes, across, means, allowed, at, to, best, limit)
        radius //= 2
        tried += 1
    return best


@compiled
def measure_band(
    band: tuple[int, int],
    codes: Codes,
    means: Means,
    wanted: Flags,
    origin: tuple[int, int],
    field: Field,
    cost: Floats,
    limit: float,
) -> None:
    """Take the distances anew, after the picture has changed."""
    across = np.uint64(4 * means.shape[1])
    for i in range(band[0], band[1]):
        for j in range(wanted.shape[1]):
            if wanted[i, j]:
                ty, tx, sy, sx = origin[0] + i, origin[1] + j, field[i, j, 0], field[i, j, 1]
                apart = _apart(codes, across, ty, tx, sy, sx, NEVER)
                cost[i, j] = apart - _gain(means, ty, tx, sy, sx, limit)


@compiled
def search_band(
    band: tuple[int, int],
    codes: Codes,
    means: Means,
    allowed: Flags,
    wanted: Flags,
    origin: tuple[int, int],
    field: Field,
    before: Field,
    cost: Floats,
    limit: float,
    reach: int,
    seed: int,
    forward: bool,
    every: int,
) -> None:
    """One pass: take over from the two neighbours done before, then search at random.

    Only one of `every` patches searches; the others learn from it.
    """
    across = np.uint64(4 * allowed.shape[1])
    step = 1 if forward else -1
    for row in range(band[1] - band[0]):
        i = band[0] + row if forward else band[1] - 1 - row
        for column in range(wanted.shape[1]):
            j = column if forward else wanted.shape[1] - 1 - column
            if not wanted[i, j]:
                continue
            at = (origin[0] + i, origin[1] + j)
            best = (cost[i, j], np.int64(field[i, j, 0]), np.int64(field[i, j, 1]))
            for ni, nj in ((i - step, j), (i, j - step)):
                if 0 <= ni < wanted.shape[0] and 0 <= nj < wanted.shape[1] and wanted[ni, nj]:
                    known = field if band[0] <= ni < band[1] else before
                    to = (known[ni, nj, 0] + i - ni, known[ni, nj, 1] + j - nj)
                    best = _better(codes, across, means, allowed, at, to, best, limit)
            if (row + column) % every == 0:
                best = _wander(codes, across, means, allowed, at, best, limit, reach, seed)
            cost[i, j], field[i, j, 0], field[i, j, 1] = best


@compiled
def search_known(
    band: tuple[int, int],
    rows: Floats,
    trust: Floats,
    allowed: Flags,
    wanted: Flags,
    done: Flags,
    origin: tuple[int, int],
    field: Field,
    cost: Floats,
    places: Field,
    step: int,
    seed: int,
) -> None:
    """Compare with every source patch, or one of `step`, by the pixels there is `trust` in.

    `trust` is (H, W) float32, `places` (n, 2): where source patches begin. What goes on from a
    neighbour that is `done` (h, w) is preferred to what is about as near. A seed other than 0 makes
    some sources dearer than others.
    """
    for i in range(band[0], band[1]):
        for j in range(wanted.shape[1]):
            if not wanted[i, j]:
                continue
            at = (origin[0] + i, origin[1] + j)
            best = _continued(rows, trust, allowed, done, field, (i, j), at)
            first = _chance(seed, at[0], at[1], 0) % step
            best = _nearest(rows, trust, places[first::step], at, best, seed)
            if step > 1:
                best = _nearer(rows, trust, allowed, at, best, seed)
            if best[0] < NEVER:
                cost[i, j], field[i, j, 0], field[i, j, 1] = best


@compiled
def _continued(
    rows: Floats,
    trust: Floats,
    allowed: Flags,
    done: Flags,
    field: Field,
    here: tuple[int, int],
    at: tuple[int, int],
) -> Match:
    """The nearest of those that go on from a neighbour, dearer by nothing but what they lack."""
    best = (NEVER, np.int64(0), np.int64(0))
    for i in range(max(0, here[0] - 2), min(done.shape[0], here[0] + 3)):
        for j in range(max(0, here[1] - 2), min(done.shape[1], here[1] + 3)):
            if done[i, j]:
                sy = np.int64(field[i, j, 0] + here[0] - i)
                sx = np.int64(field[i, j, 1] + here[1] - j)
                inside = 0 <= sy < allowed.shape[0] and 0 <= sx < allowed.shape[1]
                if inside and allowed[sy, sx]:
                    apart = _COHERENT * _trusted(rows, trust, at, (sy, sx), best[0] / _COHERENT)
                    if apart < best[0]:
                        best = (apart, sy, sx)
    return best


@compiled
def _nearest(
    rows: Floats, trust: Floats, places: Field, at: tuple[int, int], best: Match, seed: int
) -> Match:
    """The nearest of all source patches that begin at the places."""
    for place in range(places.shape[0]):
        sy, sx = np.int64(places[place, 0]), np.int64(places[place, 1])
        apart = _trusted(rows, trust, at, (sy, sx), best[0]) * _dearer(seed, sy, sx)
        if apart < best[0]:
            best = (apart, sy, sx)
    return best


@compiled
def _nearer(
    rows: Floats, trust: Floats, allowed: Flags, at: tuple[int, int], best: Match, seed: int
) -> Match:
    """Downhill from the best so far, a pixel at a time."""
    for _ in range(_TRIES):
        if best[0] >= NEVER:
            return best
        before = best
        for sy in range(max(0, before[1] - 1), min(allowed.shape[0], before[1] + 2)):
            for sx in range(max(0, before[2] - 1), min(allowed.shape[1], before[2] + 2)):
                if allowed[sy, sx]:
                    apart = _trusted(rows, trust, at, (sy, sx), best[0]) * _dearer(seed, sy, sx)
                    if apart < best[0]:
                        best = (apart, np.int64(sy), np.int64(sx))
        if best[1] == before[1] and best[2] == before[2]:
            return best
    return best


@compiled
def _dearer(seed: int, sy: int, sx: int) -> float:
    """Up to half as dear again, by the lot drawn for a place; seed 0 draws no lots."""
    if seed == 0:
        return np.float32(1)
    return np.float32(1) + np.float32(_chance(seed, sy >> 2, sx >> 2, 0)) * np.float32(2.0**-33)


@compiled
def _trusted(
    rows: Floats, trust: Floats, at: tuple[int, int], to: tuple[int, int], limit: float
) -> float:
    """Sum of squared differences of two patches where the target's pixels are trusted."""
    total = np.float32(0)
    for i in range(PATCH):
        for j in range(PATCH):
            weight = trust[at[0] + i, at[1] + j]
            if weight > 0:
                t, s = 4 * (at[1] + j), 4 * (to[1] + j)
                part = np.float32(0)
                for channel in range(4):
                    difference = rows[at[0] + i, t + channel] - rows[to[0] + i, s + channel]
                    part += difference * difference
                total += weight * part
        if total > limit:
            return total
    return total


@compiled
def refine_band(
    band: tuple[int, int],
    allowed: Flags,
    wanted: Flags,
    origin: tuple[int, int],
    field: Field,
    coarse: Field,
    coarse_wanted: Flags,
    coarse_origin: tuple[int, int],
    spare: tuple[int, int],
    seed: int,
) -> None:
    """Double the field of the level above; where that leaves the allowed, something near it."""
    for i in range(band[0], band[1]):
        for j in range(wanted.shape[1]):
            if not wanted[i, j]:
                continue
            ty, tx = origin[0] + i, origin[1] + j
            ci = min(max((ty >> 1) - coarse_origin[0], 0), coarse.shape[0] - 1)
            cj = min(max((tx >> 1) - coarse_origin[1], 0), coarse.shape[1] - 1)
            y, x = spare
            if coarse_wanted[ci, cj]:
                y = 2 * coarse[ci, cj, 0] + ty - 2 * (ci + coarse_origin[0])
                x = 2 * coarse[ci, cj, 1] + tx - 2 * (cj + coarse_origin[1])
            field[i, j, 0], field[i, j, 1] = _allowed_near(allowed, ty, tx, y, x, spare, seed)


@compiled
def _allowed_near(
    allowed: Flags, ty: int, tx: int, y: int, x: int, spare: tuple[int, int], seed: int
) -> tuple[int, int]:
    """The place itself, or one near it where a source patch may begin."""
    sy, sx = y, x
    for tried in range(_TRIES):
        if 0 <= sy < allowed.shape[0] and 0 <= sx < allowed.shape[1] and allowed[sy, sx]:
            return sy, sx
        chance, radius = _chance(seed, ty, tx, tried), tried + 1
        sy = y - radius + (chance & 0xFFFF) * (2 * radius + 1) // 0x10000
        sx = x - radius + (chance >> 16) * (2 * radius + 1) // 0x10000
    return spare
