"""The window's end of one engine process: start it, send jobs, take answers, end it."""

import multiprocessing
import os
import secrets
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from inpaint_studio.ui.engine_process import (
    Adopted,
    Answer,
    Began,
    Call,
    Finished,
    Job,
    Reported,
    Stop,
    block_name,
    log_path,
    serve,
)
from inpaint_studio.ui.shared_arrays import discard, discard_by_name, pack, unpack

FAREWELL = 0.3
"""Seconds a process that has nothing to do gets to end by itself."""

DEATH = 5.0
"""Seconds the kernel gets to take a killed process apart."""


IMPORTING = 10.0
"""Seconds another thread gets to finish importing OpenCV."""


class EngineGoneError(Exception):
    """The process has ended, or says things that make no sense."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with what its parcel held, None where it has none."""

    answer: Answer
    value: Any = None


class EngineLink:
    """One engine process. Used by the thread that made it; only `kill` may come from elsewhere.

    Raises:
        OSError: the process could not be started.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.connection: Connection[Any, Any] = ours
        self._name = f"is{os.getpid():x}-{secrets.token_hex(3)}"
        self._process = context.Process(target=serve, args=(theirs, self._name), daemon=True)
        self._sent: SharedMemory | None = None
        self._jobs = 0
        self._adopted = 0
        self._exit_code: int | None = None
        try:
            _let_opencv_be_imported()
            self._process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    @property
    def sentinel(self) -> int:
        """Readable when the process has ended (see `multiprocessing.connection.wait`)."""
        return self._process.sentinel

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def send_job(self, number: int, call: Call) -> None:
        """Hand over a call, its large arrays in shared memory.

        Raises:
            EngineGoneError: nobody is there to take it.
            Exception: the call cannot be pickled.
        """
        self._jobs += 1
        parcel, self._sent = pack(call, f"{self._name}-i{self._jobs}")
        self._send(Job(number, parcel))

    def ask_to_stop(self, number: int) -> None:
        with suppress(EngineGoneError):  # then it has stopped
            self._send(Stop(number))

    def receive(self) -> Said:
        """The next answer, when `connection` or `sentinel` is readable.

        Raises:
            EngineGoneError: there is none to come.
        """
        try:
            if not self.connection.poll():  # called because the process ended, not because it spoke
                raise EngineGoneError
            return self._open(self.connection.recv())
        except Exception as error:  # cut off anywhere, a message may fail to unpickle in any way
            raise EngineGoneError from error

    def kill(self) -> None:
        with suppress(ValueError, AttributeError):  # already closed
            self._process.kill()

    def close(self) -> int:
        """End the process if it has not ended, remove what it left, and return its exit code."""
        if self._exit_code is None:
            self._exit_code = self._end()
        return self._exit_code

    def _end(self) -> int:
        self.connection.close()
        self._process.join(FAREWELL)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(DEATH)
        self._let_go()
        while discard_by_name(block_name(self._name, self._adopted)):
            self._adopted += 1
        exit_code = self._process.exitcode or 0
        with suppress(ValueError):  # not even killing helped: a driver holds it in the kernel
            self._process.close()
        return exit_code

    def _open(self, answer: Answer) -> Said:
        if isinstance(answer, Began):
            self._let_go()
        if not isinstance(answer, Reported | Finished):
            return Said(answer)
        parcel = answer.parcel
        value = unpack(parcel, adopt=True)
        if parcel.block:
            self._adopted += 1
            self._send(Adopted(parcel.block))
        return Said(answer, value)

    def _send(self, question: Job | Stop | Adopted) -> None:
        try:
            self.connection.send(question)
        except OSError as error:
            raise EngineGoneError from error

    def _let_go(self) -> None:
        if self._sent is not None:
            discard(self._sent)
            self._sent = None


def why_it_ended(exit_code: int) -> str:
    """One sentence for the user about an engine process that ended in the middle of a job."""
    if exit_code == -getattr(signal, "SIGKILL", 9):
        return (
            "The engine was stopped by the system, most likely because memory ran out. "
            "Try a smaller mask, or close other programs first."
        )
    what = f"with code {exit_code}"
    if exit_code < 0:
        with suppress(ValueError):
            what = f"with {signal.Signals(-exit_code).name}"
    return (
        f"The engine stopped unexpectedly {what} and has been restarted; your work is safe. "
        f"Try again, or choose another engine; {log_path()} may say more."
    )


def _let_opencv_be_imported() -> None:
    """Wait while another thread imports OpenCV.

    So long its own folder leads `sys.path`, which a new process inherits: `import typing` finds
    OpenCV's there, and the process dies before it has begun.
    """
    end = time.monotonic() + IMPORTING
    while hasattr(sys, "OpenCV_LOADER") and time.monotonic() < end:
        time.sleep(0.01)
