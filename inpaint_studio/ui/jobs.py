"""Slow work off the window's thread: one function or generator, one QThread, results as calls."""

import logging
from collections.abc import Callable, Generator
from typing import Any, TypeVar, cast, overload

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from inpaint_studio.errors import StudioError

T = TypeVar("T")
P = TypeVar("P")
Listener = Callable[[Any], object]

_log = logging.getLogger(__name__)


class BackgroundJob(QThread):
    """One piece of work on a thread of its own.

    The listeners are called on the thread that made the job (the window's), never after `stop`.
    A job belongs to its parent: when the parent is destroyed the job is stopped and waited for.
    """

    _reported = Signal(object)
    _returned = Signal(object)
    _raised = Signal(str)

    def __init__(
        self,
        parent: QObject,
        work: Callable[[], Any],
        *,
        on_progress: Listener | None,
        on_done: Listener | None,
        on_problem: Listener | None,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._on_progress = on_progress
        self._on_done = on_done
        self._on_problem = on_problem
        # Not requestInterruption(): Qt forgets it when the thread ends, and late calls would pass.
        self._stopped = False
        queued = Qt.ConnectionType.QueuedConnection
        self._reported.connect(self._report, queued)
        self._returned.connect(self._return, queued)
        self._raised.connect(self._raise, queued)
        self.finished.connect(self.deleteLater, queued)
        parent.destroyed.connect(self.join, Qt.ConnectionType.DirectConnection)

    def stop(self) -> None:
        """Ask a generator to end at its next step; no listener is called any more."""
        self._stopped = True

    @Slot()
    def join(self) -> None:
        """Stop, and wait until the thread has ended."""
        self.stop()
        self.wait()

    def run(self) -> None:
        try:
            result = self._work()
            if isinstance(result, Generator):
                result = self._exhaust(cast("Generator[Any, None, Any]", result))
            self._returned.emit(result)
        except StudioError as error:
            self._raised.emit(str(error))
        except MemoryError:
            self._raised.emit(self.tr("There is not enough memory for this: close other programs."))
        except Exception as error:
            _log.exception("A background job failed")
            unexpected = self.tr("Something unexpected went wrong ({0}); the log has the details.")
            self._raised.emit(unexpected.format(error))

    def _exhaust(self, run: Generator[Any, None, Any]) -> Any:  # noqa: ANN401
        """Run a generator to its end, or close it when the job is stopped."""
        try:
            while not self._stopped:
                self._reported.emit(next(run))
        except StopIteration as end:
            return end.value
        finally:
            run.close()
        return None

    @Slot(object)
    def _report(self, item: object) -> None:
        self._tell(self._on_progress, item)

    @Slot(object)
    def _return(self, result: object) -> None:
        self._tell(self._on_done, result)

    @Slot(str)
    def _raise(self, sentence: str) -> None:
        self._tell(self._on_problem, sentence)

    def _tell(self, listener: Listener | None, value: object) -> None:
        if listener is not None and not self._stopped:
            listener(value)


@overload
def run_in_background(
    parent: QObject,
    work: Callable[[], Generator[P, None, T]],
    *,
    on_progress: Callable[[P], object] | None = None,
    on_done: Callable[[T], object] | None = None,
    on_problem: Callable[[str], object] | None = None,
) -> BackgroundJob: ...
@overload
def run_in_background(
    parent: QObject,
    work: Callable[[], T],
    *,
    on_progress: Listener | None = None,
    on_done: Callable[[T], object] | None = None,
    on_problem: Callable[[str], object] | None = None,
) -> BackgroundJob: ...
def run_in_background(
    parent: QObject,
    work: Callable[[], Any],
    *,
    on_progress: Listener | None = None,
    on_done: Listener | None = None,
    on_problem: Listener | None = None,
) -> BackgroundJob:
    """Start `work` (a function, or a function that returns a generator) on a thread of its own.

    `on_progress` gets what the generator yields, `on_done` what it returns, `on_problem` the one
    sentence of what went wrong; all of them on the calling thread. Nothing is called after
    `stop()`. The job lives as long as it runs.
    """
    job = BackgroundJob(
        parent, work, on_progress=on_progress, on_done=on_done, on_problem=on_problem
    )
    job.start()
    return job


def join_jobs(parent: QObject) -> None:
    """Stop every job of `parent` and wait until all of their threads have ended."""
    jobs = parent.findChildren(BackgroundJob)
    for job in jobs:
        job.stop()
    for job in jobs:
        job.wait()
