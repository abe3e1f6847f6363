"""Fetching and importing models in the background, with consent asked where it is needed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from inpaint_studio.ui.dialogs.consent import ConsentDialog
from inpaint_studio.ui.dialogs.model_text import spoken_bytes
from inpaint_studio.ui.jobs import BackgroundJob, join_jobs, run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from inpaint_studio.weights.arrivals import Arrival
    from inpaint_studio.weights.card import ModelCard
    from inpaint_studio.weights.download import DownloadProgress
    from inpaint_studio.weights.library import Library


class ModelJobs(QObject):
    """One job at a time."""

    running_changed = Signal(bool)
    progress = Signal(str, float)
    """What is being done, and how much of it (0 to 1; below 0 when it is not known)."""
    finished = Signal(object)
    """The ModelCard that is installed now."""
    failed = Signal(str)

    def __init__(self, library: Library, parent: QObject) -> None:
        super().__init__(parent)
        self._library = library
        self._job: BackgroundJob | None = None

    def fetch(self, card: ModelCard, window: QWidget) -> None:
        """Download and install, once the licence is agreed to where it has to be."""
        self._with_consent(card, window, partial(self._fetch, card))

    def import_path(self, path: Path, window: QWidget) -> None:
        """Find out what a file or folder is, ask for consent where needed, and install it."""
        self._start(
            self.tr("Looking at {0}…").format(path.name),
            lambda: self._library.recognise(path),
            partial(self._take_arrival, window),
        )

    def stop(self) -> None:
        """Stop what runs; a download goes on from there next time."""
        if self._job is not None:
            self._end()
            self.failed.emit(self.tr("Stopped. What has arrived is kept."))

    def shut_down(self) -> None:
        """Stop, and wait for the thread."""
        self._end()
        join_jobs(self)

    def _with_consent(
        self, card: ModelCard, window: QWidget, proceed: Callable[[], object]
    ) -> None:
        if not self._library.needs_consent(card):
            proceed()
            return

        def agree() -> None:
            self._library.give_consent(card)
            proceed()

        ConsentDialog(window, card, agreed=agree).open()

    def _take_arrival(self, window: QWidget, arrival: Arrival) -> None:
        self._end()
        card = arrival.card
        title = self.tr("Installing {0}…").format(card.title)
        install = partial(self._library.install, arrival)
        self._with_consent(card, window, lambda: self._start(title, install, self._finish))

    def _fetch(self, card: ModelCard) -> None:

        def finish(_nothing: object) -> None:
            self._finish(card)

        self._start(self.tr("Connecting…"), partial(self._library.fetch, card), finish)

    def _start(self, title: str, work: Callable[[], object], done: Callable[..., object]) -> None:
        self._end()
        self.running_changed.emit(True)
        self.progress.emit(title, -1.0)
        self._job = run_in_background(
            self, work, on_progress=self._report, on_done=done, on_problem=self._fail
        )

    def _report(self, arrived: DownloadProgress) -> None:
        done = arrived.received / arrived.total if arrived.total else -1.0
        of = f" / {spoken_bytes(arrived.total)}" if arrived.total else ""
        self.progress.emit(f"{arrived.file}: {spoken_bytes(arrived.received)}{of}", done)

    def _finish(self, card: ModelCard) -> None:
        self._end()
        self.finished.emit(card)

    def _fail(self, sentence: str) -> None:
        self._end()
        self.failed.emit(sentence)

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.stop()
            self.running_changed.emit(False)
