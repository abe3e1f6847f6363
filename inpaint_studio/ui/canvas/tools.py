"""Mask tools as generators: one gesture from press to release is one undo step. No Qt.

A gesture is sent `PointerSample`s and answers each with a `Trace`: the box of mask pixels it just
changed, and what to show. When it ends it returns a `PaintMask` command whose delta is already
applied, or the work it asks for (None when nothing changed). `close()` puts the mask back exactly
as it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from inpaint_studio.document.pixels import StrokeRecorder
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.strokes import fill_polygon, stamp_line
from inpaint_studio.ui.canvas.gesture import (
    XY,
    Gesture,
    Modifiers,
    Phase,
    PointerSample,
    Stroke,
    ToolName,
    Trace,
)
from inpaint_studio.ui.canvas.retouch_tools import retouch_gesture
from inpaint_studio.ui.canvas.select_tools import object_gesture, pick_gesture, wand_gesture

if TYPE_CHECKING:
    from inpaint_studio.document.commands import PaintMask

__all__ = ["GESTURES", "Modifiers", "Phase", "PointerSample", "Stroke", "ToolName", "Trace"]

_CLOSE_ENOUGH = 8.0
"""Screen pixels from the first corner within which a click closes a polygon."""
_LOCK_AFTER = 3.0
"""Screen pixels after which a Shift-drag settles on its axis."""


def brush_gesture(stroke: Stroke, first: PointerSample) -> Gesture:
    """Paint (or erase) along the pointer. With Shift the line keeps to one axis."""
    recorder = StrokeRecorder(stroke.canvas)
    last = first
    if first.modifiers.shift and stroke.start is not None:
        last = first._replace(x=stroke.start[0], y=stroke.start[1])
    hold = _axis_lock(first)
    try:
        sample = yield Trace(_draw(stroke, recorder, last, first))
        last = first
        while sample.phase != "release":
            sample = hold(sample)
            box = _draw(stroke, recorder, last, sample)
            last = sample
            sample = yield Trace(box)
        if hold(sample).at != last.at:
            _draw(stroke, recorder, last, hold(sample)._replace(pressure=last.pressure))
    except GeneratorExit:
        recorder.cancel()
        raise
    return _command(recorder, stroke)


def lasso_gesture(stroke: Stroke, first: PointerSample) -> Gesture:
    """Draw an outline freehand; what it encloses is filled (or cleared) on release."""
    points = [first.at]
    sample = yield Trace(outline=points)
    while sample.phase != "release":
        if sample.at != points[-1]:
            points.append(sample.at)
        sample = yield Trace(outline=points)
    return _fill(stroke, points)


def polygon_gesture(stroke: Stroke, first: PointerSample) -> Gesture:
    """Click corner after corner; a double click, Enter or the first corner again closes it."""
    points = [first.at]
    sample = yield Trace(outline=points)
    while not _closes(sample, points):
        if sample.phase == "press":
            points.append(sample.at)
        elif sample.phase == "back":
            points.pop()
        if not points:
            return None
        sample = yield Trace(outline=[*points, sample.at])
    return _fill(stroke, points)


GESTURES: dict[ToolName, Callable[[Stroke, PointerSample], Gesture]] = {
    "brush": brush_gesture,
    "eraser": brush_gesture,
    "lasso": lasso_gesture,
    "polygon": polygon_gesture,
    "wand": wand_gesture,
    "object": object_gesture,
    "pick": pick_gesture,
    "heal": retouch_gesture,
    "clone": retouch_gesture,
}


def _draw(stroke: Stroke, recorder: StrokeRecorder, a: PointerSample, b: PointerSample) -> Box:
    brush = stroke.brush
    reach = brush.diameter / 2 + 2
    recorder.touch(_bounds([a.at, b.at], reach))
    return stamp_line(
        stroke.canvas, a.at, b.at, brush, erase=stroke.erase, pressure=(a.pressure, b.pressure)
    )


def _fill(stroke: Stroke, points: Sequence[XY]) -> PaintMask | None:
    recorder = StrokeRecorder(stroke.canvas)
    recorder.touch(_bounds(points, 1.0))
    fill_polygon(stroke.canvas, points, erase=stroke.erase)
    return _command(recorder, stroke)


def _command(recorder: StrokeRecorder, stroke: Stroke) -> PaintMask | None:
    from inpaint_studio.document.commands import PaintMask

    delta = recorder.finish()
    return None if delta.is_empty else PaintMask(delta, stroke.title)


def _bounds(points: Sequence[XY], reach: float) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(
        math.floor(min(ys) - reach),
        math.floor(min(xs) - reach),
        math.ceil(max(ys) + reach),
        math.ceil(max(xs) + reach),
    )


def _closes(sample: PointerSample, points: Sequence[XY]) -> bool:
    if sample.phase in ("double", "commit"):
        return True
    near = math.dist(sample.at, points[0]) <= _CLOSE_ENOUGH * sample.pixel if points else False
    return sample.phase == "press" and len(points) >= 3 and near


def _axis_lock(first: PointerSample) -> Callable[[PointerSample], PointerSample]:
    """Keeps samples on the horizontal or vertical through `first` while Shift is held."""
    axis = ""

    def hold(sample: PointerSample) -> PointerSample:
        nonlocal axis
        if not (first.modifiers.shift and sample.modifiers.shift):
            return sample
        dx, dy = sample.x - first.x, sample.y - first.y
        if not axis and max(abs(dx), abs(dy)) > _LOCK_AFTER * sample.pixel:
            axis = "x" if abs(dx) >= abs(dy) else "y"
        return (
            sample._replace(y=first.y)
            if axis == "x"
            else (sample._replace(x=first.x) if axis == "y" else first)
        )

    return hold
