"""From "Fill" to a new layer: start, follow, stop, land."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication, QObject, Signal

from inpaint_studio.engines.api import EdgeMap, Preview, Progress
from inpaint_studio.engines.registry import ENGINES
from inpaint_studio.project.fill_record import edge_drawing, provenance, recipe_of, request_digest
from inpaint_studio.ui.fill_request import (
    FillChoice,
    FillOrder,
    FillSubject,
    make_task,
)
from inpaint_studio.ui.fill_result import landing
from inpaint_studio.ui.jobs import BackgroundJob, join_jobs, run_in_background
from inpaint_studio.ui.warm_up import WarmUp

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import FillRecipe
    from inpaint_studio.engines.api import Floats, Hole
    from inpaint_studio.engines.restore import Restoration
    from inpaint_studio.engines.task import FillTask
    from inpaint_studio.imaging.geometry import Box
    from inpaint_studio.imaging.photo import Patch
    from inpaint_studio.ui.worker import InferenceThread
    from inpaint_studio.ui.workspace import Workspace
    from inpaint_studio.weights.library import Library

__all__ = ["FillChoice", "FillController", "PreviewCanvas"]


class PreviewCanvas(Protocol):
    """What shows a fill in place while it runs."""

    def set_preview(self, pixels: Floats, hole: Hole, box: Box) -> None: ...
    def clear_preview(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Fill:
    """The fill under way. `job` is 0 until the engine has been asked."""

    document: Document
    choice: FillChoice
    order: FillOrder
    started: float
    job: int = 0
    task: FillTask | None = None
    digest: str = ""
    recipe: FillRecipe | None = None
    result: Restoration | None = None
    preparing: BackgroundJob | None = None


class FillController(QObject):
    """Runs one fill at a time and lands it as a layer of the document it was asked for.

    The mask stays, so that another engine can be tried on it. What belongs to a document that has
    been closed meanwhile is dropped.
    """

    running_changed = Signal(bool)
    progress = Signal(str, float)
    """What is being done, in the user's words, and how much of the fill is done (0 to 1)."""
    edge_map = Signal(object)
    """An EdgeMap, the moment it exists."""
    landed = Signal(object)
    """The Layer a fill has become."""
    message = Signal(str)
    """A sentence: what came out, or why nothing was started. What goes wrong later is said by the
    workspace's `problem`."""

    def __init__(
        self,
        workspace: Workspace,
        canvas: PreviewCanvas,
        worker: InferenceThread,
        *,
        library: Callable[[], Library] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._canvas = canvas
        self._worker = worker
        self._library = library or _standard_library
        self._fill: _Fill | None = None
        self._warmth = WarmUp(worker, self._library, self)
        worker.began.connect(self._open_engine)
        worker.reported.connect(self._follow)
        worker.done.connect(self._finish)
        worker.failed.connect(self._fail_job)
        worker.stopped.connect(self._end_job)
        workspace.opened.connect(self._drop)
        workspace.closed.connect(self._drop)

    @property
    def running(self) -> bool:
        return self._fill is not None

    def start(self, choice: FillChoice, order: FillOrder | None = None) -> None:
        """Fill the mask of the open document, or what `order` says; says why where that cannot
        be."""
        document = self._workspace.document
        if self._fill is not None:
            self.message.emit(self.tr("A fill is running: wait for it, or press Stop first."))
            return
        if document is None:
            self.message.emit(self.tr("Open a photo first."))
            return
        order = order or FillOrder(FillSubject.of(document))
        if order.subject.mask.is_empty:  # a fill that is being changed may have lost its mask, too
            self.message.emit(self.tr("Paint over what should go first, then press Fill."))
        else:
            self._begin(document, choice, order)

    def stop(self) -> None:
        """Stop the fill: at once for the user; the engine gets 0.2 s, then its process ends."""
        if self._fill is not None:
            self._end()
            self.message.emit(self.tr("The fill was stopped; nothing was changed."))

    def warm_up(self, choice: FillChoice) -> None:
        """Load the engine while the user is still painting."""
        if self._fill is None:
            self._warmth.want(choice)

    def shut_down(self) -> None:
        """End whatever runs, and the engine process. Called once, when the window closes."""
        self._end()
        self._worker.shutdown()
        join_jobs(self)

    def _begin(self, document: Document, choice: FillChoice, order: FillOrder) -> None:
        fill = _Fill(document, choice, order, perf_counter())
        self._fill = fill
        subject = order.subject
        self.running_changed.emit(True)
        self.progress.emit(self.tr("Preparing"), 0.0)
        fill.preparing = run_in_background(
            self,
            lambda: make_task(subject, choice, self._library()),
            on_done=self._submit,
            on_problem=self._fail,
        )

    def _submit(self, task: FillTask) -> None:
        fill = self._fill
        if fill is None:
            return
        fill.task = task
        fill.job = self._worker.submit(task)
        overlays = fill.order.subject.overlays
        # The record takes as long as reading the photo: meanwhile the engine works.
        fill.preparing = run_in_background(
            self,
            lambda: (request_digest(task), recipe_of(task, overlays)),
            on_done=lambda record: self._keep_record(*record),
            on_problem=self._fail,
        )

    def _keep_record(self, digest: str, recipe: FillRecipe) -> None:
        if self._fill is not None:
            self._fill.digest, self._fill.recipe = digest, recipe
            self._land()

    def _open_engine(self, job: int) -> None:
        """The engine has the photo; the first time it still has to read its weights."""
        if self._is_ours(job):
            self.progress.emit(self.tr("Loading the engine"), 0.0)

    def _follow(self, job: int, event: object) -> None:
        if not self._is_ours(job):
            return
        match event:
            case Progress(stage, done):
                self.progress.emit(stage, done)
            case EdgeMap():
                self.edge_map.emit(event)
            case Preview(pixels, hole, box):
                self._canvas.set_preview(pixels, hole, box)
            case _:
                pass

    def _finish(self, job: int, result: Restoration) -> None:
        if self._fill is not None and self._is_ours(job):
            self._fill.result = result
            self._land()

    def _land(self) -> None:
        """Add the layer, once both the result and its digest are there."""
        fill = self._fill
        if fill is None or fill.task is None or fill.result is None or not fill.digest:
            return
        result, seconds = fill.result, perf_counter() - fill.started
        self._end()
        if result.patch is not None:
            self._land_patch(fill, fill.task, result, result.patch)
        title = fill.choice.entry.title
        outcome = self.tr("{0} filled the mask in {1:.1f} s.").format(title, seconds)
        self.message.emit(" ".join((outcome, *result.notes)))

    def _land_patch(self, fill: _Fill, task: FillTask, result: Restoration, patch: Patch) -> None:
        """The patch as a new layer, or in place of the one it was ordered for."""
        from inpaint_studio.document.layer import Layer

        seconds = perf_counter() - fill.started
        made = Layer.from_patch(
            patch,
            id=fill.document.new_layer_id(),
            name=_called(fill.choice.engine),
            provenance=provenance(task, result, digest=fill.digest, seconds=seconds),
            recipe=fill.recipe,
            edges=edge_drawing(result),
        )
        layer, command = landing(fill.document, fill.order, made, called=_called)
        self._workspace.push(command, merge=fill.order.merge and layer is not made)
        self.landed.emit(layer)

    def _fail_job(self, job: int, sentence: str) -> None:
        if self._is_ours(job):
            self._fail(sentence)

    def _fail(self, sentence: str) -> None:
        self._end()
        self.message.emit(self.tr("The fill failed; nothing was changed."))
        self._workspace.problem.emit(sentence)

    def _end_job(self, job: int) -> None:
        if self._is_ours(job):
            self._end()

    def _drop(self) -> None:
        """The document the fill was for is no longer there."""
        fill = self._fill
        if fill is not None and self._workspace.document is not fill.document:
            self._end()

    def _end(self) -> None:
        """Nothing runs any more; what still comes of the old fill is not ours."""
        fill, self._fill = self._fill, None
        if fill is None:
            return
        if fill.preparing is not None:
            fill.preparing.stop()
        if fill.job:
            self._worker.stop(fill.job)  # does nothing to a job that has ended
        self._canvas.clear_preview()
        self.running_changed.emit(False)

    def _is_ours(self, job: int) -> bool:
        return self._fill is not None and self._fill.job == job


def _called(engine: str) -> str:
    """The name of a layer that this engine filled, until somebody gives it another."""
    entry = ENGINES.get(engine)  # a project may come from a version with other engines
    title = engine if entry is None else entry.title
    return QCoreApplication.translate("FillController", "{0} fill").format(title)


def _standard_library() -> Library:
    from inpaint_studio.weights.library import open_library

    return open_library(isolated=True)
