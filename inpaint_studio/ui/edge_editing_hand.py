"""What is done with a tool on a drawing of edges, from press to release. No Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from inpaint_studio.ui.edge_editing_strokes import XY, EdgeCanvas, curve

if TYPE_CHECKING:
    from inpaint_studio.imaging.edge_drawing import EdgeDrawing

EdgeTool = Literal["pen", "curve", "eraser"]


class EdgeHand:
    """A drawing, the tool to change it with, and the stroke under way. Points are photo pixels."""

    def __init__(self) -> None:
        self.tool: EdgeTool = "pen"
        self.canvas: EdgeCanvas | None = None
        """The drawing with the stroke under way; None while nothing is edited."""
        self._drawing: EdgeDrawing | None = None
        self._holds: EdgeTool | None = None
        self._points: list[XY] = []
        self._bend: XY | None = None
        self._start: XY = (0.0, 0.0)
        self._last: XY | None = None

    @property
    def drawing(self) -> EdgeDrawing | None:
        """What is edited, without the stroke under way."""
        return self._drawing

    @property
    def is_down(self) -> bool:
        """Whether a button is held on a stroke."""
        return self._holds is not None

    @property
    def is_bending(self) -> bool:
        """Whether a curve with both ends set waits for its bend."""
        return self._bend is not None

    @property
    def is_busy(self) -> bool:
        return self.is_down or self.is_bending

    @property
    def erases(self) -> bool:
        """Whether the eraser is what a circle is to be shown for."""
        return (self._holds or self.tool) == "eraser"

    def edit(self, drawing: EdgeDrawing | None) -> None:
        """Take another drawing to work on, or none; a stroke under way is forgotten."""
        self._drawing = drawing
        self.cancel()

    def cancel(self) -> None:
        """Forget the stroke under way."""
        self._holds, self._bend, self._points = None, None, []
        self.canvas = None if self._drawing is None else EdgeCanvas(self._drawing)

    def press(self, at: XY, *, erase: bool) -> None:
        """Begin a stroke."""
        self._holds = "eraser" if erase else self.tool
        self._points, self._start = [at], at

    def move(self, at: XY, *, straight: bool, diameter: float) -> None:
        """The pointer is elsewhere; `diameter` is the eraser's."""
        if self._bend is not None:
            self._bend = at
        elif self._holds is not None and self.canvas is not None:
            before = self._points[-1]
            if self._holds == "eraser":
                self.canvas.erase([before, at], diameter)
                self._points = [at]
            elif self._holds == "curve" or straight:
                self._points = [self._points[0], at]
            else:
                self.canvas.draw([*self._points, at])
                self._points = [at]

    def release(
        self, at: XY, *, near: float, straight: bool, diameter: float
    ) -> EdgeDrawing | None:
        """End the stroke: the new drawing, or None where nothing changed or a curve is not bent.

        Within `near` photo pixels of the press it is a click: a curve is then a slip of the hand,
        and the pen with Shift draws a straight line from where the last one ended.
        """
        holds = self._holds
        if holds is None or self.canvas is None:
            return None
        if holds == "curve":
            self._begin_bend(at, near)
            return None
        clicked = straight and math.dist(self._start, at) <= near
        if holds == "pen" and clicked and self._last is not None:
            self._points = [self._last, at]
        else:
            self.move(at, straight=straight, diameter=diameter)
        if holds == "pen":
            self.canvas.draw(self._points)
        self._last = at
        return self._finish()

    def bend(self) -> EdgeDrawing | None:
        """Set the curve as it is bent now."""
        if self._bend is None or self.canvas is None:
            return None
        self.canvas.draw(self.outline)
        self._last = self._points[-1]
        return self._finish()

    def clear(self) -> EdgeDrawing | None:
        """Take away all that was invented or drawn."""
        self.cancel()
        if self.canvas is None:
            return None
        self.canvas.clear()
        return self._finish()

    @property
    def outline(self) -> list[XY]:
        """The line that is not drawn yet: a straight one, or a curve being bent."""
        if self._bend is not None:
            return curve(self._points[0], self._bend, self._points[-1])
        return self._points if self._holds in ("pen", "curve") and len(self._points) > 1 else []

    def _begin_bend(self, at: XY, near: float) -> None:
        start = self._points[0]
        if math.dist(start, at) <= near:
            self.cancel()
            return
        self._holds, self._points = None, [start, at]
        self._bend = ((start[0] + at[0]) / 2, (start[1] + at[1]) / 2)

    def _finish(self) -> EdgeDrawing | None:
        changed = self.canvas is not None and self.canvas.changed
        if changed and self.canvas is not None:
            self._drawing = self.canvas.drawing
        self.cancel()
        return self._drawing if changed else None
