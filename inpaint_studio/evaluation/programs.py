"""Other programs: started for every picture with three paths, or once, to be asked again and again.

A command that holds `{stdin}` is started once, with “-” in its place. For each picture it reads one
line, a JSON list of three paths (photo, mask, out), and answers with one line: “ok” when the
picture is written, else what went wrong. It ends when its input does.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import perf_counter
from typing import IO, NamedTuple, NoReturn

import numpy as np

from inpaint_studio.errors import EngineError
from inpaint_studio.evaluation.contestants import SERVES, Contestant
from inpaint_studio.evaluation.jobs import Fill, Job, peak_bytes, peak_bytes_of
from inpaint_studio.evaluation.metrics import Picture
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

PATIENCE = 600.0
"""Seconds that another program may take for one picture."""
_LONGEST = 200
"""Letters that are passed on of what a program says."""


class Paths(NamedTuple):
    """The PNGs of one job."""

    photo: Path
    mask: Path
    out: Path


def run_program(contestant: Contestant, job: Job) -> Fill:
    """Start another program for one picture.

    Raises:
        EngineError: it fails, takes too long, or writes no picture of the right size.
    """
    with tempfile.TemporaryDirectory(prefix="inpaint-") as folder:
        paths = _write(job, Path(folder))
        seconds = _call(contestant, paths)
        picture = _read(contestant.label, paths.out, job)
    return Fill(picture, seconds, peak_bytes=peak_bytes(children=True))


class ServingProgram:
    """Another program that is started once, and again when it has died."""

    def __init__(self, contestant: Contestant) -> None:
        self._contestant = contestant
        self._running: _Running | None = None

    def fill(self, job: Job) -> Fill:
        """Have one picture filled.

        Raises:
            EngineError: it fails, takes too long, or writes no picture of the right size.
        """
        label = self._contestant.label
        running = self._running = self._running or _Running(self._contestant)
        with tempfile.TemporaryDirectory(prefix="inpaint-") as folder:
            paths = _write(job, Path(folder))
            try:
                seconds = running.ask(paths)
            except _GoneError as gone:
                self.close()
                raise EngineError(f"{label} {gone}.") from None
            picture = _read(label, paths.out, job)
        return Fill(picture, seconds, peak_bytes=peak_bytes_of(running.number))

    def close(self) -> None:
        """End the program; the next job starts it again."""
        if self._running:
            self._running.end()
        self._running = None


class _GoneError(Exception):
    """The program has ended, or had to be ended; says how."""


class _Running:
    """A program that serves, with a thread for each of its streams."""

    def __init__(self, contestant: Contestant) -> None:
        self._label = contestant.label
        words = [word.replace(SERVES, "-") for word in contestant.command]
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", bufsize=1
            )
        except OSError as error:
            raise EngineError(f"{contestant.label} cannot be run: {error.strerror}.") from None
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._questions = self._process.stdin
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._last_words = ""
        _listen(self._process.stdout, self._answers.put)
        self._complaints = _listen(self._process.stderr, self._keep)

    @property
    def number(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, paths: Paths) -> float:
        """Have one picture filled; the seconds from the question to the answer.

        Raises:
            EngineError: it says what went wrong.
            _GoneError: it ended, or took too long.
        """
        started = perf_counter()
        try:
            self._questions.write(json.dumps([str(path) for path in paths]) + "\n")
            answer = self._answers.get(timeout=PATIENCE)
        except Empty:
            self._process.kill()
            raise _GoneError(f"was stopped after {PATIENCE:.0f} s") from None
        except OSError:
            answer = ""
        except SystemExit:  # asked to end: what is being waited for ends, too
            self._process.kill()
            raise
        if not answer:
            self._mourn()
        if answer.strip() != "ok":
            raise EngineError(f"{self._label} failed: {_short(answer.strip())}.")
        return perf_counter() - started

    def end(self) -> None:
        """End it, whatever it is doing."""
        with suppress(OSError):
            self._questions.close()
        self._process.kill()
        self._process.wait()

    def _mourn(self) -> NoReturn:
        """Say how it ended: it closed its output, so it is ending, or is of no use any more."""
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._complaints.join(1)
        told = f": {_short(self._last_words)}" if self._last_words else ""
        raise _GoneError(f"ended with exit code {code}{told}")

    def _keep(self, line: str) -> None:
        self._last_words = line.strip() or self._last_words


def _listen(stream: IO[str], tell: Callable[[str], None]) -> Thread:
    """Pass every line on, and an empty one at the end."""

    def follow() -> None:
        with stream:
            for line in stream:
                tell(line)
        tell("")

    thread = Thread(target=follow, daemon=True)
    thread.start()
    return thread


def _write(job: Job, folder: Path) -> Paths:
    from inpaint_studio.imaging.files import write_mask, write_photo

    paths = Paths(*(folder / f"{name}.png" for name in Paths._fields))
    write_photo(paths.photo, Photo(job.picture))
    write_mask(paths.mask, Mask.from_hole(job.hole))
    return paths


def _read(label: str, out: Path, job: Job) -> Picture:
    from inpaint_studio.imaging.files import read_photo

    if not out.is_file():
        raise EngineError(f"{label} wrote no picture to {{out}}.")
    picture = read_photo(out).color
    if picture.shape != job.picture.shape or picture.dtype != np.uint8:
        raise EngineError(
            f"{label} wrote a picture of {picture.dtype} {picture.shape}, not of uint8 "
            f"{job.picture.shape}."
        )
    return picture


def _call(contestant: Contestant, paths: Paths) -> float:
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
        told = f": {_short(said[-1])}" if said else ""
        raise EngineError(f"{contestant.label} ended with exit code {run.returncode}{told}.")
    return perf_counter() - started


def _placed(word: str, paths: Paths) -> str:
    for name, path in zip(Paths._fields, paths, strict=True):
        word = word.replace(f"{{{name}}}", str(path))
    return word


def _short(text: str) -> str:
    return text[:_LONGEST].rstrip(".")
