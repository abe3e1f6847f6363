"""Mouse, pen, wheel and touchpad of the canvas, turned into painting and navigation."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)

from inpaint_studio.ui.canvas.target import Canvas
from inpaint_studio.ui.canvas.tools import Modifiers, Phase, PointerSample

_LEFT, _MIDDLE, _RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)


class PointerInput:
    """Handles pointer events; each method says whether the event was used up.

    Pens send tablet events and, on some systems, the same movement as mouse events again: while
    the pen is down mouse events are swallowed. `pans` says whether the left button would move the
    photo just now.
    """

    def __init__(self, canvas: Canvas, pans: Callable[[], bool]) -> None:
        self._canvas = canvas
        self._pans = pans
        self._panning_from: QPointF | None = None
        self._button = Qt.MouseButton.NoButton
        self._pen_down = False

    @property
    def is_panning(self) -> bool:
        return self._panning_from is not None

    def let_go(self) -> None:
        """Releases that happen elsewhere are not told: end what is under way."""
        self._button = Qt.MouseButton.NoButton
        self._panning_from = None
        self._pen_down = False
        self._canvas.grip.let_go()
        self._canvas.painting.settle()

    def mouse_press(self, mouse: QMouseEvent) -> bool:
        return self._is_pens_double(mouse) or self._press(mouse, mouse.button(), 1.0)

    def mouse_move(self, mouse: QMouseEvent) -> bool:
        return self._is_pens_double(mouse) or self._move(mouse, 1.0)

    def mouse_release(self, mouse: QMouseEvent) -> bool:
        return self._is_pens_double(mouse) or self._release(mouse, mouse.button())

    def double_click(self, mouse: QMouseEvent) -> bool:
        if self._canvas.navigation.viewport is None:
            if mouse.button() == _LEFT:
                self._canvas.ask_to_open()
            return True
        if self._canvas.painting.is_active and not self._is_pens_double(mouse):
            self._canvas.painting.send(self._sample(mouse, 1.0, "double"))
            return True
        return self.mouse_press(mouse)

    def pen_press(self, pen: QTabletEvent) -> bool:
        self._pen_down = True
        button = pen.button()
        if pen.pointerType() == QPointingDevice.PointerType.Eraser and button == _LEFT:
            button = _RIGHT
        return self._accepted(pen, self._press(pen, button, pen.pressure()))

    def pen_move(self, pen: QTabletEvent) -> bool:
        return self._accepted(pen, self._move(pen, pen.pressure()))

    def pen_release(self, pen: QTabletEvent) -> bool:
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
        self._canvas.take_focus()
        self._button = button
        grip, at = self._canvas.grip, self._device(pointer.position())
        if button == _LEFT and grip.take(at, self._canvas.device_scale()):
            return True
        if button == _MIDDLE or (button == _LEFT and self._pans()):
            self._panning_from = pointer.position()
            self._canvas.update_cursor()
        elif button in (_LEFT, _RIGHT):
            sample = self._sample(pointer, pressure, "press")
            self._canvas.painting.press(sample, secondary=button == _RIGHT)
        return True

    def _move(self, pointer: QMouseEvent | QTabletEvent, pressure: float) -> bool:
        at, canvas = pointer.position(), self._canvas
        canvas.pointer_moved(self._device(at))
        if canvas.grip.held:
            canvas.grip.drag(self._device(at)[0])
        elif self._panning_from is not None:
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
        self._canvas.grip.let_go()
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

    def wheel(self, wheel: QWheelEvent) -> bool:
        navigation, scale = self._canvas.navigation, self._canvas.device_scale()
        angle, pixels = wheel.angleDelta(), wheel.pixelDelta()
        held = wheel.modifiers()
        if held & Qt.KeyboardModifier.ControlModifier:
            navigation.wheel_zoom(angle.y(), self._device(wheel.position()))
        elif not pixels.isNull() and wheel.phase() != Qt.ScrollPhase.NoScrollPhase:  # a touchpad
            navigation.pan(pixels.x() * scale, pixels.y() * scale)
        elif held & Qt.KeyboardModifier.ShiftModifier:
            navigation.wheel_pan(angle.y() or angle.x(), 0, scale)
        else:
            navigation.wheel_pan(angle.x(), angle.y(), scale)
        self._canvas.pointer_moved(self._device(wheel.position()))
        wheel.accept()
        return True

    def native_gesture(self, gesture: QNativeGestureEvent) -> bool:
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


def _modifiers(pointer: QMouseEvent | QTabletEvent) -> Modifiers:
    held = pointer.modifiers()
    return Modifiers(
        bool(held & Qt.KeyboardModifier.ShiftModifier),
        bool(held & Qt.KeyboardModifier.AltModifier),
        bool(held & Qt.KeyboardModifier.ControlModifier),
    )
