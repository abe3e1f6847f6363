"""What is left of an evaluation: table.csv, items.csv, results.json and index.html there."""

import csv
import io
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from inpaint_studio import __version__
from inpaint_studio.errors import PhotoError
from inpaint_studio.evaluation.edge_scores import EdgeCounts
from inpaint_studio.evaluation.page import page
from inpaint_studio.evaluation.records import ItemRecord
from inpaint_studio.evaluation.run import Evaluation, Outcome
from inpaint_studio.evaluation.table import COLUMNS, Row, make_table
from inpaint_studio.evaluation.thumbnails import Thumbnails
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation, summed up."""

    rows: tuple[Row, ...]
    items: tuple[ItemRecord, ...]
    facts: dict[str, str]
    """How it was measured: what the reader must know to repeat it."""
    skipped: dict[str, str]
    """Photo -> why it was left out."""
    notes: tuple[str, ...]


def sum_up(order: Evaluation, outcome: Outcome) -> Report:
    """The report of what was measured."""
    engines = [contestant.label for contestant in order.contestants]
    rows = make_table(outcome.items, outcome.photos, groups=order.masks.groups, engines=engines)
    notes = (*_failures(outcome.items, engines), *outcome.notes, *_cautions(rows))
    skipped = {skip.photo: skip.why for skip in outcome.skipped}
    return Report(rows, outcome.items, _facts(order, outcome), skipped, notes)


def write_report(folder: Path, report: Report) -> Path:
    """Write all four files, each whole or not at all, and return the page.

    Raises:
        PhotoError: the disk does not take them.
    """
    writers: dict[str, Callable[[], str]] = {
        "table.csv": lambda: table_csv(report.rows),
        "items.csv": lambda: items_csv(report.items),
        "results.json": lambda: results_json(report),
        "index.html": lambda: page(report, Thumbnails(Path("thumbs"))),
    }
    for name, write in writers.items():
        path = folder / name
        try:
            write_bytes_atomically(path, write().encode(), overwrite=True)
        except OSError as error:
            raise PhotoError(f"{path} cannot be saved: {reason(error)}.") from error
    return folder / "index.html"


def table_csv(rows: Sequence[Row]) -> str:
    """The table, one line to a row, every column, all digits."""
    names = [column.name for column in COLUMNS]
    lines = [
        [row.group, row.engine, row.pictures, row.failed, *(row.values.get(n, "") for n in names)]
        for row in rows
    ]
    return _csv(["masks", "engine", "pictures", "failed", *names], lines)


def items_csv(items: Sequence[ItemRecord]) -> str:
    """Every fill, one to a line."""
    names = sorted({name for item in items for name in item.values})
    lines = [
        [
            *(item.photo, item.mask, item.group, item.engine, item.identity),
            *(item.share, item.border, *(item.values.get(name, "") for name in names)),
            *(item.edges or [""] * len(EdgeCounts._fields)),
            *(item.peak_bytes or "", item.problem),
        ]
        for item in items
    ]
    heads = ["photo", "mask", "group", "engine", "identity", "share", "border", *names]
    edges = [f"edges_{name}" for name in EdgeCounts._fields]
    return _csv([*heads, *edges, "peak_bytes", "problem"], lines)


def results_json(report: Report) -> str:
    """The table and everything needed to read it, for programs."""
    content = {
        "facts": report.facts,
        "notes": report.notes,
        "skipped": report.skipped,
        "rows": [
            {
                "masks": row.group,
                "engine": row.engine,
                "pictures": row.pictures,
                "failed": row.failed,
                **row.values,
            }
            for row in report.rows
        ],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _csv(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue()


def _facts(order: Evaluation, outcome: Outcome) -> dict[str, str]:
    identities = "; ".join(f"{c.label}: {c.identity}" for c in order.contestants)
    measured = {item.photo for item in outcome.items}
    return {
        "photos": f"{len(measured)} measured, {len(outcome.skipped)} skipped, from {order.photos}",
        "squares": f"{order.size} × {order.size} pixels from the middle, scaled down to fit",
        "masks": order.masks.text,
        "seed": str(order.seed),
        "device": order.device,
        "weights and commands": identities,
        "program": f"Inpaint Studio {__version__}, Python {platform.python_version()}",
        "machine": f"{platform.system()} {platform.machine()}",
        "date": datetime.now().astimezone().isoformat(timespec="minutes"),
    }


def _failures(items: Sequence[ItemRecord], engines: Sequence[str]) -> list[str]:
    """A sentence on each contestant that did not fill everything."""
    notes: list[str] = []
    for engine in engines:
        problems = [item.problem for item in items if item.engine == engine and item.problem]
        if problems:
            count = "1 fill" if len(problems) == 1 else f"{len(problems)} fills"
            notes.append(f"{engine} failed at {count}, which its means leave out: {problems[0]}")
    return notes


def _cautions(rows: Sequence[Row]) -> list[str]:
    sizes = [row.pictures for row in rows if "frechet" in row.values or "fid" in row.values]
    if not sizes or min(sizes) >= 2048:
        return []
    return [
        f"Fréchet distances of as few as {min(sizes)} pictures are too large by a bias that falls "
        "with their number: compare them only within this table and within one group."
    ]
