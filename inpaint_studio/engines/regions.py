"""Which crops of a photo an engine is given, and which part of the hole each of them fills."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.fit import plan_fit
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Size, SizeRule
from inpaint_studio.imaging.mask import Hole, hole_bounds

LEAST_CONTEXT = 64
"""Pixels of surroundings that even a speck is given on each side."""
_LEAST_CROP = 256
"""Networks learn on pictures of this size: smaller crops are given more of the photo instead."""
_SPAN = 4
"""A crop may be this many times as long as its hole is wide before it is split; a larger one
would be scaled down for the sake of the hole's length, not of its width."""
_TILE_CONTEXT = 24
"""Pixels of surroundings a tile is given: its hole goes on there, and must not end at the border.
"""

_FINE = 512
"""Pixels along which the width of a hole is measured exactly."""


@dataclass(frozen=True, slots=True)
class Region:
    """Hole pixels inside `core` are filled by looking at `crop`."""

    core: Box
    crop: Box


def plan_regions(hole: Hole, rule: SizeRule, *, context: int | None = None) -> list[Region]:
    """Cut the hole (H, W) into regions, in reading order of their groups.

    Connected holes that lie closer than their context share a region. A hole too long for the
    engine's working size but narrow (a scratch across the photo) is cut along its length, so that
    each piece is filled at full resolution; the pieces are to be filled in order, each seeing the
    ones before it. `context` overrides how many pixels of surroundings a hole is given.
    """
    size = Size(hole.shape[0], hole.shape[1])
    by_tile = rule.tile > 0 and rule.context == 0  # then holes need not be told apart
    groups = [size.box] if by_tile else _groups(hole, context)
    return [
        Region(core, crop_around(core, size, rule=rule, context=margin))
        for group in groups
        for core, margin in _pieces(hole, group, rule=rule, context=context)
    ]


def crop_around(core: Box, size: Size, *, rule: SizeRule, context: int) -> Box:
    """The part of a photo of `size` to look at to fill `core`.

    That is `core` with context, grown where the photo has room until the engine need not mirror it
    to reach an allowed size.
    """
    crop = core.pad(context).clip(size)
    least = min(_LEAST_CROP, rule.working) if rule.working else 1
    crop = _widened(crop, Size(least, least), size)
    fitting = plan_fit(crop.size, rule)
    factor = max(crop.size) / max(fitting.scaled)
    wanted = Size(*(int(side * factor) for side in fitting.fitted))
    return _widened(crop, wanted, size)


def _widened(box: Box, wanted: Size, size: Size) -> Box:
    top, bottom = _stretched(box.top, box.bottom, wanted.height, size.height)
    left, right = _stretched(box.left, box.right, wanted.width, size.width)
    return Box(top, left, bottom, right)


