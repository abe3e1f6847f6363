"""Tools that select by what is seen, as gestures (see `tools`). No Qt.

While the pointer moves they answer with a preview of a reduced level. When it is let go they
return a `SelectionTask`: the same at full size, to be done off the window's thread.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.object_selectors import ObjectSelector, run_selector
from inpaint_studio.imaging.selection import (
    Color,
    How,
    Selecting,
    Wand,
    color_at,
    color_distance,
    combine,
    reach,
)
from inpaint_studio.steps import exhausted
from inpaint_studio.ui.canvas.gesture import (
    XY,
    Gesture,
    PickedColor,
    PointerSample,
    SelectionTask,
    Stroke,
    Trace,
)

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage, Hole
    from inpaint_studio.ui.canvas.picture import PictureSource
    from inpaint_studio.ui.canvas.sight import MaskPreview, Sight

_BAND = 512
"""Rows of the full photo looked at between two points where the work can be stopped."""
_PER_STEP = 3.0
"""Screen pixels to drag for one step of tolerance."""
CLICK = 4.0
"""Screen pixels within which a drag was meant as a click."""
_FINE = 1.5
"""Photo pixels to a screen pixel up to which the wand takes the colour from the full photo."""


def wand_gesture(stroke: Stroke, first: PointerSample) -> Gesture:
    """Select what is like the pixel pressed on; dragging right or up raises the tolerance."""
    sight = stroke.sight
    seed = sight.locate(first.x, first.y) if sight is not None else None
    start = stroke.wand
    if sight is None or seed is None or start is None:
        return None
    color = _color(sight, seed, first)
    distance = color_distance(sight.pixels, color)
    how: How = "subtract" if stroke.erase else "add"

    def shown(wand: Wand) -> MaskPreview:
        found = reach(distance, seed, wand.tolerance, contiguous=wand.contiguous)
        return sight.preview(combine(sight.mask, _coverage(found), how))

    wand, sample, last = start, first, None
    while sample.phase != "release":
        wand = replace(wand, tolerance=_dragged(start.tolerance, first, sample))
        preview = None if wand == last else shown(wand)
        last = wand
        sample = yield Trace(preview=preview, wand=wand)
    at = Point(int(first.y), int(first.x))
    return SelectionTask(stroke.title, how, lambda: exact_wand(sight.source, at, color, wand=wand))


def object_gesture(stroke: Stroke, first: PointerSample) -> Gesture:
    """Drag a box round an object, or click on it."""
    sight = stroke.sight
    if sight is None:
        return None
    last = first
    sample = yield Trace()
    while sample.phase != "release":
        last = sample
        sample = yield Trace(outline=_rectangle(first.at, sample.at))
    source, size = sight.source, sight.look.size
    dragged = math.dist(first.at, last.at) > CLICK * first.pixel
    box = _box_round(first.at, last.at).clip(size)
    at = sight.locate(first.x, first.y)
    if (dragged and min(box.size) < 4) or (not dragged and at is None):
        return None
    how: How = "subtract" if stroke.erase else "add"

    def ask(selector: ObjectSelector) -> Selecting:
        if dragged:
            return selector.object_in(source, size, box)
        place = Point(int(first.y), int(first.x))
        return selector.object_at(source, size, place, around=stroke.visible)

    return SelectionTask(stroke.title, how, lambda: run_selector(stroke.selector, size, ask))


def exact_wand(source: PictureSource, at: Point, color: Color, *, wand: Wand) -> Selecting:
    """The wand's selection on the photo at full size."""
    size = source.photo.photo.size
    distance = np.empty(size, np.uint8)
    for top in range(0, size.height, _BAND):
        band = Box(top, 0, min(top + _BAND, size.height), size.width)
        distance[band.slices] = color_distance((yield from source.seen(0, band)), color)
        yield
    return _coverage(reach(distance, at, wand.tolerance, contiguous=wand.contiguous))


def pick_gesture(stroke: Stroke, first: PointerSample) -> Gesture:
    """Click on a colour."""
    sight = stroke.sight
    seed = sight.locate(first.x, first.y) if sight is not None else None
    if sight is None or seed is None:
        return None
    sample = first
    while sample.phase != "release":
        sample = yield Trace()
    how: How = "subtract" if stroke.erase else "add" if first.modifiers.shift else "replace"
    return PickedColor(_color(sight, seed, first), how)


def _color(sight: Sight, seed: Point, first: PointerSample) -> Color:
    """The colour at a point, from the full photo where that is what the user sees."""
    if first.pixel > _FINE:
        return color_at(sight.pixels, seed)
    at = Point(int(first.y), int(first.x))
    box = Box(*at, *at).pad(1)
    box = Box(box.top, box.left, box.bottom + 1, box.right + 1).clip(sight.look.size)
    pixels = exhausted(sight.source.seen(0, box))
    return color_at(pixels, Point(at.top - box.top, at.left - box.left))


def _coverage(found: Hole) -> Coverage:
    return np.negative(found.view(np.uint8))  # 1 becomes 255


def _dragged(tolerance: int, first: PointerSample, sample: PointerSample) -> int:
    across, up = sample.x - first.x, first.y - sample.y
    steps = (across + up) / (first.pixel * _PER_STEP)
    return min(max(tolerance + round(steps), 0), 255)


def _rectangle(a: XY, b: XY) -> list[XY]:
    return [a, (b[0], a[1]), b, (a[0], b[1]), a]


def _box_round(a: XY, b: XY) -> Box:
    (left, right), (top, bottom) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return Box(math.floor(top), math.floor(left), math.ceil(bottom), math.ceil(right))
