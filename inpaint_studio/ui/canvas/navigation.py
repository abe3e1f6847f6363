"""Zoom and pan of the canvas: holds the viewport and says when it changed."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.ui.canvas.viewport import Viewport

_WHEEL_NOTCH = 120.0
_ZOOM_PER_NOTCH = 2.0 ** (1 / 3)
_PAN_PER_NOTCH = 96.0


class Navigation(QObject):
    """Where the user looks. All positions are device pixels; without a photo nothing happens."""

    changed = Signal()
    zoom_changed = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.viewport: Viewport | None = None
        self._screen = Size(1, 1)

    @property
    def zoom(self) -> float:
        """1.0 is one photo pixel on one screen pixel."""
        return 1.0 if self.viewport is None else self.viewport.zoom

    def show(self, photo: Size | None) -> None:
        """Look at all of another photo, or at none."""
        self._go(None if photo is None else Viewport(photo, self._screen).fit())

    def resize(self, screen: Size) -> None:
        self._screen = screen
        if self.viewport is not None:
            self._go(self.viewport.resized(screen))

    def fit(self) -> None:
        if self.viewport is not None:
            self._go(self.viewport.fit())

    def zoom_to(self, zoom: float, at: tuple[float, float] | None = None) -> None:
        """Zoom while the photo stays put under `at` (the middle of the canvas without it)."""
        if self.viewport is not None:
            self._go(self.viewport.zoom_at(zoom, *(at or self.viewport.centre)))

    def zoom_by(self, factor: float, at: tuple[float, float] | None = None) -> None:
        self.zoom_to(self.zoom * factor, at)

    def step(self, direction: int) -> None:
        """One step up (+1) or down (-1) the ladder of round zooms."""
        if self.viewport is not None:
            self.zoom_to(self.viewport.step(direction))

    def wheel_zoom(self, angle: float, at: tuple[float, float]) -> None:
        """`angle` in eighths of a degree, as mice report it."""
        self.zoom_by(math.pow(_ZOOM_PER_NOTCH, angle / _WHEEL_NOTCH), at)

    def wheel_pan(self, across: float, down: float, scale: float) -> None:
        """Angles in eighths of a degree; `scale` is the desktop's scaling."""
        distance = _PAN_PER_NOTCH * scale / _WHEEL_NOTCH
        self.pan(across * distance, down * distance)

    def pan(self, dx: float, dy: float) -> None:
        if self.viewport is not None:
            self._go(self.viewport.pan(dx, dy))

    def centre_on(self, x: float, y: float) -> None:
        """Bring a photo position to the middle of the canvas."""
        if self.viewport is not None:
            self._go(self.viewport.centre_on(x, y))

    def _go(self, viewport: Viewport | None) -> None:
        if viewport == self.viewport:
            return
        before, self.viewport = self.zoom, viewport
        self.changed.emit()
        if self.zoom != before:
            self.zoom_changed.emit(self.zoom)
