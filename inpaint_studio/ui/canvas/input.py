"""Mouse, pen, wheel, gestures and held keys of the canvas, turned into painting and navigation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from inpaint_studio.ui.canvas.navigation import Navigation
from inpaint_studio.ui.canvas.painting import MaskPainting
from inpaint_studio.ui.canvas.tools import Modifiers, Phase, PointerSample

_TYPING = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
_LEFT, _MIDDLE, _RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)


class Canvas(Protocol):
    """What the input needs of the widget it belongs to."""

    navigation: Navigation
    painting: MaskPainting

    def device_scale(self) -> float: ...
    def show_original(self, shown: bool) -> None: ...
    def pointer_moved(self, at: tuple[float, float] | None) -> None: ...
    def update_cursor(self) -> None: ...
    def ask_to_open(self) -> None: ...


class CanvasInput:
    """Handles the events of one canvas; `handle` says whether an event was used up.

    Pens send tablet events and, on some systems, the same movement as mouse events again: while
    the pen is down mouse events are swallowed.
    """

    def __init__(self, canvas: Canvas, widget: QWidget) -> None:
        self._canvas = canvas
        self._widget = widget
        self.space_held = False
        self._panning_from: QPointF | None = None
        self._button = Qt.MouseButton.NoButton
        self._pen_down = False
        kinds = QEvent.Type
        self._handlers: dict[QEvent.Type, Callable[[Any], bool]] = {
            kinds.MouseButtonPress: self._mouse_press,
            kinds.MouseMove: self._mouse_move,
            kinds.MouseButtonRelease: self._mouse_release,
            kinds.MouseButtonDblClick: self._double_click,
            kinds.TabletPress: self._pen_press,
            kinds.TabletMove: self._pen_move,
            kinds.TabletRelease: self._pen_release,
            kinds.Wheel: self._wheel,
            kinds.NativeGesture: self._native_gesture,
            kinds.ShortcutOverride: self._claim_key,
            kinds.KeyPress: self._key_press,
            kinds.KeyRelease: self._key_release,
            kinds.Enter: self._enter,
            kinds.Leave: self._leave,
            kinds.FocusOut: self._focus_out,
            kinds.WindowDeactivate: self._let_go,
            kinds.Hide: self._let_go,
            kinds.UngrabMouse: self._let_go,
        }

    @property
    def is_panning(self) -> bool:
        return self._panning_from is not None

    @property
    def pans_on_press(self) -> bool:
        """Whether the left button would move the photo just now."""
        return self.space_held or self._canvas.painting.tool == "hand"

    def handle(self, received: QEvent) -> bool:
        """Act on an event; False leaves it to the widget."""
        handler = self._handlers.get(received.type())
        return handler(received) if handler is not None else False

    # -- pointer ---------------------------------------------------------------------------------

    def _mouse_press(self, mouse: QMouseEvent) -> bool:
        return self._is_pens_double(mouse) or self._press(mouse, mouse.button(), 1.0)

    def _mouse_move(self, mouse: QMouseEvent) -> bool:
        return self._is_pens_double(mouse) or self._move(mouse, 1.0)

    def _mouse_release(self, mouse: QMouseEvent) -> bool:
        return self._is_pens_double(mouse) or self._release(mouse, mouse.button())

    def _double_click(self, mouse: QMouseEvent) -> bool:
        if self._canvas.navigation.viewport is None:
            if mouse.button() == _LEFT:
                self._canvas.ask_to_open()
            return True
        if self._canvas.painting.is_active and not self._is_pens_double(mouse):
            self._canvas.painting.send(self._sample(mouse, 1.0, "double"))
            return True
        return self._mouse_press(mouse)

    def _pen_press(self, pen: QTabletEvent) -> bool:
        self._pen_down = True
        button = pen.button()
        if pen.pointerType() == QPointingDevice.PointerType.Eraser and button == _LEFT:
            button = _RIGHT
        return self._accepted(pen, self._press(pen, button, pen.pressure()))

    def _pen_move(self, pen: QTabletEvent) -> bool:
        return self._accepted(pen, self._move(pen, pen.pressure()))

    def _pen_release(self, pen: QTabletEvent) -> bool:
        self._pen_down = False
        return self._accepted(pen, self._release(pen, self._button))

    def _accepted(self, pen: QTabletEvent, _used: bool) -> bool:
        pen.accept()  # or Qt sends the same movement again as a mouse
        return True

    def _is_pens_double(self, mouse: QMouseEvent) -> bool:
        return self._pen_down or mouse.deviceType() == QInputDevice.DeviceType.Stylus

    def _press(
        self, pointer: QMouseEvent | QTabletEvent, button: Qt.MouseButton, pressure: float
    ) -> bool:
        if self._canvas.navigation.viewport is None or self._button != Qt.MouseButton.NoButton:
            return True
        self._widget.setFocus(Qt.FocusReason.MouseFocusReason)
        self._button = button
        if button == _MIDDLE or (button == _LEFT and self.pans_on_press):
            self._panning_from = pointer.position()
            self._canvas.update_cursor()
        elif button in (_LEFT, _RIGHT):
            sample = self._sample(pointer, pressure, "press")
            self._canvas.painting.press(sample, secondary=button == _RIGHT)
        return True

    def _move(self, pointer: QMouseEvent | QTabletEvent, pressure: float) -> bool:
        at, canvas = pointer.position(), self._canvas
        canvas.pointer_moved(self._device(at))
        if self._panning_from is not None:
            step = (at - self._panning_from) * canvas.device_scale()
            self._panning_from = at
            canvas.navigation.pan(step.x(), step.y())
        elif canvas.painting.is_active:
            canvas.painting.send(self._sample(pointer, pressure, "move"))
        return True

    def _release(self, pointer: QMouseEvent | QTabletEvent, button: Qt.MouseButton) -> bool:
        if button != self._button:
            return True
        self._button = Qt.MouseButton.NoButton
        if self._panning_from is not None:
            self._panning_from = None
            self._canvas.update_cursor()
        elif self._canvas.painting.is_active:
            self._canvas.painting.send(self._sample(pointer, 1.0, "release"))
        return True

    def _sample(
        self, pointer: QMouseEvent | QTabletEvent, pressure: float, phase: Phase
    ) -> PointerSample:
        viewport = self._canvas.navigation.viewport
        assert viewport is not None
        x, y = viewport.to_photo(*self._device(pointer.position()))
        pixel = self._canvas.device_scale() / viewport.zoom
        return PointerSample(x, y, pressure, _modifiers(pointer), phase, pixel)

    def _device(self, at: QPointF) -> tuple[float, float]:
        scale = self._canvas.device_scale()
        return at.x() * scale, at.y() * scale

    # -- wheel and touchpad ----------------------------------------------------------------------

    def _wheel(self, wheel: QWheelEvent) -> bool:
        navigation, scale = self._canvas.navigation, self._canvas.device_scale()
        angle, pixels = wheel.angleDelta(), wheel.pixelDelta()
        held = wheel.modifiers()
        if held & Qt.KeyboardModifier.ControlModifier:
            navigation.wheel_zoom(angle.y(), self._device(wheel.position()))
        elif not pixels.isNull():
            navigation.pan(pixels.x() * scale, pixels.y() * scale)
        elif held & Qt.KeyboardModifier.ShiftModifier:
            navigation.wheel_pan(angle.y() or angle.x(), 0, scale)
        else:
            navigation.wheel_pan(angle.x(), angle.y(), scale)
        self._canvas.pointer_moved(self._device(wheel.position()))
        wheel.accept()
        return True

    def _native_gesture(self, gesture: QNativeGestureEvent) -> bool:
        navigation, at = self._canvas.navigation, self._device(gesture.position())
        kind = gesture.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            navigation.zoom_by(1.0 + gesture.value(), at)
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            fitted = navigation.viewport is not None and navigation.viewport.fitted
            navigation.zoom_to(1.0, at) if fitted else navigation.fit()
        else:
            return False
        return True

    # -- keys ------------------------------------------------------------------------------------

    def _claim_key(self, key: QKeyEvent) -> bool:
        """Keys that mean something to the canvas right now must not set off shortcuts."""
        painting = self._canvas.painting
        held = key.key() in (Qt.Key.Key_Space, Qt.Key.Key_Tab)
        shown = self._canvas.navigation.viewport is not None
        if painting.is_drawing or (painting.is_active and _edits_gesture(key)) or (held and shown):
            key.accept()
            return True
        return False

    def _key_press(self, key: QKeyEvent) -> bool:
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
            return painting.is_drawing
        return True

    def _key_release(self, key: QKeyEvent) -> bool:
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

    # -- coming and going ------------------------------------------------------------------------

    def _enter(self, _entered: QEvent) -> bool:
        """Take the keys when the pointer comes in, unless the user is typing somewhere."""
        typing = isinstance(QApplication.focusWidget(), _TYPING)
        shown = self._canvas.navigation.viewport is not None
        if shown and self._widget.isActiveWindow() and not typing:
            self._widget.setFocus(Qt.FocusReason.MouseFocusReason)
        return False

    def _leave(self, _left: QEvent) -> bool:
        self._canvas.pointer_moved(None)
        return False

    def _focus_out(self, focus: QFocusEvent) -> bool:
        return self._let_go(focus)

    def _let_go(self, _event: QEvent) -> bool:
        """Keys and buttons let go elsewhere are not told: end what they were holding."""
        self._button = Qt.MouseButton.NoButton
        self._panning_from = None
        self._pen_down = False
        self.space_held = False
        self._canvas.painting.settle()
        self._canvas.show_original(False)
        self._canvas.update_cursor()
        return False


def _modifiers(pointer: QMouseEvent | QTabletEvent) -> Modifiers:
    held = pointer.modifiers()
    return Modifiers(
        bool(held & Qt.KeyboardModifier.ShiftModifier),
        bool(held & Qt.KeyboardModifier.AltModifier),
        bool(held & Qt.KeyboardModifier.ControlModifier),
    )


def _edits_gesture(key: QKeyEvent) -> bool:
    keys = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace)
    return key.key() in keys or key.matches(QKeySequence.StandardKey.Undo)
