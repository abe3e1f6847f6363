"""Edges as EdgeConnect was trained on them: scikit-image's Canny (not OpenCV's, which differs)."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.mask import Hole

Floats = npt.NDArray[np.float32]

_LINE_BLUR = 1.2
"""Gaussian width, in pixels, that rids a likelihood of its grain and of the grid transposed
convolutions leave on it."""

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


def lines_of(likelihood: Floats, *, low: float, high: float) -> Floats:
    """The lines that an edge likelihood has its crests on: (H, W) float32, 1 on a line.

    A network that is not certain gives a haze where a person would draw a line. As in Canny (1986)
    what is not a maximum across the line is taken away, and of the rest those pieces are kept that
    are above the lower threshold everywhere and reach the higher one somewhere. The direction
    across a line is that of the strongest downward curvature (Steger 1998).

    Args:
        likelihood: (H, W) float32 in [0, 1].
        low: the likelihood a line has everywhere.
        high: the likelihood it reaches somewhere.
    """
    import cv2

    blurred = cast(Floats, cv2.GaussianBlur(likelihood, (0, 0), _LINE_BLUR))
    crest = _is_crest(blurred) & (blurred >= low)
    count, labels = cv2.connectedComponents(crest.view(np.uint8), connectivity=8)
    pieces = cast("npt.NDArray[np.int32]", labels)
    certain = np.zeros(count, np.float32)
    certain[pieces[crest & (blurred >= high)]] = 1
    return certain[pieces]


def _is_crest(height: Floats) -> Hole:
    """Where a surface is highest across the direction of its strongest downward curvature."""
    import cv2

    across, down, mixed = (
        cast(Floats, cv2.Sobel(height, cv2.CV_32F, x, y, ksize=3))
        for x, y in ((2, 0), (0, 2), (1, 1))
    )
    half = np.hypot((across - down) / 2, mixed)
    angle = np.arctan2(2 * mixed, across - down) / 2 + np.pi / 2
    step = np.stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    here = np.mgrid[: height.shape[0], : height.shape[1]].astype(np.float32)[::-1]
    sides = (here + step, here - step)
    one, other = (
        cast(Floats, cv2.remap(height, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        for x, y in sides
    )
    return (height >= one) & (height > other) & ((across + down) / 2 < half)
