"""Paint the photo: tiles of the right level, a checkerboard under alpha, the desk around it.

All painters here count in device pixels (see `viewport`).
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.canvas.picture import TileKey
from inpaint_studio.ui.canvas.pyramid import level_size
from inpaint_studio.ui.canvas.tiles import TileStore, visible_keys
from inpaint_studio.ui.canvas.viewport import CRISP_ZOOM, Viewport

DESK = QColor(30, 30, 32)
"""The neutral dark round the photo: it must not tint what the eye sees."""
_FRAME = QColor(0, 0, 0, 190)
_SHADOW = 6
_CHECKS = (QColor(154, 154, 154), QColor(102, 102, 102))
_GRID_ZOOM = 16.0
_GRID = QColor(128, 128, 128, 90)


def to_rect(box: Box) -> QRect:
    return QRect(box.left, box.top, box.width, box.height)


def to_box(rect: QRect) -> Box:
    return Box(rect.top(), rect.left(), rect.bottom() + 1, rect.right() + 1)


def smooth(painter: QPainter, viewport: Viewport) -> None:
    """Interpolate below 200 %, show photo pixels as squares above."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.zoom < CRISP_ZOOM)


def paint_desk(painter: QPainter, viewport: Viewport, dirty: Box) -> None:
    """What surrounds the photo, with a soft shadow under its edge."""
    photo = viewport.screen_box(viewport.photo.box)
    if not photo.contains(dirty):
        painter.fillRect(to_rect(dirty), DESK)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for step in range(_SHADOW, 1, -1):
            painter.setPen(QColor(0, 0, 0, 10 * (_SHADOW + 1 - step)))
            painter.drawRect(to_rect(photo.pad(step)).adjusted(0, 0, -1, -1))
        painter.setPen(_FRAME)
        painter.drawRect(to_rect(photo.pad(1)).adjusted(0, 0, -1, -1))


class PicturePainter:
    """Paints the tiles of a store through a viewport."""

    def __init__(self, store: TileStore) -> None:
        self._store = store
        self._checks: dict[int, QBrush] = {}

    def paint(
        self, painter: QPainter, viewport: Viewport, dirty: Box, *, original: bool, scale: float
    ) -> None:
        """Paint the photo where it shows inside `dirty`; `scale` is the desktop's scaling."""
        source = self._store.source
        area = viewport.photo_box(dirty)
        if source is None or area.is_empty:
            return
        painter.save()
        whole = to_rect(viewport.screen_box(viewport.photo.box))
        painter.setClipRect(whole, Qt.ClipOperation.IntersectClip)
        if source.photo.photo.has_alpha:
            painter.setBrushOrigin(whole.topLeft())
            painter.fillRect(whole, self._checkerboard(scale))
        smooth(painter, viewport)
        original = original and bool(source.layers)
        for key in visible_keys(area, viewport.level, original=original):
            self._paint_tile(painter, viewport, key)
        if viewport.zoom >= _GRID_ZOOM:
            _paint_grid(painter, viewport, area)
        painter.restore()

    def _paint_tile(self, painter: QPainter, viewport: Viewport, key: TileKey) -> None:
        level = key.level_box.clip(level_size(viewport.photo, key.level))
        target = viewport.screen_box(Box(*(edge << key.level for edge in level)))
        found = self._store.find(key, level)
        if found is not None:
            image, piece = found
            painter.drawImage(QRectF(to_rect(target)), image, piece)
            return
        overview = self._store.overview(original=key.original)
        if overview is not None:
            across = overview.width() / viewport.photo.width
            down = overview.height() / viewport.photo.height
            box = key.box.clip(viewport.photo)
            piece = QRectF(box.left * across, box.top * down, box.width * across, box.height * down)
            clipped = viewport.screen_box(box)
            painter.drawImage(QRectF(to_rect(clipped)), overview, piece)

    def _checkerboard(self, scale: float) -> QBrush:
        side = max(4, round(8 * scale))
        if side not in self._checks:
            pattern = QPixmap(2 * side, 2 * side)
            pattern.fill(_CHECKS[0])
            painter = QPainter(pattern)
            painter.fillRect(0, 0, side, side, _CHECKS[1])
            painter.fillRect(side, side, side, side, _CHECKS[1])
            painter.end()
            self._checks[side] = QBrush(pattern)
        return self._checks[side]


def _paint_grid(painter: QPainter, viewport: Viewport, area: Box) -> None:
    """Hairlines between photo pixels."""
    painter.setPen(QPen(_GRID, 0))
    box = viewport.screen_box(area)
    for column in range(area.left, area.right + 1):
        x = viewport.screen_box(Box(0, column, 1, column + 1)).left
        painter.drawLine(QPoint(x, box.top), QPoint(x, box.bottom))
    for row in range(area.top, area.bottom + 1):
        y = viewport.screen_box(Box(row, 0, row + 1, 1)).top
        painter.drawLine(QPoint(box.left, y), QPoint(box.right, y))
