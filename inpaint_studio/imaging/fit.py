"""Fit a picture to the sizes an engine accepts, and undo it: scale down, then mirror."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Size, SizeRule
from inpaint_studio.imaging.mask import Hole, hole_bounds

Floats = npt.NDArray[np.float32]
Rows = Callable[[int, int], Floats]
"""Rows `top` to `bottom` of a picture, (bottom - top, W, 3), made when they are asked for."""
Spans = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
"""Where each of several spans of pixels begins, and where it ends."""

_BAND_PIXELS = 1 << 17
"""Rows are asked for in bands small enough for the processor's cache: large temporary arrays cost
more than sums."""
_BAND_ROWS = 8
"""Rows of the scaled picture that are averaged at once."""
_CUBIC_REACH = 2
"""Pixels on each side that cubic interpolation looks at."""
_TINY = 1e-6
"""Pixels by which spans may miss a whole number; more than rounding errors, less than a share that
could be seen."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a picture was fitted: from `original` scaled to `scaled`, then mirrored to `fitted`.

    The scaled picture lies at the top left of the fitted one.
    """

    original: Size
    scaled: Size
    fitted: Size

    @property
    def is_scaled(self) -> bool:
        return self.scaled != self.original


def plan_fit(size: Size, rule: SizeRule) -> Fitting:
    """What it takes to make a picture of `size` obey `rule`."""
    longest = max(size)
    factor = min(1.0, rule.working / longest) if rule.working else 1.0
    scaled = Size(max(1, round(size.height * factor)), max(1, round(size.width * factor)))
    return Fitting(size, scaled, Size(*(_allowed(side, rule) for side in scaled)))


def _allowed(side: int, rule: SizeRule) -> int:
    """The smallest side >= `side` that the rule allows."""
    wanted = max(side, rule.minimum)
    return -(-wanted // rule.multiple_of) * rule.multiple_of


def fit(picture: Floats, rule: SizeRule) -> tuple[Floats, Fitting]:
    """Make a float picture (H, W) or (H, W, C) obey `rule`.

    Scaling down averages areas, so no pixel is skipped; the rest is filled up by mirroring, so
    that a network sees picture, not a made-up border.
    """
    fitting = plan_fit(Size(picture.shape[0], picture.shape[1]), rule)
    return fit_with(picture, fitting), fitting


def fit_with(picture: Floats, fitting: Fitting) -> Floats:
    """Do to `picture` what `fitting` says."""
    return _mirrored(_reduced(picture, fitting), fitting.fitted)


def fit_known(rows: Rows, hole: Hole, fitting: Fitting) -> tuple[Floats, Hole]:
    """Fit a picture with a hole so that nothing of what lies in the hole is averaged in.

    The picture comes in bands of `rows`: scaled down, it is never whole in memory as floats.

    Returns:
        The fitted picture, each pixel the mean of the known pixels it covers (0 where there are
        none), and the fitted hole: every pixel that touches the hole.
    """
    fitted_hole = fit_hole(hole, fitting)
    reduced = _reduced_rows(rows, fitting) if fitting.is_scaled else _gathered(rows, fitting)
    fitted = _mirrored(reduced, fitting.fitted)
    # Pixels the hole touches are hole, so those left are means of known ones.
    fitted[fitted_hole] = 0
    return fitted, fitted_hole


def rows_of(picture: Floats) -> Rows:
    """The rows of a picture that is there already."""
    return lambda top, bottom: picture[top:bottom]


def _gathered(rows: Rows, fitting: Fitting) -> Floats:
    height, width = fitting.original
    picture = np.empty((height, width, 3), np.float32)
    step = max(1, _BAND_PIXELS // width)
    for top in range(0, height, step):
        bottom = min(top + step, height)
        picture[top:bottom] = rows(top, bottom)
    return picture


def _reduced_rows(rows: Rows, fitting: Fitting) -> Floats:
    """Average areas, first down the columns, band by band, then along the rows that are left."""
    import cv2

    (height, width), (scaled_height, scaled_width) = fitting.original, fitting.scaled
    starts, ends = _spans(height, scaled_height)
    low = np.empty((scaled_height, width * 3), np.float32)
    for first in range(0, scaled_height, _BAND_ROWS):
        band = slice(first, min(first + _BAND_ROWS, scaled_height))
        top, bottom = int(starts[first]), int(ends[band.stop - 1])
        shares = _area_shares(band, height / scaled_height, top, bottom)
        np.matmul(shares, rows(top, bottom).reshape(bottom - top, -1), out=low[band])
    reduced = cv2.resize(
        low.reshape(scaled_height, width, 3),
        (scaled_width, scaled_height),
        interpolation=cv2.INTER_AREA,
    )
    return reduced.astype(np.float32, copy=False)


def _area_shares(scaled: slice, step: float, top: int, bottom: int) -> Floats:
    """(scaled pixels, bottom - top): how much each pixel counts in the scaled ones it falls on.

    Each scaled pixel covers `step` pixels; what it is given adds up to 1.
    """
    borders = np.arange(scaled.start, scaled.stop + 1, dtype=np.float64)[:, np.newaxis] * step
    pixels = np.arange(top, bottom, dtype=np.float64)
    shares = np.minimum(borders[1:], pixels + 1) - np.maximum(borders[:-1], pixels)
    return (np.maximum(shares, 0) / step).astype(np.float32)


def _spans(length: int, count: int) -> Spans:
    """The pixels that each of `count` evenly spread spans over `length` pixels touches."""
    borders = np.arange(count + 1, dtype=np.float64) * (length / count)
    starts = np.floor(borders[:-1] + _TINY).astype(np.intp)
    ends = np.ceil(borders[1:] - _TINY).astype(np.intp)
    return starts, np.minimum(ends, length)


def fit_hole(hole: Hole, fitting: Fitting) -> Hole:
    """Fit a hole (H, W): a pixel that any of the hole falls on is hole."""
    return _mirrored(_touched(hole, fitting) if fitting.is_scaled else hole, fitting.fitted)


def _touched(hole: Hole, fitting: Fitting) -> Hole:
    """(h, w): the scaled pixels that any of the hole falls on; looks at the hole's box only."""
    touched = np.zeros(fitting.scaled, np.bool_)
    box = hole_bounds(hole)
    if box.is_empty:
        return touched
    (height, width), (scaled_height, scaled_width) = fitting.original, fitting.scaled
    rows, part = _any_row(hole[box.slices], box.top, _spans(height, scaled_height))
    columns, part = _any_row(part.T, box.left, _spans(width, scaled_width))
    touched[rows, columns] = part.T
    return touched


