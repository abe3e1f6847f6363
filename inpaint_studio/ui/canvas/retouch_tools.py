"""Healing and cloning as gestures (see `tools`): they copy what is seen from another place. No Qt.

While the pointer moves they answer with a preview of the level that shows; when it is let go they
return a `RetouchTask`, the same at full size and depth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.strokes import SMALLEST, Brush, stamp_line
from inpaint_studio.steps import exhausted
from inpaint_studio.ui.canvas.gesture import (
    XY,
    Gesture,
    PointerSample,
    RetouchTask,
    SourcePoint,
    SpotPreview,
    Stroke,
    Trace,
)
from inpaint_studio.ui.canvas.pyramid import level_box, level_size
from inpaint_studio.ui.canvas.viewport import level_for

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.picture import PictureSource
    from inpaint_studio.ui.canvas.sight import Bytes

_MARK = (0, 0, 0)
_MARK_SHARE = 0.4
"""How a healing stroke is marked whose source is still to be found."""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A retouching stroke as it is shown while it is painted, at one level."""

    look: PictureSource
    level: int
    box: Box
    """Of the level's pixels, what shows."""
    coverage: Coverage
    pixels: Bytes
    source: XY | None

    @classmethod
    def over(cls, look: PictureSource, stroke: Stroke, pixel: float) -> Spot:
        """A spot to paint on, for what is on the screen; `pixel` as in `PointerSample`."""
        level = level_for(1 / pixel)
        box = level_box(stroke.visible, level)
        shape = (*box.size, 4)
        return cls(
            *(look, level, box, np.zeros(box.size, np.uint8), np.zeros(shape, np.uint8)),
            stroke.source,
        )

    def stamp(self, a: PointerSample, b: PointerSample, brush: Brush) -> SpotPreview:
        """Paint from a to b; what there is to show now."""
        scale = 1 / (1 << self.level)
        reduced = replace(brush, diameter=max(SMALLEST, brush.diameter * scale))
        ends = [(p.x * scale - self.box.left, p.y * scale - self.box.top) for p in (a, b)]
        dirty = stamp_line(
            self.coverage, ends[0], ends[1], reduced, pressure=(a.pressure, b.pressure)
        )
        if not dirty.is_empty:
            self._show(dirty)
        whole = Box(*(edge << self.level for edge in self.box))
        return SpotPreview(self.pixels, whole, dirty)

    def _show(self, dirty: Box) -> None:
        target = self.pixels[dirty.slices]
        covered = self.coverage[dirty.slices]
        if self.source is None:
            target[:, :, :3], target[:, :, 3] = _MARK, covered * _MARK_SHARE
            return
        across, down = (round(step / (1 << self.level)) for step in self.source)
        wanted = dirty.shift(self.box.origin)
        wanted = Box(
            *(wanted.top + down, wanted.left + across, wanted.bottom + down, wanted.right + across)
        )
        there = wanted.clip(level_size(self.look.photo.photo.size, self.level))
        if there.is_empty:
            return
        here = there.relative_to(wanted.origin).slices
        seen = exhausted(self.look.seen(self.level, there))
        target[here][:, :, :3] = seen[:, :, :3]
        target[here][:, :, 3] = covered[here]


def retouch_gesture(stroke: Stroke, first: PointerSample) -> Gesture:
    """Copy along the pointer from where `stroke.source` says; Alt says where that is."""
    tool: Literal["heal", "clone"] = "heal" if stroke.tool == "heal" else "clone"
    if first.modifiers.alt:
        return SourcePoint(first.at)
    if stroke.sight is None or (tool == "clone" and stroke.source is None):
        return SourcePoint(None)
    spot = Spot.over(stroke.sight.source, stroke, first.pixel)
    path = [first]
    preview = spot.stamp(first, first, stroke.brush)
    while (sample := (yield Trace(spot=preview))).phase != "release":
        preview = spot.stamp(path[-1], sample, stroke.brush)
        path.append(sample)
    return RetouchTask(stroke.title, tool, tuple(path), stroke.brush, stroke.source)


def path_bounds(path: tuple[PointerSample, ...], brush: Brush, size: Size) -> Box:
    """The photo pixels a stroke along `path` may touch."""
    reach = brush.diameter / 2 + 2
    return Box(
        math.floor(min(sample.y for sample in path) - reach),
        math.floor(min(sample.x for sample in path) - reach),
        math.ceil(max(sample.y for sample in path) + reach),
        math.ceil(max(sample.x for sample in path) + reach),
    ).clip(size)


def stroke_coverage(path: tuple[PointerSample, ...], brush: Brush, box: Box) -> Coverage:
    """(h, w) uint8: what the stroke covers inside `box` of the photo."""
    coverage = np.zeros(box.size, np.uint8)
    for a, b in zip((path[0], *path), path, strict=False):
        ends = [(p.x - box.left, p.y - box.top) for p in (a, b)]
        stamp_line(coverage, ends[0], ends[1], brush, pressure=(a.pressure, b.pressure))
    return coverage
