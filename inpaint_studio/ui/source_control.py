"""Where patches may be copied from: a side of the hole, or an area painted green."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from inpaint_studio.ui.canvas.laid_over import LaidOver
from inpaint_studio.ui.canvas.mask_overlay import MaskOverlay
from inpaint_studio.ui.panels.fields import ElidedCombo

if TYPE_CHECKING:
    from inpaint_studio.document.commands import PaintMask
    from inpaint_studio.document.pixels import TileDelta
    from inpaint_studio.imaging.geometry import Box
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.view import CanvasView
    from inpaint_studio.ui.fill_request import FillChoice
    from inpaint_studio.ui.main_window import MainWindow

GREEN = QColor(64, 205, 120)
OPACITY = 0.4
TOOLS = ("brush", "eraser", "lasso", "polygon", "hand")


class SourceMarks(QWidget):
    """Tints the painted area green; lets every event through to the canvas."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._overlay: MaskOverlay | None = None
        self._over = LaidOver(self, canvas)

    def show_area(self, area: Coverage | None) -> None:
        self._overlay = None if area is None else MaskOverlay(area)
        if self._overlay is not None:
            self._overlay.set_tint(GREEN, OPACITY)
        self._over.show(area is not None)

    def refresh(self, box: Box) -> None:
        """Another part of the area is painted now."""
        if self._overlay is not None:
            self._overlay.update(box)
            self._canvas.update_photo(box)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        viewport = self._over.viewport
        if viewport is None or self._overlay is None:
            return
        painter = self._over.painter()
        self._overlay.set_scale(self._canvas.device_scale())
        self._overlay.paint(painter, viewport, viewport.screen.box)


class SourceControl(QObject):
    """The fields in the Fill panel, and the mode in which the area is painted.

    The area belongs to the open photo and is not part of its history; what was painted last can
    be taken back while the mode is on.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._canvas = window.canvas
        self._bar = window.mode_bar
        self._area: Coverage | None = None
        self._strokes: list[TileDelta] = []
        self._on = False
        self.marks = SourceMarks(window.canvas)
        self.side = ElidedCombo()
        self.paint = QPushButton()
        self._make_fields()
        window.filling.refine = self.refine
        window.commands.connect_all({"sources": self.toggle})
        window.canvas.painting.touched.connect(self._follow_stroke)
        window.canvas.tool_changed.connect(self._follow_tool)
        window.workspace.opened.connect(self.forget)
        window.workspace.closed.connect(self.forget)
        window.column.fill.choice_changed.connect(self._show_fields)
        self._show_fields()

    @property
    def is_on(self) -> bool:
        """Whether the area is being painted."""
        return self._on

    @property
    def area(self) -> Coverage | None:
        """(H, W) uint8, 255 = may be copied; None where nothing was painted."""
        return self._area if self._area is not None and self._area.any() else None

    def refine(self, choice: FillChoice) -> FillChoice:
        """What the panel says, with where to copy from."""
        if not choice.entry.copies:
            return choice
        side, area = self.side.currentData(), self.area
        if side != "around":
            choice = replace(choice, options={**choice.options, "sources": side})
        return choice if area is None else replace(choice, allowed=area > 0)

    def toggle(self) -> None:
        """Begin to paint the area, or leave."""
        on = self._on
        self._bar.leave()
        if not on and self._window.workspace.document is not None:
            self._begin()
        self._window.commands["sources"].setChecked(self._on)

    def leave(self) -> None:
        """Put the document's own mask back; the area stays, and counts."""
        document = self._window.workspace.document
        if self._on:
            self._canvas.settle()
            self._end()
            self._canvas.painting.set_canvas(None if document is None else document.mask)

    def forget(self) -> None:
        """Another photo is there, whose mask the canvas paints already."""
        if self._on:
            self._end()
        self._area, self._strokes = None, []
        self.marks.show_area(None)
        self._show_fields()

    def clear(self) -> None:
        """Copy from everywhere again."""
        if self._area is not None:
            self._canvas.settle()
            self._area[:] = 0
            self._strokes = []
            self.marks.show_area(self._area if self._on else None)
            self._show_fields()

    def take_back(self) -> None:
        """Undo the last stroke of the area."""
        if self._area is not None and self._strokes:
            self._canvas.settle()
            self.marks.refresh(self._strokes.pop().swap(self._area))

    def _begin(self) -> None:
        document = self._window.workspace.document
        assert document is not None
        self._window.parts.edges.leave()
        self._canvas.settle()
        if self._area is None:
            self._area = np.zeros(document.size, np.uint8)
        self._on = True
        self._canvas.painting.set_canvas(self._area, land=self._land)
        if self._canvas.tool not in TOOLS:
            self._canvas.set_tool("brush")
        about = self.tr("Paint where texture may be copied from; the eraser takes it away")
        self._bar.begin("", about, leave=self.leave, leave_text=self.tr("Done"))
        tip = self.tr("Copy from everywhere again")
        self._bar.add_button(self.tr("Clear"), self.clear, tip=tip)
        tip = self.tr("Undo the last stroke of the area")
        self._bar.add_button(self.tr("Take Back"), self.take_back, tip=tip)
        self.marks.show_area(self._area)
        self._canvas.setFocus()

    def _end(self) -> None:
        self._on = False
        self._bar.end()
        self.marks.show_area(self.area)
        self._window.commands["sources"].setChecked(False)
        self._show_fields()

    def _land(self, stroke: PaintMask) -> None:
        self._strokes.append(stroke.delta)
        self.marks.refresh(stroke.delta.box)

    def _follow_stroke(self, box: Box) -> None:
        if self._on:
            self.marks.refresh(box)

    def _follow_tool(self, tool: str) -> None:
        if tool not in TOOLS:
            self.leave()

    def _make_fields(self) -> None:
        for name, title in (
            ("around", self.tr("All around")),
            ("sides", self.tr("Left and right")),
            ("above-below", self.tr("Above and below")),
            ("left", self.tr("Left only")),
            ("right", self.tr("Right only")),
            ("above", self.tr("Above only")),
            ("below", self.tr("Below only")),
        ):
            self.side.addItem(title, name)
        advanced = self._window.column.fill.advanced
        tip = self.tr("Which side of the hole texture is copied from")
        advanced.add_row(self.tr("&Copy"), self.side, tip)
        self.paint.setAutoDefault(False)
        advanced.add_row("", self.paint, self._window.commands["sources"].toolTip())
        self.paint.clicked.connect(self._window.commands["sources"].trigger)

    def _show_fields(self) -> None:
        usable = self._window.column.fill.entry.copies
        painted = self.tr("Area to Copy From (painted)…")
        self.paint.setText(
            painted if self.area is not None else self.tr("Paint Area to Copy From…")
        )
        for field in (self.side, self.paint):
            field.setEnabled(usable)
