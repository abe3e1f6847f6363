"""Expectation and maximisation on one level: find like patches, vote for colours, again."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from dataclasses import field as later
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines import patchmatch_field as search
from inpaint_studio.engines import patchmatch_vote as voting
from inpaint_studio.engines.patchmatch_field import PATCH
from inpaint_studio.engines.patchmatch_guide import Guide
from inpaint_studio.engines.patchmatch_pyramid import Level
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.levels import spread_smoothly

Floats = npt.NDArray[np.float32]
Field = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Means = npt.NDArray[np.uint16]
Band = tuple[int, int]

_BAND = 24
"""Rows one thread works on at a time. Part of the outcome: do not let it depend on the machine."""
_RIM = 1.3
"""A patch one pixel further from the rim counts this much less: Wexler et al. 2007, section 3.2."""
_DEEPEST = 30.0
_HALF = np.float32(0.5)
_FEW = 1 << 12
"""Up to so many patches, handing them out to threads takes longer than working on them."""
_STRIP = 256
_LOTS = (1 << 62) - 1
_WHOLE = 1 << 23
"""Comparisons that searching everywhere may take at the coarsest level."""
_TINY = np.float32(1e-6)


@dataclass(slots=True, eq=False)
class Solver:
    """Fills the hole of one level, in place."""

    level: Level
    pool: Executor
    seed: int
    limit: np.float32
    """How far a patch's mean colour may be moved to fit, in [0, 1]."""
    guide: Guide | None = None
    field: Field = later(init=False)
    cost: Floats = later(init=False)
    means: Means = later(init=False)
    _rim: Floats = later(init=False)
    _passes: int = later(init=False, default=0)

    def __post_init__(self) -> None:
        shape = self.level.wanted.shape
        self.field = np.zeros((*shape, 2), np.int32)
        self.cost = np.zeros(shape, np.float32)
        lines = self.guide.lines(self.level.frame) if self.guide else None
        if lines is not None:
            self.level.replace_texture(lines)  # such a canvas has no copies beside the frame
        self.means = _patch_means(self.level.pixels)
        self._rim = (_RIM ** -np.minimum(_depth(self.level), _DEEPEST)).astype(np.float32)

    def begin(self) -> Generator[None, None, None]:
        """Fill from the rim inwards, ring by ring, each from the best match of what is known.

        With a guide, from the best match of what that shows.
        """
        if self.guide is not None and self.guide.weight(self.level.frame) > 0:
            yield from self._begin_guided(self.guide)
            return
        level = self.level
        frame = level.frame.box.slices
        pixels, hole = level.pixels[frame], level.hole[frame]
        pixels[hole] = spread_smoothly(pixels, (~hole).astype(np.float32))[hole]
        trust = (~level.hole).astype(np.float32)
        rings = np.ceil(_depth(level) / 2)
        done = np.zeros_like(level.wanted)
        for ring in range(int(rings.max()) + 1):
            now = level.wanted & (rings == ring)
            self._match_known(now, trust, done)
            self._fill_ring(now, trust)
            done |= now
            yield
        self.picture_changed()

    def _begin_guided(self, guide: Guide) -> Generator[None, None, None]:
        level = self.level
        _follow(guide, level, self._box, 1.0)
        trust = np.ones(level.hole.shape, np.float32)
        self._match_known(level.wanted, trust, np.zeros_like(level.wanted))
        yield
        self.picture_changed()

    def refine(self, above: "Solver", *, sharp: bool) -> None:
        """Begin from the field of the level above, doubled, and the colours it votes for.

        Or, `sharp`, from those of the one patch that fits best: what is copied is copied with its
        grain, and there is nothing left to search for but where two patches meet.
        """
        level, coarse = self.level, above.level
        there = (above.field, coarse.wanted, coarse.origin)
        here = (level.allowed, level.wanted, level.origin, self.field)
        self._run(search.refine_band, (*here, *there, level.spare, self.seed))
        for strip in _strips(self._box):  # all at once it would be much of the memory
            level.paint(coarse.enlarged(level.frame, strip), strip)
        self.picture_changed()
        self.measure()
        if sharp:
            self.choose()
            self.picture_changed()
        else:
            self.vote()

    def improve(self, reach: int, *, every: int = 1) -> None:
        """Make the field better by one pass, one of `every` patches looking as far as `reach`."""
        level = self.level
        self._passes += 1
        lot = (self.seed << 24 ^ level.size.area << 8 ^ self._passes) & _LOTS
        here = (level.codes, self.means, level.allowed, level.wanted, level.origin)
        found = (self.field, self.field.copy(), self.cost)
        forward = self._passes % 2 == 1
        self._run(search.search_band, (*here, *found, self.limit, reach, lot, forward, every))

    def measure(self) -> None:
        """Take the distances anew: the picture has changed."""
        level = self.level
        self._run(
            search.measure_band,
            (
                level.codes,
                self.means,
                level.wanted,
                level.origin,
                self.field,
                self.cost,
                self.limit,
            ),
        )

    def vote(self) -> None:
        """Every pixel the mean of the patches over it, the likeliest and the outermost first."""
        level = self.level
        votes, total = self._votes(level.wanted, self.limit, self._rim)
        self._settle(level.hole, votes, total)
        if self.guide is not None:
            _follow(self.guide, level, self._box, self.guide.weight(level.frame))
        self.picture_changed()

    def choose(self) -> None:
        """Every pixel from the one best patch over it; what changes with the picture is left."""
        level = self.level
        here = (level.rows, level.codes, self.means, level.hole, level.wanted, level.origin)
        given = (*here, self.field, self.cost, self.limit)
        self._run(voting.choose_band, given, rows=self._window[0])

    def _match_known(self, wanted: Flags, trust: Floats, done: Flags) -> None:
        """Compare with all there is to copy, by the pixels there is trust in."""
        level = self.level
        self.field[wanted] = level.spare
        places = np.argwhere(level.allowed).astype(np.int32)
        step = 1 + len(places) * np.count_nonzero(level.wanted) // _WHOLE
        given = (level.rows, trust, level.allowed, wanted, done, level.origin, self.field)
        self._run(search.search_known, (*given, self.cost, places, step, self.seed))

    def _fill_ring(self, now: Flags, trust: Floats) -> None:
        """Vote with the patches of one ring and half trust what they say from then on.

        The more of a patch was trusted when it was matched, the more its vote counts (the
        confidence of Criminisi et al. 2004, section 3).
        """
        level = self.level
        if not now.any():
            return
        known = _sums_under(trust, level.origin, level.wanted.shape) / np.float32(PATCH**2)
        self.cost[now] /= np.maximum(known[now], _TINY)
        votes, total = self._votes(now, np.float32(0), known**2)
        self._settle(level.hole & (trust == 0), votes, total)
        window = trust[_at(level.origin, total.shape)]
        np.maximum(window, _HALF * (total > 0), out=window)

    def _settle(self, hole: Flags, votes: Floats, weights: Floats) -> None:
        given = (self.level.rows, hole, self.level.origin, votes, weights)
        self._run(voting.settle_band, given, rows=votes.shape[0])

    def _votes(self, wanted: Flags, limit: np.float32, worth: Floats) -> tuple[Floats, Floats]:
        """(h + 6, w + 6, 4) weighted sums of colours and (h + 6, w + 6) sums of weights."""
        level = self.level
        weights = _weights(self.cost, wanted, worth)
        votes = np.zeros((*self._window, 4), np.float32)
        given = (level.rows, self.means, wanted, level.origin, self.field, weights, votes, limit)
        for first in (0, 1):  # a band's votes reach into the next one
            self._run(voting.vote_band, given, first=first, every=2)
        return votes, _sums_over(weights, wanted)

    @property
    def _window(self) -> tuple[int, int]:
        """The pixels under wanted patches."""
        height, width = self.level.wanted.shape
        return height + PATCH - 1, width + PATCH - 1

    @property
    def _box(self) -> Box:
        """Where they lie on the picture."""
        (top, left), (height, width) = self.level.origin, self._window
        return Box(top, left, top + height, left + width)

    def picture_changed(self) -> None:
        """Bring what patches are compared by in line with the colours of the hole."""
        level, (height, width) = self.level, self.level.wanted.shape
        level.encode(self._box)
        if self.limit > 0:
            means = _patch_means(level.pixels[self._box.slices])
            self.means[_at(level.origin, (height, width))] = means[:height, :width]

    def _run(
        self,
        kernel: Callable[..., None],
        given: tuple[Any, ...],
        *,
        rows: int | None = None,
        first: int = 0,
        every: int = 1,
    ) -> None:
        """Run `kernel` over the bands of all wanted patches, or of so many rows."""
        height, width = self.level.wanted.shape
        bands = _bands(height if rows is None else rows)[first::every]

        def work(band: Band) -> None:
            kernel(band, *given)

        if height * width <= _FEW:
            for band in bands:
                work(band)
            return
        for _ in self.pool.map(work, bands):
            pass