def _any_row(part: Hole, at: int, spans: Spans) -> tuple[slice, Hole]:
    """Which spans of rows touch a part of the hole that begins at row `at`, and where they do."""
    starts, ends = spans
    first, last = int((ends > at).argmax()), int((starts < at + part.shape[0]).sum())
    lows, highs = (starts[first:last] - at).clip(0), ends[first:last] - at
    part = np.ascontiguousarray(part)
    merged = np.empty((last - first, part.shape[1]), np.bool_)
    for row in range(last - first):
        part[lows[row] : highs[row]].any(axis=0, out=merged[row])
    return slice(first, last), merged


def fit_lines(lines: Floats, fitting: Fitting) -> Floats:
    """Fit a map of thin lines (H, W) in [0, 1] so that a line keeps its strength when scaled."""
    if not fitting.is_scaled:
        return _mirrored(lines, fitting.fitted)
    shrink = fitting.scaled.height * fitting.scaled.width
    factor = (shrink / (fitting.original.height * fitting.original.width)) ** 0.5
    return _mirrored(np.minimum(_reduced(lines, fitting) / factor, 1), fitting.fitted)


def fit_drawn(lines: Floats, fitting: Fitting) -> Floats:
    """Fit lines that were drawn at the fitted scale already, (h, w) of `fitting.scaled`."""
    return _mirrored(lines, fitting.fitted)


def strip(fitted: npt.NDArray[Any], fitting: Fitting) -> npt.NDArray[Any]:
    """The fitted picture without what was mirrored: the original, at working size."""
    return fitted[: fitting.scaled.height, : fitting.scaled.width]


def unfit(fitted: Floats, fitting: Fitting, box: Box | None = None) -> Floats:
    """Bring a fitted float picture (H, W) or (H, W, C) back to its original size.

    Exact where nothing was scaled; cubic where it was. With a `box` of the original only that.
    """
    box = box or fitting.original.box
    inner = strip(fitted, fitting)
    if not fitting.is_scaled:
        return np.ascontiguousarray(inner[box.slices])
    return _enlarged(inner, fitting, box)


def _enlarged(inner: Floats, fitting: Fitting, box: Box) -> Floats:
    """The scaled picture brought back to its original size, from the top left to the box's end.

    OpenCV keeps pixel centres on pixel centres only as seen from a picture's corner.
    """
    import cv2

    down, across = (
        before / after for before, after in zip(fitting.original, fitting.scaled, strict=True)
    )
    rows = math.ceil(box.bottom / down) + _CUBIC_REACH
    columns = math.ceil(box.right / across) + _CUBIC_REACH
    if (round(rows * down), round(columns * across)) == (rows, columns):
        rows, columns = fitting.scaled  # of so small a part OpenCV would return a mere copy
    enlarged = cv2.resize(
        np.ascontiguousarray(inner[:rows, :columns]),
        None,
        fx=across,
        fy=down,
        interpolation=cv2.INTER_CUBIC,
    )
    return enlarged[box.slices].astype(np.float32, copy=False)


def _reduced(picture: Floats, fitting: Fitting) -> Floats:
    if not fitting.is_scaled:
        return picture
    import cv2

    height, width = fitting.scaled
    return cv2.resize(
        np.ascontiguousarray(picture), (width, height), interpolation=cv2.INTER_AREA
    ).astype(np.float32, copy=False)


def _mirrored(array: npt.NDArray[Any], size: Size) -> npt.NDArray[Any]:
    """Continue an array to `size` by mirroring it at its bottom and right, as often as needed."""
    if array.shape[:2] == size:
        return array.copy()
    rows, columns = (
        _mirror_index(length, wanted) for length, wanted in zip(array.shape, size, strict=False)
    )
    return array[rows][:, columns]


def _mirror_index(length: int, wanted: int) -> npt.NDArray[np.intp]:
    at = np.arange(wanted) % (2 * length)
    return np.where(at < length, at, 2 * length - 1 - at)
