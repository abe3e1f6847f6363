"""Paint the mask over the photo: a tint, and an outline that can be seen on any photo."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter, qRgba

from inpaint_studio.imaging.geometry import Box, Size, tile_box
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.ui.canvas.images import indexed_image
from inpaint_studio.ui.canvas.pyramid import MaskPyramid, level_box, level_size
from inpaint_studio.ui.canvas.render import smooth, to_rect
from inpaint_studio.ui.canvas.viewport import CRISP_ZOOM, Viewport

SIDE = 256
_CACHED = 320
"""Tiles kept; at most 80 MB of them."""
_LIGHT, _DARK = 254, 255
"""Indices of the outline's two lines; coverage uses those below."""
_HALF = 128
_WIDEST = 3
"""Level pixels the outline may be wide."""

Indices = npt.NDArray[np.uint8]
_Tile = tuple[int, int, int]


class MaskOverlay:
    """The tinted mask of a document; only tiles a stroke touched are made again."""

    def __init__(self, canvas: Coverage) -> None:
        self.canvas = canvas
        self._pyramid = MaskPyramid(canvas)
        self._images: OrderedDict[_Tile, QImage | None] = OrderedDict()
        self._table: list[int] = []
        self._line = 1

    def set_scale(self, scale: float) -> None:
        """The desktop's scaling: the outline is one logical pixel wide."""
        line = min(_WIDEST, max(1, round(scale)))
        if line != self._line:
            self._line = line
            self._images.clear()

    def set_tint(self, color: QColor, opacity: float) -> None:
        """Colour of the mask, and how much of the photo it hides where the mask is full (0..1)."""
        red, green, blue = color.red(), color.green(), color.blue()
        opacity = min(1.0, max(0.0, opacity))
        self._table = [
            qRgba(red, green, blue, round(255 * opacity * index / (_LIGHT - 1)))
            for index in range(_LIGHT)
        ]
        self._table += [qRgba(255, 255, 255, 225), qRgba(0, 0, 0, 165)]
        self._images.clear()

    def update(self, box: Box) -> None:
        """The canvas changed inside `box`."""
        if box.is_empty:
            return
        self._pyramid.update(box)
        for key in [key for key in self._images if not _reach(key).intersect(box).is_empty]:
            del self._images[key]

    def paint(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        """Paint the mask where it shows inside `dirty`, a box of device pixels."""
        area = viewport.photo_box(dirty)
        if area.is_empty:
            return
        painter.save()
        whole = viewport.screen_box(viewport.photo.box)
        painter.setClipRect(to_rect(whole), Qt.ClipOperation.IntersectClip)
        if viewport.zoom > CRISP_ZOOM:
            self._paint_crisp(painter, viewport, dirty.intersect(whole))
        else:
            self._paint_tiles(painter, viewport, area)
        painter.restore()

    def _paint_tiles(self, painter: QPainter, viewport: Viewport, area: Box) -> None:
        smooth(painter, viewport)
        level = viewport.level
        size = level_size(viewport.photo, level)
        for row, column in level_box(area, level).tiles(SIDE):
            image = self._tile(level, row, column)
            if image is not None:
                box = tile_box(row, column, SIDE).clip(size)
                target = viewport.screen_box(Box(*(edge << level for edge in box)))
                painter.drawImage(to_rect(target), image)

    def _tile(self, level: int, row: int, column: int) -> QImage | None:
        """The image of a tile, None where there is no mask."""
        key = (level, row, column)
        if key not in self._images:
            self._images[key] = self._draw_tile(*key)
            if len(self._images) > _CACHED:
                self._images.popitem(last=False)
        self._images.move_to_end(key)
        return self._images[key]

    def _draw_tile(self, level: int, row: int, column: int) -> QImage | None:
        coverage = self._pyramid.level(level)
        size = Size(*coverage.shape)
        box = tile_box(row, column, SIDE).clip(size)
        margin = box.pad(self._line)
        seen = coverage[margin.clip(size).slices]
        if not seen.any():
            return None
        if not size.box.contains(margin):  # beyond the photo its rim goes on: no line there
            inner = margin.clip(size)
            rows = (inner.top - margin.top, margin.bottom - inner.bottom)
            seen = np.pad(
                seen, [rows, (inner.left - margin.left, margin.right - inner.right)], "edge"
            )
        cut = slice(self._line, -self._line)
        return indexed_image(outlined(seen, self._line)[cut, cut], self._table)

    def _paint_crisp(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        """Above 200 %: one value per device pixel, so that the outline stays one pixel thin."""
        seen = dirty.pad(self._line)
        rows = _photo_indices(seen.top, seen.bottom, viewport.origin.y, viewport.zoom)
        columns = _photo_indices(seen.left, seen.right, viewport.origin.x, viewport.zoom)
        rows = np.clip(rows, 0, viewport.photo.height - 1)
        columns = np.clip(columns, 0, viewport.photo.width - 1)
        region = self.canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        if dirty.is_empty or not region.any():
            return
        values = region[rows - rows[0]][:, columns - columns[0]]
        cut = slice(self._line, -self._line)
        image = indexed_image(outlined(values, self._line)[cut, cut], self._table)
        painter.drawImage(QPoint(dirty.left, dirty.top), image)


def outlined(coverage: Coverage, width: int = 1) -> Indices:
    """Indices to paint (h, w) coverage with: itself, a light line just inside its half-way contour
    and a dark one just outside, both `width` wide. The outermost `width` pixels get no line."""
    indices = np.minimum(coverage, _LIGHT - 1)
    inside = coverage >= _HALF
    if inside.all() or not inside.any():
        return indices
    core, near = inside, inside
    for _ in range(width):
        core, near = _shrunk(core), ~_shrunk(~near)
    cut = slice(width, -width)
    middle, drawn = inside[cut, cut], indices[cut, cut]
    drawn[middle & ~core] = _LIGHT
    drawn[near & ~middle] = _DARK
    return indices


def _shrunk(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(h - 2, w - 2): whether a pixel and its four neighbours are all inside."""
    rows = inside[1:-1]
    beside = rows[:, 1:-1] & rows[:, :-2]
    beside &= rows[:, 2:]
    beside &= inside[:-2, 1:-1]
    beside &= inside[2:, 1:-1]
    return beside


def _reach(key: _Tile) -> Box:
    """The photo pixels that have a say in a tile: its own and, for the outline, the next ones."""
    level, row, column = key
    return Box(*(edge << level for edge in tile_box(row, column, SIDE).pad(_WIDEST)))


def _photo_indices(start: int, end: int, origin: float, zoom: float) -> npt.NDArray[np.intp]:
    """Which photo row or column lies under the middle of each device pixel from start to end."""
    positions = (np.arange(start, end) + (0.5 - origin)) / zoom
    return np.floor(positions).astype(np.intp)


def stroke_margin(viewport: Viewport) -> int:
    """Device pixels round a changed box that may look different too (outline, interpolation)."""
    return math.ceil((_WIDEST + 1) * max(1.0, viewport.zoom * (1 << viewport.level))) + 1
