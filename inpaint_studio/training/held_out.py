"""Whether training helped: the same holes in pictures it never saw, filled before and after."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import restore
from inpaint_studio.evaluation.metrics import Hole, Picture, l1_percent
from inpaint_studio.evaluation.perceptual import find_feature_file, open_meter
from inpaint_studio.evaluation.photos import blanked
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.imaging.random_masks import RatioRange, hole_within
from inpaint_studio.steps import exhausted
from inpaint_studio.training.photos import read_small

MOST = 8
SIDE = 256
LEAST = 64
"""Pictures smaller than this say nothing."""
HOLES = 4
"""In each picture: with one, chance outweighs what minutes of training bring."""
_RATIO = RatioRange(0.1, 0.25)


@dataclass(frozen=True, slots=True)
class Split:
    """Pictures to learn from, and pictures to judge by."""

    learnt: tuple[Path, ...]
    held_out: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over the pictures held out; both are better when smaller."""

    l1: float
    """Inside the holes, in percent of white."""
    features: float | None
    """The VGG-11 feature distance; None where its file is not on this disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A picture (H, W, 3) and a hole (H, W) in it."""

    picture: Picture
    hole: Hole


def split(paths: Sequence[Path], *, seed: int) -> Split:
    """Hold out a fifth of the pictures, one to eight of them; none where there are under four."""
    count = min(MOST, max(1, len(paths) // 5)) if len(paths) >= 4 else 0
    chosen = np.random.default_rng([seed, 3]).permutation(len(paths))[:count]
    out = {int(index) for index in chosen}
    return Split(
        tuple(path for at, path in enumerate(paths) if at not in out),
        tuple(path for at, path in enumerate(paths) if at in out),
    )


def cases_of(paths: Sequence[Path], *, seed: int) -> tuple[Case, ...]:
    """The middle of each readable picture, several times, with strokes over 10 to 25 % of it."""
    cases: list[Case] = []
    for number, path in enumerate(paths):
        picture = read_small(path, side=SIDE)
        if picture is None or min(picture.shape[:2]) < LEAST:
            continue
        square = _middle(picture)
        size = Size(square.shape[0], square.shape[1])
        rng = np.random.default_rng([seed, 4, number])
        holes = (hole_within(size, rng, ratio=_RATIO) for _ in range(HOLES))
        cases += [Case(square, hole) for hole in holes]
    return tuple(cases)


def judge(cases: Sequence[Case], engine: str, setup: EngineSetup) -> Generator[int, None, Score]:
    """Fill every hole as the program would; yields how many are done.

    Raises:
        WeightsError: the model cannot be opened.
        ValueError: there are no cases.
    """
    opened, file = open_engine(engine, setup), find_feature_file()
    meter = open_meter(file) if file else None
    distances: list[tuple[float, float]] = []
    for done, case in enumerate(cases, start=1):
        photo = Photo(blanked(case.picture, case.hole))
        run = restore(photo, Mask.from_hole(case.hole), opened)
        result: Picture = exhausted(run).over(photo).pixels
        apart = 0.0
        if meter:
            apart = meter.distance(meter.look(result), meter.look(case.picture), case.hole)
        distances.append((l1_percent(result, case.picture, case.hole), apart))
        yield done
    l1, features = np.mean(distances, axis=0)
    return Score(float(l1), float(features) if meter else None)


def _middle(picture: Picture) -> Picture:
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    square = picture[top : top + side, left : left + side]
    if side > SIDE:
        square = cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(square, np.uint8)
