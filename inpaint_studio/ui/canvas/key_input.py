"""Keys of the canvas: Space to pan, Tab to see the original, and those that edit a gesture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from inpaint_studio.ui.canvas.target import Canvas

_ARROWS = {
    int(Qt.Key.Key_Left): (1, 0),
    int(Qt.Key.Key_Right): (-1, 0),
    int(Qt.Key.Key_Up): (0, 1),
    int(Qt.Key.Key_Down): (0, -1),
}
_ARROW_STEP = 64.0


class KeyInput:
    """Handles key events; each method says whether the event was used up."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.space_held = False

    def claim(self, key: QKeyEvent) -> bool:
        """Keys that mean something to the canvas right now must not set off shortcuts."""
        painting = self._canvas.painting
        held = key.key() in (Qt.Key.Key_Space, Qt.Key.Key_Tab)
        shown = self._canvas.navigation.viewport is not None
        if painting.is_drawing or (painting.is_active and _edits_gesture(key)) or (held and shown):
            key.accept()
            return True
        return False

    def press(self, key: QKeyEvent) -> bool:
        painting = self._canvas.painting
        if painting.is_active and _edits_gesture(key):
            self._edit_gesture(key)
        elif self._canvas.navigation.viewport is None:
            return False
        elif key.key() == Qt.Key.Key_Space:
            self._hold_space(True)
        elif key.key() == Qt.Key.Key_Tab:
            if not key.isAutoRepeat():
                self._canvas.show_original(True)
        else:
            return self._pan(key) or painting.is_drawing
        return True

    def _pan(self, key: QKeyEvent) -> bool:
        """Arrow keys move the view."""
        direction = _ARROWS.get(key.key())
        plain = key.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if direction is None or plain != Qt.KeyboardModifier.NoModifier:
            return False
        step = _ARROW_STEP * self._canvas.device_scale()
        self._canvas.navigation.pan(direction[0] * step, direction[1] * step)
        return True

    def release(self, key: QKeyEvent) -> bool:
        if key.isAutoRepeat() or key.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Tab):
            return False
        if key.key() == Qt.Key.Key_Space:
            self._hold_space(False)
        else:
            self._canvas.show_original(False)
        return True

    def _edit_gesture(self, key: QKeyEvent) -> None:
        painting = self._canvas.painting
        if key.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            painting.key("commit")
        elif key.key() == Qt.Key.Key_Escape or painting.is_drawing:
            painting.cancel()
        else:
            painting.key("back")

    def _hold_space(self, held: bool) -> None:
        if held != self.space_held:
            self.space_held = held
            self._canvas.update_cursor()

    def let_go(self) -> None:
        """Releases that happen elsewhere are not told: forget what is held."""
        self.space_held = False
        self._canvas.show_original(False)


def _edits_gesture(key: QKeyEvent) -> bool:
    keys = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace)
    return key.key() in keys or key.matches(QKeySequence.StandardKey.Undo)
