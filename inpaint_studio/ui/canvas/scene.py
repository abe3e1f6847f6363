"""Everything that is painted for one document: photo, mask, previews, edges, marks."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QPainter

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.ui.canvas.ants import MaskStyle
from inpaint_studio.ui.canvas.comparison import Comparison
from inpaint_studio.ui.canvas.fill_overlay import FillOverlay
from inpaint_studio.ui.canvas.mask_overlay import MaskOverlay
from inpaint_studio.ui.canvas.overlays import Piled, pile_up
from inpaint_studio.ui.canvas.picture import PictureSource, TileKey, Transform
from inpaint_studio.ui.canvas.previews import SelectionOverlay, SpotOverlay
from inpaint_studio.ui.canvas.pyramid import PatchPyramids, PhotoPyramid
from inpaint_studio.ui.canvas.render import PicturePainter, paint_desk
from inpaint_studio.ui.canvas.sight import ReducedLook, Sight
from inpaint_studio.ui.canvas.tiles import TileStore, visible_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inpaint_studio.document.document import Document
    from inpaint_studio.imaging.composite import Overlay, OverlayGroup
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.photo import Photo, Pixels
    from inpaint_studio.ui.canvas.viewport import Viewport

DEFAULT_TINT = QColor(255, 64, 96)
DEFAULT_TINT_OPACITY = 0.45


class Scene:
    """What the canvas shows, independent of where the user looks."""

    def __init__(self, parent: QObject) -> None:
        self.store = TileStore(parent)
        self.fill = FillOverlay(self.store, parent)
        self.selection = SelectionOverlay()
        self.spots = SpotOverlay(self.store, parent)
        self.comparison = Comparison(parent)
        self.original = False
        self.mask_visible = True
        self.mask_suspended = False
        """Another mask than the document's is being painted: its tint would be in the way."""
        self.document: Document | None = None
        self._picture = PicturePainter(self.store)
        self._mask: MaskOverlay | None = None
        self.mask_style: MaskStyle = "tint"
        self._tint = (QColor(DEFAULT_TINT), DEFAULT_TINT_OPACITY)
        self._pyramids = PatchPyramids()
        self._look: ReducedLook | None = None

    def show(self, document: Document | None) -> None:
        """Another document, or none."""
        self.fill.reset()
        self.selection.show(None)
        self.spots.reset()
        self.comparison.end()
        self._look = None
        self._pyramids = PatchPyramids()
        self.document = document
        if document is None:
            self._mask = None
            self.store.show(None)
            return
        self._renew_mask(document)
        photo = document.photo
        layers = self._layers(document)
        self.store.show(PictureSource(PhotoPyramid(photo), layers, DisplayOnDemand(photo)))

    def set_tint(self, color: QColor, opacity: float) -> None:
        self._tint = (QColor(color), opacity)
        self.selection.set_tint(*self._tint)
        if self._mask is not None:
            self._mask.set_tint(*self._tint)

    def set_mask_style(self, style: MaskStyle) -> None:
        self.mask_style = style
        if self._mask is not None:
            self._mask.set_style(style)

    def march(self) -> Box:
        """Move the marching ants on; what looks different now."""
        if self._mask is None or self.mask_style != "ants" or not self.mask_visible:
            return EMPTY_BOX
        return self._mask.march()

    def mask_changed(self, box: Box) -> None:
        document = self.document
        if document is None or self._mask is None:
            return
        if self._mask.canvas is not document.mask:
            self._renew_mask(document)
        else:
            self._mask.update(box)

    def layers_changed(self, box: Box) -> None:
        source = self.store.source
        if self.document is not None and source is not None:
            layers = self._layers(self.document)
            self.store.revise(PictureSource(source.photo, layers, source.transform), box)

    def show_overlays(self, overlays: Iterable[Overlay | OverlayGroup], box: Box) -> None:
        """Show these, which differ inside `box`, until the document's layers change."""
        source = self.store.source
        if source is not None:
            layers = pile_up(overlays, self._pyramids.of)
            self.store.revise(PictureSource(source.photo, layers, source.transform), box)

    def look(self) -> ReducedLook | None:
        """The photo with its layers as tools see it; the same one until a layer changes."""
        source = self.store.source
        if source is None:
            self._look = None
        elif self._look is None or self._look.source is not source:
            self._look = ReducedLook(source)
        return self._look

    def sight(self) -> Sight | None:
        """What tools see that look at the photo, and the mask as it is now."""
        look = self.look()
        if look is None or self._mask is None:
            return None
        return Sight(look, self._mask.reduced(look.level))

    def mask_in(self, level: int, box: Box) -> Coverage | None:
        """A copy of the mask in `box`, in pixels of a reduced level."""
        return None if self._mask is None else self._mask.reduced(level, box)

    def request(self, viewport: Viewport) -> None:
        """Have the tiles drawn that the viewport shows, then those it may show next."""
        source = self.store.source
        if source is None:
            return
        self.comparison.request(viewport)
        original = self.original and bool(source.layers)
        shown = visible_keys(viewport.visible, viewport.level, original=original)
        self.store.want(shown, _ahead(viewport, shown, original))

    def is_complete(self, viewport: Viewport) -> bool:
        """Whether everything that shows is painted from the right tiles."""
        source = self.store.source
        original = self.original and source is not None and bool(source.layers)
        return self.store.is_complete(
            visible_keys(viewport.visible, viewport.level, original=original)
        )

    def paint(self, painter: QPainter, viewport: Viewport, dirty: Box, *, scale: float) -> None:
        """Paint `dirty`, a box of device pixels, in device pixels."""
        paint_desk(painter, viewport, dirty)
        if self.comparison.is_on:
            self.comparison.paint(painter, viewport, dirty, first=self.original, scale=scale)
            return
        self._picture.paint(painter, viewport, dirty, original=self.original, scale=scale)
        if self.original:
            return
        self.spots.paint(painter, viewport, dirty)
        if self.selection.is_shown:
            self.selection.paint(painter, viewport, dirty)
        elif self._mask is not None and self.mask_visible and not self.mask_suspended:
            self._mask.set_scale(scale)
            self._mask.paint(painter, viewport, dirty)
        self.fill.paint(painter, viewport, dirty)

    def _renew_mask(self, document: Document) -> None:
        self._mask = MaskOverlay(document.mask)
        self._mask.set_tint(*self._tint)
        self._mask.set_style(self.mask_style)

    def _layers(self, document: Document) -> tuple[Piled, ...]:
        """What shows of the layers; reduced levels are kept while their patch is in use."""
        self._pyramids.show(layer.patch for layer in document.layers)
        return pile_up(document.overlays(), self._pyramids.of)

    def picture_of(self, overlays: Sequence[Overlay | OverlayGroup]) -> PictureSource | None:
        """The photo with other overlays. Reduced levels that are there already are used again."""
        source = self.store.source
        layers = pile_up(overlays, self._pyramids.of)
        return None if source is None else replace(source, layers=layers)


