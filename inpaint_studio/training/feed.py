"""Crops and holes to learn from, each determined by the seed and its number alone.

So a run that is resumed, or spread over several processes, sees exactly the same data.
"""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import TrainingError
from inpaint_studio.imaging.edges import canny, rgb_to_grey
from inpaint_studio.training.config import Config, Masks
from inpaint_studio.training.masks import Hole, make_hole
from inpaint_studio.training.photos import Batch, PhotoStore, read_small

Crop = npt.NDArray[np.uint8]
"""(crop, crop, 4): RGB and edges (0 or 255)."""

_AHEAD = 3
"""Batches that are made while the networks work."""


class Photos(Protocol):
    """Pictures that crops can be cut from."""

    def __len__(self) -> int: ...

    def cut(self, index: int, rng: np.random.Generator, *, crop: int) -> Crop | None:
        """A random square of picture `index`; None where there is none to be had."""
        ...


@dataclass(frozen=True, slots=True)
class PackedPhotos:
    """Photos that were decoded once, with their edges."""

    store: PhotoStore
    skip_small: bool

    def __len__(self) -> int:
        return len(self.store)

    def cut(self, index: int, rng: np.random.Generator, *, crop: int) -> Crop | None:
        return _square(self.store.picture(index), rng, crop=crop, skip_small=self.skip_small)


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """Photos decoded whenever one is needed: any number of them."""

    paths: tuple[Path, ...]
    short_side: int
    skip_small: bool
    skipped: set[Path] = field(default_factory=lambda: set[Path]())
    """Those that could not be read so far."""

    def __len__(self) -> int:
        return len(self.paths)

    def cut(self, index: int, rng: np.random.Generator, *, crop: int) -> Crop | None:
        path = self.paths[index]
        picture = None if path in self.skipped else read_small(path, side=self.short_side)
        if picture is None:
            self.skipped.add(path)
            return None
        square = _square(picture, rng, crop=crop, skip_small=self.skip_small)
        if square is None:
            return None
        edges = canny(rgb_to_grey(square)) * 255
        return np.dstack([square, edges.astype(np.uint8)])


@dataclass(frozen=True, slots=True)
class MaskFolder:
    """Masks somebody made, white = hole."""

    paths: tuple[Path, ...]

    def hole(self, side: int, rng: np.random.Generator) -> Hole:
        """A random one, its short side scaled to `side`, cut square, mirrored half of the time.

        Raises:
            TrainingError: it cannot be read.
        """
        path = self.paths[int(rng.integers(len(self.paths)))]
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if mask is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise TrainingError(f"The mask {path} could not be read; take it out of its folder.")
        scale = side / min(mask.shape)
        size = (max(side, round(mask.shape[1] * scale)), max(side, round(mask.shape[0] * scale)))
        scaled = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        return _cut(scaled, rng, crop=side) > 127


@dataclass(frozen=True, slots=True)
class Feed:
    """All data of a run. Number `n` is picture, crop and hole number n, for ever."""

    photos: Photos
    masks: Masks | MaskFolder
    seed: int
    crop: int

    def batch(self, first: int, count: int) -> Batch:
        """Numbers `first` to `first + count`."""
        pairs = [self.one(number) for number in range(first, first + count)]
        stacked = np.stack([crop for crop, _ in pairs])
        return Batch(stacked[..., :3], stacked[..., 3] > 0, np.stack([hole for _, hole in pairs]))

    def one(self, number: int) -> tuple[Crop, Hole]:
        """Crop and hole of that number. Every picture comes up once before any comes again.

        Raises:
            TrainingError: no picture can be used.
        """
        rng = np.random.default_rng([self.seed, 1, number])
        epoch, place = divmod(number, len(self.photos))
        order = _order(self.seed, epoch, len(self.photos))
        for offset in range(len(order)):  # in place of one that cannot be used, the one after it
            index = int(order[(place + offset) % len(order)])
            crop = self.photos.cut(index, rng, crop=self.crop)
            if crop is not None:
                return crop, self._hole(rng)
        raise TrainingError(
            f"None of the {len(order)} photos can be used: they are unreadable, or smaller than "
            f'the crop of {self.crop} pixels (set small = "reflect" to use them all the same).'
        )

    def batches(self, start: int, *, size: int, workers: int) -> Generator[Batch]:
        """Batches from step `start` on, made ahead of time. Close it to end its threads."""
        pending: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(workers, thread_name_prefix="feed") as pool:
            try:
                for step in _count(start):
                    pending.append(pool.submit(self.batch, step * size, size))
                    if len(pending) >= _AHEAD:
                        yield pending.popleft().result()
            finally:
                for future in pending:
                    future.cancel()

    def _hole(self, rng: np.random.Generator) -> Hole:
        if isinstance(self.masks, MaskFolder):
            return self.masks.hole(self.crop, rng)
        return make_hole(self.crop, rng, rules=self.masks)


def open_masks(config: Config) -> Masks | MaskFolder:
    """The generator's rules, or the folder of masks.

    Raises:
        TrainingError: the folder holds no masks.
    """
    if not config.masks.folder:
        return config.masks
    folder = Path(config.masks.folder)
    paths = tuple(sorted(p for p in folder.rglob("*") if p.suffix.lower() in MASK_SUFFIXES))
    if not paths:
        raise TrainingError(f"There are no masks in {folder}; they may be PNG, BMP, JPEG or TIFF.")
    return MaskFolder(paths)


MASK_SUFFIXES = frozenset({".png", ".bmp", ".jpg", ".jpeg", ".tif", ".tiff"})


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    return np.asarray(np.random.default_rng([seed, 0, epoch]).permutation(count), np.int64)


def _count(start: int) -> Iterator[int]:
    while True:
        yield start
        start += 1


def _square(
    picture: npt.NDArray[np.uint8], rng: np.random.Generator, *, crop: int, skip_small: bool
) -> npt.NDArray[np.uint8] | None:
    height, width = picture.shape[:2]
    missing = max(0, crop - height), max(0, crop - width)
    if any(missing):
        if skip_small:
            return None
        edges = ((0, missing[0]), (0, missing[1]), (0, 0))
        picture = np.pad(picture, edges, mode="symmetric")
    return _cut(picture, rng, crop=crop)


def _cut(
    picture: npt.NDArray[np.uint8], rng: np.random.Generator, *, crop: int
) -> npt.NDArray[np.uint8]:
    height, width = int(picture.shape[0]), int(picture.shape[1])
    top, left = int(rng.integers(height - crop + 1)), int(rng.integers(width - crop + 1))
    cut = picture[top : top + crop, left : left + crop]
    return cut[:, ::-1] if rng.random() < 0.5 else cut
