"""One picture of a grid, at the zoom and place all of them share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.ui.canvas.marks import paint_badge
from inpaint_studio.ui.canvas.picture import PictureSource
from inpaint_studio.ui.canvas.render import PicturePainter, paint_desk
from inpaint_studio.ui.canvas.tiles import TileStore, visible_keys
from inpaint_studio.ui.theme import color

if TYPE_CHECKING:
    from inpaint_studio.ui.canvas.navigation import Navigation

_BUDGET = 32 << 20
_TICK = 30
"""Width of a box beside its text."""


class CellView(QWidget):
    """Shows a picture; dragging and the wheel move all cells of the grid."""

    clicked = Signal()
    double_clicked = Signal()

    def __init__(self, navigation: Navigation) -> None:
        super().__init__()
        self.badge = ""
        self.chosen = False
        self._navigation = navigation
        self.store = TileStore(self, budget=_BUDGET, threads=1)
        self._painter = PicturePainter(self.store)
        self._from: QPointF | None = None
        self._moved = False
        self.store.ready.connect(self._paint_again)
        navigation.changed.connect(self.look)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(180, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(420, 300)

    def show_source(self, source: PictureSource) -> None:
        self.store.show(source)
        self.look()

    def _paint_again(self, _box: Box) -> None:
        self.update()

    def look(self) -> None:
        """Have what shows drawn."""
        viewport = self._navigation.viewport
        if viewport is not None:
            self.store.want(visible_keys(viewport.visible, viewport.level))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, viewport = QPainter(self), self._navigation.viewport
        scale = self.devicePixelRatioF()
        if viewport is not None:
            painter.save()
            painter.scale(1 / scale, 1 / scale)
            whole = Box(0, 0, round(self.height() * scale), round(self.width() * scale))
            paint_desk(painter, viewport, whole)
            self._painter.paint(painter, viewport, whole, original=False, scale=scale)
            painter.restore()
        if self.badge:
            paint_badge(painter, self.badge, self.font())
        if self.chosen:
            painter.setPen(QPen(QColor(color("accent")), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRect(1, 1, self.width() - 3, self.height() - 3))
        if self.hasFocus():
            painter.setPen(QPen(QColor(color("text")), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        scale = self.devicePixelRatioF()
        self._navigation.resize(Size(round(self.height() * scale), round(self.width() * scale)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from, self._moved = event.position(), False
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        step = (event.position() - self._from) * self.devicePixelRatioF()
        self._moved = self._moved or step.manhattanLength() > 3
        if self._moved:
            self._from = event.position()
            self._navigation.pan(step.x(), step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is not None and not self._moved:
            self.clicked.emit()
        self._from = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by the Tab key frames what is reached."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.double_clicked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        scale, at = self.devicePixelRatioF(), event.position()
        self._navigation.wheel_zoom(event.angleDelta().y(), (at.x() * scale, at.y() * scale))
        event.accept()


class _NameBox(QCheckBox):
    """Shortens its name to the room there is, so that all cells are as wide."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = max(20, self.width() - _TICK)
        short = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        self.setText(short.replace("&", "&&"))


class GridCell(QFrame):
    """A view with its name, a box to keep it, and what there is to say about it."""

    chosen = Signal()
    """Clicked: the others are measured against it."""
    wanted = Signal()
    """Double-clicked: this one and no other."""
    kept = Signal()
    """The box was ticked or cleared."""

    def __init__(self, name: str, navigation: Navigation) -> None:
        super().__init__()
        self.view = CellView(navigation)
        self.view.setAccessibleName(name)
        self.box = _NameBox(name)
        self.box.setToolTip(self.tr("Keep this one: {0}").format(name))
        self.box.setAccessibleName(self.box.toolTip())
        self.fact = QLabel()
        self.fact.setProperty("role", "muted")
        self.view.setToolTip(
            self.tr("Click to frame it, double-click to keep only this one; drag and wheel move")
        )
        row = QHBoxLayout()
        row.setContentsMargins(6, 2, 6, 4)
        row.addWidget(self.box, 1)
        row.addWidget(self.fact)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addLayout(row)
        self.view.clicked.connect(self.chosen)
        self.view.double_clicked.connect(self.wanted)
        self.box.toggled.connect(self.kept)

    @property
    def keeps(self) -> bool:
        return self.box.isChecked()

    def set_ready(self, ready: bool) -> None:
        """Whether there is something to keep."""
        self.box.setEnabled(ready)

    def set_chosen(self, chosen: bool) -> None:
        self.view.chosen = chosen
        self.view.update()

    def say(self, badge: str, fact: str = "") -> None:
        """What is written on the picture, and below it."""
        self.view.badge = badge
        self.fact.setText(fact)
        self.view.update()
