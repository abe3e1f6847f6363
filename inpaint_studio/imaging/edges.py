"""Edges as EdgeConnect was trained on them: scikit-image's Canny (not OpenCV's, which differs)."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Hole = npt.NDArray[np.bool_]

_LUMA = (0.2125, 0.7154, 0.0721)
"""Weights of R, G and B in scikit-image's `rgb2gray`, which EdgeConnect used."""


def rgb_to_grey(photo: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Grey in [0, 1], (H, W) float64, of (H, W, 3) floats in [0, 1] or of 8-bit numbers."""
    scale = 1 / 255 if photo.dtype == np.uint8 else 1.0
    return (photo.astype(np.float64) * scale) @ np.array(_LUMA)


def canny(grey: npt.NDArray[Any], hole: Hole | None = None, *, sigma: float = 2.0) -> Floats:
    """Known edges of a grey picture: (H, W) float32, 1 on an edge.

    Args:
        grey: (H, W) floats in [0, 1].
        hole: (H, W) bool; its pixels and their influence are left out and hold no edges.
        sigma: width in pixels of the blur before edges are looked for; 2 in EdgeConnect.
    """
    from skimage import feature

    find = cast(  # scikit-image has no types
        "Callable[..., npt.NDArray[np.bool_]]",
        feature.canny,  # pyright: ignore[reportUnknownMemberType]
    )
    return find(grey, sigma=sigma, mask=None if hole is None else ~hole).astype(np.float32)
