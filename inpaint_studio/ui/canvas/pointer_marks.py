"""What follows the pointer: the brush's circle and the line of a lasso, and where they were."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtGui import QPainter

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.ui.canvas.marks import BrushCursor, paint_outline, paint_source
from inpaint_studio.ui.canvas.navigation import Navigation
from inpaint_studio.ui.canvas.painting import RETOUCHING, MaskPainting

CROSS_TOOLS = ("lasso", "polygon", "wand", "object", "pick")
"""Tools that point with the middle of a cross-shaped cursor."""
_LINE = 8
"""Logical pixels round a lasso's line that its marks may touch."""


class PointerMarks:
    """Paints the marks of the pointer and knows which device pixels they cover."""

    def __init__(self, navigation: Navigation, painting: MaskPainting) -> None:
        self.pointer: tuple[float, float] | None = None
        """Device position of the pointer; None while it is elsewhere."""
        self.panning = False
        """Whether the photo is, or would be, moved instead of painted on."""
        self._navigation = navigation
        self._painting = painting
        self._cursor = BrushCursor()
        self._ring = EMPTY_BOX
        self._line = EMPTY_BOX
        self._source = EMPTY_BOX

    @property
    def hovered(self) -> tuple[int, int]:
        """The photo pixel (x, y) under the pointer; (-1, -1) off the photo."""
        viewport = self._navigation.viewport
        if viewport is not None and self.pointer is not None:
            x, y = viewport.to_photo(*self.pointer)
            if 0 <= x < viewport.photo.width and 0 <= y < viewport.photo.height:
                return math.floor(x), math.floor(y)
        return -1, -1

    def move_ring(self, scale: float) -> Iterator[Box]:
        """The boxes to paint again because the circle moved."""
        yield self._ring
        yield self._source
        self._ring = self._source = EMPTY_BOX
        if self.pointer is not None and self._shows_ring:
            self._ring = BrushCursor.box(self.pointer, self._diameter, scale)
        source = self._source_point()
        if source is not None:
            self._source = BrushCursor.box(source, 0, scale)
        yield self._ring
        yield self._source

    def move_line(self, scale: float) -> Box:
        """The box to paint again because the outline changed."""
        before, points = self._line, self._points()
        self._line = EMPTY_BOX
        if points:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            tight = Box(
                math.floor(min(ys)), math.floor(min(xs)), math.ceil(max(ys)), math.ceil(max(xs))
            )
            self._line = tight.pad(math.ceil(_LINE * scale))
        return before.union(self._line)

    def paint(self, painter: QPainter, scale: float) -> None:
        """Paint in device pixels."""
        points = self._points()
        if points:
            corners = self._painting.tool == "polygon"
            paint_outline(painter, points, corners=corners, scale=scale)
        if self.pointer is not None and self._shows_ring:
            self._cursor.paint(
                painter,
                self.pointer,
                diameter=self._diameter,
                hardness=self._painting.hardness,
                scale=scale,
            )

        source = self._source_point()
        if source is not None:
            paint_source(painter, source, scale)

    def _source_point(self) -> tuple[float, float] | None:
        """The device position a retouching brush takes from."""
        viewport, painting = self._navigation.viewport, self._painting
        if viewport is None or self.pointer is None or painting.tool not in RETOUCHING:
            return None
        at = painting.clone.shown_at(viewport.to_photo(*self.pointer))
        return None if at is None or not self._shows_ring else viewport.to_screen(*at)

    @property
    def _shows_ring(self) -> bool:
        paints = self._painting.tool not in (*CROSS_TOOLS, "hand")
        return paints and not self.panning and self._navigation.viewport is not None

    @property
    def _diameter(self) -> float:
        return self._painting.size * self._navigation.zoom

    def _points(self) -> list[tuple[float, float]]:
        viewport = self._navigation.viewport
        outline = self._painting.outline
        return [] if viewport is None else [viewport.to_screen(*at) for at in outline]
