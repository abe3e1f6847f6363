"""Paint a running fill over the photo: its previews inside the hole, and its edge maps."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, qRgba

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.mask import hole_bounds
from inpaint_studio.ui.canvas.images import indexed_image, picture_image
from inpaint_studio.ui.canvas.render import to_rect
from inpaint_studio.ui.canvas.tiles import TileStore
from inpaint_studio.ui.canvas.viewport import Viewport

Floats = npt.NDArray[np.float32]
Hole = npt.NDArray[np.bool_]

KNOWN_EDGE = QColor(96, 205, 255)
"""Edges found in the photo."""
INVENTED_EDGE = QColor(255, 176, 64)
"""Edges the network made up inside the hole."""
_DIM = QColor(0, 0, 0, 120)
"""Dims the photo below edge maps, so that thin lines can be read."""
_STRIP = 64
"""Rows of a preview converted at a time: they stay in the processor's cache."""
_LANDING = 40
"""Milliseconds a cleared preview is kept at least: long enough for its layer to be announced."""


class StretchedImages:
    """Images stretched over boxes of the photo; a new one for the same box replaces the old."""

    def __init__(self, backdrop: QColor | None = None) -> None:
        self._backdrop = backdrop
        self._images: dict[Box, QImage] = {}

    def put(self, image: QImage, box: Box) -> None:
        self._images[box] = image

    @property
    def box(self) -> Box:
        """The smallest box round all of them."""
        return reduce(Box.union, self._images, EMPTY_BOX)

    def clear(self) -> Box:
        """Forget all of them; the box that looks different now."""
        box = self.box
        self._images.clear()
        return box

    def paint(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        """Paint what shows inside `dirty`, a box of device pixels."""
        for box, image in self._images.items():
            target = viewport.screen_box(box)
            if target.intersect(dirty).is_empty:
                continue
            if self._backdrop is not None:
                painter.fillRect(to_rect(target), self._backdrop)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(to_rect(target), image)


class FillOverlay(QObject):
    """What a running fill shows on the canvas.

    When a preview is cleared because its fill has landed as a layer, the tiles below still have
    to be drawn: it stays until they are, or the unfilled photo would flash up in between.
    `changed` names a box of the photo to paint again.
    """

    changed = Signal(object)

    def __init__(self, store: TileStore, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._previews = StretchedImages()
        self._edges = StretchedImages(_DIM)
        self._leaving = QTimer(self, singleShot=True, interval=_LANDING)
        self._leaving.timeout.connect(self._drop_preview)

    def reset(self) -> None:
        """Forget everything at once: another document is shown."""
        self._leaving.stop()
        self._previews.clear()
        self._edges.clear()

    def set_preview(self, pixels: Floats, hole: Hole, box: Box) -> None:
        if self._leaving.isActive():
            self._leaving.stop()
            self.changed.emit(self._previews.clear())
        self._previews.put(preview_image(pixels, hole), box)
        self.changed.emit(box)

    def clear_preview(self) -> None:
        if not self._previews.box.is_empty:
            self._leaving.start()

    def show_edges(self, edges: Floats, hole: Hole, box: Box) -> None:
        self._edges.put(edge_image(edges, hole), box)
        self.changed.emit(box)

    def clear_edges(self) -> None:
        self.changed.emit(self._edges.clear())

    def paint(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        """Paint what shows inside `dirty`, a box of device pixels."""
        self._previews.paint(painter, viewport, dirty)
        self._edges.paint(painter, viewport, dirty)

    def _drop_preview(self) -> None:
        if self._store.is_stale_in(self._previews.box):
            self._leaving.start()
        else:
            self.changed.emit(self._previews.clear())


def preview_image(pixels: npt.NDArray[Any], hole: Hole) -> QImage:
    """(h, w, 3) float32 sRGB in [0, 1], transparent outside (h, w) `hole`."""
    rgba = np.zeros((*hole.shape, 4), np.uint8)
    bounds = hole_bounds(hole)
    for top in range(bounds.top, bounds.bottom, _STRIP):
        strip = Box(top, bounds.left, min(top + _STRIP, bounds.bottom), bounds.right).slices
        color = pixels[strip] * np.float32(255)
        color += np.float32(0.5)
        rgba[strip][:, :, :3] = np.clip(color, 0, 255, out=color)
        rgba[strip][:, :, 3] = np.where(hole[strip], 255, 0)
    return picture_image(rgba, opaque=False)


def edge_image(edges: Floats, hole: Hole) -> QImage:
    """(h, w) edges in [0, 1]: one colour for those found outside `hole`, one for those invented."""
    strength = np.rint(np.clip(edges, 0.0, 1.0) * 127.0).astype(np.uint8)
    return indexed_image(strength + np.where(hole, np.uint8(128), np.uint8(0)), _EDGE_TABLE)


def _ramp(color: QColor) -> list[int]:
    return [
        qRgba(color.red(), color.green(), color.blue(), round(255 * index / 127))
        for index in range(128)
    ]


_EDGE_TABLE = tuple(_ramp(KNOWN_EDGE) + _ramp(INVENTED_EDGE))
