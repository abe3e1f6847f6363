"""Paint a running fill over the photo: its previews inside the hole, and its edge maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage, QPainter, qRgba

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.ui.canvas.images import indexed_image, picture_image
from inpaint_studio.ui.canvas.render import to_rect
from inpaint_studio.ui.canvas.viewport import Viewport

Floats = npt.NDArray[np.float32]
Hole = npt.NDArray[np.bool_]

KNOWN_EDGE = QColor(96, 205, 255)
"""Edges found in the photo."""
INVENTED_EDGE = QColor(255, 176, 64)
"""Edges the network made up inside the hole."""
_DIM = QColor(0, 0, 0, 120)


class StretchedImages:
    """Images stretched over boxes of the photo; a new one for the same box replaces the old."""

    def __init__(self, backdrop: QColor | None = None) -> None:
        self._backdrop = backdrop
        self._images: dict[Box, QImage] = {}

    def put(self, image: QImage, box: Box) -> None:
        self._images[box] = image

    def clear(self) -> Box:
        """Forget all of them; the box that looks different now."""
        box = EMPTY_BOX
        for other in self._images:
            box = box.union(other)
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


def edge_images() -> StretchedImages:
    """Edge maps dim the photo below them, so that thin lines can be read."""
    return StretchedImages(_DIM)


def preview_image(pixels: npt.NDArray[Any], hole: Hole) -> QImage:
    """(h, w, 3) float32 sRGB in [0, 1], transparent outside (h, w) `hole`."""
    rgba = np.empty((*hole.shape, 4), np.uint8)
    rgba[:, :, :3] = np.rint(np.clip(pixels, 0.0, 1.0) * 255.0)
    rgba[:, :, 3] = np.where(hole, 255, 0)
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
