"""PatchMatch: fill a hole with patches of the photo's own known pixels, grain included.

Barnes et al., PatchMatch, 2009; Wexler et al., Space-time completion of video, 2007; Newson et al.,
Video inpainting of complex scenes, 2014. No network.
"""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from inpaint_studio.engines.api import (
    EngineSetup,
    FillEvent,
    FillRequest,
    FillResult,
    FillRun,
    Floats,
    Hole,
    Preview,
    Progress,
)
from inpaint_studio.engines.compiled import thread_count
from inpaint_studio.engines.patchmatch_field import PATCH
from inpaint_studio.engines.patchmatch_guide import Guide
from inpaint_studio.engines.patchmatch_options import PATCH_RULE, PatchOptions
from inpaint_studio.engines.patchmatch_pyramid import Level, make_levels
from inpaint_studio.engines.patchmatch_solver import Solver
from inpaint_studio.engines.patchmatch_sources import limit_sources, with_copies
from inpaint_studio.engines.patchmatch_starts import Attempt, begin_along
from inpaint_studio.imaging.geometry import Size, SizeRule
from inpaint_studio.imaging.levels import spread_smoothly

_TEXTURE = (5.0, 5.0, 2.5)
"""How much the texture channel counts at each level, full size first. Votes average grain away, and
then smooth patches match best; weight keeps the grain, at coarse levels at the cost of form."""
_FIRST_ROUNDS, _ROUNDS, _LAST_ROUNDS = 10, 4, 1
_PASSES = 2
_SHARP = 1
"""The finest level begins from copies, not from votes."""
_SHOWN = 1 << 20
"""Pixels a preview may have."""
_SPARSE = (3, 3)
"""At the finest levels one of so many patches searches for itself: by then neighbours agree."""
_FEW_PATCHES = 1 << 12
"""Of so many at most, trying other ways to begin takes next to no time."""
_CLEARLY = 0.9
"""Another way to begin has to fit so much better."""
_NEAR = 32
"""How far to look at full size: the coarse levels have looked everywhere."""
_SMOOTH_NOTE = (
    f"No {PATCH} × {PATCH} pixels in a row are known near the hole: it was filled smoothly, "
    "without texture."
)
_ELSEWHERE_NOTE = (
    "There is nothing to copy where patches were to be taken from: they come from all around."
)


@dataclass(slots=True)
class PatchMatchEngine:
    """Fills from coarse to fine; every pixel comes from a known patch.

    Options:
        "sources": "around", or seen from the hole's box "sides" (left and right), "above-below",
            "left", "right", "above", "below".
        "offsets": how far a patch's mean colour may be moved to fit, 0 to 0.5; 0 copies only.
        "mirrored": "yes" to take patches mirrored, too.
        "turned": "yes" to take them turned by quarters, too; needs four times the memory.
    """

    notes: tuple[str, ...] = ()
    abreast: bool = True
    """Copies of the engine may work on several holes at once."""

    @property
    def size_rule(self) -> SizeRule:
        return PATCH_RULE

    def fill(self, request: FillRequest) -> FillRun:
        """Yield after every pass, and a preview after every level but the last.

        Raises:
            UsageError: an option makes no sense.
        """
        result, self.notes = yield from fill_with_patches(request)
        return result


def fill_with_patches(
    request: FillRequest, *, guide: Guide | None = None, allowed: Hole | None = None
) -> Generator[FillEvent, None, tuple[FillResult, tuple[str, ...]]]:
    """Fill a hole with known patches and return the picture, and what the user should know.

    Options are those of `PatchMatchEngine`.

    Args:
        request: as for any engine.
        guide: what the patches should agree with inside the hole, as another engine drew it.
        allowed: (H, W) bool, the pixels that may be copied beside what the request says.

    Raises:
        UsageError: an option makes no sense.
    """
    options = PatchOptions.read(request.options)
    if guide is not None and guide.edges is not None:
        options = options.upright()  # edges are drawn for the crop, not for its copies
    yield Progress("Preparing", 0.0)  # the first fill of all compiles
    hole = _reachable(request)
    levels, notes = _levels(request, hole, options, allowed)
    if not levels:
        return FillResult(_smooth(request, hole)), notes
    finest = levels[0]
    with ThreadPoolExecutor(thread_count()) as pool:
        yield from _solve(levels, request, np.float32(options.offsets), pool, guide)
    return FillResult(_filled(request, hole, finest), copied=options.offsets > 0), notes


def open_patchmatch(setup: EngineSetup) -> PatchMatchEngine:
    """Nothing to load; the first fill compiles, once for this computer."""
    del setup  # no weights, no device
    return PatchMatchEngine()


def _reachable(request: FillRequest) -> Hole:
    """The hole without what nobody asked for, but for a margin: patches there steady the rest."""
    if request.asked is None or np.array_equal(request.asked, request.hole):
        return request.hole
    import cv2

    size = 4 * PATCH + 1
    near = cv2.dilate(request.asked.view(np.uint8), np.ones((size, size), np.uint8))
    return request.hole & near.view(np.bool_)