def _strips(box: Box) -> Iterator[Box]:
    for top in range(box.top, box.bottom, _STRIP):
        yield box._replace(top=top, bottom=min(top + _STRIP, box.bottom))


def _bands(height: int) -> list[Band]:
    return [(top, min(top + _BAND, height)) for top in range(0, height, _BAND)]


def _follow(guide: Guide, level: Level, box: Box, weight: float) -> None:
    """Draw the colours of the hole towards the guide's.

    For a source S, ((1 - w) V + w G - S) squared is, but for what does not depend on S,
    (1 - w) (V - S) squared + w (G - S) squared: a data term beside the votes V.
    """
    hole, pixels = level.hole[box.slices], level.pixels[box.slices]
    if weight > 0:
        led = guide.colours(level.frame, box)[hole]
        pixels[hole, :3] += np.float32(weight) * (led - pixels[hole, :3])
    lines = guide.lines(level.frame)
    if lines is not None:
        pixels[hole, 3] = lines[box.slices][hole]


def _weights(cost: Floats, wanted: Flags, worth: Floats) -> Floats:
    """(h, w) after Wexler et al. 2007, equation 4: sigma is the 75th percentile."""
    costs = np.maximum(cost, 0)
    usual = max(float(np.percentile(costs[wanted], 75)), 1e-4)
    likely = np.exp(-costs / np.float32(2 * usual)) + _TINY
    return np.where(wanted, likely * worth, 0).astype(np.float32)


