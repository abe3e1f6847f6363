"""Slow work off the window's thread: one function or generator, one QThread, results as calls."""

import logging
import weakref
from collections.abc import Callable, Generator
from typing import Any, TypeVar, cast, overload

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, Signal, Slot
from shiboken6 import isValid

from inpaint_studio.errors import StudioError

T = TypeVar("T")
P = TypeVar("P")
Listener = Callable[[Any], object]

_log = logging.getLogger(__name__)


class BackgroundJob(QThread):
    """One piece of work on a thread of its own.

    The listeners are called on the thread that made the job (the window's), never after `stop`
    and never once the owner is gone. The application is the parent, not the owner: listeners
    often hold the owner, and a child whose end lets go of its own parent is deleted twice.
    """

    _reported = Signal(object)
    _returned = Signal(object)
    _raised = Signal(str)

    def __init__(
        self,
        owner: QObject,
        work: Callable[[], Any],
        *,
        on_progress: Listener | None,
        on_done: Listener | None,
        on_problem: Listener | None,
    ) -> None:
        super().__init__(QCoreApplication.instance())
        self._work = work
        self._on_progress = on_progress
        self._on_done = on_done
        self._on_problem = on_problem
        # Not requestInterruption(): Qt forgets it when the thread ends, and late calls would pass.
        self._stopped = False
        self._owner = weakref.ref(owner)
        queued = Qt.ConnectionType.QueuedConnection
        self._reported.connect(self._report, queued)
        self._returned.connect(self._return, queued)
        self._raised.connect(self._raise, queued)
        self.finished.connect(self.deleteLater, queued)
        owner.destroyed.connect(self.stop)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.join)

    def belongs_to(self, owner: QObject) -> bool:
        """Whether it was started by `owner` or by one of its children."""
        candidate = self._owner()
        while candidate is not None and isValid(candidate):
            if candidate is owner:
                return True
            candidate = candidate.parent()
        return False

    @Slot()
    def stop(self) -> None:
        """Ask a generator to end at its next step; no listener is called any more."""
        self._stopped = True
        self._forget()

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
        listener = self._on_done
        self._forget()
        self._tell(listener, result)

    @Slot(str)
    def _raise(self, sentence: str) -> None:
        listener = self._on_problem
        self._forget()
        self._tell(listener, sentence)

    def _forget(self) -> None:
        """Let go of whatever the listeners hold."""
        self._on_progress = self._on_done = self._on_problem = None

    def _tell(self, listener: Listener | None, value: object) -> None:
        if listener is not None and not self._stopped:
            listener(value)


@overload
def run_in_background(
    owner: QObject,
    work: Callable[[], Generator[P, None, T]],
    *,
    on_progress: Callable[[P], object] | None = None,
    on_done: Callable[[T], object] | None = None,
    on_problem: Callable[[str], object] | None = None,
) -> BackgroundJob: ...
@overload
def run_in_background(
    owner: QObject,
    work: Callable[[], T],
    *,
    on_progress: Listener | None = None,
    on_done: Callable[[T], object] | None = None,
    on_problem: Callable[[str], object] | None = None,
) -> BackgroundJob: ...
def run_in_background(
    owner: QObject,
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
        owner, work, on_progress=on_progress, on_done=on_done, on_problem=on_problem
    )
    job.start()
    return job


def join_jobs(owner: QObject) -> None:
    """Stop every job of `owner` and of its children, and wait until their threads have ended."""
    application = QCoreApplication.instance()
    if application is None:
        return
    jobs = [job for job in application.findChildren(BackgroundJob) if job.belongs_to(owner)]
    for job in jobs:
        job.stop()
    for job in jobs:
        job.wait()
