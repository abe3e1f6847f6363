"""Where patches may be copied from: what the fields say, and areas painted on the photo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject

from inpaint_studio.document.commands import PaintMask
from inpaint_studio.imaging.photo import frozen
from inpaint_studio.ui.source_fields import SourceFields
from inpaint_studio.ui.source_marks import SourceMarks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inpaint_studio.document.change import CanvasName, Change
    from inpaint_studio.imaging.geometry import Box
    from inpaint_studio.imaging.mask import Coverage, Hole
    from inpaint_studio.ui.fill_request import FillChoice
    from inpaint_studio.ui.main_window import MainWindow

TOOLS: Final = ("brush", "eraser", "lasso", "polygon", "hand")
AREAS: Final[tuple[CanvasName, ...]] = ("allowed", "forbidden")
_ACTIONS: Final[dict[CanvasName, str]] = {"allowed": "sources", "forbidden": "sources_not"}


class SourceControl(QObject):
    """Adds to a choice where to copy from; the mode in which one of the two areas is painted.

    The areas are canvases of the document like its mask: every stroke is a step to undo, and both
    are saved with it. Where both are painted nothing is copied.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._canvas = window.canvas
        self._bar = window.mode_bar
        self._painted: CanvasName | None = None
        self._holes: dict[CanvasName, Hole] = {}
        """The areas as engines are told them: asked for at every stroke, slow for a large photo."""
        self.marks = SourceMarks(window.canvas)
        self.fields = SourceFields(window.column.fill.advanced, window.commands)
        self._connect()
        self._show()

    @property
    def is_on(self) -> bool:
        """Whether one of the areas is being painted."""
        return self._painted is not None

    @property
    def areas(self) -> Mapping[CanvasName, Coverage]:
        """The areas something is painted in, (H, W) uint8 each."""
        document = self._window.workspace.document
        if document is None:
            return {}
        found: dict[CanvasName, Coverage] = {name: document.canvas(name) for name in AREAS}
        return {name: area for name, area in found.items() if area.any()}

    def refine(self, choice: FillChoice) -> FillChoice:
        """What the panel says, with where to copy from."""
        if not choice.entry.copies:
            return choice
        options = {**choice.options, **self.fields.options}
        allowed, forbidden = self._hole("allowed"), self._hole("forbidden")
        return replace(choice, options=options, allowed=allowed, forbidden=forbidden)

    def _hole(self, name: CanvasName) -> Hole | None:
        area = self.areas.get(name)
        if area is None:
            return None
        if name not in self._holes:
            self._holes[name] = frozen(area > 0)
        return self._holes[name]

    def toggle(self, name: CanvasName) -> None:
        """Begin to paint an area, or leave where it is the one being painted."""
        again = self._painted == name
        self._bar.leave()
        if not again and self._window.workspace.document is not None:
            self._begin(name)
        self._show()

    def leave(self) -> None:
        """Put the document's own mask back; the area stays, and counts."""
        document = self._window.workspace.document
        if self.is_on:
            self._canvas.settle()
            self._end()
            self._canvas.painting.set_canvas(None if document is None else document.mask)

    def forget(self) -> None:
        """Another photo is there, whose mask the canvas paints already."""
        self._holes.clear()
        if self.is_on:
            self._end()
        self._show()

    def clear(self) -> None:
        """Take away what is painted: the area in hand, or both where none is."""
        document = self._window.workspace.document
        if document is None:
            return
        self._canvas.settle()
        for name in self.areas:
            if self._painted in (None, name):
                title = self.tr("Clear area to copy from")
                empty = np.zeros_like(document.canvas(name))
                command = PaintMask.to(document, empty, title=title, on=name)
                self._window.workspace.push(command)

    def _begin(self, name: CanvasName) -> None:
        document = self._window.workspace.document
        assert document is not None
        self._window.parts.edges.leave()
        self._canvas.settle()
        self._painted = name
        self._canvas.painting.set_canvas(document.canvas(name), land=self._land)
        if self._canvas.tool not in TOOLS:
            self._canvas.set_tool("brush")
        self._show_bar(name)
        self._canvas.setFocus()

    def _show_bar(self, name: CanvasName) -> None:
        other: CanvasName = "forbidden" if name == "allowed" else "allowed"
        about, switch = {
            "allowed": (
                self.tr("Paint where texture may be copied from; the eraser takes it away"),
                self.tr("Paint Where Not…"),
            ),
            "forbidden": (
                self.tr("Paint where texture must not be copied from; the eraser takes it away"),
                self.tr("Paint Where From…"),
            ),
        }[name]
        self._bar.begin("", about, leave=self.leave, leave_text=self.tr("Done"))
        tip = self.tr("Clear this area; undo brings it back")
        self._bar.add_button(self.tr("Clear"), self.clear, tip=tip)
        tip = self._window.commands[_ACTIONS[other]].toolTip()
        self._bar.add_button(switch, lambda: self.toggle(other), tip=tip)

    def _end(self) -> None:
        self._painted = None
        self._bar.end()
        self._show()

    def _land(self, stroke: PaintMask) -> None:
        if self._painted is not None:
            title = {
                "allowed": self.tr("Paint area to copy from"),
                "forbidden": self.tr("Paint area not to copy from"),
            }[self._painted]
            self._window.workspace.push(PaintMask(stroke.delta, title, self._painted))

    # Following

    def _connect(self) -> None:
        window = self._window
        window.filling.refine = self.refine
        window.filling.choice_shown.connect(self.fields.show_choice)
        window.commands.connect_all(
            {action: lambda name=name: self.toggle(name) for name, action in _ACTIONS.items()}
        )
        window.canvas.painting.touched.connect(self._follow_stroke)
        window.canvas.tool_changed.connect(self._follow_tool)
        window.workspace.opened.connect(self.forget)
        window.workspace.closed.connect(self.forget)
        window.workspace.changed.connect(self._follow)
        window.column.fill.choice_changed.connect(self._show)

    def _follow(self, change: Change) -> None:
        if change.kind == "allowed" or change.kind == "forbidden":
            self._holes.pop(change.kind, None)
            self._show()
            self.marks.refresh(change.kind, change.box)

    def _follow_stroke(self, box: Box) -> None:
        if self._painted is not None:
            self.marks.refresh(self._painted, box)

    def _follow_tool(self, tool: str) -> None:
        if tool not in TOOLS:
            self.leave()

    def _show(self) -> None:
        areas, document = self.areas, self._window.workspace.document
        self.fields.show_areas(areas, usable=self._window.column.fill.entry.copies)
        for name, action in _ACTIONS.items():
            self._window.commands[action].setChecked(self._painted == name)
        if document is None:
            self.marks.show_areas({})
        else:
            shown = dict(areas)
            if self._painted is not None:
                shown[self._painted] = document.canvas(self._painted)
            self.marks.show_areas(shown)
