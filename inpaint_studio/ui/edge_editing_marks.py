"""How edges that are being edited look: crisp lines in two colours, the rim of the hole, the stroke
in hand. All in device pixels; `scale` is the desktop's scaling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, qRgba

from inpaint_studio.ui.canvas.fill_overlay import INVENTED_EDGE, KNOWN_EDGE
from inpaint_studio.ui.canvas.images import indexed_image
from inpaint_studio.ui.canvas.render import to_rect
from inpaint_studio.ui.edge_editing_strokes import hole_rim

if TYPE_CHECKING:
    from inpaint_studio.imaging.edge_drawing import EdgeSheet
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.viewport import Viewport

XY = tuple[float, float]
_KNOWN_STRENGTH = 150
"""Known edges are not what is worked on: they stay a little in the background."""
_HALO = QColor(0, 0, 0, 150)
_RIM = QColor(255, 255, 255, 110)
_RIM_DARK = QColor(0, 0, 0, 110)
_TINY = 3.0


class EdgePictures:
    """The picture of each sheet, made again only when its lines are others."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[bytes, QImage]] = {}

    def paint(
        self, painter: QPainter, viewport: Viewport, sheet: EdgeSheet, lines: Coverage
    ) -> None:
        target = to_rect(viewport.screen_box(sheet.box))
        image = self._image(sheet, lines)
        enlarged = target.width() >= image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not enlarged)
        painter.drawImage(target, image)

    def _image(self, sheet: EdgeSheet, lines: Coverage) -> QImage:
        if len(self._made) > 64:
            self._made.clear()
        key, content = id(sheet.hole), lines.tobytes()
        known = self._made.get(key)
        if known is None or known[0] != content:
            known = (content, edges_in_colour(sheet, lines))
            self._made[key] = known
        return known[1]


def edges_in_colour(sheet: EdgeSheet, lines: Coverage) -> QImage:
    """Known edges in one colour, those in the hole in another, on nothing."""
    strength = (lines >> 1).astype(np.uint8)
    return indexed_image(strength + np.where(sheet.hole, np.uint8(128), np.uint8(0)), _TABLE)


def paint_rim(painter: QPainter, viewport: Viewport, sheet: EdgeSheet, *, scale: float) -> None:
    """The rim of the hole: only inside it do lines count."""
    box, size = sheet.box, sheet.size
    across, down = box.width / size.width, box.height / size.height
    rim = hole_rim(sheet.hole).astype(np.float64)
    rim[:, [0, 2]] = box.left + rim[:, [0, 2]] * across
    rim[:, [1, 3]] = box.top + rim[:, [1, 3]] * down
    lines: list[QLineF] = []
    for x0, y0, x1, y1 in rim.tolist():
        a, b = viewport.to_screen(x0, y0), viewport.to_screen(x1, y1)
        lines.append(QLineF(a[0], a[1], b[0], b[1]))
    for color, width in ((_RIM_DARK, 3.0), (_RIM, 1.0)):
        painter.setPen(QPen(color, width * scale))
        painter.drawLines(lines)


def paint_stroke(
    painter: QPainter,
    viewport: Viewport,
    outline: Sequence[XY],
    *,
    ring: tuple[XY, float] | None,
    scale: float,
) -> None:
    """The line in hand, and the eraser's circle: its centre and diameter in photo pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if outline:
        line = QPolygonF([QPointF(*viewport.to_screen(*at)) for at in outline])
        for color, width in ((_HALO, 4.0), (INVENTED_EDGE, 2.0)):
            painter.setPen(QPen(color, width * scale))
            painter.drawPolyline(line)
    if ring is not None:
        at, diameter = ring
        radius = max(diameter * viewport.zoom / 2, _TINY * scale)
        x, y = viewport.to_screen(*at)
        circle = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
        for color, width in ((_HALO, 3.0), (QColor(255, 255, 255, 235), 1.3)):
            painter.setPen(QPen(color, width * scale))
            painter.drawEllipse(circle)


def _ramp(color: QColor, most: int) -> list[int]:
    return [
        qRgba(color.red(), color.green(), color.blue(), round(most * index / 127))
        for index in range(128)
    ]


_TABLE = tuple(_ramp(KNOWN_EDGE, _KNOWN_STRENGTH) + _ramp(INVENTED_EDGE, 255))
