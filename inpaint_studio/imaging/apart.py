"""How far two pictures are apart, as a picture and as a number."""

from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.mask import Hole
from inpaint_studio.imaging.photo import Pixels, full_scale


def apart(pixels: Pixels, other: Pixels, *, gain: int = 1) -> Pixels:
    """(h, w, C): the difference of two pictures of one depth in every colour, `gain` times as
    large, cut off at white; opaque where there is alpha."""
    white = full_scale(pixels.dtype)
    wide = np.float32 if pixels.dtype.kind == "f" else np.int32
    difference = np.abs(pixels.astype(wide) - other.astype(wide))
    difference *= wide(gain)
    shown: Pixels = np.minimum(difference, wide(white)).astype(pixels.dtype)
    if pixels.shape[2] in (2, 4):
        shown[:, :, -1] = white
    return shown


def mean_apart(pixels: npt.NDArray[Any], other: npt.NDArray[Any], hole: Hole) -> float:
    """The mean difference over colours and the pixels of (h, w) `hole`, in levels of 255; 0
    without a hole. Both are (h, w, 3 or more) uint8."""
    if not hole.any():
        return 0.0
    one = pixels[hole][:, :3].astype(np.int16)
    return float(np.abs(one - other[hole][:, :3]).mean())
