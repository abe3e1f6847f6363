"""Fit a picture to the sizes an engine accepts, and undo it: scale down, then mirror."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Size, SizeRule

Floats = npt.NDArray[np.float32]
Hole = npt.NDArray[np.bool_]


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


def fit_known(picture: Floats, hole: Hole, fitting: Fitting) -> tuple[Floats, Hole]:
    """Fit a picture with a hole so that nothing of what lies in the hole is averaged in.

    Returns:
        The fitted picture, each pixel the mean of the known pixels it covers (0 where there are
        none), and the fitted hole: every pixel that touches the hole.
    """
    fitted_hole = fit_hole(hole, fitting)
    if not fitting.is_scaled:
        picture = np.where(hole[:, :, None], np.float32(0), picture)
    fitted = fit_with(picture, fitting)
    fitted[fitted_hole] = (
        0  # pixels the hole touches are hole, so those left are means of known ones
    )
    return fitted, fitted_hole


def fit_hole(hole: Hole, fitting: Fitting) -> Hole:
    """Fit a hole (H, W): a pixel that any of the hole falls on is hole."""
    if not fitting.is_scaled:
        return _mirrored(hole, fitting.fitted)
    return _mirrored(_reduced(hole.astype(np.float32), fitting) > 0, fitting.fitted)


def fit_lines(lines: Floats, fitting: Fitting) -> Floats:
    """Fit a map of thin lines (H, W) in [0, 1] so that a line keeps its strength when scaled."""
    if not fitting.is_scaled:
        return _mirrored(lines, fitting.fitted)
    shrink = fitting.scaled.height * fitting.scaled.width
    factor = (shrink / (fitting.original.height * fitting.original.width)) ** 0.5
    return _mirrored(np.minimum(_reduced(lines, fitting) / factor, 1), fitting.fitted)


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
    import cv2

    (high, wide), original = fitting.scaled, fitting.original
    down, across = high / original.height, wide / original.width
    where = np.array(  # pixel centres on pixel centres
        [
            [across, 0, (box.left + 0.5) * across - 0.5],
            [0, down, (box.top + 0.5) * down - 0.5],
        ]
    )
    return cv2.warpAffine(
        np.ascontiguousarray(inner),
        where,
        (box.width, box.height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32, copy=False)


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
