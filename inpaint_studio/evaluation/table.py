"""From single fills to the table: a row for each group of masks and each contestant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Literal

import numpy as np

from inpaint_studio.evaluation.edge_scores import EdgeCounts
from inpaint_studio.evaluation.metrics import Tally
from inpaint_studio.evaluation.perceptual import frechet_distance
from inpaint_studio.evaluation.records import ItemRecord, PhotoRecord, unpacked

ALL = "all"
"""The group of everything."""


@dataclass(frozen=True, slots=True)
class Column:
    """One measure in the table."""

    name: str
    title: str
    digits: int
    better: Literal["high", "low", ""] = ""
    brief: bool = True
    """Whether it is shown where there is little room."""


COLUMNS = (
    Column("l1", "L1 %", 2, "low", brief=False),
    Column("psnr", "PSNR", 2, "high"),
    Column("ssim", "SSIM", 4, "high", brief=False),
    Column("hole_l1", "L1 % hole", 2, "low"),
    Column("hole_psnr", "PSNR hole", 2, "high", brief=False),
    Column("hole_ssim", "SSIM hole", 4, "high"),
    Column("lpips", "LPIPS", 4, "low"),
    Column("fid", "FID", 1, "low"),
    Column("vgg11", "VGG-11 distance", 4, "low"),
    Column("frechet", "Fréchet (VGG-11)", 3, "low"),
    Column("precision", "edge precision", 3, "high", brief=False),
    Column("recall", "edge recall", 3, "high", brief=False),
    Column("exact_precision", "exact precision", 3, "high", brief=False),
    Column("exact_recall", "exact recall", 3, "high", brief=False),
    Column("chance_precision", "precision by chance", 3, brief=False),
    Column("chance_recall", "recall by chance", 3, brief=False),
    Column("changed", "changed outside %", 2, "low", brief=False),
    Column("seconds", "seconds", 3, "low"),
    Column("megabytes", "peak MB", 0, "low"),
    Column("gpu_megabytes", "peak GPU MB", 0, "low"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one contestant reached in one group; `values` by column name, missing where unknown."""

    group: str
    engine: str
    pictures: int
    failed: int
    values: Mapping[str, float]


def make_table(
    items: Sequence[ItemRecord],
    photos: Iterable[PhotoRecord],
    *,
    groups: Sequence[str],
    engines: Sequence[str],
) -> tuple[Row, ...]:
    """The rows, group by group, in the order given; last those of everything together.

    Groups that nothing fell in are left out.
    """
    originals = {photo.photo: photo for photo in photos}
    shown = [group for group in groups if any(item.group == group for item in items)]
    rows: list[Row] = []
    for group, engine in product([*shown, ALL], engines):
        mine = [i for i in items if i.engine == engine and group in (i.group, ALL)]
        if mine:
            rows.append(_row(group, engine, mine, originals))
    return tuple(rows)


def used_columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    """The columns that hold a value in any row."""
    return tuple(column for column in COLUMNS if any(column.name in row.values for row in rows))


def is_best(row: Row, column: Column, rows: Sequence[Row]) -> bool:
    """Whether nobody is better at this in the row's group, and somebody worse."""
    if not column.better or column.name not in row.values:
        return False
    others = [
        r.values[column.name] for r in rows if r.group == row.group and column.name in r.values
    ]
    best = max(others) if column.better == "high" else min(others)
    return row.values[column.name] == best and min(others) < max(others)


def badness(item: ItemRecord) -> float:
    """What the sheets are sorted by: the VGG-11 distance, without it the difference in the hole;
    failures come first."""
    if item.problem:
        return float("inf")
    return item.values.get("vgg11", item.values["hole_l1"])


def _row(
    group: str, engine: str, items: Sequence[ItemRecord], originals: Mapping[str, PhotoRecord]
) -> Row:
    done = [item for item in items if not item.problem]
    tally = Tally()
    for item in done:
        tally.add(item.values)
    values = tally.means()
    if done:
        values["seconds"] = median(item.values["seconds"] for item in done)
    values |= _frechet(done, originals) | _edges(done) | _memory(done)
    return Row(group, engine, len(done), len(items) - len(done), values)


def _frechet(items: Sequence[ItemRecord], originals: Mapping[str, PhotoRecord]) -> dict[str, float]:
    """Distances between the fills and their originals, an original counted with each fill."""
    found: dict[str, float] = {}
    for name, field in (("frechet", "features"), ("fid", "inception")):
        known = [item for item in items if item.photo in originals]
        pairs = [(getattr(item, field), getattr(originals[item.photo], field)) for item in known]
        vectors = [(unpacked(a), unpacked(b)) for a, b in pairs if a and b]
        if len(vectors) >= 2:
            fills, truths = (np.stack(side) for side in zip(*vectors, strict=True))
            found[name] = frechet_distance(fills, truths)
    return found


def _edges(items: Sequence[ItemRecord]) -> dict[str, float]:
    """Precision and recall over the edge pixels of all pictures together."""
    counted = EdgeCounts()
    for item in items:
        counted = counted.plus(item.edges or EdgeCounts())
    return counted.shares() if any(item.edges for item in items) else {}


def _memory(items: Sequence[ItemRecord]) -> dict[str, float]:
    peaks = {
        "megabytes": [item.peak_bytes for item in items if item.peak_bytes],
        "gpu_megabytes": [item.gpu_bytes for item in items if item.gpu_bytes],
    }
    return {name: max(peak) / 1e6 for name, peak in peaks.items() if peak}
