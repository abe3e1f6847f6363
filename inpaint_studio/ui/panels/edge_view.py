"""A picture of an edge map that can be zoomed: found edges in one colour, invented in another."""

import math
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from inpaint_studio.engines.api import EdgeMap
from inpaint_studio.ui.theme import INVENTED_EDGES, KNOWN_EDGES, color

LARGEST_ZOOM = 16.0
HEIGHT = 132
SMALLEST = 256
"""Maps are not halved further than to this longest side."""
Number = TypeVar("Number", np.float32, np.bool_)
ZOOMS = {"+": 1.25, "=": 1.25, "-": 0.8, "0": 0.0}


def edge_image(edge_map: EdgeMap) -> QImage:
    """The map in colours: known edges outside the hole, invented ones inside it."""
    strength = np.clip(edge_map.edges, 0, 1)[..., None]
    inside = edge_map.hole[..., None]
    ink = np.where(inside, _rgb(QColor(INVENTED_EDGES)), _rgb(QColor(KNOWN_EDGES)))
    ground = np.where(inside, _rgb(QColor("#30291f")), _rgb(QColor("#141414")))
    rgb = np.ascontiguousarray((ground + (ink - ground) * strength).astype(np.uint8))
    height, width = edge_map.edges.shape
    return QImage(rgb.data, width, height, rgb.strides[0], QImage.Format.Format_RGB888).copy()


def edge_images(edge_map: EdgeMap) -> list[QImage]:
    """The map, and ever smaller ones of half the size: lines stay lines, as the strongest of four
    pixels is kept, where a mean would make them fade."""
    images = [edge_image(edge_map)]
    edges, hole = edge_map.edges, edge_map.hole
    while max(edges.shape) > SMALLEST and min(edges.shape) > 1:
        edges, hole = _halved(edges), _halved(hole)
        images.append(edge_image(EdgeMap(edges, hole, edge_map.box)))
    return images


def _halved(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    height, width = values.shape[0] // 2, values.shape[1] // 2
    blocks = values[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
    return blocks.max(axis=(1, 3))


def _rgb(value: QColor) -> npt.NDArray[np.float32]:
    return np.array([value.red(), value.green(), value.blue()], np.float32)


class EdgeView(QWidget):
    """Wheel or + and - zoom, drag or arrow keys move, double-click or 0 shows all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[QImage] = []
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)
        self._grip: QPointF | None = None
        self.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(self.tr("Edge map"))
        self.setToolTip(self.tr("Wheel zooms, drag moves, double-click shows all (+, -, 0)"))

    def sizeHint(self) -> QSize:
        return QSize(260, HEIGHT)

    @property
    def zoom(self) -> float:
        """1 shows the whole map."""
        return self._zoom

    def show_map(self, edge_map: EdgeMap | None) -> None:
        self._images = []
        if edge_map is not None and edge_map.edges.size > 0:
            self._images = edge_images(edge_map)
        self.zoom_to(1.0)

    def zoom_to(self, zoom: float) -> None:
        self._zoom = min(max(zoom, 1.0), LARGEST_ZOOM)
        self._move(QPointF(0, 0))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("sunken"))
        if self._images:
            scale = max(self._scale() * self.devicePixelRatioF(), 1e-6)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
            level = min(max(0, -math.ceil(math.log2(scale))), len(self._images) - 1)
            painter.drawImage(self._target(), self._images[level])
        painter.setPen(QPen(color("accent" if self.hasFocus() else "line"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_to(self._zoom * 1.25 ** (event.angleDelta().y() / 120))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._move(event.position() - self._grip)
            self._grip = event.position()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grip = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.zoom_to(1.0)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Keep the zoom keys from the window's actions while the map has the keyboard."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.text() in ZOOMS:
            event.accept()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() in ZOOMS:
            self.zoom_to(self._zoom * ZOOMS[event.text()])
            return
        steps = {
            Qt.Key.Key_Left: QPointF(20, 0),
            Qt.Key.Key_Right: QPointF(-20, 0),
            Qt.Key.Key_Up: QPointF(0, 20),
            Qt.Key.Key_Down: QPointF(0, -20),
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._move(steps[key])
        else:
            super().keyPressEvent(event)

    def _scale(self) -> float:
        """Widget pixels per pixel of the map."""
        if not self._images:
            return 1.0
        whole = self._images[0]
        room = self.rect().adjusted(1, 1, -1, -1)
        fit = min(room.width() / whole.width(), room.height() / whole.height())
        return fit * self._zoom

    def _target(self) -> QRectF:
        """Where the whole map lies on the widget."""
        if not self._images:
            return QRectF()
        whole = self._images[0]
        scale = self._scale()
        width, height = whole.width() * scale, whole.height() * scale
        left = self.width() / 2 - self._centre.x() * width
        top = self.height() / 2 - self._centre.y() * height
        return QRectF(left, top, width, height)

    def _move(self, by: QPointF) -> None:
        """Move the map by widget pixels, never so far that it leaves the widget."""
        target = self._target()
        if not target.isEmpty():
            across = _held(self._centre.x() - by.x() / target.width(), self.width(), target.width())
            down = _held(
                self._centre.y() - by.y() / target.height(), self.height(), target.height()
            )
            self._centre = QPointF(across, down)
        self.update()


def _held(centre: float, room: float, length: float) -> float:
    """The centre (0 to 1 of the map) nearest to `centre` that leaves no needless gap."""
    reach = min(0.5, room / length / 2)
    return min(max(centre, reach), 1 - reach)
