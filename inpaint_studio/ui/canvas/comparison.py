"""Two pictures on one canvas: side by side along a line, in turn, or what differs between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.canvas.picture import PictureSource
from inpaint_studio.ui.canvas.render import PicturePainter, to_rect
from inpaint_studio.ui.canvas.tiles import TileStore, visible_keys

if TYPE_CHECKING:
    from inpaint_studio.ui.canvas.navigation import Navigation
    from inpaint_studio.ui.canvas.viewport import Viewport

CompareMode = Literal["split", "flicker", "difference"]

_BUDGET = 64 << 20
"""Bytes of tiles of one side."""
_REACH = 7.0
"""Logical pixels from the line within which it is taken hold of."""
_HANDLE = 13.0
_LIGHT, _DARK = QColor(255, 255, 255, 240), QColor(0, 0, 0, 160)


class Comparison(QObject):
    """What is compared on the canvas, and where the line is.

    The first picture is on the left of the line, and shown alone while Tab is held. `changed`
    names a box of the photo to paint again.
    """

    changed = Signal(object)
    moved = Signal()
    """The line, or all there is to see."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.mode: CompareMode = "split"
        self.is_on = False
        self.names: tuple[str, str] = ("", "")
        self.line = 0.5
        """Where the line is, as a share of the canvas's width."""
        self._stores: list[TileStore] = []
        self._viewport: Viewport | None = None

    @property
    def has_line(self) -> bool:
        return self.is_on and self.mode == "split"

    def show(
        self, first: PictureSource, second: PictureSource, *, mode: CompareMode, box: Box | None
    ) -> None:
        """Compare two pictures; `box` says where they may be other than before (None: all)."""
        if not self._stores:
            self._stores = [TileStore(self, budget=_BUDGET, threads=1) for _ in range(2)]
            for store in self._stores:
                store.ready.connect(self.changed)
        self.is_on, self.mode = True, mode
        for store, source in zip(self._stores, (first, second), strict=True):
            if store.source is None or store.source.photo is not source.photo:
                store.show(source)
            else:
                store.revise(source, source.photo.photo.size.box if box is None else box)
        if self._viewport is not None:
            self.request(self._viewport)
        self.moved.emit()

    def end(self) -> None:
        """Compare no more."""
        self.is_on = False
        self._viewport = None
        self.moved.emit()
        for store in self._stores:
            store.show(None)

    def shutdown(self) -> None:
        """Stop drawing and wait for the threads."""
        for store in self._stores:
            store.shutdown()

    def request(self, viewport: Viewport) -> None:
        """Have the tiles drawn that the viewport shows."""
        self._viewport = viewport
        if self.is_on:
            keys = visible_keys(viewport.visible, viewport.level)
            for store in self._stores:
                store.want(keys)

    def badges(self, *, first: bool) -> tuple[str, str]:
        """What to call what shows on the left and on the right; empty where it needs no name."""
        if not self.is_on:
            return "", ""
        if self.has_line and not first:
            return self.names
        return self.names[0 if first else 1], ""

    def is_complete(self, viewport: Viewport) -> bool:
        """Whether everything of both is drawn."""
        keys = visible_keys(viewport.visible, viewport.level)
        return all(store.is_complete(keys) for store in self._stores)

    def holds(self, at: tuple[float, float], viewport: Viewport, scale: float) -> bool:
        """Whether a device position is on the line."""
        place = self.line * viewport.screen.width
        return self.has_line and abs(at[0] - place) <= _REACH * scale

    def move_line(self, x: float, viewport: Viewport) -> None:
        """Put the line under a device position."""
        self.line = min(max(x / max(1, viewport.screen.width), 0.0), 1.0)

    def paint(
        self, painter: QPainter, viewport: Viewport, dirty: Box, *, first: bool, scale: float
    ) -> None:
        """Paint what shows inside `dirty`, in device pixels; only the `first` picture if so."""
        middle = round(self.line * viewport.screen.width)
        if first or self.mode != "split":
            parts = ((0 if first else 1, dirty),)
        else:
            parts = (
                (0, dirty.intersect(Box(dirty.top, dirty.left, dirty.bottom, middle))),
                (1, dirty.intersect(Box(dirty.top, middle, dirty.bottom, dirty.right))),
            )
        for number, part in parts:
            if not part.is_empty:
                painter.save()
                painter.setClipRect(to_rect(part), Qt.ClipOperation.IntersectClip)
                picture = PicturePainter(self._stores[number])
                picture.paint(painter, viewport, part, original=False, scale=scale)
                painter.restore()
        if self.has_line and not first:
            _paint_line(painter, middle, viewport.screen.height, scale)


def _paint_line(painter: QPainter, x: int, height: int, scale: float) -> None:
    wide = max(1, round(scale))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRect(x - 2 * wide, 0, 4 * wide, height), _DARK)
    painter.fillRect(QRect(x - wide, 0, 2 * wide, height), _LIGHT)
    centre, radius = QPointF(x, height / 2), _HANDLE * scale
    painter.setPen(QPen(_DARK, 1.5 * scale))
    painter.setBrush(_LIGHT)
    painter.drawEllipse(centre, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(40, 40, 44))
    for side in (-1, 1):
        tip = centre + QPointF(side * 8 * scale, 0)
        base = centre + QPointF(side * 3 * scale, 0)
        up = QPointF(0, 4 * scale)
        painter.drawPolygon(QPolygonF([tip, base + up, base - up]))
    painter.restore()


class LineGrip:
    """The pointer's hold on the line between two pictures. Positions are device pixels."""

    def __init__(self, comparison: Comparison, navigation: Navigation) -> None:
        self._comparison = comparison
        self._navigation = navigation
        self.held = False

    @property
    def comparing(self) -> bool:
        """Whether pictures are compared: there is nothing to paint on then."""
        return self._comparison.is_on

    def is_over(self, at: tuple[float, float] | None, scale: float) -> bool:
        viewport = self._navigation.viewport
        if at is None or viewport is None:
            return False
        return self.held or self._comparison.holds(at, viewport, scale)

    def take(self, at: tuple[float, float], scale: float) -> bool:
        """Take hold of the line if it lies under the pointer."""
        self.held = self.is_over(at, scale)
        return self.held

    def drag(self, x: float) -> None:
        viewport = self._navigation.viewport
        if viewport is not None:
            self._comparison.move_line(x, viewport)
            self._comparison.moved.emit()

    def let_go(self) -> None:
        self.held = False
