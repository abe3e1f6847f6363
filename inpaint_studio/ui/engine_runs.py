"""Runs several engines, models or seeds on one mask, one after another; nothing lands by itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from inpaint_studio.engines.api import Progress
from inpaint_studio.project.fill_record import edge_drawing, provenance, recipe_of, request_digest
from inpaint_studio.ui.fill_request import FillChoice, FillSubject, make_task
from inpaint_studio.ui.jobs import BackgroundJob, run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.engines.restore import Restoration
    from inpaint_studio.engines.task import FillTask
    from inpaint_studio.ui.worker import InferenceThread
    from inpaint_studio.weights.library import Library


@dataclass(slots=True, eq=False)
class _Run:
    """The run under way. `job` is 0 until the engine has been asked."""

    number: int
    choice: FillChoice
    started: float
    task: FillTask | None = None
    job: int = 0


class EngineRuns(QObject):
    """Numbers count from 0 in the order of the choices."""

    progressed = Signal(int, str, float)
    made = Signal(int, object, float)
    """The Layer a run came to, and the seconds it took; the document does not have it."""
    failed = Signal(int, str)
    finished = Signal()

    def __init__(
        self, worker: InferenceThread, library: Callable[[], Library], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._library = library
        self._document: Document | None = None
        self._subject: FillSubject | None = None
        self._waiting: deque[tuple[int, FillChoice]] = deque()
        self._run: _Run | None = None
        self._preparing: BackgroundJob | None = None
        worker.reported.connect(self._follow)
        worker.done.connect(self._finish)
        worker.failed.connect(self._fail_job)
        worker.stopped.connect(self._lose)

    @property
    def running(self) -> bool:
        return self._run is not None

    def start(self, document: Document, choices: Sequence[FillChoice]) -> None:
        """Fill the document's mask, as everything looks now, with each of the choices."""
        self.stop()
        self._document, self._subject = document, FillSubject.of(document)
        self._waiting = deque(enumerate(choices))
        self._next()

    def stop(self) -> None:
        """Give up what runs and what waits."""
        run, self._run = self._run, None
        self._waiting.clear()
        if self._preparing is not None:
            self._preparing.stop()
            self._preparing = None
        if run is not None and run.job:
            self._worker.stop(run.job)
        if run is not None:
            self.finished.emit()

    def _next(self) -> None:
        subject = self._subject
        if not self._waiting or subject is None:
            self._run = None
            self.finished.emit()
            return
        number, choice = self._waiting.popleft()
        self._run = _Run(number, choice, perf_counter())
        self.progressed.emit(number, self.tr("Preparing"), 0.0)
        self._preparing = run_in_background(
            self,
            lambda: make_task(subject, choice, self._library()),
            on_done=self._submit,
            on_problem=self._fail,
        )

    def _submit(self, task: FillTask) -> None:
        if self._run is not None:
            self._run.task = task
            self._run.job = self._worker.submit(task)

    def _follow(self, job: int, event: object) -> None:
        if self._is_ours(job) and self._run is not None and isinstance(event, Progress):
            self.progressed.emit(self._run.number, event.stage, event.done)

    def _finish(self, job: int, result: Restoration) -> None:
        run, document, subject = self._run, self._document, self._subject
        if not self._is_ours(job) or run is None or document is None or subject is None:
            return
        seconds = perf_counter() - run.started
        number = document.new_layer_id()
        self._preparing = run_in_background(
            self,
            lambda: _layer(run, subject, result, seconds=seconds, id=number),
            on_done=lambda layer: self._keep(layer, seconds),
            on_problem=self._fail,
        )

    def _keep(self, layer: Layer | None, seconds: float) -> None:
        if self._run is None:
            return
        if layer is None:
            self._fail(self.tr("It found nothing to fill."))
            return
        self.made.emit(self._run.number, layer, seconds)
        self._next()

    def _fail(self, sentence: str) -> None:
        if self._run is not None:
            self.failed.emit(self._run.number, sentence)
            self._next()

    def _fail_job(self, job: int, sentence: str) -> None:
        if self._is_ours(job):
            self._fail(sentence)

    def _lose(self, job: int) -> None:
        if self._is_ours(job):
            self._fail(self.tr("It was stopped."))

    def _is_ours(self, job: int) -> bool:
        return self._run is not None and self._run.job == job


def _layer(
    run: _Run, subject: FillSubject, result: Restoration, *, seconds: float, id: int
) -> Layer | None:
    """What a run came to, as a layer that knows how it was made."""
    from inpaint_studio.document.layer import Layer

    task = run.task
    if task is None or result.patch is None:
        return None
    record = provenance(task, result, digest=request_digest(task), seconds=seconds)
    recipe = recipe_of(task, subject.overlays)
    edges, name = edge_drawing(result), f"{record.title} fill"
    return Layer.from_patch(
        result.patch, id=id, name=name, provenance=record, recipe=recipe, edges=edges
    )
