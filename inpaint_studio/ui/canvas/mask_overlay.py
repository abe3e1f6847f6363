"""Paint the mask over the photo: a tint, and an outline that can be seen on any photo."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, qRgba

from inpaint_studio.imaging.geometry import Box, Size, tile_box
from inpaint_studio.imaging.mask import Coverage, hole_bounds
from inpaint_studio.ui.canvas.ants import PERIOD, MaskStyle, ants, ants_table, mask_table
from inpaint_studio.ui.canvas.images import indexed_image
from inpaint_studio.ui.canvas.pyramid import MaskPyramid, level_box, level_size
from inpaint_studio.ui.canvas.render import smooth, to_rect
from inpaint_studio.ui.canvas.viewport import CRISP_ZOOM, Viewport

SIDE = 256
_CACHED = 192
"""Tiles kept beyond those that show; about 60 MB of them."""
_LIGHT, _DARK = 254, 255
"""Indices of the outline's two lines; coverage uses those below."""
_HALF = 128
_COARSE = 4
"""The reduced level a mask is searched for its bounds at."""
_WIDEST = 3
"""Pixels of a tile the outline may be wide."""

Indices = npt.NDArray[np.uint8]


class _Key(NamedTuple):
    """A tile of a reduced level or, above 200 %, of the mask magnified by `zoom` (else 0)."""

    level: int
    zoom: float
    row: int
    column: int

    @property
    def grid_box(self) -> Box:
        """What it covers in its own pixels."""
        return tile_box(self.row, self.column, SIDE)

    @property
    def reach(self) -> Box:
        """The photo pixels it depends on: its own and, for the outline, the next ones."""
        box = self.grid_box.pad(_WIDEST)
        if self.zoom == 0:
            return Box(*(edge << self.level for edge in box))
        top, left = (math.floor(edge / self.zoom) for edge in box[:2])
        bottom, right = (math.ceil(edge / self.zoom) for edge in box[2:])
        return Box(top, left, bottom, right)


@dataclass(slots=True, eq=False)
class _Drawn:
    """A tile's image and the coverage it was made from; both None where there is no mask.

    Of marching ants there are indices, and the image of one phase.
    """

    seen: Coverage | None
    image: QImage | None
    indices: Indices | None = None
    phase: int = 0

    def shows(self, seen: Coverage) -> bool:
        return not seen.any() if self.seen is None else np.array_equal(seen, self.seen)


