"""Keeps an engine process at work: one job after another, stopped in time, restarted when it dies.

No Qt in here: `worker.InferenceThread` runs a driver on its thread and turns what it hears into
signals.
"""

import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Protocol

from inpaint_studio.ui.engine_link import EngineGoneError, EngineLink, Said, why_it_ended
from inpaint_studio.ui.engine_process import Began, Call, Failed, Finished, Ready, Reported, Stopped

GRACE = 0.15
"""Seconds a job gets to stop by itself before its process is ended: Stop answers within 0.2 s."""


class Listener(Protocol):
    """Hears what becomes of each job: `began`, any `reported`, then exactly one of the others."""

    def began(self, number: int) -> None: ...
    def reported(self, number: int, event: Any) -> None: ...  # noqa: ANN401
    def done(self, number: int, result: Any) -> None: ...  # noqa: ANN401
    def failed(self, number: int, sentence: str) -> None: ...
    def stopped(self, number: int) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Submission:
    number: int
    call: Call


class EngineDriver:
    """`submit`, `stop`, `close` and `kill` may be called from any thread, `work` runs on one."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._ear, self._bell = socket.socketpair()
        self._link: EngineLink | None = None
        self._ready = False
        self._waiting: deque[_Submission] = deque()
        self._current: _Submission | None = None
        self._kill_at: float | None = None
        self._closing = False

    def submit(self, number: int, call: Call) -> None:
        """Run the call when those before it have ended."""
        self._order(partial(self._waiting.append, _Submission(number, call)))

    def stop(self, number: int | None = None) -> None:
        """Stop one job, or with None all of them."""
        self._order(partial(self._stop, number, monotonic()))

    def close(self) -> None:
        """Stop everything and let `work` return."""
        self._order(partial(self._close, monotonic()))

    def kill(self) -> None:
        """End the process at once, whatever `work` is waiting for."""
        link = self._link
        if link is not None:
            link.kill()

    def work(self) -> None:
        """Run jobs until `close`; leaves no process and no shared memory behind."""
        try:
            while not (self._closing and self._current is None):
                self._turn()
        finally:
            if self._link is not None:
                self._link.close()
                self._link = None
            self._ear.close()
            self._bell.close()

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        self._bell.send(b"!")

    def _turn(self) -> None:
        """Wait until something happens, and see to it."""
        self._begin_next()
        link = self._link
        waitables = [self._ear] if link is None else [self._ear, link.connection, link.sentinel]
        patience = None if self._kill_at is None else max(0.0, self._kill_at - monotonic())
        happened = wait(waitables, patience)
        if self._ear in happened:
            self._take_orders()
        if link is not None and (link.connection in happened or link.sentinel in happened):
            self._take_answer(link)
        if self._link is not None and self._kill_at is not None and monotonic() >= self._kill_at:
            self._link.kill()
            self._bury()

    def _take_orders(self) -> None:
        self._ear.recv(4096)
        while True:
            try:
                self._orders.get_nowait()()
            except Empty:
                return

    def _begin_next(self) -> None:
        """Give the next job to the process, which is started if need be."""
        while self._current is None and self._waiting:
            self._current = self._waiting.popleft()
            try:
                if self._link is None:
                    self._start()
                assert self._link is not None
                self._link.send_job(self._current.number, self._current.call)
            except EngineGoneError:
                self._bury()
            except MemoryError:
                self._fail("There is not enough memory to start: close other programs first.")
            except Exception as error:  # a call that cannot be pickled, no process to be had
                self._fail(f"The engine could not be started ({error}).")

    def _start(self) -> None:
        self._ready = False
        self._link = EngineLink()

    def _take_answer(self, link: EngineLink) -> None:
        """One answer at a time, so that orders are heard between them."""
        try:
            said = link.receive()
        except EngineGoneError:
            self._bury()
            return
        match said.answer:
            case Ready():
                self._ready = True
            case Began(number):
                self._tell(self._listener.began, number)
            case Reported(number):
                self._tell(self._listener.reported, number, said.value)
            case _:
                self._conclude(said)

    def _tell(self, hear: Callable[..., None], *words: Any) -> None:  # noqa: ANN401
        if self._kill_at is None:  # a job that was stopped has nothing more to say
            hear(*words)

    def _conclude(self, said: Said) -> None:
        stopping = self._kill_at is not None
        self._current, self._kill_at = None, None
        match said.answer:
            case Finished(number) if not stopping:
                self._listener.done(number, said.value)
            case Failed(number, sentence) if not stopping:
                self._listener.failed(number, sentence)
            case Finished(number) | Failed(number) | Stopped(number):
                self._listener.stopped(number)
            case _:
                pass

    def _fail(self, sentence: str) -> None:
        job, self._current, self._kill_at = self._current, None, None
        if job is not None:
            self._listener.failed(job.number, sentence)

    def _stop(self, number: int | None, asked: float) -> None:
        stopped = [job for job in self._waiting if number in (None, job.number)]
        for job in stopped:
            self._waiting.remove(job)
            self._listener.stopped(job.number)
        current = self._current
        if current is None or self._link is None or self._kill_at is not None:
            return
        if number in (None, current.number) or (stopped and current.call.ahead):
            self._kill_at = asked + GRACE
            self._link.ask_to_stop(current.number)

    def _close(self, asked: float) -> None:
        self._closing = True
        self._stop(None, asked)

    def _bury(self) -> None:
        """The process has ended or been ended: say what that means for its job, start another."""
        link, job, stopping = self._link, self._current, self._kill_at is not None
        self._link, self._current, self._kill_at = None, None, None
        if job is not None and stopping:
            self._listener.stopped(job.number)
        exit_code = 0 if link is None else link.close()
        if job is not None and not stopping:
            self._listener.failed(job.number, why_it_ended(exit_code))
        if self._ready and not self._closing:
            self._restart()

    def _restart(self) -> None:
        """Have a fresh process at hand; one that never came up is not tried again unasked."""
        try:
            self._start()
        except OSError:
            self._link = None
