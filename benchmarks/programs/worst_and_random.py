"""Sheets of the worst and of random fills of an evaluation, made of its report's pictures.

    python benchmarks/programs/worst_and_random.py REPORT --out DIR [--only kodak,budgie,paintns]
        [--engines telea,pypatchmatch,thin,auto,pconv,edgeconnect,edgeconnect+patchmatch]
        [--judge pconv,edgeconnect] [--count 20]

The worst are those with the largest mean VGG-11 distance of the engines named by --judge. --only
keeps photos whose names begin so: those whose licence lets them be shown.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw, ImageFont

from inpaint_studio.evaluation.records import ItemRecord, Record
from inpaint_studio.evaluation.thumbnails import Thumbnails

CELL, GAP, TEXT, ROWS = 118, 3, 17, 5
SEED = 0

Case = dict[str, ItemRecord]
"""The fills of one hole, by engine."""


def cases_of(report: Path, wanted: tuple[str, ...]) -> list[Case]:
    decoder = msgspec.json.Decoder(Record)
    cases: dict[tuple[str, str], Case] = defaultdict(dict)
    for line in (report / "items.jsonl").read_bytes().splitlines():
        record = decoder.decode(line)
        if isinstance(record, ItemRecord) and record.photo.startswith(wanted):
            cases[record.photo, record.mask][record.engine] = record
    return list(cases.values())


def badness(case: Case, judges: list[str]) -> float:
    return sum(case[name].values["vgg11"] for name in judges) / len(judges)


def row(case: Case, engines: list[str], thumbnails: Thumbnails) -> list[tuple[Path, str]]:
    """Pictures and what stands below them."""
    first = next(iter(case.values()))
    cells = [
        (thumbnails.original(first.photo), first.photo),
        (thumbnails.masked(first.photo, first.mask), f"{100 * first.share:.0f}%"),
    ]
    for name in engines:
        values = case[name].values
        path = thumbnails.fill(first.photo, first.mask, name)
        cells.append((path, f"{values['hole_psnr']:.1f} dB {values['vgg11']:.3f}"))
    return cells


def sheet(cases: list[Case], engines: list[str], thumbnails: Thumbnails) -> Image.Image:
    titles = ["original", "hole", *engines]
    size = ((CELL + GAP) * len(titles), TEXT + len(cases) * (CELL + TEXT))
    canvas = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(TEXT - 6)
    for place, title in enumerate(titles):
        pen.text((place * (CELL + GAP) + 1, 1), title.replace("patchmatch", "pm"), "black", font)
    for number, case in enumerate(cases):
        top = TEXT + number * (CELL + TEXT)
        for place, (path, said) in enumerate(row(case, engines, thumbnails)):
            left = place * (CELL + GAP)
            with Image.open(path) as picture:
                small = picture.resize((CELL, CELL), Image.Resampling.LANCZOS)
            canvas.paste(small, (left, top))
            pen.text((left + 1, top + CELL), said, "black", font)
    return canvas


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument(
        "--engines",
        default="telea,pypatchmatch,thin,auto,pconv,edgeconnect,edgeconnect+patchmatch",
    )
    parser.add_argument("--judge", default="pconv,edgeconnect")
    parser.add_argument("--count", type=int, default=20)
    wanted = parser.parse_args()
    engines, judges = wanted.engines.split(","), wanted.judge.split(",")
    found = [
        case
        for case in cases_of(wanted.report, tuple(wanted.only.split(",")))
        if all("vgg11" in case[name].values for name in {*engines, *judges} if name in case)
        and {*engines, *judges} <= case.keys()
    ]
    worst_first = sorted(found, key=lambda case: -badness(case, judges))
    worst, others = worst_first[: wanted.count], worst_first[wanted.count :]
    chosen = random.Random(SEED).sample(others, min(wanted.count, len(others)))
    chosen.sort(key=lambda case: -badness(case, judges))
    wanted.out.mkdir(parents=True, exist_ok=True)
    thumbnails = Thumbnails(wanted.report / "thumbs")
    for kind, cases in (("worst", worst), ("random", chosen)):
        for at in range(0, len(cases), ROWS):
            path = wanted.out / f"evaluation-{kind}-{at // ROWS + 1}.jpg"
            sheet(cases[at : at + ROWS], engines, thumbnails).save(path, quality=80, optimize=True)
            print(path)


if __name__ == "__main__":
    main()
