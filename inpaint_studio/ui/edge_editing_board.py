"""A clear sheet over the canvas on which edges are drawn; all else goes through to the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from inpaint_studio.ui.edge_editing_hand import EdgeHand, EdgeTool
from inpaint_studio.ui.edge_editing_marks import EdgePictures, paint_rim, paint_stroke

if TYPE_CHECKING:
    from inpaint_studio.imaging.edge_drawing import EdgeDrawing
    from inpaint_studio.imaging.geometry import Size
    from inpaint_studio.ui.canvas.view import CanvasView

TOOL_KEYS: dict[int, EdgeTool] = {
    int(Qt.Key.Key_B): "pen",
    int(Qt.Key.Key_C): "curve",
    int(Qt.Key.Key_E): "eraser",
}
_ENTER = (int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter))
_CLICK = 4.0
"""Screen pixels within which a press and its release are one click."""


class EdgeBoard(QWidget):
    """Shows a drawing over the photo and turns pointer and keys into strokes on it.

    The left button draws with the chosen tool, the right one erases; Shift makes the pen draw
    straight. With Space, the wheel and the middle button the canvas is moved as always.
    """

    drawn = Signal(object, str)
    """The new EdgeDrawing, and what the history is to call the step."""
    tool_changed = Signal(str)
    left = Signal()
    """Escape was pressed with nothing in hand."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._hand = EdgeHand()
        self._pictures = EdgePictures()
        self._pointer: tuple[float, float] | None = None
        self._space = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Edges over the photo"))
        self.hide()
        canvas.navigation.changed.connect(self._look_elsewhere)
        canvas.original_shown.connect(self._look_elsewhere)
        canvas.brush_changed.connect(self.update)

    @property
    def tool(self) -> EdgeTool:
        return self._hand.tool

    @property
    def drawing(self) -> EdgeDrawing | None:
        """What is on show; None while nothing is edited."""
        return self._hand.drawing

    def edit(self, drawing: EdgeDrawing | None) -> None:
        """Show a drawing to be changed; None ends editing."""
        before = self._hand.drawing
        self._hand.edit(drawing)
        if (before is None) != (drawing is None):
            self._appear(drawing is not None)
        self.update()

    def set_tool(self, tool: EdgeTool) -> None:
        self._hand.cancel()
        self._hand.tool = tool
        self._show_cursor()
        self.update()
        self.tool_changed.emit(tool)

    def clear_drawing(self) -> None:
        """Take all invented and drawn edges away."""
        self._tell(self._hand.clear(), self.tr("Clear edges"))

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys reach the canvas, which has the keyboard; some mean something here first."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        elif isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._claims(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._press_key(event)
            if event.type() == QEvent.Type.KeyRelease:
                self._hold_space(event, held=False)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        moves = self._space or event.button() == Qt.MouseButton.MiddleButton
        if moves or self._hand.canvas is None or self._hand.is_down:
            event.ignore()
            return
        self._canvas.take_focus()
        if self._hand.is_bending:
            self.mouseMoveEvent(event)  # a pen may touch where it was not seen to come
            self._tell(self._hand.bend(), self.tr("Draw edges"))
            return
        erase = event.button() == Qt.MouseButton.RightButton
        self._hand.press(self._photo_position(event), erase=erase)
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = at = self._photo_position(event)
        self._show_position()
        if self._hand.is_busy:
            diameter = self._canvas.brush_size
            self._hand.move(at, straight=_straight(event), diameter=diameter)
        elif event.buttons() != Qt.MouseButton.NoButton:
            event.ignore()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._hand.is_down:
            event.ignore()
            return
        erased = self._hand.erases
        viewport = self._canvas.navigation.viewport
        drawing = self._hand.release(
            self._photo_position(event),
            near=_CLICK / viewport.zoom if viewport is not None else _CLICK,
            straight=_straight(event),
            diameter=self._canvas.brush_size,
        )
        self._tell(drawing, self.tr("Erase edges") if erased else self.tr("Draw edges"))

    def leaveEvent(self, _event: QEvent) -> None:
        self._pointer = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        viewport, hand = self._canvas.navigation.viewport, self._hand
        if viewport is None or hand.canvas is None or self._canvas.scene.original:
            return
        painter = QPainter(self)
        scale = self._canvas.device_scale()
        painter.scale(1 / scale, 1 / scale)
        for sheet, lines in hand.canvas.sheets():
            self._pictures.paint(painter, viewport, sheet, lines)
            paint_rim(painter, viewport, sheet, scale=scale)
        shown = hand.erases and not self._space
        ring = (self._pointer, self._canvas.brush_size) if self._pointer and shown else None
        paint_stroke(painter, viewport, hand.outline, ring=ring, scale=scale)

    # Keys

    def _claims(self, event: QKeyEvent) -> bool:
        """Whether a key means something here, before the window's actions."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() in _ENTER:
            return plain and self._hand.is_bending
        if event.key() == Qt.Key.Key_Escape:
            return self._hand.is_busy
        return plain and event.key() in TOOL_KEYS

    def _press_key(self, event: QKeyEvent) -> bool:
        self._hold_space(event, held=True)
        if event.key() == Qt.Key.Key_Escape and not self._hand.is_busy:
            self.left.emit()
            return True
        if not self._claims(event):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self._hand.cancel()
            self.update()
        elif event.key() in TOOL_KEYS:
            self.set_tool(TOOL_KEYS[event.key()])
        else:
            self._tell(self._hand.bend(), self.tr("Draw edges"))
        return True

    def _hold_space(self, event: QKeyEvent, *, held: bool) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = held
            self._show_cursor()

    # What follows

    def _tell(self, drawing: EdgeDrawing | None, title: str) -> None:
        self.update()
        if drawing is not None:
            self.drawn.emit(drawing, title)

    def _show_cursor(self) -> None:
        shape = Qt.CursorShape.CrossCursor
        if self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._hand.tool == "eraser":
            shape = Qt.CursorShape.BlankCursor
        self.setCursor(shape)

    def _appear(self, shown: bool) -> None:
        self._space = False
        if shown:
            self._canvas.installEventFilter(self)
            self._canvas.pointer_moved(None)
            self.setGeometry(self._canvas.rect())
            self._show_cursor()
        else:
            self._canvas.removeEventFilter(self)
        self.setVisible(shown)

    def _look_elsewhere(self) -> None:
        if self.isVisible():
            self._canvas.update()

    def _photo_position(self, event: QMouseEvent) -> tuple[float, float]:
        viewport, scale = self._canvas.navigation.viewport, self._canvas.device_scale()
        at = event.position()
        return viewport.to_photo(at.x() * scale, at.y() * scale) if viewport else (0.0, 0.0)

    def _show_position(self) -> None:
        """Where the pointer is, for the status bar."""
        viewport = self._canvas.navigation.viewport
        if viewport is not None and self._pointer is not None:
            self._canvas.cursor_moved.emit(*_pixel(self._pointer, viewport.photo))


def _pixel(at: tuple[float, float], photo: Size) -> tuple[int, int]:
    inside = 0 <= at[0] < photo.width and 0 <= at[1] < photo.height
    return (int(at[0]), int(at[1])) if inside else (-1, -1)


def _straight(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
