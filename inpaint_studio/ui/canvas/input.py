"""Which handler each event of the canvas goes to, and when held keys and buttons are let go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from inpaint_studio.ui.canvas.key_input import KeyInput
from inpaint_studio.ui.canvas.pointer_input import PointerInput
from inpaint_studio.ui.canvas.pointer_marks import CROSS_TOOLS
from inpaint_studio.ui.canvas.target import Canvas

_TYPING = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)


class CanvasInput:
    """Handles the events of one canvas; `handle` says whether an event was used up."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._keys = keys = KeyInput(canvas)
        self._pointer = pointer = PointerInput(canvas, lambda: self.pans_on_press)
        kinds = QEvent.Type
        self._handlers: dict[QEvent.Type, Callable[[Any], bool]] = {
            kinds.MouseButtonPress: pointer.mouse_press,
            kinds.MouseMove: pointer.mouse_move,
            kinds.MouseButtonRelease: pointer.mouse_release,
            kinds.MouseButtonDblClick: pointer.double_click,
            kinds.TabletPress: pointer.pen_press,
            kinds.TabletMove: pointer.pen_move,
            kinds.TabletRelease: pointer.pen_release,
            kinds.Wheel: pointer.wheel,
            kinds.NativeGesture: pointer.native_gesture,
            kinds.ShortcutOverride: keys.claim,
            kinds.KeyPress: keys.press,
            kinds.KeyRelease: keys.release,
            kinds.Enter: self._enter,
            kinds.Leave: self._leave,
            kinds.FocusOut: self._let_go,
            kinds.WindowDeactivate: self._let_go,
            kinds.Hide: self._let_go,
            kinds.UngrabMouse: self._lose_grab,
        }

    @property
    def is_panning(self) -> bool:
        """Whether the photo is being moved."""
        return self._pointer.is_panning

    @property
    def pans_on_press(self) -> bool:
        """Whether the left button would move the photo just now."""
        hand = self._canvas.painting.tool == "hand"
        return self._keys.space_held or hand or self._canvas.grip.comparing

    def cursor(self, pointer: tuple[float, float] | None) -> Qt.CursorShape:
        """The mouse cursor that fits the tool at a device position; the brush is painted."""
        canvas = self._canvas
        if canvas.navigation.viewport is None:
            return Qt.CursorShape.ArrowCursor
        if canvas.grip.is_over(pointer, canvas.device_scale()):
            return Qt.CursorShape.SplitHCursor
        if self.is_panning:
            return Qt.CursorShape.ClosedHandCursor
        if self.pans_on_press:
            return Qt.CursorShape.OpenHandCursor
        if canvas.painting.tool in CROSS_TOOLS:
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.BlankCursor

    def handle(self, received: QEvent) -> bool:
        """Act on an event; False leaves it to the widget."""
        handler = self._handlers.get(received.type())
        return handler(received) if handler is not None else False

    def _enter(self, _entered: QEvent) -> bool:
        """Take the keys when the pointer comes in, unless the user is typing somewhere."""
        shown = self._canvas.navigation.viewport is not None
        if shown and not isinstance(QApplication.focusWidget(), _TYPING):
            self._canvas.take_focus()
        return False

    def _leave(self, _left: QEvent) -> bool:
        self._canvas.pointer_moved(None)
        return False

    def _let_go(self, _event: QEvent) -> bool:
        self._pointer.let_go()
        self._keys.let_go()
        self._canvas.update_cursor()
        return False

    def _lose_grab(self, _event: QEvent) -> bool:
        self._pointer.let_go()
        self._canvas.update_cursor()
        return False
