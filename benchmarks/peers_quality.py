"""The half of `peers.py` that measures quality: `inpaint-studio evaluate` with everybody."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from inpaint_studio.evaluation.photos import list_photos
from inpaint_studio.evaluation.table import ALL

SIDE = 512
"""Pixels of the squares that are filled."""
SHOWN = (
    ("vgg11", "VGG-11 distance in the hole", 4, min),
    ("hole_l1", "L1 in the hole, %", 2, min),
    ("hole_psnr", "PSNR in the hole, dB", 2, max),
)
"""Measure, title, digits, and which of the values is the best."""
Row = dict
"""A row of results.json: "masks", "engine", "pictures", "failed" and the measures."""


def evaluate(contestants: Iterable[str], *, photos: Path, masks: str, count: int, out: Path) -> int:
    """Fill `count` squares and measure whatever `out` does not have yet; the exit code."""
    words = [sys.executable, "-m", "inpaint_studio", "evaluate"]
    for contestant in contestants:
        words += ["--engines", contestant]
    words += ["--photos", str(photos), "--masks", masks, "--size", str(SIDE)]
    words += ["--limit", str(limit_for(count, photos)), "--out", str(out)]
    return subprocess.run(words, check=False, stdout=sys.stderr).returncode


def limit_for(count: int, photos: Path) -> int:
    """How many photos `evaluate` has to take for so many that are large enough."""
    names = list_photos(photos, seed=0, limit=None)
    for at, name in enumerate(names, start=1):
        with Image.open(photos / name) as picture:
            count -= min(picture.size) >= SIDE
        if not count:
            return at
    return len(names)


def print_tables(out: Path, ours: Sequence[str]) -> None:
    """Markdown of what `evaluate` found, then how `ours` stand to the best of the others."""
    rows: list[Row] = json.loads((out / "results.json").read_text(encoding="utf-8"))["rows"]
    pictures = max(row["pictures"] for row in rows if row["masks"] != ALL)
    for measure, title, digits, best in SHOWN:
        known = [row for row in rows if measure in row]
        if not known:
            print(f"\n{title}: not measured, see the notes above.")
            continue
        print(f"\n**{title}**, {pictures} photos\n")
        print_measure(known, measure, digits=digits, best=best)
    print_standing(rows, ours)


def print_measure(rows: Sequence[Row], measure: str, *, digits: int, best: type[min]) -> None:
    """A line for everybody, a column for each kind of hole; the best of each column in bold."""
    groups = list(dict.fromkeys(row["masks"] for row in rows))
    value = {(row["engine"], row["masks"]): row[measure] for row in rows}
    top = {group: best(value[key] for key in value if key[1] == group) for group in groups}
    print_heads(groups)
    for engine in dict.fromkeys(row["engine"] for row in rows):
        cells = []
        for group in groups:
            found = value.get((engine, group))
            text = "–" if found is None else f"{found:.{digits}f}"
            cells.append(f"**{text}**" if found is not None and found == top[group] else text)
        print(f"| {engine} | {' | '.join(cells)} |")


def print_heads(groups: Sequence[str]) -> None:
    heads = [f"strokes {group}" if group[0].isdigit() else group for group in groups]
    print(f"| | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}")


def print_standing(rows: Sequence[Row], ours: Sequence[str]) -> None:
    """Each of ours over the best peer in VGG-11 distance and L1: below 1 is better."""
    print("\n**Over the best peer** (below 1: better)\n")
    groups = list(dict.fromkeys(row["masks"] for row in rows))
    print_heads(groups)
    for measure, title in (("vgg11", "VGG-11"), ("hole_l1", "L1")):
        for name in dict.fromkeys(row["engine"] for row in rows if row["engine"] in ours):
            cells = [ratio(rows, measure, name, group, ours) for group in groups]
            print(f"| {name}, {title} | {' | '.join(cells)} |")


def ratio(rows: Sequence[Row], measure: str, name: str, group: str, ours: Sequence[str]) -> str:
    here = [row for row in rows if row["masks"] == group and measure in row]
    mine = [row[measure] for row in here if row["engine"] == name]
    peers = {row["engine"]: row[measure] for row in here if row["engine"] not in ours}
    if not mine or not peers:
        return "–"
    best = min(peers, key=peers.__getitem__)
    return f"{mine[0] / peers[best]:.3f} ({best})"
