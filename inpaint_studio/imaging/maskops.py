"""Grow, shrink, feather and take apart holes. Each works on a box round the hole, not the photo.

Distances are Euclidean, between pixel centres. Beyond the picture's border nothing is known and
nothing needs protecting, so a hole does not shrink or fade away from the border it touches.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import Coverage, Hole, hole_bounds

_DISC = 8
"""Soft masks grow in steps of at most this radius: a sum of discs is a disc, and much cheaper."""


def grow(hole: Hole, px: int) -> Hole:
    """(H, W) bool: every pixel at most `px` away from the hole."""
    grown = hole.copy()
    box = hole_bounds(hole)
    if px <= 0 or box.is_empty:
        return grown
    box = box.pad(px).clip(_size(hole))
    grown[box.slices] = _distance_to(hole[box.slices]) <= px
    return grown


def shrink(hole: Hole, px: int) -> Hole:
    """(H, W) bool: every hole pixel more than `px` away from the nearest pixel that is kept."""
    shrunk = hole.copy()
    if px <= 0:
        return shrunk
    box, depth = _depth(hole)
    shrunk[box.slices] = depth > px
    return shrunk


def grow_coverage(coverage: Coverage, px: int) -> Coverage:
    """(H, W) uint8: each pixel takes the highest value within `px` (to about a pixel), so that
    soft rims move outwards and stay soft.
    """
    grown = coverage.copy()
    box = hole_bounds(coverage)
    if px > 0 and not box.is_empty:
        box = box.pad(px).clip(_size(coverage))
        grown[box.slices] = _dilate(coverage[box.slices], px)
    return grown


def shrink_coverage(coverage: Coverage, px: int) -> Coverage:
    """(H, W) uint8: each pixel takes the lowest value within `px` (to about a pixel)."""
    shrunk = coverage.copy()
    box = hole_bounds(coverage)
    if px > 0 and not box.is_empty:
        box = box.pad(1).clip(_size(coverage))
        shrunk[box.slices] = np.invert(_dilate(np.invert(coverage[box.slices]), px))
    return shrunk


def invert(mask: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The opposite of a hole (bool) or a coverage (uint8, 255 minus the value)."""
    if mask.dtype not in (np.dtype(np.bool_), np.dtype(np.uint8)):
        raise ValueError(f"only bool and uint8 masks can be inverted, not {mask.dtype}")
    return np.invert(mask)


def feather_inwards(hole: Hole, px: int) -> Coverage:
    """(H, W) uint8: 0 outside the hole, rising inside it with the distance from the nearest kept
    pixel, 255 from a depth of `px` on. At least 1 everywhere in the hole.
    """
    coverage = np.zeros(hole.shape, np.uint8)
    if px <= 1:
        coverage[hole] = 255
        return coverage
    box, depth = _depth(hole)
    if box.is_empty:
        return coverage
    ramp = np.minimum(depth * np.float32(255 / px) + np.float32(0.5), np.float32(255))
    np.maximum(ramp, 1, out=ramp)
    coverage[box.slices] = np.where(hole[box.slices], ramp, 0).astype(np.uint8)
    return coverage


def components(hole: Hole, *, join: int) -> list[Box]:
    """The box of each connected hole (also over corners), in reading order of their corners;
    holes at most `join` pixels apart (to about a pixel) count as one.
    """
    import cv2

    bounds = hole_bounds(hole)
    if bounds.is_empty:
        return []
    box = bounds.pad(math.ceil(join / 2)).clip(_size(hole))
    inside = hole[box.slices]
    if cv2.connectedComponents(inside.view(np.uint8))[0] == 2:  # the background and one hole
        return [bounds]  # the statistics cost six times as much
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside.view(np.uint8))
    boxes = [_box_of(stats[label]).shift(box.origin) for label in range(1, count)]
    if join > 1 and count > 2:
        near = (_distance_to(inside) <= join / 2).view(np.uint8)
        _, groups = cv2.connectedComponents(near)
        group_of = np.zeros(count, np.int64)
        group_of[labels[inside].astype(np.intp)] = groups[inside]
        joined: dict[int, Box] = {}
        for label, one in enumerate(boxes, start=1):
            group = int(group_of[label])
            joined[group] = joined[group].union(one) if group in joined else one
        boxes = list(joined.values())
    return sorted(boxes)


def _size(mask: npt.NDArray[Any]) -> Size:
    return Size(mask.shape[0], mask.shape[1])


def _box_of(stats: npt.NDArray[np.int32]) -> Box:
    left, top, width, height = (int(value) for value in stats[:4])
    return Box(top, left, top + height, left + width)


def _distance_to(hole: Hole) -> npt.NDArray[np.float32]:
    """(h, w) float32: how far each pixel is from the nearest hole pixel, of which there is one."""
    import cv2

    outside = np.invert(hole).view(np.uint8)
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return distance.astype(np.float32, copy=False)


def _depth(hole: Hole) -> tuple[Box, npt.NDArray[np.float32]]:
    """A box that holds the hole, and how far each of its pixels is from the nearest kept pixel:
    0 for kept pixels themselves, infinite when the whole picture is hole.
    """
    box = hole_bounds(hole)
    if box.is_empty:
        return box, np.zeros(box.size, np.float32)
    box = box.pad(1).clip(_size(hole))
    inside = hole[box.slices]
    if inside.all():
        return box, np.full(box.size, np.inf, np.float32)
    return box, _distance_to(np.invert(inside))


def _dilate(coverage: Coverage, px: int) -> Coverage:
    import cv2

    grown = np.ascontiguousarray(coverage)
    while px > 0:
        radius = min(px, _DISC)
        grown = cv2.dilate(grown, _disc(radius), borderType=cv2.BORDER_REPLICATE)
        px -= radius
    return grown.astype(np.uint8, copy=False)


def _disc(radius: int) -> Coverage:
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return (rows**2 + columns**2 <= radius**2).astype(np.uint8)