def _stretched(low: int, high: int, wanted: int, limit: int) -> tuple[int, int]:
    """Grow low..high evenly to `wanted` pixels inside 0..limit; never shrink it."""
    length = min(max(wanted, high - low), limit)
    start = min(max(low - (length - (high - low)) // 2, 0), limit - length)
    return start, start + length


def _pieces(
    hole: Hole, box: Box, *, rule: SizeRule, context: int | None
) -> Iterator[tuple[Box, int]]:
    """`box` cut along its longer side until each piece suits the engine's working size.

    Each comes with the pixels of context it is to be given.
    """
    core = hole_bounds(hole[box.slices]).shift(box.origin)
    if core.is_empty:
        return
    thickness = _thickness(hole, core)
    margin = _margin(max(core.size), thickness, rule) if context is None else max(1, context)
    if _suits(max(core.size), thickness, margin=margin, rule=rule):
        yield core, margin
        return
    for half in _halves(hole, core):
        yield from _pieces(hole, half, rule=rule, context=context)


def _thickness(hole: Hole, box: Box) -> int:
    """How wide the hole is at its widest, taking all outside `box` as known."""
    import cv2

    step = max(1, max(box.size) // _FINE)  # a wide hole is measured well enough on a coarse grid
    inside = np.pad(hole[box.slices][::step, ::step].view(np.uint8), 1)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_3)
    return int(np.ceil(2 * step * float(distance.max())))


def _margin(longest: int, thickness: int, rule: SizeRule) -> int:
    """Pixels of context: at least half the hole's width; more where that costs no resolution."""
    enough = thickness // 2
    if rule.tile and rule.context == 0:
        return max(_TILE_CONTEXT, thickness)
    if rule.working == 0:
        return max(LEAST_CONTEXT, enough, min(rule.context, thickness))
    spare = (rule.working - longest) // 2
    return max(min(LEAST_CONTEXT, max(spare, rule.working // 16)), enough)


def _suits(longest: int, thickness: int, *, margin: int, rule: SizeRule) -> bool:
    largest = rule.working or rule.tile
    if largest == 0 or longest <= max(LEAST_CONTEXT, largest // 2):
        return True
    span = _SPAN if rule.working else 2 * _SPAN  # nothing is scaled down for a long tile
    return longest + 2 * margin <= max(largest, span * thickness)


def _halves(hole: Hole, box: Box) -> tuple[Box, Box]:
    """`box` cut across its longer side, near the middle, where the hole is narrowest.

    A cut through the thick of a hole would show: each half is drawn without the other in view.
    """
    if box.height >= box.width:
        cut = box.top + _narrowest(hole[box.slices].sum(axis=1))
        return box._replace(bottom=cut), box._replace(top=cut)
    cut = box.left + _narrowest(hole[box.slices].sum(axis=0))
    return box._replace(right=cut), box._replace(left=cut)


def _narrowest(widths: npt.NDArray[np.intp]) -> int:
    """Where in the middle half the least width is; of equal ones that nearest to the middle."""
    middle = len(widths) // 2
    first, last = len(widths) // 4, -(-3 * len(widths) // 4)
    between = np.arange(max(first, 1), max(last, 2))
    return int(between[np.lexsort((np.abs(between - middle), widths[between]))[0]])


def _groups(hole: Hole, context: int | None) -> list[Box]:
    """Boxes around holes that lie closer than their context, in reading order."""
    from inpaint_studio.imaging.maskops import components

    boxes = components(hole, join=LEAST_CONTEXT if context is None else max(1, context))
    while len(joined := _merged(hole, boxes, context)) < len(boxes):
        boxes = joined  # a box around two holes may have come close to a third
    return boxes


def _merged(hole: Hole, boxes: Sequence[Box], context: int | None) -> list[Box]:
    reach = [_reach(hole, box) if context is None else context for box in boxes]
    groups: dict[int, Box] = {}
    for box, label in zip(boxes, _joined(boxes, reach), strict=True):
        groups[label] = groups.get(label, EMPTY_BOX).union(box)
    return sorted(groups.values())


def _reach(hole: Hole, box: Box) -> int:
    """The context of the hole in `box`, going by its mean width: area by length."""
    width = int(np.count_nonzero(hole[box.slices])) // max(box.size)
    return max(LEAST_CONTEXT, width // 2)


def _joined(boxes: Sequence[Box], reach: Sequence[int]) -> list[int]:
    """A label per box; boxes closer than the larger reach of the two have the same."""
    parent = list(range(len(boxes)))

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    corners, reaches = np.array(boxes), np.array(reach)
    for at, box in enumerate(corners):
        rest = corners[at + 1 :]
        gap = np.maximum(rest[:, :2] - box[2:], box[:2] - rest[:, 2:]).max(axis=1)
        close = gap < np.maximum(np.maximum(reaches[at], reaches[at + 1 :]), 1)
        for other in np.flatnonzero(close) + at + 1:
            parent[root(int(other))] = root(at)
    return [root(at) for at in range(len(boxes))]
