"""Whether something plainly goes on across a hole: a wall, a horizon, a shore."""

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.mask import Hole

Floats = npt.NDArray[np.float32]

_AWAY = 2
"""Pixels from the hole at which its rim is looked at, and over which a step is measured."""
_LINES = 8
"""So many rows or columns have to be known on both sides."""
_STEP = 0.06
"""Of brightness, of 1, on both sides: less may be a shade of one thing."""
_ALIKE = 0.35
"""How far both sides may lie apart, as a part of how much each of them varies."""


def is_crossed(light: Floats, known: Hole, hole: Hole) -> bool:
    """Whether both sides of a hole show the same steps at the same height, or the same along it.

    A smooth surface would join what should stay apart there.

    Args:
        light: (h, w) brightness in [0, 1], from so far that the hole is some 60 pixels wide.
        known: (h, w).
        hole: (h, w), the hole in question.
    """
    return _crossed(light, known, hole) or _crossed(light.T, known.T, hole.T)


def _crossed(light: Floats, known: Hole, hole: Hole) -> bool:
    """Along the rows."""
    rows = np.flatnonzero(hole.any(axis=1))
    width = hole.shape[1]
    left = hole[rows].argmax(axis=1) - _AWAY
    right = width - 1 - hole[rows, ::-1].argmax(axis=1) + _AWAY
    inside = (left >= 0) & (right < width)
    rows, left, right = rows[inside], left[inside], right[inside]
    both = known[rows, left] & known[rows, right]
    one, other = light[rows, left][both], light[rows, right][both]
    if len(one) < _LINES:
        return False
    varied = float(one.std() + other.std()) / 2
    steps = [np.abs(side[_AWAY:] - side[:-_AWAY]) for side in (one, other)]
    step = float(np.minimum(*steps).max())
    return step > _STEP and float(np.abs(one - other).mean()) < _ALIKE * varied
