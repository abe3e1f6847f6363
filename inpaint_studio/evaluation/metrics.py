"""How far a fill is from the truth: pure functions of 8-bit RGB pictures, and a running mean.

Every picture is (H, W, 3) uint8 sRGB; `hole` is (H, W) bool. What is measured is what a person
gets: the fill inside the hole, the photo outside.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.mask import Hole

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Map = npt.NDArray[np.float64]

WHITE = 255.0
PSNR_CEILING = 100.0
"""What equal pictures count as in a mean, in dB; their own PSNR is infinite."""
SSIM_WINDOW = 11
"""Wang et al. 2004: Gaussian windows of 11 pixels, sigma 1.5, K1 = 0.01, K2 = 0.03."""
_SSIM_SIGMA = 1.5
_C1 = (0.01 * WHITE) ** 2
_C2 = (0.03 * WHITE) ** 2


def l1_percent(result: Picture, truth: Picture, hole: Hole | None = None) -> float:
    """Mean absolute difference of all channels in percent of white; only in `hole` if given."""
    difference = np.abs(_values(result, hole) - _values(truth, hole))
    return float(difference.mean() / WHITE * 100)


def psnr(result: Picture, truth: Picture, hole: Hole | None = None) -> float:
    """Peak signal-to-noise ratio in dB over all channels, infinite for equal pixels."""
    error = float(np.mean((_values(result, hole) - _values(truth, hole)) ** 2))
    return math.inf if error == 0 else 10 * math.log10(WHITE**2 / error)


def ssim(result: Picture, truth: Picture) -> float:
    """Structural similarity (Wang et al. 2004), mean of the three channels.

    The mean runs over the windows that lie wholly inside the picture, as in scikit-image with
    `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255`.
    torchmetrics has the same windows but averages those over the border, too.
    """
    rim = SSIM_WINDOW // 2
    return float(ssim_map(result, truth)[rim:-rim, rim:-rim].mean())


def hole_ssim(result: Picture, truth: Picture, hole: Hole) -> float:
    """The mean of the SSIM map over the hole's own pixels.

    A window stands on every hole pixel, those at the rim and at the picture's border included;
    windows reach 5 pixels past the hole, so that seams count. At the border of the picture it is
    continued by mirroring.
    """
    return float(ssim_map(result, truth)[hole].mean())


def ssim_map(result: Picture, truth: Picture) -> Map:
    """(H, W) float64: the SSIM of the window round each pixel, mean of the channels.

    Raises:
        ValueError: a side is shorter than the window.
    """
    if min(result.shape[:2]) < SSIM_WINDOW:
        raise ValueError(f"SSIM needs pictures of at least {SSIM_WINDOW} pixels a side")
    x, y = result.astype(np.float64), truth.astype(np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x = _blurred(x * x) - mean_x**2
    variance_y = _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    structure = (2 * covariance + _C2) / (variance_x + variance_y + _C2)
    return (luminance * structure).mean(axis=2)


def changed_percent(result: Picture, truth: Picture, hole: Hole) -> float:
    """How many percent of the pixels outside the hole are not what they were."""
    known = ~hole
    if not known.any():
        return 0.0
    changed = (result != truth).any(axis=2) & known
    return float(changed.sum() / known.sum() * 100)


def distances(result: Picture, truth: Picture, hole: Hole) -> dict[str, float]:
    """Every measure of one picture by name; PSNR is cut at `PSNR_CEILING`, so that it has a mean.

    SSIM is computed once for the whole picture and the hole.
    """
    similarity, rim = ssim_map(result, truth), SSIM_WINDOW // 2
    return {
        "l1": l1_percent(result, truth),
        "psnr": min(psnr(result, truth), PSNR_CEILING),
        "ssim": float(similarity[rim:-rim, rim:-rim].mean()),
        "hole_l1": l1_percent(result, truth, hole),
        "hole_psnr": min(psnr(result, truth, hole), PSNR_CEILING),
        "hole_ssim": float(similarity[hole].mean()),
        "changed": changed_percent(result, truth, hole),
    }


class Tally:
    """Running means of named values; whatever is missing or None does not count."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, values: Mapping[str, float | None]) -> None:
        """Count one picture in."""
        for name, value in values.items():
            if value is not None:
                self._sums[name] = self._sums.get(name, 0.0) + value
                self._counts[name] = self._counts.get(name, 0) + 1

    def means(self) -> dict[str, float]:
        """The mean of every value that was ever counted."""
        return {name: total / self._counts[name] for name, total in self._sums.items()}


def _values(picture: Picture, hole: Hole | None) -> npt.NDArray[np.float64]:
    return (picture if hole is None else picture[hole]).astype(np.float64)


def _blurred(values: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    import cv2

    window = (SSIM_WINDOW, SSIM_WINDOW)
    return cv2.GaussianBlur(values, window, _SSIM_SIGMA, borderType=cv2.BORDER_REFLECT)
