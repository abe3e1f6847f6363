"""Match the levels of a fill to its surroundings, so that its rim does not show."""

from typing import cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import hole_bounds

Floats = npt.NDArray[np.float32]
Hole = npt.NDArray[np.bool_]

_BAND = 6
"""Pixels around the hole in which a network's picture is compared with the known one."""
_SMOOTH = 2.0
"""Blur of the correction in pixels: grain at the rim must not run into the hole as streaks."""
_ODD = 0.15
"""Differences beyond this are details the network drew otherwise, not a level it missed."""
_RELAXATIONS = 4
_NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4


def match_levels(drawn: Floats, photo: Floats, hole: Hole) -> Floats:
    """`photo` with the hole filled from `drawn`, whose levels are brought to those of the rim.

    A network draws the whole picture; where it draws the pixels next to the hole too dark, it will
    have drawn the hole too dark as well. That difference, spread smoothly from the rim over the
    hole, is taken away. Nothing happens where `drawn` equals `photo` around the hole.

    Args:
        drawn: (H, W, 3) the engine's picture, known pixels included.
        photo: (H, W, 3) with its known pixels; what lies in the hole does not matter.
        hole: (H, W) bool.

    Returns:
        (H, W, 3) float32, clipped to [0, 1] inside the hole; `photo` bit for bit outside.
    """
    import cv2

    size = Size(hole.shape[0], hole.shape[1])
    around = hole_bounds(hole).pad(2 * _BAND).clip(size)
    part = hole[around.slices]
    side = 2 * _BAND + 1
    near = cv2.dilate(part.view(np.uint8), np.ones((side, side), np.uint8)).view(np.bool_)
    band = near & ~part
    off = np.zeros((*around.size, 3), np.float32)
    cv2.copyTo(photo[around.slices] - drawn[around.slices], band.view(np.uint8), off)
    inside = drawn[around.slices]
    if np.any(off):
        inside = inside + _correction(off, band)
    filled = photo.copy()
    target = filled[around.slices]
    cv2.copyTo(np.ascontiguousarray(inside.clip(0, 1)), part.view(np.uint8), target)
    return filled


def _correction(off: Floats, band: Hole) -> Floats:
    """The difference at the rim spread over the hole; at half the size, for it is smooth."""
    import cv2

    height, width = band.shape
    trust = np.exp(-((off / _ODD) ** 2).sum(axis=2, keepdims=True) / 2) * band[:, :, None]
    weight, values = _halved(trust), _halved(off * trust)
    values /= np.maximum(weight, np.float32(1e-12))
    spread = spread_smoothly(values, np.minimum(4 * weight[:, :, 0], 1))
    spread = cv2.GaussianBlur(spread, (0, 0), _SMOOTH / 2)
    return cast(Floats, cv2.resize(spread, (2 * spread.shape[1], 2 * spread.shape[0])))[
        :height, :width
    ]


def spread_smoothly(values: Floats, weight: Floats) -> Floats:
    """Stretch a membrane over where the weight is 0, held by the values where it is 1.

    Pull and push (Gortler et al., The Lumigraph, 1996, section 3.4) gives each level a first guess
    from the one half its size; a few steps of relaxation make it nearly harmonic, so that it
    neither bulges nor steps.

    Args:
        values: (H, W, C) float32.
        weight: (H, W) float32 in [0, 1].
    """
    import cv2

    height, width = weight.shape
    if max(height, width) == 1:
        return values
    held = weight[:, :, None]
    total = _halved(held)
    coarse: Floats = np.divide(
        _halved(values * held), np.maximum(total, np.float32(1e-12)), dtype=np.float32
    )
    above = spread_smoothly(coarse, np.minimum(4 * total[:, :, 0], 1))
    spread = cv2.resize(above, (width, height), interpolation=cv2.INTER_LINEAR)
    fixed, free = values * held, 1 - held
    spread = fixed + spread.reshape(values.shape) * free
    for _ in range(_RELAXATIONS):
        around = cv2.filter2D(spread, -1, _NEIGHBOURS, borderType=cv2.BORDER_REFLECT)
        spread = fixed + around.reshape(values.shape) * free
    return cast(Floats, spread)


def _halved(array: Floats) -> Floats:
    """The mean of each 2 x 2 block; a last odd row or column counts as if followed by zeros."""
    import cv2

    height, width, channels = array.shape
    if height % 2 or width % 2:
        array = np.pad(array, ((0, height % 2), (0, width % 2), (0, 0)))
    size = ((width + 1) // 2, (height + 1) // 2)
    halved = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    return cast(Floats, halved.reshape(size[1], size[0], channels))
