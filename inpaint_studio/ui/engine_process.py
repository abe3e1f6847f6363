"""The engine process: runs jobs far from the window, one after another. torch loads only here.

It is spawned by `engine_link`, gets jobs through a pipe, runs the generator a job names and sends
its events and its result back, large arrays in shared memory. It ends by itself when the window is
gone. No Qt in here.
"""

import ctypes
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol, cast

from inpaint_studio import paths
from inpaint_studio.errors import StudioError
from inpaint_studio.ui.shared_arrays import Parcel, discard, pack, unpack

OUT_OF_MEMORY = "The engine ran out of memory. Try a smaller mask, or close other programs first."
LOG_LIMIT = 1 << 20
"""The log starts afresh when it has grown past this many bytes."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a job runs: `target` is "module:function", called with `arguments`.

    The function returns its result, or a generator that yields events and returns the result.
    `shelf` is "module:class" or empty; one such object is made in each engine process and given
    to the function as `shelf=`, so that what one job has loaded is still there for the next.
    A call made `ahead` of time is wanted only for the sake of those behind it: it is stopped when
    one of them is.
    """

    target: str
    arguments: tuple[Any, ...] = ()
    shelf: str = ""
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """Asks for a call. `parcel` holds a `Call`."""

    number: int
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Stop:
    """Asks the job to end before its next event."""

    number: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """The window has this block of shared memory now."""

    block: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The process is up."""


@dataclass(frozen=True, slots=True)
class Began:
    """The job's arguments have arrived."""

    number: int


@dataclass(frozen=True, slots=True)
class Reported:
    """The job has something to show. `parcel` holds an event."""

    number: int
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Finished:
    """The job is done. `parcel` holds its result."""

    number: int
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Failed:
    """The job went wrong, in one sentence."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job ended because it was asked to."""

    number: int


Question = Job | Stop | Adopted
Answer = Ready | Began | Reported | Finished | Failed | Stopped


def block_name(process: str, index: int) -> str:
    """The name of the `index`-th block an engine process makes (macOS allows 30 characters)."""
    return f"{process}-o{index}"


def serve(connection: "Connection[Any, Any]", name: str) -> None:
    """The spawned process from its start to its end; `name` begins its blocks of shared memory."""
    _prepare_to_die()
    with _open_log() as log:
        faulthandler.enable(log)
        try:
            _Desk(connection, name, log).work()
        except (EOFError, OSError):
            _leave()  # the window is gone in the middle of an answer
        finally:
            faulthandler.disable()


class _StopAskedError(Exception):
    """The window wants the job to end."""


class _Desk:
    """Takes jobs from the pipe and answers them. A second thread reads, so that a request to stop
    is seen while a job runs and the end of the window ends the process.
    """

    def __init__(self, connection: "Connection[Any, Any]", name: str, log: IO[str]) -> None:
        self._connection = connection
        self._name = name
        self._log = log
        self._jobs: list[Job] = []
        self._job_came = threading.Semaphore(0)
        self._stops: set[int] = set()
        self._blocks: dict[str, SharedMemory] = {}
        self._made = 0
        self._shelves: dict[str, Any] = {}

    def work(self) -> None:
        threading.Thread(target=self._listen, daemon=True, name="listener").start()
        self._connection.send(Ready())
        while True:
            self._job_came.acquire()
            self._connection.send(self._run(self._jobs.pop(0)))

    def _listen(self) -> None:
        while True:
            try:
                question: Question = self._connection.recv()
            except (EOFError, OSError):
                for block in list(self._blocks.values()):
                    discard(block)
                _leave()
            match question:
                case Job():
                    self._jobs.append(question)
                    self._job_came.release()
                case Stop(number):
                    self._stops.add(number)
                case Adopted(block):
                    self._blocks.pop(block).close()

    def _run(self, job: Job) -> Answer:
        try:
            return Finished(job.number, self._pack(self._follow(job)))
        except _StopAskedError:
            return Stopped(job.number)
        except BaseException as error:  # whatever it is, the window must hear of it
            return Failed(job.number, self._explain(error))

    def _follow(self, job: Job) -> Any:  # noqa: ANN401
        """Call what the job names and hand its events on; the result."""
        call: Call = unpack(job.parcel)
        self._connection.send(Began(job.number))
        extra = {"shelf": self._shelf(call.shelf)} if call.shelf else {}
        outcome = _load(call.target)(*call.arguments, **extra)
        if not isinstance(outcome, Generator):
            return outcome
        run = cast("Generator[Any, None, Any]", outcome)
        try:
            while job.number not in self._stops:
                self._connection.send(Reported(job.number, self._pack(next(run))))
        except StopIteration as end:
            return end.value
        finally:
            run.close()
        raise _StopAskedError

    def _shelf(self, target: str) -> Any:  # noqa: ANN401
        if target not in self._shelves:
            self._shelves[target] = _load(target)()
        return self._shelves[target]

    def _pack(self, value: object) -> Parcel:
        name = block_name(self._name, self._made)
        parcel, block = pack(value, name)
        if block is not None:
            self._blocks[name] = block
            self._made += 1
        return parcel

    def _explain(self, error: BaseException) -> str:
        """One sentence; what nobody foresaw goes to the log in full."""
        if isinstance(error, StudioError):
            return str(error)
        if isinstance(error, MemoryError):
            return OUT_OF_MEMORY
        summary = " ".join(f"{type(error).__name__}: {error}".split())
        self._log.write(f"--- {datetime.now().astimezone().isoformat()}\n")
        self._log.write("".join(traceback.format_exception(error)))
        self._log.flush()
        return f"The engine failed unexpectedly ({summary[:200]}). Details are in {self._log.name}."


class Shelf(Protocol):
    """Keeps engines that are loaded (`engines.task.EngineShelf`)."""

    def rehearse(self, name: str, setup: Any) -> None: ...  # noqa: ANN401


def warm_up(engine: str, setup: object, *, shelf: Shelf) -> None:
    """A job that loads an engine, and has it rehearse, before it is needed."""
    shelf.rehearse(engine, setup)


def _load(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def _leave() -> NoReturn:
    """End at once: threads and libraries that hang must not hold up a process nobody wants."""
    os._exit(0)


def _prepare_to_die() -> None:
    """Ctrl-C in a terminal is the window's affair; when the window or memory goes, we go first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "linux":
        return
    with suppress(OSError):  # the kernel should take the engine, never the window
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    # A library that hangs while it holds the interpreter lock keeps the listener from seeing the
    # window's end; the kernel sees it (PR_SET_PDEATHSIG = 1).
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def log_path() -> Path:
    return paths.cache_dir() / "logs" / "engine.log"


def _open_log() -> IO[str]:
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        too_long = path.exists() and path.stat().st_size > LOG_LIMIT
        return path.open("w" if too_long else "a", encoding="utf-8")
    except OSError:
        return Path(os.devnull).open("a", encoding="utf-8")
