"""The inference thread: the window's way to the engine process, in signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal

if TYPE_CHECKING:
    from inpaint_studio.ui.engine_driver import EngineDriver
    from inpaint_studio.ui.engine_process import Call

FILL = "inpaint_studio.engines.task:run_fill"
SHELF = "inpaint_studio.engines.task:EngineShelf"

PATIENCE = 1500
"""Milliseconds the thread gets to end at closing before its process is ended under it."""


class InferenceThread(QThread):
    """Runs fills, and whatever else needs torch, in a process of its own, one after another.

    Every job says `began`, then any number of `reported`, then exactly one of `done`, `failed`
    (one sentence for the user) and `stopped`, in this order and with the job's number. Nothing is
    heard after `shutdown`. Thread and process start with the first job.
    """

    began = Signal(int)
    reported = Signal(int, object)
    done = Signal(int, object)
    failed = Signal(int, str)
    stopped = Signal(int)

    def __init__(
        self, parent: QObject | None = None, *, fill: str = FILL, shelf: str = SHELF
    ) -> None:
        super().__init__(parent)
        self._fill = fill
        self._shelf = shelf
        self._driver: EngineDriver | None = None
        self._jobs = 0
        self._closed = False

    def submit(self, task: object) -> int:
        """Run a `engines.task.FillTask`; the job's number."""
        return self.call(self._fill, task, warm=True)

    def call(
        self,
        target: str,
        *arguments: Any,  # noqa: ANN401
        warm: bool = False,
        ahead: bool = False,
    ) -> int:
        """Run "module:function", or the generator it returns, in the engine process.

        With `warm` the function gets the process's shelf of loaded engines as `shelf=`. A call made
        `ahead` of time ends when a job that waits behind it is stopped, so that it cannot hang
        unseen.
        """
        from inpaint_studio.ui.engine_process import Call

        self._jobs += 1
        self._send(self._jobs, Call(target, arguments, self._shelf if warm else "", ahead))
        return self._jobs

    def stop(self, job: int | None = None) -> None:
        """Stop one job, or all; `stopped` follows within 0.2 s, even if the process has to die."""
        if self._driver is not None and not self._closed:
            self._driver.stop(job)

    def shutdown(self) -> None:
        """End the process and the thread; returns when both are gone. Safe to call twice."""
        driver, already = self._driver, self._closed
        self._closed = True
        if driver is None or already:
            return
        driver.close()
        if not self.wait(PATIENCE):
            driver.kill()
            self.wait()

    def run(self) -> None:
        driver = self._driver
        if driver is not None:
            driver.work()

    def _send(self, number: int, call: Call) -> None:
        if self._closed:
            return
        if self._driver is None:
            from inpaint_studio.ui.engine_driver import EngineDriver

            self._driver = EngineDriver(_Relay(self))
            self.start()
        self._driver.submit(number, call)

    @property
    def closed(self) -> bool:
        return self._closed


class _Relay:
    """Says as signals what the driver hears; silent once the thread is shutting down."""

    def __init__(self, thread: InferenceThread) -> None:
        self._thread = thread

    def began(self, number: int) -> None:
        if not self._thread.closed:
            self._thread.began.emit(number)

    def reported(self, number: int, event: Any) -> None:  # noqa: ANN401
        if not self._thread.closed:
            self._thread.reported.emit(number, event)

    def done(self, number: int, result: Any) -> None:  # noqa: ANN401
        if not self._thread.closed:
            self._thread.done.emit(number, result)

    def failed(self, number: int, sentence: str) -> None:
        if not self._thread.closed:
            self._thread.failed.emit(number, sentence)

    def stopped(self, number: int) -> None:
        if not self._thread.closed:
            self._thread.stopped.emit(number)
