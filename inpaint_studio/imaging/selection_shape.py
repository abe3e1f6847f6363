"""Change the outline of a selection: feather, smooth, border. On (H, W) uint8 coverage.

Each works on a box round what is selected, not on the whole photo. What touches the photo's edge
does not fade or shrink away from it.
"""

from collections.abc import Callable
from typing import cast

import numpy as np

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage, hole_bounds
from inpaint_studio.imaging.maskops import grow_coverage, shrink_coverage

_Change = Callable[[Coverage], Coverage]

_DIRECT = 24.0
"""Largest sigma blurred at full size; a wider blur is as smooth at a fraction of it."""


def feather(coverage: Coverage, px: float) -> Coverage:
    """Soften the outline over about `px` pixels to either side."""
    return _on_box(coverage, px, lambda part: _blurred(part, px / 2)) if px > 0 else coverage.copy()


def smooth(coverage: Coverage, px: float) -> Coverage:
    """Round corners and drop specks and pinholes narrower than about `px` pixels.

    What the blurred selection covers by half is selected, with a rim one pixel soft: the outline
    moves as if by its curvature (Merriman, Bence and Osher, 1992).
    """
    if px <= 0:
        return coverage.copy()

    levels = np.arange(256, dtype=np.float32) - np.float32(127.5)
    table = (levels * np.float32(max(1.0, px / 2)) + np.float32(128)).clip(0, 255).astype(np.uint8)
    return _on_box(coverage, px, lambda part: table[_blurred(part, px / 2)])


def border(coverage: Coverage, px: int) -> Coverage:
    """A band `px` pixels wide along the outline, half of it outside."""
    if px <= 0:
        return np.zeros_like(coverage)
    outer = grow_coverage(coverage, (px + 1) // 2)
    inner = shrink_coverage(coverage, px // 2)
    return np.minimum(outer, np.invert(inner))


def _on_box(coverage: Coverage, px: float, change: _Change) -> Coverage:
    """`change` applied to the selection and what lies near enough to be touched by it."""
    changed = coverage.copy()
    box = hole_bounds(coverage)
    if not box.is_empty:
        box = box.pad(int(2 * px) + 2).clip(Size(*coverage.shape))
        changed[box.slices] = change(coverage[box.slices])
    return changed


def _blurred(coverage: Coverage, sigma: float) -> Coverage:
    import cv2

    factor = max(1, int(sigma / _DIRECT * 4)) if sigma > _DIRECT else 1
    if factor == 1:
        edge = cv2.BORDER_REPLICATE
        return cast(Coverage, cv2.GaussianBlur(coverage, (0, 0), sigma, borderType=edge))
    height, width = coverage.shape
    small = (max(1, width // factor), max(1, height // factor))
    reduced = cv2.resize(coverage, small, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(reduced, (0, 0), sigma / factor, borderType=cv2.BORDER_REPLICATE)
    return cast(Coverage, cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC))
