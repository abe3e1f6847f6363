"""How a fill tells how far it is: a bar on a terminal, a few lines in a log, JSON for programs.

Nothing here imports numpy or the engines at run time: events are told apart by what they carry.
"""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from inpaint_studio.imaging.promise import promise

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from inpaint_studio.imaging.geometry import Box


@dataclass(frozen=True, slots=True)
class FillSummary:
    """What a finished `fill` says of itself; the "done" line of `--json` has these fields."""

    photo: Path
    out: Path
    engine: str
    card: str | None
    device: str
    seconds: float
    lossless: bool
    changed_outside: int | None
    """Pixels outside the mask that differ from the photo, counted in the written file; None where
    it holds another kind of number (another depth), so that nothing can be compared."""
    filled: int
    """Pixels inside the mask."""
    pixels: int
    """Of the whole photo."""
    seed: int = 0
    edges_out: Path | None = None
    sheet: Path | None = None
    engines: tuple[str, ...] = ()
    """What really filled: the engine itself, or those that `auto` chose."""
    notes: tuple[str, ...] = field(default=())


def sentences(summary: FillSummary) -> tuple[str, ...]:
    """What a person is told of a finished fill, a sentence each."""
    lines = [
        f"Filled {summary.filled:,} pixels with {summary.card or summary.engine} "
        f"in {summary.seconds:.1f} s and saved {summary.out}.",
        _promise(summary),
    ]
    if summary.edges_out:
        lines.append(f"The edge map is in {summary.edges_out}.")
    if summary.sheet:
        lines.append(f"Before and after, side by side, are in {summary.sheet}.")
    return (*lines, *summary.notes)


def _promise(summary: FillSummary) -> str:
    return promise(
        changed=summary.changed_outside,
        total=summary.pixels,
        lossless=summary.lossless,
        kind=summary.out.suffix.lstrip(".").upper(),
    )


class Reporter(Protocol):
    """Follows one fill."""

    def progress(self, stage: str, done: float) -> None:
        """`stage` in a user's words; `done` from 0 to 1 over the whole fill."""
        ...

    def edges(self, box: "Box") -> None:
        """An edge map of this part of the photo is there."""
        ...

    def finished(self, summary: FillSummary) -> None:
        """The file is written and checked."""
        ...


class JsonReporter:
    """One JSON object to a line on stdout, flushed as it happens."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def progress(self, stage: str, done: float) -> None:
        self._line("progress", stage=stage, done=round(done, 4))

    def edges(self, box: "Box") -> None:
        self._line("edges", box=list(box))

    def finished(self, summary: FillSummary) -> None:
        self._line("done", **asdict(summary))

    def _line(self, event: str, **fields: object) -> None:
        line = json.dumps({"event": event, **fields}, default=str)
        print(line, file=self._stream, flush=True)


class PlainReporter:
    """A line on stderr when a stage first begins, the result on stdout: for logs and pipes."""

    def __init__(self, stream: TextIO, log: TextIO) -> None:
        self._stream = stream
        self._log = log
        self._stages: set[str] = set()

    def progress(self, stage: str, done: float) -> None:
        if stage not in self._stages:  # with many holes the same stages come again and again
            self._stages.add(stage)
            print(f"{stage}…", file=self._log, flush=True)

    def edges(self, box: "Box") -> None:
        """Not worth a line: a stage of its own says it."""

    def finished(self, summary: FillSummary) -> None:
        for sentence in sentences(summary):
            print(sentence, file=self._stream)


class QuietReporter(PlainReporter):
    """The result only."""

    def progress(self, stage: str, done: float) -> None:
        """Asked not to."""


class TerminalReporter(PlainReporter):
    """A moving bar on the terminal, the result on stdout."""

    def __init__(self, stream: TextIO, log: TextIO, bar: "Bar") -> None:
        super().__init__(stream, log)
        self._bar = bar
        self._task: TaskID = bar.add_task("Starting", total=1.0)

    def progress(self, stage: str, done: float) -> None:
        self._bar.start()  # again, where another variant follows a finished one
        self._bar.update(self._task, description=stage, completed=done)

    def stop(self) -> None:
        """Take the bar down, so that something can be printed."""
        self._bar.stop()

    def finished(self, summary: FillSummary) -> None:
        self.stop()
        super().finished(summary)


@contextmanager
def open_reporter(*, json_lines: bool, quiet: bool) -> Generator[Reporter, None, None]:
    """The reporter that suits where the output goes; a bar is taken down on leaving."""
    if json_lines:
        yield JsonReporter(sys.stdout)
    elif quiet:
        yield QuietReporter(sys.stdout, sys.stderr)
    elif sys.stderr.isatty():
        with open_bar() as bar:
            yield TerminalReporter(sys.stdout, sys.stderr, bar)
    else:
        yield PlainReporter(sys.stdout, sys.stderr)


def open_bar() -> "Bar":
    """A bar on stderr that goes away when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),  # file names may hold brackets
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,  # what is printed while the bar stands belongs where it was sent
        redirect_stderr=False,
    )
