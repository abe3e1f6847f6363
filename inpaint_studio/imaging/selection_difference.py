"""Find where two photos of the same thing differ: what was removed, added or damaged meanwhile."""

from typing import cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.mask import Coverage, Hole
from inpaint_studio.imaging.selection import Bytes

_SETTLE = 3
"""Side of the median that keeps single noisy pixels from counting."""


def find_difference(
    pixels: Bytes, other: Bytes, *, threshold: int, smallest: int = 0, scale: float = 1.0
) -> Coverage:
    """(h, w) uint8: 255 where any channel differs by more than `threshold` of 255.

    Pieces of fewer than `smallest` pixels of the photo are left out. Both pictures are
    (h, w, 3 or more) uint8 sRGB of one size, reduced by `scale` (0.5: half the photo's size).

    Raises:
        ValueError: they differ in size.
    """
    import cv2

    if pixels.shape[:2] != other.shape[:2]:
        raise ValueError(f"cannot compare {pixels.shape[:2]} with {other.shape[:2]}")
    apart = cv2.absdiff(
        np.ascontiguousarray(pixels[:, :, :3]), np.ascontiguousarray(other[:, :, :3])
    )
    first, second, third = cv2.split(cv2.medianBlur(apart, _SETTLE))
    differs = cast(Bytes, cv2.max(cv2.max(first, second), third)) > threshold
    kept = _large(differs, smallest * scale * scale)
    return np.where(kept, np.uint8(255), np.uint8(0))


def _large(found: Hole, area: float) -> Hole:
    """Without the pieces of fewer than `area` pixels."""
    import cv2

    if area <= 1:
        return found
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(found.view(np.uint8))
    labels, sizes = cast(npt.NDArray[np.int32], pieces), cast(npt.NDArray[np.int32], stats)
    wanted = sizes[:, cv2.CC_STAT_AREA] >= area
    wanted[0] = False
    return wanted[labels]
