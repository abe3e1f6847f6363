"""What a widget that marks something on the photo needs: the canvas's place, scale and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from inpaint_studio.ui.canvas.view import CanvasView
    from inpaint_studio.ui.canvas.viewport import Viewport


class LaidOver(QObject):
    """Keeps a hidden child of the canvas over all of it, seen through by mouse and keyboard."""

    def __init__(self, marks: QWidget, canvas: CanvasView) -> None:
        super().__init__(marks)
        self._marks = marks
        self._canvas = canvas
        marks.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        marks.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        canvas.installEventFilter(self)
        canvas.navigation.changed.connect(self._look_elsewhere)
        marks.hide()

    def show(self, shown: bool) -> None:
        """Show the marks where the canvas is now, or hide them."""
        self._marks.setGeometry(self._canvas.rect())
        self._marks.setVisible(shown)

    @property
    def viewport(self) -> Viewport | None:
        """Where the photo is seen; None while nothing may be marked on it."""
        return None if self._canvas.scene.original else self._canvas.navigation.viewport

    def painter(self) -> QPainter:
        """One that paints on the marks in the pixels of the screen, as the viewport counts."""
        painter = QPainter(self._marks)
        scale = self._canvas.device_scale()
        painter.scale(1 / scale, 1 / scale)
        return painter

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._marks.setGeometry(self._canvas.rect())
        return super().eventFilter(watched, event)

    def _look_elsewhere(self) -> None:
        if self._marks.isVisible():
            self._canvas.update()
