"""What is shown before it is there: a mask while it is being chosen, a stroke of the healing brush
until its layer is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRectF, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Size
from inpaint_studio.imaging.mask import hole_bounds
from inpaint_studio.ui.canvas.images import indexed_image, picture_image
from inpaint_studio.ui.canvas.mask_overlay import outlined, tint_table
from inpaint_studio.ui.canvas.render import smooth, to_rect

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.gesture import SpotPreview
    from inpaint_studio.ui.canvas.sight import MaskPreview
    from inpaint_studio.ui.canvas.tiles import TileStore
    from inpaint_studio.ui.canvas.viewport import Viewport

_LANDING = 40
"""Milliseconds between looks whether a layer that landed is drawn."""


_EVERYWHERE = Box(0, 0, 1 << 30, 1 << 30)


class SelectionOverlay:
    """A mask that is not there yet, shown in place of the one that is."""

    def __init__(self) -> None:
        self._table: list[int] = tint_table(QColor("red"), 0.5)
        self._preview: MaskPreview | None = None
        self._image = QImage()

    @property
    def is_shown(self) -> bool:
        return self._preview is not None

    def set_tint(self, color: QColor, opacity: float) -> None:
        """As of `MaskOverlay`."""
        self._table = tint_table(color, opacity)

    def show(self, preview: MaskPreview | None) -> Box:
        """Show a mask; None shows the document's own again. What looks different now."""
        before, self._preview = self._preview, preview
        if preview is None or before is None:
            self._image = QImage() if preview is None else self._drawn(preview.coverage)
            return _EVERYWHERE
        if before.box != preview.box or before.coverage.shape != preview.coverage.shape:
            self._image = self._drawn(preview.coverage)
            return _EVERYWHERE
        changed = hole_bounds(before.coverage != preview.coverage)
        if changed.is_empty:
            return EMPTY_BOX
        size = Size(*preview.coverage.shape)
        around = changed.pad(2).clip(size)
        here = changed.pad(1).clip(size)
        piece = self._drawn(preview.coverage[around.slices])
        part = here.relative_to(around.origin)
        painter = QPainter(self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(QPoint(here.left, here.top), piece, to_rect(part))
        painter.end()
        return _on_photo(here, size, preview.box)

    def _drawn(self, coverage: Coverage) -> QImage:
        return indexed_image(outlined(coverage), self._table)

    def paint(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        """Paint what shows inside `dirty`, a box of device pixels."""
        if self._preview is not None:
            stretch(painter, viewport, dirty, image=self._image, box=self._preview.box)


class SpotOverlay(QObject):
    """Strokes of retouching tools, oldest first, each until its layer is drawn.

    `changed` names a box of the photo to paint again.
    """

    changed = Signal(object)

    def __init__(self, store: TileStore, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._spots: list[tuple[SpotPreview, QImage]] = []
        self._landed: list[Box] = []
        self._leaving = QTimer(self, interval=_LANDING)
        self._leaving.timeout.connect(self._drop_landed)

    def reset(self) -> None:
        """Forget everything at once: another document is shown."""
        self._leaving.stop()
        self._spots, self._landed = [], []

    def show(self, spot: SpotPreview | None) -> None:
        """Show what a stroke has come to; None takes the newest stroke away."""
        if spot is None:
            self._pop(-1)
            return
        if not self._spots or self._spots[-1][0].pixels is not spot.pixels:
            image = QImage(
                spot.pixels.shape[1],
                spot.pixels.shape[0],
                QImage.Format.Format_ARGB32_Premultiplied,
            )
            image.fill(0)
            self._spots.append((spot, image))
        if not spot.dirty.is_empty:
            _copy(spot, self._spots[-1][1])
            self.changed.emit(_on_photo(spot.dirty, Size(*spot.pixels.shape[:2]), spot.box))

    def land(self, box: Box) -> None:
        """The oldest stroke is a layer now, or came to nothing: `box` is what it changed."""
        self._landed.append(box)
        self._leaving.start()

    def paint(self, painter: QPainter, viewport: Viewport, dirty: Box) -> None:
        """Paint what shows inside `dirty`, a box of device pixels."""
        for spot, image in self._spots:
            stretch(painter, viewport, dirty, image=image, box=spot.box)

    def _drop_landed(self) -> None:
        while self._landed and not self._store.is_stale_in(self._landed[0]):
            self._landed.pop(0)
            self._pop(0)
        if not self._landed:
            self._leaving.stop()

    def _pop(self, index: int) -> None:
        if self._spots:
            spot, _ = self._spots.pop(index)
            self.changed.emit(spot.box)


def stretch(painter: QPainter, viewport: Viewport, dirty: Box, *, image: QImage, box: Box) -> None:
    """Draw the part of an image, stretched over `box` of the photo, that shows in `dirty`."""
    target = viewport.screen_box(box)
    shown = target.intersect(dirty).intersect(viewport.screen_box(viewport.photo.box))
    if shown.is_empty or image.isNull():
        return
    painter.save()
    painter.setClipRect(to_rect(shown))
    smooth(painter, viewport)
    painter.drawImage(QRectF(to_rect(target)), image, QRectF(image.rect()))
    painter.restore()


def _copy(spot: SpotPreview, image: QImage) -> None:
    dirty = spot.dirty
    piece = picture_image(spot.pixels[dirty.slices], opaque=False)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(QPoint(dirty.left, dirty.top), piece)
    painter.end()


def _on_photo(part: Box, size: Size, box: Box) -> Box:
    """The photo pixels of a part of something of `size` that is stretched over `box`."""
    down, across = box.height // size.height, box.width // size.width
    scaled = Box(part.top * down, part.left * across, part.bottom * down, part.right * across)
    return scaled.shift(box.origin)