class MaskOverlay:
    """The tinted mask of a document.

    A stroke touches far more tiles than it changes, so a touched tile is compared with what it was
    drawn from before it is drawn again. Above 200 % tiles have one value per device pixel: the
    outline stays one pixel thin. They count from the photo's corner, so that panning keeps them.
    """

    def __init__(self, canvas: Coverage) -> None:
        self.canvas = canvas
        self._pyramid = MaskPyramid(canvas)
        self._tiles: OrderedDict[_Key, _Drawn] = OrderedDict()
        self._touched: set[_Key] = set()
        self._table: list[int] = []
        self._line = 1
        self._style: MaskStyle = "tint"
        self._phase = 0

    def set_scale(self, scale: float) -> None:
        """The desktop's scaling: the outline is one logical pixel wide."""
        line = min(_WIDEST, max(1, round(scale)))
        if line != self._line:
            self._line = line
            self._tiles.clear()

    def set_tint(self, color: QColor, opacity: float) -> None:
        """Colour of the mask, and how much of the photo it hides where the mask is full (0..1)."""
        self._table = tint_table(color, opacity)
        self._tiles.clear()

    def set_style(self, style: MaskStyle) -> None:
        if style != self._style:
            self._style = style
            self._tiles.clear()

    def march(self) -> Box:
        """Move the ants on by one step; the photo pixels that look different now."""
        self._phase = (self._phase + 1) % PERIOD
        coarse = self._pyramid.level(_COARSE)
        return Box(*(edge << _COARSE for edge in hole_bounds(coarse)))

    def reduced(self, level: int, box: Box | None = None) -> Coverage:
        """A copy of the mask at a reduced level, (h, w) uint8, or of `box` in its pixels."""
        coverage = self._pyramid.level(level)
        return coverage.copy() if box is None else coverage[box.slices].copy()

    def update(self, box: Box) -> None:
        """The canvas changed inside `box`."""
        if not box.is_empty:
            self._pyramid.update(box)
            self._touched.update(
                key for key in self._tiles if not key.reach.intersect(box).is_empty
            )

    def paint(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        """Paint the mask where it shows inside `dirty`, a box of device pixels."""
        area = viewport.photo_box(dirty)
        if area.is_empty:
            return
        painter.save()
        whole = viewport.screen_box(viewport.photo.box)
        painter.setClipRect(to_rect(whole), Qt.ClipOperation.IntersectClip)
        if self._style == "mask":
            painter.fillRect(to_rect(dirty), Qt.GlobalColor.black)
        if viewport.zoom > CRISP_ZOOM:
            self._paint_crisp(painter, viewport, dirty.intersect(whole))
        else:
            self._paint_level(painter, viewport, area)
        painter.restore()

    def _paint_level(self, painter: QPainter, viewport: Viewport, area: Box) -> None:
        smooth(painter, viewport)
        level = viewport.level
        size = level_size(viewport.photo, level)
        keys = [_Key(level, 0.0, *tile) for tile in level_box(area, level).tiles(SIDE)]
        for key, image in self._images(keys):
            box = key.grid_box.clip(size)
            target = viewport.screen_box(Box(*(edge << level for edge in box)))
            painter.drawImage(to_rect(target), image)

    def _paint_crisp(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        top, left = round(viewport.origin.y), round(viewport.origin.x)
        magnified = Box(*(edge - start for edge, start in zip(dirty, (top, left) * 2, strict=True)))
        keys = [_Key(0, viewport.zoom, *tile) for tile in magnified.tiles(SIDE)]
        for key, image in self._images(keys):
            painter.drawImage(left + key.column * SIDE, top + key.row * SIDE, image)

    def _images(self, keys: list[_Key]) -> list[tuple[_Key, QImage]]:
        """The images of those tiles that have any mask."""
        found = [(key, image) for key in keys if (image := self._image(key)) is not None]
        while len(self._tiles) > _CACHED + len(keys):
            key, _ = self._tiles.popitem(last=False)
            self._touched.discard(key)
        return found

    def _image(self, key: _Key) -> QImage | None:
        drawn = self._tiles.get(key)
        if drawn is None or key in self._touched:
            seen = self._seen(key)
            if drawn is None or not drawn.shows(seen):
                drawn = self._draw(key, seen) if seen.any() else _Drawn(None, None)
                self._tiles[key] = drawn
            self._touched.discard(key)
        self._tiles.move_to_end(key)
        if drawn.indices is not None and drawn.phase != self._phase:
            drawn.image = indexed_image(drawn.indices, ants_table(self._phase))
            drawn.phase = self._phase
        return drawn.image

    def _source(self, key: _Key) -> tuple[Coverage, Box]:
        """The coverage a tile takes its values from, and the box of it that it depends on."""
        coverage = self.canvas if key.zoom > 0 else self._pyramid.level(key.level)
        box = key.reach if key.zoom > 0 else key.grid_box.pad(self._line)
        return coverage, box.clip(Size(*coverage.shape))

    def _seen(self, key: _Key) -> Coverage:
        coverage, box = self._source(key)
        return coverage[box.slices]

    def _draw(self, key: _Key, seen: Coverage) -> _Drawn:
        coverage, box = self._source(key)
        size = Size(*coverage.shape)
        tile = key.grid_box if key.zoom > 0 else key.grid_box.clip(size)
        wanted = tile.pad(self._line)
        values = seen
        if wanted != box:  # magnify, and repeat the rim beyond the photo: no line there
            zoom = key.zoom or 1.0
            rows = _indices(wanted.top, wanted.bottom, zoom, size.height) - box.top
            columns = _indices(wanted.left, wanted.right, zoom, size.width) - box.left
            values = seen[:, columns][rows]
        cut = slice(self._line, -self._line)
        indices = outlined(values, self._line)[cut, cut]
        if self._style == "ants":
            dashes = ants(indices, tile.top, tile.left, line=_LIGHT)
            image = indexed_image(dashes, ants_table(self._phase))
            return _Drawn(seen.copy(), image, dashes, self._phase)
        table = mask_table() if self._style == "mask" else self._table
        return _Drawn(seen.copy(), indexed_image(indices, table))


def tint_table(color: QColor, opacity: float) -> list[int]:
    """The colours of the indices `outlined` makes."""
    red, green, blue = color.red(), color.green(), color.blue()
    opacity = min(1.0, max(0.0, opacity))
    table = [
        qRgba(red, green, blue, round(255 * opacity * index / (_LIGHT - 1)))
        for index in range(_LIGHT)
    ]
    return [*table, qRgba(255, 255, 255, 225), qRgba(0, 0, 0, 165)]


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


def _indices(start: int, end: int, zoom: float, count: int) -> npt.NDArray[np.intp]:
    """Which row or column lies under the middle of each magnified pixel from start to end."""
    positions = np.floor((np.arange(start, end) + 0.5) / zoom).astype(np.intp)
    return np.clip(positions, 0, count - 1)


def stroke_margin(viewport: Viewport) -> int:
    """Device pixels round a changed box that may look different too (outline, interpolation)."""
    return math.ceil((_WIDEST + 1) * max(1.0, viewport.zoom * (1 << viewport.level))) + 1
