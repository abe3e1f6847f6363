"""`inpaint-studio evaluate`: fill the same holes with several engines and measure the results."""

import argparse
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from inpaint_studio.cli.parser import device_name, seed_number, whole_number
from inpaint_studio.errors import UsageError
from inpaint_studio.steps import followed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rich.table import Table

    from inpaint_studio.cli.parser import Verbs
    from inpaint_studio.evaluation.report import Report
    from inpaint_studio.evaluation.run import Evaluation, Event
    from inpaint_studio.evaluation.table import Row

    Listener = Callable[[Event], None]

_SIDE = whole_number(32, 4096, "a side from 32 to 4096 pixels")
_COUNT = whole_number(1, 1_000_000_000, "a number of photos")

WIDE = 190
"""Columns of a terminal that the whole table fits in."""
FILE_WIDTH = 240
"""How wide the table may be where it is not read on a terminal."""

DESCRIPTION = """\
Cut a square from every photo, make holes in it, have every engine fill them, and compare the fills
with the originals. Results are written down as they come: the same command goes on after a stop.
"""

EXAMPLES = """\
examples:
  inpaint-studio evaluate --engines pconv,edgeconnect,telea --photos photos --out run
  inpaint-studio evaluate --engines pconv:my-card,pconv --photos photos --masks kinds --out run2
  inpaint-studio evaluate --engines telea --engines "lama=python lama.py {photo} {mask} {out}" \\
      --photos photos --masks strokes:0.2-0.3 --out run3

masks:
  classes                strokes in the six hole-ratio classes of Liu et al. 2018, half of them
                         touching the border; classes:border, classes:inside
  kinds                  one each of strokes, blobs, boxes, halves, scratches, cracks, objects
  cracks                 one kind; several joined by commas
  strokes:0.2-0.3        one kind that covers this share of the picture
  FOLDER                 masks from files, white = hole

{photo}, {mask} and {out} become paths of PNGs of the same size; white in the mask is to be filled.
A program that starts slowly may be started once, as name=command {stdin}: “-” stands there, and it
reads ["photo", "mask", "out"] as JSON line by line and answers “ok”, or a sentence, with a line.
"""


