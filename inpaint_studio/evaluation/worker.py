"""A process of its own for each contestant, so that its peak memory is known and nobody's crash is
anybody else's."""

import multiprocessing
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any

import numpy as np

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.edge_maps import gather_edges
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import Restoration, RestoreOptions, RestoreRun, restore
from inpaint_studio.errors import EngineError, StudioError
from inpaint_studio.evaluation.contestants import Contestant
from inpaint_studio.evaluation.metrics import Floats, Hole, Picture
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

PATIENCE = 600.0
"""Seconds that another program may take for one picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """`picture` is (H, W, 3) uint8 with the hole painted over; `hole` is (H, W) bool."""

    picture: Picture
    hole: Hole
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """What came of a job."""

    picture: Picture
    seconds: float
    """From the known pixels to the filled picture; opening an engine is not counted, starting
    another program is."""
    edges: Floats | None = None
    """(H, W) in [0, 1] where the engine draws edges."""
    peak_bytes: int | None = None
    """The most memory its process had at once so far; None where the system does not tell."""
    gpu_bytes: int | None = None


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
    if contestant.command:
        return lambda job: run_program(contestant, job)
    setup = EngineSetup(contestant.card, contestant.files, device)
    engine = open_engine(contestant.engine, setup)

    def fill(job: Job) -> Fill:
        photo, mask = Photo(job.picture), Mask.from_hole(job.hole)
        options = RestoreOptions(seed=job.seed)
        started = perf_counter()
        restoration = _result(restore(photo, mask, engine, options=options))
        picture = _composed(photo, restoration)
        seconds = perf_counter() - started
        edges = gather_edges(restoration.edges, photo.size) if restoration.edges else None
        return Fill(picture, seconds, edges, peak_bytes(), _gpu_bytes())

    return fill


def run_program(contestant: Contestant, job: Job) -> Fill:
    """Let another program fill a PNG.

    Raises:
        EngineError: it fails, takes too long, or writes no picture of the right size.
    """
    from inpaint_studio.imaging.files import read_photo, write_mask, write_photo

    with tempfile.TemporaryDirectory(prefix="inpaint-") as folder:
        photo, mask, out = (Path(folder, f"{name}.png") for name in ("photo", "mask", "out"))
        write_photo(photo, Photo(job.picture))
        write_mask(mask, Mask.from_hole(job.hole))
        paths = {"{photo}": str(photo), "{mask}": str(mask), "{out}": str(out)}
        seconds = _call(contestant, paths)
        if not out.is_file():
            raise EngineError(f"{contestant.label} wrote no picture to {{out}}.")
        picture = read_photo(out).color
        if picture.shape != job.picture.shape or picture.dtype != np.uint8:
            raise EngineError(
                f"{contestant.label} wrote a picture of {picture.dtype} {picture.shape}, not of "
                f"uint8 {job.picture.shape}."
            )
        return Fill(picture, seconds, peak_bytes=peak_bytes(children=True))


def peak_bytes(*, children: bool = False) -> int | None:
    """The most memory (resident set) this process, or the largest it waited for, ever had.

    On Linux its own comes from VmHWM: `ru_maxrss` would count what the parent had at the fork.
    """
    status = Path("/proc/self/status")
    if not children and status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _call(contestant: Contestant, paths: dict[str, str]) -> float:
    """Run the command and return how long it took."""
    words = [_placed(word, paths) for word in contestant.command]
    started = perf_counter()
    try:
        run = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineError(f"{contestant.label} was stopped after {PATIENCE:.0f} s.") from None
    except OSError as error:
        raise EngineError(f"{contestant.label} cannot be run: {error.strerror}.") from None
    if run.returncode:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        told = f": {said[-1][:200].rstrip('.')}" if said else ""
        raise EngineError(f"{contestant.label} ended with exit code {run.returncode}{told}.")
    return perf_counter() - started


def _placed(word: str, paths: dict[str, str]) -> str:
    for place, path in paths.items():
        word = word.replace(place, path)
    return word


def _result(run: RestoreRun) -> Restoration:
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def _composed(photo: Photo, restoration: Restoration) -> Picture:
    from inpaint_studio.imaging.composite import flatten

    patches = [(restoration.patch, 1.0)] if restoration.patch else []
    return flatten(photo, patches)


def _gpu_bytes() -> int | None:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return int(torch.cuda.max_memory_allocated()) or None


def _leave(number: int, frame: FrameType | None) -> None:
    """End in order, so that a program that is being waited for is ended, too."""
    del frame
    sys.exit(128 + number)