class DisplayOnDemand:
    """The conversion of a photo's pixels to what the screen shows.

    Reading a profile takes time, so it is left to the first thread that needs a tile.
    """

    def __init__(self, photo: Photo) -> None:
        self._photo = photo
        self._lock = threading.Lock()
        self._made: Transform | None = None

    def __call__(self, pixels: Pixels) -> npt.NDArray[np.uint8]:
        """(h, w, C) pixels of the photo as (h, w, 4) uint8 straight sRGB RGBA."""
        with self._lock:
            made = self._made = self._made or self._make()
        return made(pixels)

    def _make(self) -> Transform:
        from inpaint_studio.imaging.color import DisplayTransform

        pixels, profile = self._photo.pixels, self._photo.profile
        return DisplayTransform(profile, channels=pixels.shape[2], dtype=pixels.dtype)


def _ahead(viewport: Viewport, shown: list[TileKey], original: bool) -> list[TileKey]:
    """Tiles just outside the view, and the coarser ones a zoom out would show."""
    margin = round(256 / viewport.zoom)
    around = visible_keys(
        viewport.visible.pad(margin).clip(viewport.photo), viewport.level, original=original
    )
    held = set(shown)
    coarser = visible_keys(viewport.visible, viewport.level + 1, original=original)
    return [*coarser, *(key for key in around if key not in held)]