def add_parser(subparsers: "Verbs") -> None:
    """Add `evaluate` to the verbs of the command line."""
    parser = subparsers.add_parser(
        "evaluate", help="measure engines on photos with holes", description=DESCRIPTION
    )
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--engines", action="append", required=True, metavar="E",
                        help="engines joined by commas, each with “:CARD” where wanted; or one "
                        "other program as name=command; may be given again")  # fmt: skip
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR",
                        help="folder of photos, with its subfolders")  # fmt: skip
    parser.add_argument("--masks", default="classes", metavar="SPEC",
                        help="which holes; see below (default: classes)")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="DIR",
                        help="folder for the report; one of an earlier run goes on")  # fmt: skip
    parser.add_argument("--size", type=_SIDE, default=256, metavar="PX",
                        help="side of the squares (default: 256)")  # fmt: skip
    parser.add_argument("--limit", type=_COUNT, metavar="N", help="take N photos, chosen by seed")
    parser.add_argument("--seed", type=seed_number, default=0, metavar="N",
                        help="same seed, same photos and holes (default: 0)")  # fmt: skip
    parser.add_argument("--device", type=device_name, default="auto", metavar="D",
                        help="auto, cpu, cuda, cuda:1 or mps (default: auto)")  # fmt: skip
    parser.add_argument("--features", type=Path, metavar="F",
                        help="weights of VGG-11 with batch norm (default: looked for)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object to a line on stdout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, write the report, print the table."""
    order = read_order(arguments)
    from inpaint_studio.evaluation.report import sum_up, write_report
    from inpaint_studio.evaluation.run import evaluate

    try:
        with _listener(json_lines=arguments.json) as listen:
            outcome = followed(evaluate(order), listen)
    except KeyboardInterrupt:
        print(f"What was measured is in {order.out}: the same command goes on.", file=sys.stderr)  # noqa: T201
        raise
    report = sum_up(order, outcome)
    page = write_report(order.out, report)
    if arguments.json:
        _print_line("done", page=str(page), rows=len(report.rows), skipped=len(report.skipped))
    else:
        print_report(report, page)
    return 0 if any(row.pictures for row in report.rows) else 1


def read_order(arguments: argparse.Namespace) -> "Evaluation":
    """What is to be done; everything that can be wrong with it is found here.

    Raises:
        UsageError: an engine, mask or folder does not exist.
        WeightsError: a model is not here.
    """
    if not arguments.photos.is_dir():
        raise UsageError(f"There is no folder {arguments.photos}. Name a folder of photos.")
    if arguments.out.is_file():
        raise UsageError(f"{arguments.out} is a file. Name a folder for the report with --out.")
    if arguments.features and not arguments.features.is_file():
        raise UsageError(f"There is no file {arguments.features}. Name the weights of VGG-11.")
    from inpaint_studio.evaluation.contestants import parse_contestants
    from inpaint_studio.evaluation.masks import parse_masks
    from inpaint_studio.evaluation.run import Evaluation
    from inpaint_studio.weights.library import open_library

    masks = parse_masks(arguments.masks)
    return Evaluation(
        contestants=parse_contestants(arguments.engines, open_library()),
        photos=arguments.photos,
        masks=masks,
        out=arguments.out,
        size=arguments.size,
        limit=arguments.limit,
        seed=arguments.seed,
        device=arguments.device,
        features=arguments.features,
    )


def print_report(report: "Report", page: Path, *, width: int | None = None) -> None:
    """The table, what has to be known of it, and where the rest is."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(width=width, highlight=False)
    if not console.is_terminal and width is None:
        console.width = FILE_WIDTH
    console.print(_table(report, brief=console.width < WIDE))
    for note in report.notes:
        console.print(escape(note), style="dim")
    if report.skipped:
        console.print(f"Left out: {len(report.skipped)} photos, listed in {escape(str(page))}.")
    console.print(f"Contact sheets, worst first: {escape(str(page))}", soft_wrap=True)


def _table(report: "Report", *, brief: bool) -> "Table":
    from rich import table as rich_table
    from rich.markup import escape

    from inpaint_studio.evaluation.page import shown
    from inpaint_studio.evaluation.table import is_best, used_columns

    columns = [c for c in used_columns(report.rows) if c.brief or not brief]
    table = rich_table.Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for title in ("masks", "engine", "pictures"):
        table.add_column(title, no_wrap=title != "pictures")
    for column in columns:
        table.add_column(column.title, justify="right")
    last = None
    for row in report.rows:
        if last not in (None, row.group):
            table.add_section()
        cells = [
            f"[bold]{shown(row, c)}[/]" if is_best(row, c, report.rows) else shown(row, c)
            for c in columns
        ]
        heads = ("" if row.group == last else row.group, row.engine, _count_text(row))
        table.add_row(*(escape(head) for head in heads), *cells)
        last = row.group
    return table


def _count_text(row: "Row") -> str:
    return f"{row.pictures} ({row.failed} failed)" if row.failed else str(row.pictures)


@contextmanager
def _listener(*, json_lines: bool) -> "Generator[Listener, None, None]":
    """What events are told to: JSON on stdout, a bar on a terminal, else a few lines on stderr."""
    if json_lines:
        yield _print_event
    elif sys.stderr.isatty():
        with _bar() as listen:
            yield listen
    else:
        yield Log(sys.stderr).tell


def _print_event(event: "Event") -> None:
    import msgspec

    _print_line(type(event).__name__.lower(), **msgspec.to_builtins(event))


def _print_line(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)  # noqa: T201


class Log:
    """Tells of an evaluation in lines: each photo left out, each kind of failure, each tenth."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._total = self._done = 0
        self._problems: set[str] = set()

    def tell(self, event: "Event") -> None:
        """One line, or none."""
        from inpaint_studio.evaluation.run import Began, Measured, Skipped

        match event:
            case Began(total, done):
                self._total, self._done = total, done
                kept = f", {done} of them measured before" if done else ""
                self._say(f"{total} fills{kept}")
            case Skipped(photo, why):
                self._say(f"left out {photo}: {why}")
            case Measured(record):
                self._count(record.problem and f"{record.engine}: {record.problem}")

    def _count(self, problem: str) -> None:
        if problem and problem not in self._problems:
            self._problems.add(problem)
            self._say(problem)
        before, self._done = self._done, self._done + 1
        if self._total and before * 10 // self._total < self._done * 10 // self._total:
            self._say(f"{self._done} of {self._total} fills")

    def _say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


@contextmanager
def _bar() -> "Generator[Listener, None, None]":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from inpaint_studio.evaluation.run import Began, Measured, Skipped

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=None)
        problems: set[str] = set()

        def listen(event: "Event") -> None:
            match event:
                case Began(total, done):
                    bar.update(task, total=total, completed=done)
                case Skipped(photo, why):
                    bar.print(f"left out {photo}: {why}", markup=False, highlight=False)
                case Measured(record):
                    if record.problem and record.problem not in problems:
                        problems.add(record.problem)
                        bar.print(f"{record.engine}: {record.problem}", markup=False)
                    bar.update(task, description=f"{record.engine} {record.group}", advance=1)

        yield listen
