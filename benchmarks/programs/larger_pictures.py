"""Whether a fill gets worse when the hole stays as it is and the picture around it gets larger.

    python benchmarks/programs/larger_pictures.py [--photos DIR] [--sides 256,512] [--limit 20]
        [--engines pconv,edgeconnect] [--masks strokes:0.1-0.2,blobs:0.1-0.2]

Holes are drawn in a square of 256 pixels in the middle of each photo. They are filled there, then
in larger squares around it, and judged by the same pixels every time.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inpaint_studio.engines.api import Engine, EngineSetup
from inpaint_studio.engines.registry import engine_entry, open_engine
from inpaint_studio.engines.restore import restore
from inpaint_studio.errors import PhotoError
from inpaint_studio.evaluation.masks import MaskPlan, parse_masks
from inpaint_studio.evaluation.metrics import l1_percent
from inpaint_studio.evaluation.perceptual import FeatureMeter, find_feature_file, open_meter
from inpaint_studio.evaluation.photos import blanked, list_photos, load_square
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.steps import exhausted
from inpaint_studio.weights.library import open_library

INNER = 256


def setup_of(engine: str) -> EngineSetup:
    entry = engine_entry(engine)
    if not entry.needs_card:
        return EngineSetup()
    library = open_library()
    card = library.default_for(entry.card_engine)
    return EngineSetup(card, library.files(card), "cpu")


def middle(picture: np.ndarray, side: int) -> np.ndarray:
    edge = (picture.shape[0] - side) // 2
    return picture[edge : edge + side, edge : edge + side]


def cases(folder: Path, limit: int, side: int, plan: MaskPlan) -> Iterator[tuple[np.ndarray, ...]]:
    """Squares of the largest side, and holes in their middle."""
    found = 0
    for name in list_photos(folder, seed=0, limit=None):
        try:
            picture = load_square(folder / name, side)
        except PhotoError:
            continue  # too small, or none
        for mask in plan.draw(name, size=Size(INNER, INNER), seed=0):
            edge = (side - INNER) // 2
            yield picture, np.pad(mask.hole, edge)
        found += 1
        if found == limit:
            return


def judged(
    engine: Engine, picture: np.ndarray, hole: np.ndarray, meter: FeatureMeter
) -> tuple[float, ...]:
    """PSNR, L1 and VGG-11 distance in the hole, looked at from the inner square."""
    photo = Photo(blanked(picture, hole))
    filled = exhausted(restore(photo, Mask.from_hole(hole), engine)).over(photo).pixels
    ours, true = (np.ascontiguousarray(middle(whole, INNER)) for whole in (filled, picture))
    inner = middle(hole, INNER)
    error = np.square(ours[inner].astype(float) - true[inner]).mean()
    distance = meter.distance(meter.look(ours), meter.look(true), inner)
    return 10 * np.log10(255**2 / error), l1_percent(ours, true, inner), distance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = Path(os.environ.get("INPAINT_STUDIO_DATA", "../shared/data"))
    parser.add_argument("--photos", type=Path, default=data / "photos" / "eval")
    parser.add_argument("--sides", default="256,512")
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--engines", default="pconv,edgeconnect")
    parser.add_argument("--masks", default="strokes:0.1-0.2,blobs:0.1-0.2")
    wanted = parser.parse_args()
    sides = [int(side) for side in wanted.sides.split(",")]
    file = find_feature_file()
    if file is None:
        parser.error("the VGG-11 file is missing: set INPAINT_STUDIO_DATA, see docs/evaluation.md")
    meter, plan = open_meter(file), parse_masks(wanted.masks)
    print("| engine | picture | holes | PSNR | L1 % | VGG-11 distance |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in wanted.engines.split(","):
        engine = open_engine(name, setup_of(name))
        drawn = list(cases(wanted.photos, wanted.limit, max(sides), plan))
        for side in sides:
            rows = [judged(engine, middle(p, side), middle(h, side), meter) for p, h in drawn]
            psnr, l1, distance = np.mean(rows, axis=0)
            print(f"| {name} | {side} | {len(rows)} | {psnr:.2f} | {l1:.2f} | {distance:.4f} |")


if __name__ == "__main__":
    main()
