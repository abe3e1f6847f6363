"""Painting into a mask: a soft round brush along a line, and filled polygons. numpy only.

Points are (x, y) in pixels of the canvas, x to the right, y down; the centre of the top left pixel
is (0.5, 0.5), as in Qt. Points may lie outside the canvas. Painting never lowers a value and
erasing never raises one, so overlapping segments of a stroke do not build up.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Size
from inpaint_studio.imaging.mask import Coverage

XY = tuple[float, float]
Floats = npt.NDArray[np.float32]

SMALLEST, LARGEST = 1.0, 2000.0
"""Brush diameters in pixels."""

_POINT = 1e-3
"""A line shorter than this many pixels is a dab."""

_STRIP_PIXELS = 1 << 18
"""Work goes in strips of this many pixels: large enough for numpy, small enough for the cache."""


@dataclass(frozen=True, slots=True)
class Brush:
    """A round brush.

    `diameter` is in pixels, 1 to 2000. `hardness` runs from 0 (falls off from the centre) to 1
    (full up to a rim of one pixel, which is anti-aliased).
    """

    diameter: float
    hardness: float = 0.8

    def __post_init__(self) -> None:
        if not SMALLEST <= self.diameter <= LARGEST:
            raise ValueError(f"brush diameter must be {SMALLEST} to {LARGEST}, not {self.diameter}")
        if not 0.0 <= self.hardness <= 1.0:
            raise ValueError(f"brush hardness must be 0 to 1, not {self.hardness}")


@dataclass(frozen=True, slots=True)
class _Capsule:
    """All points within a radius of a line; the radius may change from `start` to `end`."""

    start: XY
    end: XY
    radii: tuple[float, float]
    hardness: float

    @property
    def reach(self) -> float:
        """How far from the line the brush can still leave a trace."""
        return max(self.radii) + 0.5

    @property
    def full_radius(self) -> float:
        """How far from the start of the line the brush is full."""
        return min(self.radii[0] * self.hardness, self.radii[0] - 0.5)

    @property
    def is_tapered(self) -> bool:
        return self.radii[0] != self.radii[1]

    @property
    def is_steep(self) -> bool:
        """Whether the radius changes so fast that one end's disc holds most of the other's.

        The disc in which a pixel lies closest to the centre may then be one so small that its
        rim is all there is of it, while the pixel is well inside the large one.
        """
        return abs(self.radii[1] - self.radii[0]) > 0.5 * self.length

    @property
    def larger_end(self) -> "_Capsule":
        """A dab of the larger of the two discs."""
        point = self.start if self.radii[0] >= self.radii[1] else self.end
        radius = max(self.radii)
        return _Capsule(point, point, (radius, radius), self.hardness)

    @property
    def length(self) -> float:
        return math.dist(self.start, self.end)

    @property
    def bounds(self) -> Box:
        xs, ys = zip(self.start, self.end, strict=True)
        return Box(
            math.floor(min(ys) - self.reach),
            math.floor(min(xs) - self.reach),
            math.ceil(max(ys) + self.reach),
            math.ceil(max(xs) + self.reach),
        )

    def within_rows(self, top: float, bottom: float) -> Box:
        """The bounds of what the brush can reach between two heights."""
        (ax, ay), (bx, by) = self.start, self.end
        low, high = 0.0, 1.0
        if ay != by:
            cuts = ((top - self.reach - ay) / (by - ay), (bottom + self.reach - ay) / (by - ay))
            low, high = max(low, min(cuts)), min(high, max(cuts))
        xs = (ax + low * (bx - ax), ax + high * (bx - ax))
        left, right = math.floor(min(xs) - self.reach), math.ceil(max(xs) + self.reach)
        return Box(int(top), left, int(bottom), right)

    def core(self, strip: Box) -> Box:
        """A part of `strip`, as high as it, where the brush is full; often all there is of it.

        The full part is convex: what lies between the full pixels of the two ends' discs in the
        first and in the last row is full too. Tapered brushes get none.
        """
        empty = Box(strip.top, strip.left, strip.bottom, strip.left)
        inner = self.full_radius
        if self.is_tapered or inner <= 1:
            return empty
        first = self._full_span(strip.top + 0.5, inner)
        last = self._full_span(strip.bottom - 0.5, inner)
        left = max(strip.left, math.ceil(max(first[0], last[0]) - 0.5))
        right = min(strip.right, math.floor(min(first[1], last[1]) - 0.5) + 1)
        return Box(strip.top, left, strip.bottom, right) if left < right else empty

    def _full_span(self, y: float, inner: float) -> XY:
        spans = [
            (cx - half, cx + half)
            for cx, cy in (self.start, self.end)
            if (half := math.sqrt(max(0.0, inner**2 - (y - cy) ** 2))) > 0
        ]
        if not spans:
            return (0.0, -1.0)
        return min(left for left, _ in spans), max(right for _, right in spans)


def stamp_line(
    canvas: Coverage,
    a: XY,
    b: XY,
    brush: Brush,
    *,
    erase: bool = False,
    pressure: tuple[float, float] = (1.0, 1.0),
) -> Box:
    """Draw one segment of a stroke from `a` to `b` into `canvas`, (H, W) uint8, in place.

    `pressure` (0 to 1 at `a` and at `b`) scales the diameter. `a` may equal `b`: one dab. Returns
    the box that may have changed, clipped to the canvas.

    The brush is not stamped many times: what densely stamped discs add up to under "maximum" is
    the set of points by their distance from the line, which is computed once.
    """
    radii = (_radius(brush, pressure[0]), _radius(brush, pressure[1]))
    capsule = _Capsule(a, b, radii, brush.hardness)
    if capsule.is_steep:
        _stamp(canvas, capsule.larger_end, erase)
    return _stamp(canvas, capsule, erase)


def _stamp(canvas: Coverage, capsule: _Capsule, erase: bool) -> Box:
    box = capsule.bounds.clip(Size(canvas.shape[0], canvas.shape[1]))
    scratch = np.empty((4, 0), np.float32)
    for strip in _strips(capsule, box):
        core = capsule.core(strip)
        canvas[core.slices] = 0 if erase else 255
        if strip.area > scratch.shape[1]:
            scratch = np.empty((4, strip.area), np.float32)
        for part in _beside(strip, core):
            coverage = _coverage(capsule, part, scratch)
            _blend(canvas[part.slices], coverage, erase)
    return EMPTY_BOX if box.is_empty else box


def _radius(brush: Brush, pressure: float) -> float:
    return max(SMALLEST, brush.diameter * min(1.0, max(0.0, pressure))) / 2


def _blend(region: Coverage, coverage: Coverage, erase: bool) -> None:
    if erase:
        np.minimum(region, np.invert(coverage), out=region)
    else:
        np.maximum(region, coverage, out=region)


def _strips(capsule: _Capsule, box: Box) -> Iterator[Box]:
    """Cut `box` into bands of rows, each no wider than the brush reaches there."""
    rows = max(1, _STRIP_PIXELS // max(1, min(box.width, math.ceil(4 * capsule.reach))))
    for top in range(box.top, box.bottom, rows):
        bottom = min(top + rows, box.bottom)
        strip = capsule.within_rows(top, bottom).intersect(box)
        if not strip.is_empty:
            yield strip


def _beside(strip: Box, core: Box) -> Iterator[Box]:
    """What is left of a strip when its core, as high as the strip, is taken out."""
    if core.is_empty:
        yield strip
        return
    for left, right in ((strip.left, core.left), (core.right, strip.right)):
        if left < right:
            yield Box(strip.top, left, strip.bottom, right)


def _coverage(capsule: _Capsule, box: Box, scratch: Floats) -> Coverage:
    """(h, w) uint8: what the brush leaves on the pixels of `box`.

    `scratch` (4, box.area or more) is overwritten: most of the time goes into touching memory, so
    that a segment works in the same little of it from strip to strip.
    """
    planes = scratch[:, : box.area].reshape(4, box.height, box.width)
    fall = (
        _tapered_fall(capsule, box, planes) if capsule.is_tapered else _fall(capsule, box, planes)
    )
    smooth = planes[3]
    np.clip(fall, 0.0, 1.0, out=fall)
    # 255 (3 f^2 - 2 f^3), flat at both ends; a little more, as the cast to integers cuts off.
    np.multiply(fall, np.float32(-2 * 255.9), out=smooth)
    smooth += np.float32(3 * 255.9)
    fall *= fall
    smooth *= fall
    return smooth.astype(np.uint8)


def _fall(capsule: _Capsule, box: Box, planes: Floats) -> Floats:
    """(h, w) float32: 1 or more where the brush is full, 0 or less where it does not reach.

    It falls with the square of the distance: no root to take, and no tip at the centre.
    """
    ahead, aside, along, _ = planes
    outer, inner = capsule.radii[0] + 0.5, capsule.full_radius
    unit = math.sqrt(outer**2 - inner**2)
    _measure(capsule, box, unit, planes)
    if capsule.length > 0:
        np.clip(ahead, 0, np.float32(capsule.length / unit), out=along)
        ahead -= along
    ahead *= ahead
    aside *= aside
    aside += ahead
    return np.subtract(np.float32((outer / unit) ** 2), aside, out=aside)


def _tapered_fall(capsule: _Capsule, box: Box, planes: Floats) -> Floats:
    """As `_fall`, for discs whose radius changes along the line.

    The disc that covers a pixel best is the one in which the pixel lies closest to the centre,
    measured in radii. With s ahead, q aside and R the radius there, it stands at s + k q^2 / R(s),
    where k is how fast the radius grows: the root of the derivative of (q^2 + (t - s)^2) / R(t)^2.
    """
    ahead, aside, along, inner = planes
    start, end = capsule.radii
    _measure(capsule, box, 1.0, planes)
    slope = 0.0
    aside *= aside
    if capsule.length > _POINT:
        slope = (end - start) / capsule.length
        np.multiply(ahead, np.float32(slope), out=along)
        along += np.float32(start + 0.5)
        # Behind the tip, where R would be negative, only the disc at the large end counts.
        np.maximum(along, np.float32(1e-12), out=along)
        aside += np.float32(1e-4)
        np.divide(aside, along, out=along)
        along *= np.float32(slope)
        along += ahead
        np.clip(along, 0, np.float32(capsule.length), out=along)
    else:
        start = max(start, end)
        along[:] = 0
    ahead -= along
    ahead *= ahead
    aside += ahead
    radius = along
    radius *= np.float32(slope)
    radius += np.float32(start)
    np.multiply(radius, np.float32(capsule.hardness), out=inner)
    np.minimum(inner, np.subtract(radius, np.float32(0.5), out=ahead), out=inner)
    outer = radius
    outer += np.float32(0.5)
    outer *= outer
    inner *= inner
    np.subtract(outer, aside, out=aside)
    outer -= inner
    return np.divide(aside, outer, out=aside)


def _measure(capsule: _Capsule, box: Box, unit: float, planes: Floats) -> None:
    """Into the first two planes: how far each pixel centre lies ahead of the line's start, and
    how far to its side, in `unit`s."""
    (ax, ay), (bx, by) = capsule.start, capsule.end
    length = capsule.length
    ux, uy = ((bx - ax) / length, (by - ay) / length) if length > 0 else (1.0, 0.0)
    x = (np.arange(box.left, box.right) + (0.5 - ax)) / unit
    y = ((np.arange(box.top, box.bottom) + (0.5 - ay)) / unit)[:, None]
    np.add((x * ux).astype(np.float32), (y * uy).astype(np.float32), out=planes[0])
    np.add((x * -uy).astype(np.float32), (y * ux).astype(np.float32), out=planes[1])


def fill_polygon(canvas: Coverage, points: Sequence[XY], *, erase: bool = False) -> Box:
    """Fill (or clear) every pixel of `canvas`, (H, W) uint8, whose centre the polygon winds round.

    The last point is joined to the first. Where the line crosses itself, what it goes round twice
    is filled too (non-zero winding): a lasso drawn by hand leaves no islands. Returns the box that
    may have changed, clipped to the canvas; fewer than three points change nothing.
    """
    size = Size(canvas.shape[0], canvas.shape[1])
    if len(points) < 3:
        return EMPTY_BOX
    outline = np.asarray(points, np.float64)
    low, high = outline.min(axis=0), outline.max(axis=0)
    limits = np.array([[-1, -1], [size.width + 1, size.height + 1]], np.float64)
    low, high = np.clip(low, limits[0], limits[1]), np.clip(high, limits[0], limits[1])
    box = Box(math.floor(low[1]), math.floor(low[0]), math.ceil(high[1]), math.ceil(high[0])).clip(
        size
    )
    if box.is_empty:
        return EMPTY_BOX
    rows, columns, turns = _crossings(outline, box)
    strip_rows = max(1, (1 << 20) // box.width)
    for top in range(box.top, box.bottom, strip_rows):
        strip = Box(top, box.left, min(top + strip_rows, box.bottom), box.right)
        first, last = np.searchsorted(rows, (strip.top, strip.bottom))
        winding = np.zeros((strip.height, strip.width + 1), np.int32)
        np.add.at(winding, (rows[first:last] - strip.top, columns[first:last]), turns[first:last])
        inside = np.cumsum(winding, axis=1, out=winding)[:, :-1] != 0
        canvas[strip.slices][inside] = 0 if erase else 255
    return box


def _crossings(
    outline: npt.NDArray[np.float64], box: Box
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """Where the outline crosses the middle of each row of `box`: row, first column to the right
    of the crossing counted from the box's left, and whether it runs down (1) or up (-1). Sorted by
    row.
    """
    (x0, y0), (x1, y1) = outline.T, np.roll(outline, -1, axis=0).T
    limit = (box.top, box.bottom)
    first = np.clip(np.ceil(np.minimum(y0, y1) - 0.5), *limit).astype(np.intp)
    last = np.clip(np.ceil(np.maximum(y0, y1) - 0.5), *limit).astype(np.intp)
    counts = last - first
    edge = np.repeat(np.arange(len(outline)), counts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = first[edge] + step
    slope = (x1 - x0)[edge] / (y1 - y0)[edge]
    x = x0[edge] + (rows + 0.5 - y0[edge]) * slope
    columns = np.clip(np.ceil(x - 0.5) - box.left, 0, box.width).astype(np.intp)
    turns = np.where(y1 > y0, 1, -1)[edge].astype(np.int32)
    order = np.argsort(rows, kind="stable")
    return rows[order], columns[order], turns[order]
