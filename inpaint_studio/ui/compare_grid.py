"""Several fills of one mask side by side: look at the same place in all, and keep some."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.canvas.navigation import Navigation
from inpaint_studio.ui.fill_distance import fill_distance
from inpaint_studio.ui.grid_cell import GridCell
from inpaint_studio.ui.jobs import join_jobs, run_in_background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.geometry import Size
    from inpaint_studio.ui.canvas.tiles import PictureSource

_ROOM = 1.7
"""Sizes of the hole that are shown at first."""


@dataclass(slots=True, eq=False)
class Candidate:
    """A fill to look at; `layer` is None until it is made."""

    name: str
    layer: Layer | None = None
    seconds: float = 0.0
    source: PictureSource | None = None
    """The photo with it."""


class CompareGrid(QDialog):
    """Shows candidates as they come; says which to keep."""

    agreed = Signal(object, object, bool)
    """Candidates to keep, the framed one first if it is one of them, those not to, and whether
    these are kept hidden."""
    stop_requested = Signal()

    def __init__(
        self,
        parent: QWidget | None,
        names: Sequence[str],
        *,
        base: PictureSource,
        size: Size,
        hole: Box,
    ) -> None:
        """`base` is what shows while a candidate is not made, `hole` where to look first."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare fills"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.candidates = [Candidate(name) for name in names]
        self.navigation = Navigation(self)
        self.cells = [GridCell(name, self.navigation) for name in names]
        self.reference = 0
        self._hole = hole
        self._size = size
        self._placed = False
        self.others = QComboBox()
        self.keep = QPushButton(self.tr("&Keep"))
        self.stop = QPushButton(self.tr("&Stop"))
        self.hint = QLabel()
        self._lay_out()
        self._connect()
        for cell in self.cells:
            cell.view.show_source(base)
            cell.say(self.tr("Waiting"))
            cell.set_ready(False)
        self._enable()

    def show_progress(self, number: int, stage: str, done: float) -> None:
        percent = f" {done:.0%}" if done > 0 else ""
        self.cells[number].say(f"{stage}{percent}")

    def show_made(self, number: int, candidate: Candidate) -> None:
        """A candidate is there; `candidate.source` shows it."""
        self.candidates[number] = candidate
        cell = self.cells[number]
        if candidate.source is not None:
            cell.view.show_source(candidate.source)
        cell.set_ready(True)
        cell.say("", self._seconds(candidate))
        if self.candidates[self.reference].layer is None:
            self.choose(number)
        else:
            self._measure(number)
        self._enable()

    def show_failed(self, number: int, sentence: str) -> None:
        self.cells[number].say(self.tr("Failed"), "")
        self.cells[number].view.setToolTip(sentence)
        self.hint.setText(sentence)

    def set_running(self, running: bool) -> None:
        self.stop.setVisible(running)

    def choose(self, number: int) -> None:
        """Measure the others against this one."""
        if self.candidates[number].layer is None:
            return
        self.reference = number
        for place, cell in enumerate(self.cells):
            cell.set_chosen(place == number)
            self._measure(place)
        if len(self.cells) == 1:
            self.cells[0].box.setChecked(True)

    def place(self) -> None:
        """Look at the hole in all of them."""
        self.navigation.show(self._size)
        viewport = self.navigation.viewport
        if viewport is None or self._hole.is_empty:
            return
        fits = min(
            viewport.screen.width / (_ROOM * max(1, self._hole.width)),
            viewport.screen.height / (_ROOM * max(1, self._hole.height)),
        )
        self.navigation.zoom_to(min(max(fits, viewport.zoom), 2.0))
        middle = self._hole
        self.navigation.centre_on(
            (middle.left + middle.right) / 2, (middle.top + middle.bottom) / 2
        )

    def done(self, result: int) -> None:
        self.stop_requested.emit()
        join_jobs(self)
        for cell in self.cells:
            cell.view.store.shutdown()
        super().done(result)

    def _lay_out(self) -> None:
        columns = math.ceil(math.sqrt(len(self.cells)))
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, cell in enumerate(self.cells):
            grid.addWidget(cell, place // columns, place % columns)
        for name, hidden in (
            (self.tr("Drop the others"), False),
            (self.tr("Keep the others hidden"), True),
        ):
            self.others.addItem(name, hidden)
        self.others.setAccessibleName(self.tr("What becomes of the others"))
        self.others.setToolTip(self.tr("What becomes of those that are not ticked"))
        self.keep.setProperty("role", "primary")
        self.keep.setToolTip(
            self.tr("Keep what is ticked as layers; of several the framed one is shown")
        )
        self.stop.setToolTip(self.tr("Stop what still runs; what is there stays"))
        close = QPushButton(self.tr("&Close"))
        close.setToolTip(self.tr("Leave everything as it was"))
        close.clicked.connect(self.reject)
        self.hint.setProperty("role", "muted")
        self.hint.setText(self.tr("Δ: mean difference to the framed one, in levels of 255."))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.hint, 1)
        for widget in (self.stop, self.others, close, self.keep):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(grid, 1)
        layout.addLayout(row)
        self.resize(1120, 800)

    def _connect(self) -> None:
        self.keep.clicked.connect(self._agree)
        self.stop.clicked.connect(self.stop_requested)
        for place, cell in enumerate(self.cells):
            cell.chosen.connect(lambda place=place: self.choose(place))
            cell.kept.connect(self._enable)

    def _enable(self) -> None:
        self.keep.setEnabled(any(cell.keeps for cell in self.cells))

    def _agree(self) -> None:
        pairs = list(zip(self.cells, self.candidates, strict=True))
        pairs.insert(0, pairs.pop(self.reference))
        kept = [one for cell, one in pairs if cell.keeps and one.layer is not None]
        left = [one for cell, one in pairs if not cell.keeps and one.layer is not None]
        self.agreed.emit(kept, left, bool(self.others.currentData()))
        self.accept()

    def _measure(self, number: int) -> None:
        """Say how far a candidate is from the framed one."""
        one, other = self.candidates[number], self.candidates[self.reference]
        if one.layer is None or other.layer is None:
            return
        said, cell = self._seconds(one), self.cells[number]
        if one is other:
            cell.say("", said)
            return
        first, second = one.layer, other.layer
        run_in_background(
            self,
            lambda: fill_distance(first, second),
            on_done=lambda apart: cell.say("", f"{said}   Δ {apart:.1f}".strip()),
        )

    def _seconds(self, candidate: Candidate) -> str:
        return self.tr("{0:.1f} s").format(candidate.seconds) if candidate.seconds else ""
