"""Find scratches, cracks and dust: thin or small marks that stand out from what lies around them.

White and black top-hats at several widths (as Giakoumis, Nikolaidis and Pitas, 2006, find cracks in
paintings) leave what is narrower than a square. Each is measured against the grain and texture of
its neighbourhood, so that one sensitivity serves smooth sky and rough canvas, and followed from
where it is clear to where it grows faint, as Canny's hysteresis does. (h, w, 3) uint8 sRGB in.
"""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.mask import Coverage, Hole
from inpaint_studio.imaging.selection import Bytes

Tones = Literal["both", "bright", "dark"]
Floats = npt.NDArray[np.float32]

_SURE = (16.0, 2.2)
"""By how many times the texture around it a mark has to stand out, at least and most sensitive."""
_FAINT = 0.6
"""Of that, where a mark goes on once it was found."""
_GRAIN = (60.0, 5.0)
"""Levels of 255 a mark has to differ by in any case, at least and most sensitive."""
_AROUND = 6
"""Widths of the widest mark that its surroundings reach."""
_WIDTHS = (1.0, 0.5, 0.25, 0.125)
"""Of the widest mark: the scales looked at."""


@dataclass(frozen=True, slots=True)
class DefectSearch:
    """What to look for: `sensitivity` 0 to 100, marks up to `width` pixels of the photo wide."""

    sensitivity: int = 50
    width: int = 6
    tones: Tones = "both"
    rim: int = 1
    """Pixels added round what was found: marks fade at their edge."""


def find_defects(pixels: Bytes, search: DefectSearch, *, scale: float = 1.0) -> Coverage:
    """(h, w) uint8: 255 on scratches, cracks and dust. `scale` says how much the picture is
    reduced (0.5: half the photo's size)."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(pixels[:, :, :3]), cv2.COLOR_RGB2GRAY)
    grey = cast(Bytes, cv2.medianBlur(grey, 3) if scale == 1.0 and search.width >= 8 else grey)
    found = np.zeros(grey.shape, np.bool_)
    if search.tones != "dark":
        found |= _marks(grey, search, scale, cv2.MORPH_TOPHAT)
    if search.tones != "bright":
        found |= _marks(grey, search, scale, cv2.MORPH_BLACKHAT)
    rim = round(search.rim * scale) if scale < 1 else search.rim
    coverage = np.where(found, np.uint8(255), np.uint8(0))
    if rim > 0:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
        coverage = cast(Coverage, cv2.dilate(coverage, disc))
    return coverage


def _marks(grey: Bytes, search: DefectSearch, scale: float, hat: int) -> Hole:
    """(h, w) bool: the marks of one tone."""
    import cv2

    share = search.sensitivity / 100
    sure = _between(_SURE, share)
    grain = _between(_GRAIN, share)
    around = max(9, round(_AROUND * search.width * scale) | 1)
    clear, faint = np.zeros(grey.shape, np.bool_), np.zeros(grey.shape, np.bool_)
    for width in _sides(search.width * scale):
        square = np.ones((width, width), np.uint8)
        hat_of = cast(Bytes, cv2.morphologyEx(grey, hat, square))
        usual = cast(Bytes, cv2.blur(hat_of, (around, around)))
        clear |= _stands_out(hat_of, usual, sure, grain)
        faint |= _stands_out(hat_of, usual, sure * _FAINT, grain * _FAINT)
    return _followed(clear, faint)


def _stands_out(hat: Bytes, usual: Bytes, times: float, least: float) -> Hole:
    """Where the hat is `times` its usual height, and at least `least`."""
    table = np.clip(np.arange(256, dtype=np.float32) * times + least, 0, 255)
    return hat > table.astype(np.uint8)[usual]


def _followed(clear: Hole, faint: Hole) -> Hole:
    """The faint pieces that hold something clear."""
    import cv2

    count, pieces = cv2.connectedComponents((clear | faint).view(np.uint8), connectivity=8)
    labels = cast(npt.NDArray[np.int32], pieces)
    wanted = np.zeros(count, np.bool_)
    wanted[labels[clear]] = True
    wanted[0] = False
    return wanted[labels]


def _sides(width: float) -> list[int]:
    """Odd sides of squares that marks of these widths do not fill."""
    sides = {max(3, 2 * round(width * part / 2) + 1) for part in _WIDTHS}
    return sorted(sides)


def _between(ends: tuple[float, float], share: float) -> float:
    """From the first to the second, in equal ratios."""
    return ends[0] * (ends[1] / ends[0]) ** share
