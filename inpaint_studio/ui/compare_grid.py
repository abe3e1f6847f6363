"""Several fills of one mask side by side: look at the same place in all, and keep some."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.canvas.navigation import Navigation
from inpaint_studio.ui.dialogs.sizes import resize_within
from inpaint_studio.ui.fill_distance import fill_distance
from inpaint_studio.ui.grid_cell import GridCell
from inpaint_studio.ui.jobs import join_jobs, run_in_background
from inpaint_studio.ui.keep_bar import KeepBar
from inpaint_studio.ui.panels.layer_facts import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.geometry import Size
    from inpaint_studio.ui.canvas.picture import PictureSource

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
    """Candidates to keep (at least one), the framed one first if it is one of them, those not to,
    and whether these are kept hidden."""
    mixed = Signal(object, object, bool)
    """The same of two that are to be brushed into each other."""
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
        self._columns = math.ceil(math.sqrt(len(names)))
        self._hole = hole
        self._size = size
        self._placed = False
        self.bar = KeepBar()
        self._lay_out()
        self._connect()
        for cell in self.cells:
            cell.view.show_source(base)
            cell.say(self.tr("Waiting"))
            cell.set_ready(False)
        self._show_kept()

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
        cell.say("", duration(candidate.seconds))
        if number == self.reference or self.candidates[self.reference].layer is None:
            self.choose(number)
        else:
            self._measure(number)

    def show_failed(self, number: int, sentence: str) -> None:
        self.cells[number].say(self.tr("Failed"), "")
        self.cells[number].view.setToolTip(sentence)
        self.bar.hint.setText(sentence)

    def set_running(self, running: bool) -> None:
        self.bar.stop.setVisible(running)

    def choose(self, number: int) -> None:
        """Frame this one: it is kept where none is ticked, and the others are measured against
        it."""
        if self.candidates[number].layer is None:
            return
        self.reference = number
        for place, cell in enumerate(self.cells):
            cell.set_chosen(place == number)
            self._measure(place)
        self.cells[number].view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_kept()

    def keep_others(self) -> None:
        """Offer first to keep hidden what is not chosen."""
        self.bar.others.setCurrentIndex(1)

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits and arrows frame one; Enter keeps and Esc leaves, as in any dialog."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        steps |= {Qt.Key.Key_Up: -self._columns, Qt.Key.Key_Down: self._columns}
        number = event.key() - int(Qt.Key.Key_1)
        if event.key() in steps:
            number = self.reference + steps[Qt.Key(event.key())]
        elif not 0 <= number < 9:
            super().keyPressEvent(event)
            return
        if 0 <= number < len(self.cells):
            self.choose(number)

    def done(self, result: int) -> None:
        self.stop_requested.emit()
        join_jobs(self)
        for cell in self.cells:
            cell.view.store.shutdown()
        super().done(result)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, cell in enumerate(self.cells):
            grid.addWidget(cell, place // self._columns, place % self._columns)
            grid.setColumnStretch(place % self._columns, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(grid, 1)
        layout.addWidget(self.bar)
        self.bar.make_keep_default()
        resize_within(self, 1120, 800)

    def _connect(self) -> None:
        self.bar.keep.clicked.connect(lambda: self._agree())
        self.bar.mix.clicked.connect(lambda: self._agree(mix=True))
        self.bar.stop.clicked.connect(self.stop_requested)
        self.bar.leave.clicked.connect(self.reject)
        for place, cell in enumerate(self.cells):
            cell.chosen.connect(lambda place=place: self.choose(place))
            cell.wanted.connect(lambda place=place: self._agree_on(place))
            cell.kept.connect(self._show_kept)

    def _kept(self) -> list[int]:
        """What is ticked, or else the framed one; the framed one first."""
        ticked = [place for place, cell in enumerate(self.cells) if cell.keeps]
        ticked.sort(key=lambda place: place != self.reference)
        framed = [self.reference] if self.candidates[self.reference].layer is not None else []
        return ticked or framed

    def _show_kept(self) -> None:
        self.bar.show_kept([self.candidates[place].name for place in self._kept()])

    def _agree_on(self, number: int) -> None:
        """Keep this one and no other."""
        self.choose(number)
        for cell in self.cells:
            cell.box.setChecked(False)
        if self.reference == number and self.bar.keep.isEnabled():
            self._agree()

    def _agree(self, *, mix: bool = False) -> None:
        places = self._kept()
        kept = [self.candidates[place] for place in places]
        left = [
            one
            for place, one in enumerate(self.candidates)
            if place not in places and one.layer is not None
        ]
        (self.mixed if mix else self.agreed).emit(kept, left, self.bar.hides_others)
        self.accept()

    def _measure(self, number: int) -> None:
        """Say how far a candidate is from the framed one."""
        one, other = self.candidates[number], self.candidates[self.reference]
        if one.layer is None or other.layer is None:
            return
        said, cell = duration(one.seconds), self.cells[number]
        if one is other:
            cell.say("", said)
            return
        first, second = one.layer, other.layer
        run_in_background(
            self,
            lambda: fill_distance(first, second),
            on_done=lambda apart: self._say_apart(number, other, f"{said}   Δ {apart:.1f}".strip()),
        )

    def _say_apart(self, number: int, other: Candidate, fact: str) -> None:
        """Unless another one is framed by now."""
        if self.candidates[self.reference] is other:
            self.cells[number].say("", fact)
