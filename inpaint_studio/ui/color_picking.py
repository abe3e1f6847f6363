"""Colours picked from the photo with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from inpaint_studio.ui.canvas.gesture import PickedColor

if TYPE_CHECKING:
    from inpaint_studio.imaging.selection import Color
    from inpaint_studio.ui.canvas.gesture import ToolName
    from inpaint_studio.ui.canvas.view import CanvasView

_SIDE = 22
_MOST = 10
_SAME = 24
"""How near a colour to be taken away has to be to the one clicked on, in levels of 255."""


class ColorPicking(QWidget):
    """Shows the colours picked so far; while it lives, clicks on the canvas pick."""

    changed = Signal()

    def __init__(self, canvas: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colors: tuple[Color, ...] = ()
        self._canvas = canvas
        self._tool_before: ToolName = canvas.tool
        self._hint = QLabel(self.tr("No colour yet"))
        self._hint.setProperty("role", "muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self._hint)
        self._row.addStretch(1)
        self._swatches: list[QToolButton] = []
        self.setMinimumHeight(_SIDE + 4)
        canvas.painting.requested.connect(self._take)
        canvas.set_tool("pick")

    def end(self) -> None:
        """Pick no more: the canvas has its tool back."""
        self._canvas.painting.requested.disconnect(self._take)
        before = self._tool_before
        if self._canvas.tool == "pick":
            self._canvas.set_tool(before)

    def drop(self, color: Color) -> None:
        """Take a colour away."""
        self._set(tuple(other for other in self.colors if other != color))

    def _take(self, work: object) -> None:
        if not isinstance(work, PickedColor):
            return
        if work.how == "subtract":
            self._set(tuple(color for color in self.colors if not _near(color, work.color)))
        elif work.how == "add":
            self._set((*self.colors, work.color)[-_MOST:])
        else:
            self._set((work.color,))

    def _set(self, colors: tuple[Color, ...]) -> None:
        self.colors = colors
        for swatch in self._swatches:
            swatch.deleteLater()
        self._swatches = [self._swatch(color) for color in colors]
        for place, swatch in enumerate(self._swatches):
            self._row.insertWidget(place, swatch)
        self._hint.setVisible(not colors)
        self.changed.emit()

    def _swatch(self, color: Color) -> QToolButton:
        swatch = QToolButton()
        pixmap = QPixmap(_SIDE - 6, _SIDE - 6)
        pixmap.fill(QColor(*color))
        swatch.setIcon(QIcon(pixmap))
        swatch.setIconSize(QSize(_SIDE - 6, _SIDE - 6))
        swatch.setFixedSize(_SIDE, _SIDE)
        name = QColor(*color).name()
        swatch.setAccessibleName(self.tr("Colour {0}").format(name))
        swatch.setToolTip(self.tr("{0}: click to take it away").format(name))
        swatch.clicked.connect(lambda: self.drop(color))
        return swatch


def _near(a: Color, b: Color) -> bool:
    return max(abs(one - other) for one, other in zip(a, b, strict=True)) <= _SAME
