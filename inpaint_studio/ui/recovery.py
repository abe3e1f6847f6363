"""Offers what a crash left behind, and keeps a journal so that the next one costs nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout

from inpaint_studio.ui.jobs import run_in_background
from inpaint_studio.ui.journaling import Journaling
from inpaint_studio.ui.recovery_bar import RecoveryBar
from inpaint_studio.ui.tab_order import reach_after

if TYPE_CHECKING:
    from collections.abc import Generator

    from inpaint_studio.project.recovery import Leftover, Recovered
    from inpaint_studio.ui.main_window import MainWindow


class RecoveryActions(QObject):
    """Looks for journals of programs that ended, and brings their documents back."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._leftovers: list[Leftover] = []
        self.journaling = Journaling(window.workspace, window.store, self)
        self.journaling.problem.connect(window.messages.show_problem)
        self.bar = RecoveryBar()
        self.bar.recover_requested.connect(self.recover)
        self.bar.discard_confirmed.connect(self._discard)
        parent = window.messages.parentWidget()
        middle = parent.layout() if parent is not None else None
        if isinstance(middle, QVBoxLayout):
            middle.insertWidget(0, self.bar)

    def look(self, *, open_newest: bool = False) -> None:
        """See whether there is anything to recover; `open_newest` does it at once."""
        place = self.journaling.place

        def find() -> list[Leftover]:
            from inpaint_studio.project.recovery import find_leftovers

            return find_leftovers(place)

        run_in_background(self, find, on_done=partial(self._offer, open_newest=open_newest))

    def recover(self, leftover: Leftover) -> None:
        """Open a document as it was, asking first about unsaved work."""
        self._window.photos.settle(lambda: self._start(leftover))

    def shut_down(self) -> None:
        """Wait for the journal of the last document to go."""
        self.journaling.join()

    def _offer(self, leftovers: list[Leftover], *, open_newest: bool) -> None:
        self._leftovers = leftovers
        self._show_leftovers()
        if open_newest and leftovers:
            self.recover(leftovers[0])
        elif open_newest:
            self._window.messages.show_notice(self.tr("There is nothing to recover."))

    def _start(self, leftover: Leftover) -> None:
        budget, standing = self._workspace.history_budget, self._workspace.standing

        def run() -> Generator[str, None, Recovered]:
            from inpaint_studio.document.history import History
            from inpaint_studio.project.recovery import recover

            return recover(leftover, history=History(budget_bytes=budget))

        self.bar.setEnabled(False)
        self._workspace.busy_changed.emit(self.tr("Recovering {0}…").format(leftover.name))

        def show(recovered: Recovered) -> None:
            if self._workspace.standing == standing:
                self._show(leftover, recovered)
            else:
                self._put_back(recovered)

        run_in_background(self, run, on_done=show, on_problem=self._fail)

    def _put_back(self, recovered: Recovered) -> None:
        """Somebody went on with the open picture meanwhile: neither is to be lost."""
        recovered.journal.close()
        recovered.document.close()
        self._fail(self.tr("The open picture was changed meanwhile: save it first, then recover."))

    def _show(self, leftover: Leftover, recovered: Recovered) -> None:
        self._workspace.busy_changed.emit("")
        self.journaling.expect(recovered)
        self._workspace.set_document(recovered.document)
        self._forget(leftover)
        told = self.tr("Recovered {0}: everything up to the last step is back.")
        self._workspace.status.emit(told.format(leftover.name))
        if recovered.note:
            self._window.messages.show_notice(recovered.note)

    def _fail(self, sentence: str) -> None:
        self.bar.setEnabled(True)
        self._workspace.busy_changed.emit("")
        self._window.messages.show_problem(sentence)

    def _discard(self, leftover: Leftover) -> None:
        from inpaint_studio.project.recovery import discard

        run_in_background(self, partial(discard, leftover))
        self._forget(leftover)

    def _forget(self, leftover: Leftover) -> None:
        self._leftovers = [other for other in self._leftovers if other is not leftover]
        self.bar.setEnabled(True)
        self._show_leftovers()

    def _show_leftovers(self) -> None:
        self.bar.show_leftovers(self._leftovers)
        reach_after(self._window.messages, *self.bar.buttons())
