"""Marching ants: the mask's outline as dashes that wander, black and white on any photo."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import qRgba

MaskStyle = Literal["tint", "ants", "mask"]
"""How a mask is shown: tinted, as its outline only, or by itself, white on black."""

PERIOD = 8
"""Pixels from one dash to the next."""
STEP = 140
"""Milliseconds between two steps of the ants."""
_FIRST = 1
_NOTHING = 0

Indices = npt.NDArray[np.uint8]


def ants(outlined: Indices, top: int, left: int, *, line: int) -> Indices:
    """(h, w) indices of dashes where `outlined` has its two lines, which are `line` and the index
    above it. `top` and `left` are where the piece lies, so that dashes go on in the next."""
    rows, columns = np.ogrid[top : top + outlined.shape[0], left : left + outlined.shape[1]]
    dashes = ((rows + columns) % PERIOD + _FIRST).astype(np.uint8)
    return np.where(outlined >= line, dashes, np.uint8(_NOTHING))


def ants_table(phase: int) -> list[int]:
    """Colours of the indices `ants` makes, after `phase` steps."""
    white, black = qRgba(255, 255, 255, 255), qRgba(0, 0, 0, 255)
    table = [0] * 256
    for place in range(PERIOD):
        table[_FIRST + place] = white if (place - phase) % PERIOD < PERIOD // 2 else black
    return table


def mask_table() -> list[int]:
    """Colours of a mask by itself: the greys of its coverage, no outline."""
    greys = [min(255, round(index * 255 / 253)) for index in range(254)]
    return [
        *(qRgba(grey, grey, grey, 255) for grey in greys),
        qRgba(255, 255, 255, 255),
        qRgba(0, 0, 0, 255),
    ]
