"""Small marks over the photo: brush cursor, lasso outline, badge, and the empty canvas.

`scale` is the desktop's scaling: one logical pixel in device pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPolygonF

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.canvas.render import DESK

_DARK = QColor(0, 0, 0, 150)
_LIGHT = QColor(255, 255, 255, 235)
_FAINT_DARK = QColor(0, 0, 0, 70)
_FAINT_LIGHT = QColor(255, 255, 255, 120)
_TEXT = QColor(214, 214, 218)
_QUIET_TEXT = QColor(138, 138, 146)
TINY = 6.0
"""Brushes that look smaller than this many logical pixels are shown as a cross."""

_LARGE = 1200.0
"""Device pixels from which the rim is drawn directly: its image would be too large to keep."""

_Dot = tuple[float, float]


class BrushCursor:
    """The brush's true rim, and a fainter circle where it begins to fade.

    Wide anti-aliased circles are slow to draw and change rarely: the last one is kept as an image.
    """

    def __init__(self) -> None:
        self._drawn: tuple[float, float, float] | None = None
        self._image = QImage()

    @staticmethod
    def box(centre: _Dot, diameter: float, scale: float) -> Box:
        """The device pixels it may touch."""
        reach = max(diameter / 2, 12 * scale) + 3 * scale
        return Box(
            math.floor(centre[1] - reach),
            math.floor(centre[0] - reach),
            math.ceil(centre[1] + reach),
            math.ceil(centre[0] + reach),
        )

    def paint(
        self, painter: QPainter, centre: _Dot, *, diameter: float, hardness: float, scale: float
    ) -> None:
        if diameter > _LARGE:
            _paint_large_ring(painter, QPointF(*centre), diameter / 2, scale)
            return
        wanted = (round(diameter, 1), hardness, scale)
        if wanted != self._drawn:
            self._drawn, self._image = wanted, _cursor_image(*wanted)
        half = self._image.width() // 2
        painter.drawImage(QPoint(round(centre[0]) - half, round(centre[1]) - half), self._image)


def paint_source(painter: QPainter, at: _Dot, scale: float) -> None:
    """A cross where a retouching brush takes from, in device pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_cross(painter, QPointF(*at), scale)
    painter.restore()


def paint_outline(
    painter: QPainter, points: Sequence[_Dot], *, corners: bool, scale: float
) -> None:
    """The line of a lasso in device pixels, with its first corner marked where corners count."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = QPolygonF([QPointF(*point) for point in points])
    painter.setPen(QPen(_DARK, 3 * scale))
    painter.drawPolyline(line)
    painter.setPen(QPen(_LIGHT, 1.2 * scale))
    painter.drawPolyline(line)
    if len(points) > 2:  # how it would close
        painter.setPen(QPen(_FAINT_LIGHT, scale, Qt.PenStyle.DashLine))
        painter.drawLine(line.last(), line.first())
    if corners:
        painter.setPen(QPen(_DARK, scale))
        painter.setBrush(_LIGHT)
        painter.drawEllipse(line.first(), 3.5 * scale, 3.5 * scale)
    painter.restore()


def paint_badge(painter: QPainter, text: str, font: QFont, *, right: int = 0) -> None:
    """A pill in the upper left corner, or the upper right one of a canvas `right` pixels wide; in
    logical pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    size = painter.fontMetrics().size(0, text)
    pill = QRectF(14, 14, size.width() + 22, size.height() + 10)
    if right:
        pill.moveRight(right - 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
    painter.setPen(QColor(255, 255, 255, 230))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def paint_empty(painter: QPainter, area: QRectF, lines: tuple[str, str], font: QFont) -> None:
    """What an empty canvas says: a picture frame, a title and a hint, in logical pixels."""
    painter.save()
    painter.fillRect(area, DESK)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = area.center()
    _paint_frame(painter, QPointF(middle.x(), middle.y() - 46))
    title = QFont(font)
    title.setPointSizeF(max(1.0, font.pointSizeF()) * 1.35)
    painter.setFont(title)
    painter.setPen(_TEXT)
    centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    row = QRectF(area.left() + 12, middle.y() + 8, area.width() - 24, 34)
    painter.drawText(row, centred, lines[0])
    painter.setFont(font)
    painter.setPen(_QUIET_TEXT)
    painter.drawText(row.translated(0, 36), centred, lines[1])
    painter.restore()


def _paint_frame(painter: QPainter, middle: QPointF) -> None:
    painter.setPen(QPen(QColor(92, 92, 98), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(middle.x() - 38, middle.y() - 29, 76, 58), 7, 7)
    painter.drawEllipse(QPointF(middle.x() - 17, middle.y() - 9), 6, 6)
    hills = ((-38, 20), (-14, 2), (2, 14), (16, -2), (38, 16))
    painter.drawPolyline(QPolygonF([QPointF(middle.x() + x, middle.y() + y) for x, y in hills]))


def _cursor_image(diameter: float, hardness: float, scale: float) -> QImage:
    half = math.ceil(max(diameter / 2, 12 * scale) + 3 * scale)
    image = QImage(2 * half, 2 * half, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    middle = QPointF(half, half)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if diameter < TINY * scale:
        _paint_cross(painter, middle, scale)
    else:
        _ring(painter, middle, diameter / 2, ((_DARK, 3.4 * scale), (_LIGHT, 1.5 * scale)))
        if 0.03 < hardness < 0.97 and diameter * hardness > TINY * scale:
            faint = ((_FAINT_DARK, 1.5 * scale), (_FAINT_LIGHT, scale))
            _ring(painter, middle, diameter * hardness / 2, faint)
    painter.end()
    return image


def _ring(
    painter: QPainter, middle: QPointF, radius: float, pens: Sequence[tuple[QColor, float]]
) -> None:
    for color, width in pens:
        painter.setPen(QPen(color, width))
        painter.drawEllipse(middle, radius, radius)


def _paint_large_ring(painter: QPainter, middle: QPointF, radius: float, scale: float) -> None:
    """Hairlines, which Qt draws fast at any length."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    wide = max(1, round(scale))
    light = [(_LIGHT, extra) for extra in range(wide)]
    for color, extra in ((_DARK, wide), (_DARK, -1), *light):
        painter.setPen(QPen(color, 0))
        painter.drawEllipse(middle, radius + extra, radius + extra)
    painter.restore()


def _paint_cross(painter: QPainter, middle: QPointF, scale: float) -> None:
    inner, outer = 3 * scale, 10 * scale
    for color, width in ((_DARK, 3.0), (_LIGHT, 1.2)):
        painter.setPen(QPen(color, width * scale))
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            near, far = QPointF(x * inner, y * inner), QPointF(x * outer, y * outer)
            painter.drawLine(middle + near, middle + far)
