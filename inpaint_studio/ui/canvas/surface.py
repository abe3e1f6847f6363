"""The widget below the canvas's public face: paints the scene, receives events, asks for tiles."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.ui.canvas.comparison import LineGrip
from inpaint_studio.ui.canvas.input import CanvasInput
from inpaint_studio.ui.canvas.marks import paint_badge, paint_empty
from inpaint_studio.ui.canvas.mask_overlay import stroke_margin
from inpaint_studio.ui.canvas.navigation import Navigation
from inpaint_studio.ui.canvas.outlook import ToolOutlook
from inpaint_studio.ui.canvas.painting import MaskPainting
from inpaint_studio.ui.canvas.pointer_marks import PointerMarks
from inpaint_studio.ui.canvas.render import to_box
from inpaint_studio.ui.canvas.scene import Scene
from inpaint_studio.ui.canvas.sight import MaskPreview
from inpaint_studio.ui.canvas.viewport import Viewport


class CanvasSurface(QWidget):
    """Paints a scene through a viewport. All of its arithmetic is in device pixels."""

    cursor_moved = Signal(int, int)
    original_shown = Signal(bool)
    open_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.navigation = Navigation(self)
        self.painting = MaskPainting(self)
        self.scene = Scene(self)
        self.outlook = self.painting.outlook = ToolOutlook(self.scene, self.navigation, self)
        self.grip = LineGrip(self.scene.comparison, self.navigation)
        self._input = CanvasInput(self)
        self._marks = PointerMarks(self.navigation, self.painting)
        self._painted: Viewport | None = None
        self._hovered = (-1, -1)
        self._configure()
        self._connect()
        self.installEventFilter(self)

    def _configure(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TabletTracking)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("Canvas"))
        self.setAccessibleDescription(self.tr("The photo, to look at and to paint the mask on"))

    def _connect(self) -> None:
        self.navigation.changed.connect(self._look_elsewhere)
        self.scene.store.ready.connect(self.update_photo)
        self.scene.fill.changed.connect(self.update_photo)
        self.scene.spots.changed.connect(self.update_photo)
        self.scene.comparison.changed.connect(self.update_photo)
        self.scene.comparison.moved.connect(self.update)
        self.scene.comparison.moved.connect(self.update_cursor)
        self.painting.previewed.connect(self.preview_mask)
        self.painting.spotted.connect(self.scene.spots.show)
        self.painting.tool_changed.connect(self.outlook.prepare)
        self.painting.touched.connect(self._repaint_mask)
        self.painting.outline_changed.connect(self._move_line)
        self.painting.brush_changed.connect(self._move_ring)
        self.painting.tool_changed.connect(self.update_cursor)

    def sizeHint(self) -> QSize:
        return QSize(960, 640)

    # -- events ----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self:
            return False
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._measure()  # moved to another screen
        return self._input.handle(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab shows the original; Shift+Tab still leaves the canvas."""
        if forward and self.navigation.viewport is not None:
            return False
        return super().focusNextPrevChild(forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def device_scale(self) -> float:
        """Device pixels per logical pixel."""
        return self.devicePixelRatioF()

    def take_focus(self) -> None:
        if self.isActiveWindow():
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def ask_to_open(self) -> None:
        self.open_requested.emit()

    def show_original(self, shown: bool) -> None:
        """Show the photo as it was opened, without layers and mask."""
        if shown != self.scene.original and self.navigation.viewport is not None:
            self.scene.original = shown
            self.request_tiles()
            self.original_shown.emit(shown)
            self.update()

    def pointer_moved(self, at: tuple[float, float] | None) -> None:
        """The pointer is at a device position, or gone."""
        self._marks.pointer = at
        if self.grip.comparing:
            self.setCursor(self._input.cursor(self._marks.pointer))
        self._move_ring()
        self._tell_hovered()

    def update_cursor(self) -> None:
        """The mouse cursor that fits the tool; the brush is painted instead."""
        self._marks.panning = self._input.is_panning or self._input.pans_on_press
        self.setCursor(self._input.cursor(self._marks.pointer))
        self._move_ring()

    # -- what to paint again ---------------------------------------------------------------------

    def preview_mask(self, preview: MaskPreview | None) -> None:
        """Show a mask in place of the document's; None shows that again."""
        viewport, changed = self.navigation.viewport, self.scene.selection.show(preview)
        if viewport is not None:
            self.update_photo(changed.clip(viewport.photo))

    def update_photo(self, box: Box) -> None:
        """Paint again what shows of a box of the photo."""
        viewport = self.navigation.viewport
        if viewport is not None and not box.is_empty:
            self._update_device(viewport.screen_box(box).pad(stroke_margin(viewport)))

    def request_tiles(self) -> None:
        if self.navigation.viewport is not None:
            self.scene.request(self.navigation.viewport)

    def _update_device(self, box: Box) -> None:
        if box.is_empty:
            return
        scale = self.device_scale()
        left, top = math.floor(box.left / scale) - 1, math.floor(box.top / scale) - 1
        right, bottom = math.ceil(box.right / scale) + 1, math.ceil(box.bottom / scale) + 1
        self.update(QRect(left, top, right - left, bottom - top).intersected(self.rect()))

    def _look_elsewhere(self) -> None:
        self.request_tiles()
        self._tell_hovered()
        before, self._painted = self._painted, self.navigation.viewport
        if not self._scroll_from(before):
            self.update()
        self._move_ring()
        self._move_line()

    def _scroll_from(self, before: Viewport | None) -> bool:
        """Move what is on the screen already, where that is all a change of view takes."""
        after, scale = self.navigation.viewport, self.device_scale()
        shift = None if after is None or before is None else after.shift_from(before)
        if shift is None or self.scene.original or self.grip.comparing:
            return False
        dx, dy = shift[0] / scale, shift[1] / scale
        if not (dx.is_integer() and dy.is_integer()):
            return False
        self._move_ring()  # marks the circle, which stays where it is, and scrolls the mark along
        self.scroll(int(dx), int(dy), self.rect())  # without a rectangle child widgets would move
        return True

    def _measure(self) -> None:
        scale = self.device_scale()
        self.navigation.resize(Size(round(self.height() * scale), round(self.width() * scale)))

    def _repaint_mask(self, box: Box) -> None:
        self.scene.mask_changed(box)
        self.update_photo(box)

    def _move_ring(self) -> None:
        for box in self._marks.move_ring(self.device_scale()):
            self._update_device(box)

    def _move_line(self) -> None:
        self._update_device(self._marks.move_line(self.device_scale()))

    def _tell_hovered(self) -> None:
        hovered = self._marks.hovered
        if hovered != self._hovered:
            self._hovered = hovered
            self.cursor_moved.emit(*hovered)

    # -- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        viewport, scale = self.navigation.viewport, self.device_scale()
        if viewport is None:
            paint_empty(painter, QRectF(self.rect()), self._invitation(), self.font())
            return
        for rect in _parts(event.region()):
            painter.save()
            painter.setClipRect(rect)
            painter.scale(1 / scale, 1 / scale)
            self.scene.paint(painter, viewport, _to_device(rect, scale), scale=scale)
            painter.restore()
        painter.save()
        painter.scale(1 / scale, 1 / scale)
        self._marks.paint(painter, scale)
        painter.restore()
        left, right = self.scene.comparison.badges(first=self.scene.original)
        if left or self.scene.original:
            paint_badge(painter, left or self.tr("Original"), self.font())
        if right:
            paint_badge(painter, right, self.font(), right=self.width())

    def _invitation(self) -> tuple[str, str]:
        return self.tr("Open a photo"), self.tr("Ctrl+O, or drop one here")


def _parts(region: QRegion) -> list[QRect]:
    """What to paint one by one: the pieces of a region if they lie apart, else all at once."""
    pieces = list(cast("Iterable[QRect]", region))  # iterable, though its stub does not say so
    around = region.boundingRect()
    area = sum(piece.width() * piece.height() for piece in pieces)
    apart = len(pieces) <= 6 and area < 0.6 * around.width() * around.height()
    return pieces if apart else [around]


def _to_device(rect: QRect, scale: float) -> Box:
    box = to_box(rect)
    return Box(
        math.floor(box.top * scale),
        math.floor(box.left * scale),
        math.ceil(box.bottom * scale),
        math.ceil(box.right * scale),
    ).pad(2)
