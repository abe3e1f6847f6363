"""The list of fills that wait, in the Fill panel; and their holes, shown on the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, qRgba
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.ui.canvas.images import indexed_image
from inpaint_studio.ui.canvas.laid_over import LaidOver
from inpaint_studio.ui.canvas.render import to_rect

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from inpaint_studio.ui.canvas.view import CanvasView
    from inpaint_studio.ui.queue import FillQueue, QueuedFill

_ROWS = 4
_LONGEST = 512
_TINT = (QColor(120, 190, 255), 110)


class QueueList(QWidget):
    """Shows what runs and what waits; hidden while nothing waits."""

    def __init__(self, queue: FillQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.heading = QLabel()
        self.heading.setProperty("role", "muted")
        self.cancel_all = QPushButton(self.tr("Cancel All"))
        self.cancel_all.setProperty("role", "quiet")
        self.cancel_all.setToolTip(self.tr("Stop the fill and take back all that wait"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Fills that wait"))
        self.list.setToolTip(self.tr("Fills that wait (Delete takes one back)"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.installEventFilter(self)
        self.up = self._button(Qt.ArrowType.UpArrow, self.tr("Fill this one earlier"))
        self.down = self._button(Qt.ArrowType.DownArrow, self.tr("Fill this one later"))
        self.cancel = QToolButton()
        self.cancel.setText("✕")
        self.cancel.setToolTip(self.tr("Take this one back (Delete)"))
        self.cancel.setAccessibleName(self.tr("Take this one back"))
        self._lay_out()
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.cancel.clicked.connect(self._cancel)
        self.cancel_all.clicked.connect(queue.cancel_all)
        self.list.currentRowChanged.connect(self._show_buttons)
        queue.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the queue as it is, the same fill chosen as before."""
        queue, chosen = self._queue, self._chosen
        items = [*([queue.current] if queue.current else []), *queue.waiting]
        self.list.blockSignals(True)
        self.list.clear()
        for item in items:
            row = QListWidgetItem(self._text(item))
            row.setData(Qt.ItemDataRole.UserRole, item.id)
            self.list.addItem(row)
            if item.id == chosen:
                self.list.setCurrentItem(row)
        self.list.blockSignals(False)
        self.heading.setText(self._count(len(queue.waiting)))
        self.setVisible(bool(queue.waiting))
        row_height = max(self.list.sizeHintForRow(0), self.list.fontMetrics().height() + 8)
        self.list.setFixedHeight(row_height * min(max(len(items), 1), _ROWS) + 8)
        # Qt answers several changes in one go with one layout, of the first of them.
        QTimer.singleShot(0, self, self.updateGeometry)
        self._show_buttons()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and watched is self.list:
            key = event.key()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
            if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self._cancel()
                return True
        return super().eventFilter(watched, event)

    @property
    def _chosen(self) -> int | None:
        row = self.list.currentItem()
        return row.data(Qt.ItemDataRole.UserRole) if row is not None else None  # pyright: ignore[reportUnnecessaryComparison]

    def _count(self, waiting: int) -> str:
        if waiting == 1:
            return self.tr("1 fill waiting")
        return self.tr("{0} fills waiting").format(waiting)

    def _text(self, item: QueuedFill) -> str:
        title, size = item.choice.entry.title, f"{item.box.width} × {item.box.height}"
        if item is self._queue.current:
            return self.tr("Filling: {0}, {1} px").format(title, size)
        return self.tr("{0}, {1} px").format(title, size)

    def _move(self, by: int) -> None:
        if self._chosen is not None:
            self._queue.move(self._chosen, by)

    def _cancel(self) -> None:
        if self._chosen is not None:
            self._queue.cancel(self._chosen)

    def _show_buttons(self) -> None:
        waiting = [item.id for item in self._queue.waiting]
        chosen = self._chosen
        self.up.setEnabled(chosen in waiting[1:])
        self.down.setEnabled(chosen in waiting[:-1])
        self.cancel.setEnabled(chosen is not None)

    def _button(self, arrow: Qt.ArrowType, tip: str) -> QToolButton:
        button = QToolButton()
        button.setArrowType(arrow)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.heading, 1)
        top.addWidget(self.up)
        top.addWidget(self.down)
        top.addWidget(self.cancel)
        top.addWidget(self.cancel_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.list)


class QueueMarks(QWidget):
    """Tints the holes that wait or are being filled; lets every event through to the canvas."""

    def __init__(self, canvas: CanvasView, queue: FillQueue) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._queue = queue
        self._images: dict[int, QImage] = {}
        self._over = LaidOver(self, canvas)
        queue.changed.connect(self.refresh)

    def refresh(self) -> None:
        items = self._items()
        self._images = {item.id: self._images.get(item.id) or _tinted(item) for item in items}
        self._over.show(bool(items))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        viewport = self._over.viewport
        if viewport is None:
            return
        painter = self._over.painter()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for item in self._items():
            painter.drawImage(to_rect(viewport.screen_box(item.box)), self._images[item.id])

    def _items(self) -> list[QueuedFill]:
        current = [self._queue.current] if self._queue.current else []
        return [item for item in (*current, *self._queue.waiting) if item.order is None]


def _tinted(item: QueuedFill) -> QImage:
    step = max(1, -(-max(item.box.size) // _LONGEST))
    levels = np.ascontiguousarray(item.hole[::step, ::step])
    color, most = _TINT
    table = tuple(
        qRgba(color.red(), color.green(), color.blue(), most * level // 255) for level in range(256)
    )
    return indexed_image(levels, table)
