"""Does what is beside a hole come again elsewhere? Tried out, on pixels that are known.

A small square beside the hole is taken as missing and told twice: copied from where its rim fits
best, and continued smoothly from its rim. What is nearer to the truth there is likely to be nearer
in the hole, whether the measure is a difference or a network's features.
"""

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box

Floats = npt.NDArray[np.float32]
Known = npt.NDArray[np.bool_]

RIM = 7
"""Pixels around a square by which its like is looked for."""
REACH = 3
"""How far its like is looked for, in sides of the square with its rim."""
_FLAT = 0.01
"""Brightness, of 1: where it spreads less there is nothing to tell."""
_GRAIN = 0.2
"""Where neither agrees as much, there is only grain, which says nothing of what repeats."""


def gain_of_copying(light: Floats, known: Known, trial: Box) -> float | None:
    """How much better a copy agrees with the truth than a smooth continuation, from -2 to 2.

    Args:
        light: (h, w) brightness in [0, 1].
        known: (h, w): only known pixels are copied.
        trial: a square and its rim, all of it known; what lies `RIM` pixels inside is tried.

    Returns:
        None where the truth is flat or grain alone, or where there is nothing else to copy.
    """
    truth, inside = light[trial.slices], trial.pad(-RIM).relative_to(trial.origin).slices
    if truth[inside].std() < _FLAT:
        return None
    area = trial.pad(REACH * trial.height).intersect(Box(0, 0, *light.shape))
    like = _like(light[area.slices], known[area.slices], trial.relative_to(area.origin))
    if like is None:
        return None
    copied = _agreement(like[inside], truth[inside])
    continued = _agreement(_continued(truth, inside), truth[inside])
    return copied - continued if max(copied, continued) > _GRAIN else None


def _like(light: Floats, known: Known, trial: Box) -> Floats | None:
    """The square elsewhere whose rim fits best; None where there is no other."""
    import cv2

    size, side = trial.height, trial.height - 2 * RIM
    rim = np.ones(trial.size, np.float32)
    rim[RIM:-RIM, RIM:-RIM] = 0
    apart = np.asarray(cv2.matchTemplate(light, light[trial.slices], cv2.TM_SQDIFF, mask=rim))
    unknown = cv2.blur((~known).astype(np.float32), trial.size, anchor=(0, 0))
    apart[unknown[: apart.shape[0], : apart.shape[1]] > 0.5 / trial.area] = np.inf
    top, left = (max(0, at - side) for at in trial.origin)
    apart[top : trial.top + side + 1, left : trial.left + side + 1] = np.inf
    row, column = np.unravel_index(np.argmin(apart), apart.shape)
    if not np.isfinite(apart[row, column]):
        return None
    return light[row : row + size, column : column + size]


def _continued(truth: Floats, inside: tuple[slice, slice]) -> Floats:
    import cv2

    missing = np.zeros(truth.shape, np.uint8)
    missing[inside] = 1
    levels = np.rint(truth * 255).astype(np.uint8)
    return cv2.inpaint(levels, missing, 3, cv2.INPAINT_NS)[inside].astype(np.float32)


def _agreement(one: Floats, other: Floats) -> float:
    """Their correlation, from -1 to 1; 0 where one of them is flat."""
    first, second = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((first * first).sum() * (second * second).sum()))
    return float((first * second).sum()) / scale if scale > 1e-9 else 0.0