def _levels(
    request: FillRequest, hole: Hole, options: PatchOptions, allowed: Hole | None
) -> tuple[list[Level], tuple[str, ...]]:
    """The pyramid, and what is to be said; empty when there is nothing to copy."""
    known = ~request.hole
    original = known if request.invented is None else known & ~request.invented
    photo = request.photo if request.own else request.photo.copy()
    painted = [area for area in (allowed, request.allowed) if area is not None]
    wanted = np.logical_and.reduce([original, *painted])
    for sources, notes in (
        (limit_sources(wanted, hole, options.sources), ()),
        (original, (_ELSEWHERE_NOTE,)),
        (known, (_ELSEWHERE_NOTE,)),
    ):
        canvas = with_copies(photo, hole, sources, mirrored=options.mirrored, turned=options.turned)
        levels = make_levels(canvas, texture=_TEXTURE)
        if levels[0].allowed.any():
            limited = bool(painted) or options.sources != "around"
            return levels, notes if limited else ()
    return [], (_SMOOTH_NOTE,)


def _filled(request: FillRequest, hole: Hole, finest: Level) -> Floats:
    """The crop with its hole as the finest level has it."""
    if finest.size == finest.frame and finest.pixels.shape[2] == 3:
        return finest.pixels
    filled = request.photo.copy()
    filled[hole] = finest.pixels[finest.frame.box.slices][hole, :3]
    return filled


def _smooth(request: FillRequest, hole: Hole) -> Floats:
    filled = request.photo.copy()
    filled[hole] = spread_smoothly(request.photo, (~request.hole).astype(np.float32))[hole]
    return filled


def _solve(
    levels: list[Level],
    request: FillRequest,
    limit: np.float32,
    pool: ThreadPoolExecutor,
    guide: Guide | None,
) -> Generator[Progress | Preview, None, None]:
    """Fill all levels, coarsest first; each is dropped from the list when its turn comes."""
    count, costs = len(levels), [1.0 / 4**at for at in range(len(levels))]
    solver, done = None, 0.0
    while levels:
        level, above = levels.pop(), solver
        at, share = len(levels), costs[len(levels)] / sum(costs)
        solver = Solver(level, pool, request.seed, limit, guide)
        plan = _plan(at, count, level.size)
        if above is None:
            yield from _begin(solver, plan, (done, share))
        else:
            solver.refine(above, sharp=at < _SHARP)
            del above  # before the next large arrays
            yield _preview(level)
            yield from _iterate(solver, plan, (done, share))
        done += share


def _begin(
    solver: Solver, plan: "_Plan", span: tuple[float, float]
) -> Generator[Progress, None, None]:
    """Fill the coarsest level from all sides, along rows and along columns, and keep what fits
    best: the finer levels keep to its forms. A guide says itself what goes where."""
    begun, share = span[0], span[1] / 3
    yield from _paced(solver.begin(), begun)
    yield from _iterate(solver, plan, (begun, share))
    if solver.guide is not None or np.count_nonzero(solver.level.wanted) > _FEW_PATCHES:
        return
    best = Attempt.of(solver)
    for axis in (1, 0):
        begun += share
        begin_along(solver, axis)
        yield from _iterate(solver, plan, (begun, share))
        found = Attempt.of(solver)
        if found.misfit < _CLEARLY * best.misfit:
            best = found
    best.put_into(solver)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How much work a level is given."""

    rounds: int
    reach: int
    every: int
    last: bool


def _plan(at: int, count: int, size: Size) -> _Plan:
    coarseness = count - 1 - at  # 0 for the coarsest
    rounds = _FIRST_ROUNDS if coarseness == 0 else _ROUNDS if at else _LAST_ROUNDS
    reach = max(size) if coarseness < 2 else max(_NEAR, max(size) >> 2 * coarseness)
    every = _SPARSE[at] if at < len(_SPARSE) and coarseness > 1 else 1
    return _Plan(rounds, reach, every, at == 0)


def _iterate(
    solver: Solver, plan: _Plan, span: tuple[float, float]
) -> Generator[Progress, None, None]:
    """Search and vote by turns."""
    for turn in range(plan.rounds):
        solver.measure()
        for step in range(_PASSES):
            part = (turn * _PASSES + step) / (plan.rounds * _PASSES)
            yield Progress("Matching patches", span[0] + span[1] * part)
            solver.improve(plan.reach, every=plan.every)
        if plan.last and turn == plan.rounds - 1:
            solver.choose()
        else:
            solver.vote()


def _paced(steps: Generator[None, None, None], done: float) -> Generator[Progress, None, None]:
    for _ in steps:
        yield Progress("Matching patches", done)


def _preview(level: Level) -> Preview:
    """The picture as it is now, at the level's own size or what a screen can show of it."""
    step = max(1, round((level.frame.area / _SHOWN) ** 0.5))
    seen = (slice(0, level.frame.height, step), slice(0, level.frame.width, step))
    pixels = np.ascontiguousarray(level.pixels[seen][:, :, :3])
    hole = np.ascontiguousarray(level.hole[seen])
    return Preview(pixels, hole, Size(*hole.shape).box)
