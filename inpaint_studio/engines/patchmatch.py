"""PatchMatch: fill a hole with patches of the photo's own known pixels, grain included.

Barnes et al., PatchMatch, 2009; Wexler et al., Space-time completion of video, 2007; Newson et al.,
Video inpainting of complex scenes, 2014. No network.
"""

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

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
from inpaint_studio.engines.patchmatch_pyramid import Level, make_levels
from inpaint_studio.engines.patchmatch_solver import Solver
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.geometry import Size, SizeRule
from inpaint_studio.imaging.levels import spread_smoothly
from inpaint_studio.imaging.mask import hole_bounds

_CONTEXT = 384
"""Up to here a hole is given as much of its surroundings as it is wide."""
_TEXTURE = 1.0
_OFFSETS = 0.05
_FIRST_ROUNDS, _ROUNDS, _LAST_ROUNDS = 10, 4, 2
_PASSES = 2
_NEAR = 32
"""How far to look at full size: the coarse levels have looked everywhere."""
_SOURCES = ("around", "sides", "above-below")
_SMOOTH_NOTE = (
    f"No {PATCH} × {PATCH} pixels in a row are known near the hole: it was filled smoothly, "
    "without texture."
)
_ELSEWHERE_NOTE = (
    "There is nothing to copy on the sides asked for: patches were taken from all around."
)


@dataclass(slots=True)
class PatchMatchEngine:
    """Fills from coarse to fine; every pixel comes from a known patch.

    Options:
        "sources": "around", "sides" (left and right of the hole's box) or "above-below".
        "offsets": how far a patch's mean colour may be moved to fit, 0 to 0.5; 0 copies only.
    """

    notes: tuple[str, ...] = ()

    @property
    def size_rule(self) -> SizeRule:
        return SizeRule(context=_CONTEXT)

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
        allowed: (H, W) bool, the pixels that may be copied; None: all that are known.

    Raises:
        UsageError: an option makes no sense.
    """
    wanted = _wanted(request.options)
    yield Progress("Preparing", 0.0)  # the first fill of all compiles
    hole = _reachable(request)
    levels, notes = _levels(request, hole, wanted, allowed)
    if not levels:
        return FillResult(_smooth(request, hole)), notes
    with ThreadPoolExecutor(thread_count()) as pool:
        yield from _solve(levels, request, np.float32(wanted.offsets), pool, guide)
    filled = request.photo.copy()
    filled[hole] = levels[0].pixels[hole, :3]
    return FillResult(filled), notes


def open_patchmatch(setup: EngineSetup) -> PatchMatchEngine:
    """Nothing to load; the first fill compiles, once for this computer."""
    del setup  # no weights, no device
    return PatchMatchEngine()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The options, checked."""

    sources: str
    offsets: float


def _wanted(options: Mapping[str, Any]) -> _Wanted:
    sources = str(options.get("sources", "around"))
    if sources not in _SOURCES:
        raise UsageError(f"“sources” must be one of {', '.join(_SOURCES)}, not “{sources}”.")
    try:
        offsets = float(str(options.get("offsets", _OFFSETS)))
    except ValueError:
        raise UsageError("“offsets” must be a number from 0 to 0.5.") from None
    if not 0 <= offsets <= 0.5:
        raise UsageError(f"“offsets” must be from 0 to 0.5, not {offsets:g}.")
    return _Wanted(sources, offsets)


def _reachable(request: FillRequest) -> Hole:
    """The hole without what nobody asked for, but for a margin: patches there steady the rest."""
    if request.asked is None or np.array_equal(request.asked, request.hole):
        return request.hole
    import cv2

    size = 4 * PATCH + 1
    near = cv2.dilate(request.asked.view(np.uint8), np.ones((size, size), np.uint8))
    return request.hole & near.view(np.bool_)


def _levels(
    request: FillRequest, hole: Hole, wanted: _Wanted, allowed: Hole | None
) -> tuple[list[Level], tuple[str, ...]]:
    """The pyramid, and what is to be said; empty when there is nothing to copy."""
    original = ~request.hole
    if allowed is not None:
        original &= allowed
    if request.invented is not None:
        original &= ~request.invented
    for sources, notes in (
        (_limited(original, hole, wanted.sources), ()),
        (original, (_ELSEWHERE_NOTE,)),
        (~request.hole, ()),
    ):
        levels = make_levels(request.photo, hole, sources, texture=_TEXTURE)
        if levels[0].allowed.any():
            return levels, notes if wanted.sources != "around" else ()
    return [], (_SMOOTH_NOTE,)


def _limited(original: Hole, hole: Hole, sources: str) -> Hole:
    if sources == "around":
        return original
    box, size = hole_bounds(hole).pad(PATCH), Size(*hole.shape)
    if sources == "sides":
        box = box._replace(left=0, right=size.width)
    else:
        box = box._replace(top=0, bottom=size.height)
    window = box.clip(size).slices
    limited = np.zeros_like(original)
    limited[window] = original[window]
    return limited


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
    """Fill all levels, coarsest first."""
    costs = [1.0 / 4**at for at in range(len(levels))]
    above, done = None, 0.0
    for at in reversed(range(len(levels))):
        solver = Solver(levels[at], pool, request.seed, limit, guide)
        if above is None:
            yield from _paced(solver.begin(), done)
        else:
            solver.refine(above)
            yield _preview(levels[at], request.hole)
        share = costs[at] / sum(costs)
        yield from _iterate(solver, _plan(at, len(levels), levels[at].size), (done, share))
        above, done = solver, done + share


@dataclass(frozen=True, slots=True)
class _Plan:
    """How much work a level is given."""

    rounds: int
    reach: int
    last: bool


def _plan(at: int, count: int, size: Size) -> _Plan:
    coarseness = count - 1 - at  # 0 for the coarsest
    rounds = _FIRST_ROUNDS if coarseness == 0 else _ROUNDS if at else _LAST_ROUNDS
    reach = max(size) if coarseness < 2 else max(_NEAR, max(size) >> 2 * coarseness)
    return _Plan(rounds, reach, at == 0)


def _iterate(
    solver: Solver, plan: _Plan, span: tuple[float, float]
) -> Generator[Progress, None, None]:
    """Search and vote by turns."""
    for turn in range(plan.rounds):
        solver.measure()
        for step in range(_PASSES):
            part = (turn * _PASSES + step) / (plan.rounds * _PASSES)
            yield Progress("Matching patches", span[0] + span[1] * part)
            solver.improve(plan.reach)
        if plan.last and turn == plan.rounds - 1:
            solver.choose()
        else:
            solver.vote()


def _paced(steps: Generator[None, None, None], done: float) -> Generator[Progress, None, None]:
    for _ in steps:
        yield Progress("Matching patches", done)


def _preview(level: Level, hole: Hole) -> Preview:
    size = Size(*hole.shape)
    pixels = np.ascontiguousarray(level.enlarged(size)[:, :, :3])
    return Preview(pixels, hole, size.box)
