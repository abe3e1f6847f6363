"""Tints the areas texture may be copied from green, and those it may not violet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QWidget

from inpaint_studio.ui.canvas.laid_over import LaidOver
from inpaint_studio.ui.canvas.mask_overlay import MaskOverlay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inpaint_studio.document.change import CanvasName
    from inpaint_studio.imaging.geometry import Box
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.view import CanvasView

TINTS: Final[dict[CanvasName, QColor]] = {
    "allowed": QColor(64, 205, 120),
    "forbidden": QColor(140, 90, 255),
}
OPACITY: Final = 0.4


class SourceMarks(QWidget):
    """Lies over the canvas; lets every event through to it."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._areas: dict[CanvasName, Coverage] = {}
        self._overlays: dict[CanvasName, MaskOverlay] = {}
        self._over = LaidOver(self, canvas)

    def show_areas(self, areas: Mapping[CanvasName, Coverage]) -> None:
        """Tint these, (H, W) uint8 each, and nothing else."""
        if areas.keys() == self._areas.keys() and all(self._areas[n] is areas[n] for n in areas):
            return
        self._areas = dict(areas)
        self._overlays = {name: MaskOverlay(area) for name, area in areas.items()}
        for name, overlay in self._overlays.items():
            overlay.set_tint(TINTS[name], OPACITY)
        self._over.show(bool(areas))
        self.update()

    def refresh(self, name: CanvasName, box: Box) -> None:
        """Another part of an area is painted now."""
        overlay = self._overlays.get(name)
        if overlay is not None:
            overlay.update(box)
            self._canvas.update_photo(box)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        viewport = self._over.viewport
        if viewport is None or not self._overlays:
            return
        painter = self._over.painter()
        for overlay in self._overlays.values():
            overlay.set_scale(self._canvas.device_scale())
            overlay.paint(painter, viewport, viewport.screen.box)
