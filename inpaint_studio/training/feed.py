"""Crops and holes to learn from, each determined by the seed and its number alone.

So a run that is resumed, or spread over several processes, sees exactly the same data.
"""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import TrainingError
from inpaint_studio.training.config import Config, Masks
from inpaint_studio.training.masks import Hole, make_hole
from inpaint_studio.training.photos import (
    Batch,
    Crop,
    PhotoStore,
    crop_with_edges,
    cut_square,
    random_square,
    read_small,
)

_AHEAD = 3
"""Batches that are made while the networks work."""
_FILES = 8
"""Of pictures in shards, how many shards are gone through together."""


class Part(NamedTuple):
    """One of several equal parts of every batch."""

    number: int
    of: int


class Photos(Protocol):
    """Pictures that crops can be cut from."""

    def __len__(self) -> int: ...

    @property
    def runs(self) -> tuple[int, ...]:
        """How many pictures, one after another, are in each file that is best read at a time."""
        ...

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

    @property
    def runs(self) -> tuple[int, ...]:
        return (len(self.store),)

    def cut(self, index: int, rng: np.random.Generator, *, crop: int) -> Crop | None:
        return random_square(self.store.picture(index), rng, crop=crop, skip_small=self.skip_small)


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

    @property
    def runs(self) -> tuple[int, ...]:
        return (len(self.paths),)

    def cut(self, index: int, rng: np.random.Generator, *, crop: int) -> Crop | None:
        path = self.paths[index]
        picture = None if path in self.skipped else read_small(path, side=self.short_side)
        if picture is None:
            self.skipped.add(path)
            return None
        return crop_with_edges(picture, rng, crop=crop, skip_small=self.skip_small)


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
        return cut_square(scaled, rng, crop=side) > 127


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
        order = _order(self.seed, epoch, self.photos.runs)
        for offset in range(len(order)):  # in place of one that cannot be used, the one after it
            index = int(order[(place + offset) % len(order)])
            crop = self.photos.cut(index, rng, crop=self.crop)
            if crop is not None:
                return crop, self._hole(rng)
        raise TrainingError(
            f"None of the {len(order)} photos can be used: they are unreadable, or smaller than "
            f'the crop of {self.crop} pixels (set small = "reflect" to use them all the same).'
        )

    def batches(
        self, start: int, *, size: int, workers: int, part: Part | None = None
    ) -> Generator[Batch]:
        """Batches from step `start` on, made ahead of time. Close it to end its threads.

        Args:
            start: the first step.
            size: of a batch.
            workers: threads.
            part: which of several processes this is: each takes its `size` numbers of a step's.
        """
        part = part or Part(0, 1)
        pending: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(workers, thread_name_prefix="feed") as pool:
            try:
                for step in _count(start):
                    first = (step * part.of + part.number) * size
                    pending.append(pool.submit(self.batch, first, size))
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
def _order(seed: int, epoch: int, runs: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """All pictures in random order; where they lie in many files, a few files at a time."""
    rng = np.random.default_rng([seed, 0, epoch])
    if len(runs) == 1:
        return np.asarray(rng.permutation(runs[0]), np.int64)
    starts = [0, *accumulate(runs)]
    files = [int(file) for file in rng.permutation(len(runs))]
    together = [files[first : first + _FILES] for first in range(0, len(files), _FILES)]
    parts = [[i for at in some for i in range(starts[at], starts[at + 1])] for some in together]
    return np.concatenate([rng.permutation(np.array(part, np.int64)) for part in parts])


def _count(start: int) -> Iterator[int]:
    while True:
        yield start
        start += 1
