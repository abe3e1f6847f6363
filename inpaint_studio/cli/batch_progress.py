"""How filling many photos tells how far it is: a line for each photo, a bar over all, or JSON."""

import sys
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TextIO

from inpaint_studio.cli.batch_jobs import NO_MASK, THERE
from inpaint_studio.cli.progress import (
    FillSummary,
    JsonReporter,
    PlainReporter,
    Reporter,
    TerminalReporter,
    open_bar,
    sentences,
)

_NAMED = 5
"""How many photos a summary names of each kind."""
_AFTERWORDS = {
    THERE: "saved before: --overwrite fills them again",
    NO_MASK: "without a mask of their name",
}


@dataclass(slots=True)
class Tally:
    """What became of the photos so far."""

    total: int
    unused: tuple[Path, ...] = ()
    """Masks that belong to no photo."""
    filled: int = 0
    failed: list[Path] = field(default_factory=list[Path])
    left_out: dict[str, list[Path]] = field(default_factory=dict[str, list[Path]])
    """Photos by why they were not filled."""
    encoded: Counter[str] = field(default_factory=Counter[str])
    """Files whose format encodes every pixel anew, by its ending."""

    @property
    def succeeded(self) -> bool:
        """Whether nothing failed, and something is there to show for it."""
        return not self.failed and bool(self.filled or self.left_out.get(THERE))


def summary_of(tally: Tally) -> tuple[str, ...]:
    """What a person is told at the end, a sentence each."""
    left_out = sum(len(photos) for photos in tally.left_out.values())
    counts = ((tally.filled, "filled"), (len(tally.failed), "failed"), (left_out, "left out"))
    rest = tally.total - sum(count for count, _ in counts)
    counts = (*counts, (rest, "not begun"))
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count or what == "filled")
    lines = [f"{tally.total:,} photo{'s' if tally.total != 1 else ''}: {told}."]
    lines += [f"Failed: {_names(tally.failed)}."] if tally.failed else []
    lines += [
        f"Left out, {_AFTERWORDS.get(why, why)}: {_names(photos)}."
        for why, photos in tally.left_out.items()
    ]
    if tally.unused:
        lines.append(f"Masks that belong to no photo: {_names(tally.unused)}.")
    for kind, count in tally.encoded.items():
        lines.append(f"{count:,} saved as {kind}, which encodes every pixel anew: "
                     "--format png or tif changes none outside the mask.")  # fmt: skip
    return tuple(lines)


def _names(paths: Sequence[Path]) -> str:
    more = len(paths) - _NAMED
    named = ", ".join(path.name for path in paths[:_NAMED])
    return f"{named} and {more:,} more" if more > 0 else named


class BatchReporter(Reporter, Protocol):
    """Follows the fills of many photos; what a `Reporter` is told is of the photo in hand."""

    def began(self, photo: Path, number: int, total: int) -> None:
        """The `number`th photo, from 1, is taken in hand."""
        ...

    def failed(self, photo: Path, sentence: str) -> None:
        """It could not be filled."""
        ...

    def left_out(self, photo: Path, why: str) -> None:
        """There is nothing to do for it."""
        ...

    def ended(self, tally: Tally) -> None:
        """No more photos, or stopped."""
        ...


class JsonBatch(JsonReporter):
    """One JSON object to a line on stdout."""

    def began(self, photo: Path, number: int, total: int) -> None:
        self._line("photo", photo=photo, number=number, total=total)

    def failed(self, photo: Path, sentence: str) -> None:
        self._line("failed", photo=photo, message=sentence)

    def left_out(self, photo: Path, why: str) -> None:
        self._line("left_out", photo=photo, message=why)

    def ended(self, tally: Tally) -> None:
        left_out = {why: len(photos) for why, photos in tally.left_out.items()}
        counts = {"filled": tally.filled, "failed": len(tally.failed), "left_out": left_out}
        self._line("summary", total=tally.total, **counts, unused_masks=tally.unused)


class PlainBatch(PlainReporter):
    """A line for each photo and a summary on stdout, what failed on stderr."""

    _number = 0
    _total = 0

    def began(self, photo: Path, number: int, total: int) -> None:
        self._number, self._total = number, total

    def progress(self, stage: str, done: float) -> None:
        """Too much for a log of many photos."""

    def finished(self, summary: FillSummary) -> None:
        told, kept, *rest = sentences(summary)
        self._say(" ".join((told, kept, *rest) if summary.lossless else (told, *rest)))

    def failed(self, photo: Path, sentence: str) -> None:
        print(f"{self._place} {photo}: {sentence}", file=self._log, flush=True)

    def left_out(self, photo: Path, why: str) -> None:
        """The summary names them."""

    def ended(self, tally: Tally) -> None:
        for sentence in summary_of(tally):
            print(sentence, file=self._stream)

    @property
    def _place(self) -> str:
        return f"[{self._number}/{self._total}]"

    def _say(self, line: str) -> None:
        print(f"{self._place} {line}", file=self._stream, flush=True)


class QuietBatch(PlainBatch):
    """What failed, and the summary."""

    def finished(self, summary: FillSummary) -> None:
        """Asked not to."""


class TerminalBatch(PlainBatch):
    """As `PlainBatch`, with a bar over all photos below it."""

    def __init__(self, stream: TextIO, log: TextIO, bar: TerminalReporter) -> None:
        super().__init__(stream, log)
        self._bar = bar
        self._photo = ""

    def began(self, photo: Path, number: int, total: int) -> None:
        super().began(photo, number, total)
        self._photo = photo.name
        self.progress("", 0.0)

    def progress(self, stage: str, done: float) -> None:
        share = (self._number - 1 + done) / max(1, self._total)
        self._bar.progress(f"{self._place} {self._photo}", share)

    def finished(self, summary: FillSummary) -> None:
        self._bar.stop()
        super().finished(summary)

    def failed(self, photo: Path, sentence: str) -> None:
        self._bar.stop()
        super().failed(photo, sentence)

    def ended(self, tally: Tally) -> None:
        self._bar.stop()
        super().ended(tally)


@contextmanager
def open_batch_reporter(*, json_lines: bool, quiet: bool) -> Generator[BatchReporter, None, None]:
    """The reporter that suits where the output goes; a bar is taken down on leaving."""
    if json_lines:
        yield JsonBatch(sys.stdout)
    elif quiet:
        yield QuietBatch(sys.stdout, sys.stderr)
    elif sys.stderr.isatty():
        with open_bar() as bar:
            terminal = TerminalReporter(sys.stdout, sys.stderr, bar)
            yield TerminalBatch(sys.stdout, sys.stderr, terminal)
    else:
        yield PlainBatch(sys.stdout, sys.stderr)
