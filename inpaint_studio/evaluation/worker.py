"""A process of its own for each contestant, so that its peak memory is known and nobody's crash is
anybody else's."""

import multiprocessing
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import perf_counter
from types import FrameType
from typing import Any

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.edge_maps import gather_edges
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.errors import EngineError, StudioError
from inpaint_studio.evaluation.contestants import Contestant
from inpaint_studio.evaluation.jobs import Fill, Job, peak_bytes
from inpaint_studio.evaluation.programs import ServingProgram, run_program
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.steps import exhausted


class FillProcess:
    """One contestant in its process: started when first needed, and again when it died."""

    def __init__(self, contestant: Contestant, device: str) -> None:
        self._contestant = contestant
        self._device = device
        self._context = multiprocessing.get_context("spawn")
        self._process: BaseProcess | None = None
        self._connection: Connection[Any, Any] | None = None

    def fill(self, job: Job) -> Fill:
        """Have the job done.

        Raises:
            EngineError: it cannot be done; one sentence.
        """
        connection = self._connection or self._start()
        try:
            connection.send(job)
            answer = connection.recv()
        except (EOFError, OSError):
            code = self._end()
            raise EngineError(
                f"{self._contestant.label} ended with its process (exit code {code}), perhaps for "
                "lack of memory."
            ) from None
        if isinstance(answer, str):
            raise EngineError(answer)
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.terminate()
            self._end()

    def _start(self) -> "Connection[Any, Any]":
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self._contestant, self._device), daemon=True
        )
        process.start()
        self._process = process
        theirs.close()  # so that its death is an end of file here
        self._connection = ours
        return ours

    def _end(self) -> int | None:
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is None:
            return None
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()
        return process.exitcode


def serve(connection: "Connection[Any, Any]", contestant: Contestant, device: str) -> None:
    """What the process does: answer each `Job` with a `Fill`, or a sentence on what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked
    signal.signal(signal.SIGTERM, _leave)
    fill: Callable[[Job], Fill] | None = None
    with suppress(EOFError, BrokenPipeError):
        while True:
            job = connection.recv()
            try:
                fill = fill or open_filler(contestant, device)
                connection.send(fill(job))
            except StudioError as error:
                connection.send(str(error))
            except Exception as error:
                connection.send(f"{contestant.label} failed ({type(error).__name__}: {error}).")


def open_filler(contestant: Contestant, device: str) -> Callable[[Job], Fill]:
    """What fills for a contestant, ready to go."""
    if contestant.serves:
        return ServingProgram(contestant).fill
    if contestant.command:
        return lambda job: run_program(contestant, job)
    setup = EngineSetup(contestant.card, contestant.files, device)
    engine = open_engine(contestant.engine, setup)

    def fill(job: Job) -> Fill:
        photo, mask = Photo(job.picture), Mask.from_hole(job.hole)
        options = RestoreOptions(seed=job.seed)
        started = perf_counter()
        restoration = exhausted(restore(photo, mask, engine, options=options))
        picture = restoration.over(photo).pixels
        seconds = perf_counter() - started
        edges = gather_edges(restoration.edges, photo.size) if restoration.edges else None
        return Fill(picture, seconds, edges, peak_bytes(), _gpu_bytes())

    return fill


def _gpu_bytes() -> int | None:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return int(torch.cuda.max_memory_allocated()) or None


def _leave(number: int, frame: FrameType | None) -> None:
    """End in order, so that a program that is being waited for is ended, too."""
    del frame
    sys.exit(128 + number)