def _at(origin: tuple[int, int], size: tuple[int, ...]) -> tuple[slice, slice]:
    return slice(origin[0], origin[0] + size[0]), slice(origin[1], origin[1] + size[1])


def _sums_over(weights: Floats, wanted: Flags) -> Floats:
    """(h + 6, w + 6): the sum of the weights of the patches over each pixel; 0 without one."""
    import cv2

    beyond = ((0, PATCH - 1), (0, PATCH - 1))
    square, anchor = (PATCH, PATCH), (PATCH - 1, PATCH - 1)
    total = cv2.boxFilter(
        np.pad(weights, beyond),
        -1,
        square,
        anchor=anchor,
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
    flags = np.pad(wanted.view(np.uint8), beyond)
    covered = cv2.dilate(flags, np.ones(square, np.uint8), anchor=anchor)
    return np.where(covered > 0, total, 0).astype(np.float32)  # running sums leave a little dust


def _sums_under(values: Floats, origin: tuple[int, int], size: tuple[int, ...]) -> Floats:
    """(h, w): the sum of (H, W) values under the patch that begins at each place of the window."""
    import cv2

    seen = values[_at(origin, (size[0] + PATCH - 1, size[1] + PATCH - 1))]
    sums = cv2.boxFilter(
        np.ascontiguousarray(seen),
        -1,
        (PATCH, PATCH),
        anchor=(0, 0),
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
    return cast(Floats, sums)[: size[0], : size[1]]


def _patch_means(pixels: Floats) -> Means:
    """(H, W, 3): the mean of the patch that begins at each pixel and fits in, in 1/65535."""
    import cv2

    means = np.empty((*pixels.shape[:2], 3), np.uint16)
    for top in range(0, len(pixels), _STRIP):  # a large picture's would fill the memory at once
        under = pixels[top : top + _STRIP + PATCH - 1]
        strip = cv2.blur(under, (PATCH, PATCH), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
        means[top : top + _STRIP] = strip[:_STRIP, :, :3] * np.float32(search.FINEST)
    return means


def _depth(level: Level) -> Floats:
    """(h, w): how deep in the hole the centre of each wanted patch lies."""
    import cv2

    (top, left), (height, width) = level.origin, level.wanted.shape
    seen = level.hole[top : top + height + PATCH - 1, left : left + width + PATCH - 1]
    depth = cv2.distanceTransform(seen.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    midst = PATCH // 2
    return cast(Floats, depth[midst : midst + height, midst : midst + width])
