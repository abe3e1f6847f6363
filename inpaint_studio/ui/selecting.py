"""Carries out selections the canvas asks for, off the window's thread, as undoable steps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from inpaint_studio.document.commands import PaintMask
from inpaint_studio.document.pixels import TileDelta
from inpaint_studio.imaging.selection import combine
from inpaint_studio.ui.canvas.gesture import SelectionTask
from inpaint_studio.ui.jobs import BackgroundJob, run_in_background

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.view import CanvasView
    from inpaint_studio.ui.workspace import Workspace

_AGAIN = 30
"""Milliseconds to wait while the user is painting before a selection can join the mask."""


@dataclass(slots=True, eq=False)
class _Pending:
    """A selection on its way into the mask of `document`; `found` once it was made."""

    task: SelectionTask
    document: Document
    found: Coverage | None = None


class Selecting(QObject):
    """Runs one selection after another; each becomes one step of the history.

    The mask may be painted on meanwhile: what was found joins the mask as it is then.
    """

    idle = Signal()
    """Everything asked for is done."""

    def __init__(self, workspace: Workspace, canvas: CanvasView, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._canvas = canvas
        self._queue: deque[_Pending] = deque()
        self._job: BackgroundJob | None = None
        self._wait = QTimer(self, singleShot=True, interval=_AGAIN)
        self._wait.timeout.connect(self._join)
        canvas.painting.requested.connect(self._take)
        workspace.opened.connect(self.stop)
        workspace.closed.connect(self.stop)

    @property
    def busy(self) -> bool:
        return bool(self._queue)

    def run(self, task: SelectionTask) -> None:
        """Make a selection and change the mask by it."""
        document = self._workspace.document
        if document is None:
            return
        self._queue.append(_Pending(task, document))
        if len(self._queue) == 1:
            self._start()

    def stop(self) -> None:
        """Give up everything under way."""
        if self._job is not None:
            self._job.stop()
        self._wait.stop()
        if self._queue:
            self._queue.clear()
            self._end()

    def _take(self, work: object) -> None:
        if not isinstance(work, SelectionTask):
            return
        if self._canvas.scene.mask_suspended:
            self._canvas.preview_mask(None)
            self._workspace.status.emit(
                self.tr("Finish painting the layer mask first: selections join the photo's mask.")
            )
        else:
            self.run(work)

    def _start(self) -> None:
        self._workspace.busy_changed.emit(self.tr("Selecting…"))
        self._job = run_in_background(
            self, self._queue[0].task.select, on_done=self._keep, on_problem=self._fail
        )

    def _keep(self, found: Coverage) -> None:
        self._queue[0].found = found
        if self._queue[0].task.how in ("add", "subtract") and not found.any():
            self._workspace.status.emit(self.tr("Nothing was found there."))
            self._next()
        else:
            self._join()

    def _join(self) -> None:
        """Work out the new mask, once nobody is painting on it."""
        if not self._queue:
            return
        if self._canvas.is_painting:
            self._wait.start()
            return
        pending = self._queue[0]
        found, how = pending.found, pending.task.how
        mask, state = pending.document.mask.copy(), pending.document.history.state
        assert found is not None
        self._job = run_in_background(
            self,
            lambda: TileDelta.capture(mask, combine(mask, found, how)),
            on_done=lambda delta: self._push(delta, state),
            on_problem=self._fail,
        )

    def _push(self, delta: TileDelta, state: int) -> None:
        pending = self._queue[0]
        if pending.document.history.state != state or self._canvas.is_painting:
            self._join()  # painted on meanwhile: join the mask as it is now
            return
        if delta.is_empty:
            self._workspace.status.emit(self.tr("That changes nothing of the mask."))
        else:
            self._workspace.push(PaintMask(delta, pending.task.title))
        self._next()

    def _fail(self, sentence: str) -> None:
        self._workspace.problem.emit(sentence)
        self._next()

    def _next(self) -> None:
        if self._queue:
            self._queue.popleft()
        if self._queue:
            self._start()
        else:
            self._end()

    def _end(self) -> None:
        self._job = None
        if not self._canvas.is_painting:
            self._canvas.preview_mask(None)
        self._workspace.busy_changed.emit("")
        self.idle.emit()
