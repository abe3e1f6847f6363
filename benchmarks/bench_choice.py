"""Does `auto` choose well? Its VGG-11 feature distance against the best single engine's, by kind.

    python benchmarks/bench_choice.py --items choice.jsonl [--photos DIR] [--limit 12] [--size 384]
    python benchmarks/bench_choice.py --items tune.jsonl --skip 45      photos to set thresholds on

Squares are cut from the photos and given one hole of each kind, the same for every engine; what
is measured is the fill inside the hole (see docs/evaluation.md). Every fill is one line of the
items file: the same command goes on after a stop, and another engine or size adds lines to it.
Each line also holds what `auto` saw: pixels, width, steepness and busyness of every hole.
Asked for is a ratio of at most 1.03 to the best engine in every kind, and never the worst place.
What `auto` decides by is set on photos that the figures are not taken from: those after --skip.
"""

import argparse
import json
import os
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from time import process_time

import numpy as np

from inpaint_studio.engines.registry import engine_entry
from inpaint_studio.engines.restore import RestoreOptions
from inpaint_studio.engines.surroundings import look_around
from inpaint_studio.engines.task import EngineShelf, FillTask, run_fill
from inpaint_studio.errors import PhotoError
from inpaint_studio.evaluation.metrics import l1_percent
from inpaint_studio.evaluation.perceptual import FeatureMeter, find_feature_file, open_meter
from inpaint_studio.evaluation.photos import BLANK, list_photos, load_square
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.imaging.random_masks import KINDS, random_hole
from inpaint_studio.steps import exhausted
from inpaint_studio.weights.library import Library, open_library

KIND_NAMES = ("strokes", "blobs", "boxes", "scratches", "cracks", "objects")
ENGINES = (
    "auto",
    "thin",
    "thin+texture",
    "patchmatch",
    "thin+patchmatch",
    "pconv",
    "edgeconnect",
    "pconv+patchmatch",
    "edgeconnect+patchmatch",
    "telea",
    "navier-stokes",
)
LIMIT = 1.03


def holes(photo: str, size: int, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """One hole of every kind; which one depends on the photo's name and the seed alone."""
    for kind in KIND_NAMES:
        rng = np.random.default_rng(zlib.crc32(f"{seed}:{photo}:{kind}:{size}".encode()))
        yield kind, random_hole(Size(size, size), rng, kinds=(KINDS[kind],))


def filled(
    name: str, picture: np.ndarray, hole: np.ndarray, shelf: EngineShelf, library: Library
) -> tuple[np.ndarray, tuple[str, ...], float]:
    """The filled square, how it was made, and CPU seconds."""
    shown = picture.copy()
    shown[hole] = BLANK
    entry = engine_entry(name)
    card = library.default_for(entry.card_engine) if entry.needs_card else None
    task = FillTask(
        Photo(shown),
        Mask.from_hole(hole),
        name,
        card,
        library.files(card) if card else {},
        "cpu",
        RestoreOptions(),
    )
    began = process_time()
    made = exhausted(run_fill(task, shelf))
    return flatten(task.photo, [(made.patch, 1.0)]), made.notes, process_time() - began


def seen(picture: np.ndarray, hole: np.ndarray) -> list[list[float]]:
    """Pixels, width, steepness and busyness of every connected hole."""
    holes = look_around(Photo(picture), hole)
    pixels = np.bincount(holes.labels.ravel())[1:]
    return [
        [int(count), round(one.width, 1), round(one.steepness, 4), round(one.busyness, 4)]
        for count, one in zip(pixels, holes.around, strict=True)
    ]


def measure(wanted: argparse.Namespace, meter: FeatureMeter) -> None:
    """Fill and measure whatever the items file does not have yet."""
    done = {(i["photo"], i["size"], i["kind"], i["engine"]) for i in read(wanted.items)}
    shelf, library = EngineShelf(room=9), open_library()
    for photo in list_photos(wanted.photos, seed=wanted.seed, limit=None)[wanted.skip :]:
        try:
            picture = load_square(wanted.photos / photo, wanted.size)
        except PhotoError:
            continue  # too small
        truth = meter.look(picture)
        for kind, hole in holes(photo, wanted.size, wanted.seed):
            for engine in wanted.engines:
                if (photo, wanted.size, kind, engine) in done:
                    continue
                result, notes, seconds = filled(engine, picture, hole, shelf, library)
                item = {
                    "photo": photo,
                    "size": wanted.size,
                    "kind": kind,
                    "engine": engine,
                    "vgg": meter.distance(meter.look(result), truth, hole),
                    "l1": l1_percent(result, picture, hole),
                    "seconds": round(seconds, 3),
                    "notes": notes,
                    "seen": seen(picture, hole),
                }
                with wanted.items.open("a") as file:
                    file.write(json.dumps(item) + "\n")
        wanted.limit -= 1
        if not wanted.limit:
            return


def read(items: Path) -> list[dict]:
    return [json.loads(line) for line in items.read_text().splitlines()] if items.exists() else []


def report(items: list[dict], measured: str) -> None:
    """A table of means, kinds down and engines across, and what `auto` is to the best."""
    by = defaultdict(list)
    for item in items:
        by[item["kind"], item["engine"]].append(item[measured])
    engines = [name for name in ENGINES if any(engine == name for _, engine in by)]
    print(f"\n| {measured} | " + " | ".join(engines) + " | auto / best |")
    print("|---" * (len(engines) + 2) + "|")
    for kind in KIND_NAMES:
        means = {name: fmean(by[kind, name]) for name in engines if by[kind, name]}
        others = [mean for name, mean in means.items() if name != "auto"]
        ratio = means["auto"] / min(others) if "auto" in means and others else 0
        cells = " | ".join(f"{means[name]:.3f}" if name in means else "" for name in engines)
        print(f"| {kind} | {cells} | {ratio:.3f}{'' if ratio <= LIMIT else ' !'} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = Path(os.environ.get("INPAINT_STUDIO_DATA", "../shared/data"))
    parser.add_argument("--items", type=Path)
    parser.add_argument("--photos", type=Path, default=data / "photos" / "eval")
    parser.add_argument("--limit", type=int, default=12)
    parser.add_argument("--skip", type=int, default=0, help="leave out the first photos")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engines", nargs="+", default=ENGINES)
    wanted = parser.parse_args()
    if wanted.items is None or not wanted.photos.is_dir():
        print("skipped: it takes many minutes; name a file with --items, and photos with --photos")
        return
    features = find_feature_file() or data / "features" / "vgg11_bn_pool3.safetensors"
    measure(wanted, open_meter(features))
    items = read(wanted.items)
    report(items, "vgg")
    report(items, "l1")


if __name__ == "__main__":
    main()
