"""Training photos, decoded once, small, with their Canny edges, in one file that is mapped."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.edges import canny, rgb_to_grey
from inpaint_studio.training.masks import random_hole

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


@dataclass(frozen=True, slots=True, eq=False)
class PhotoStore:
    """Pictures of different sizes one behind the other: RGB and edges, (H, W, 4) uint8 each."""

    values: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sizes)

    def picture(self, index: int) -> npt.NDArray[np.uint8]:
        height, width = int(self.sizes[index, 0]), int(self.sizes[index, 1])
        start = int(self.offsets[index])
        return self.values[start : start + height * width * 4].reshape(height, width, 4)


def build_store(folder: Path, target: Path, *, side: int) -> int:
    """Write every readable photo of `folder`, its short side scaled to `side`, to `target`.

    Returns how many photos could not be read.
    """
    pictures: list[npt.NDArray[np.uint8]] = []
    unreadable = 0
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES):
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if picture is None:  # pyright: ignore[reportUnnecessaryComparison]
            unreadable += 1
            continue
        pictures.append(_with_edges(_scaled(np.asarray(picture, np.uint8), side)))
    shapes: list[tuple[int, ...]] = [picture.shape[:2] for picture in pictures]
    sizes = np.array(shapes, np.int64)
    np.save(target.with_suffix(".sizes.npy"), sizes)
    with target.open("wb") as file:
        for picture in pictures:
            file.write(picture.tobytes())
    return unreadable


def open_store(target: Path) -> PhotoStore:
    """Map what `build_store` wrote."""
    sizes = np.load(target.with_suffix(".sizes.npy"))
    lengths = sizes.prod(axis=1) * 4
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    return PhotoStore(np.memmap(target, np.uint8, mode="r"), offsets, sizes)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Crops to learn from: `photo` (B, H, W, 3) uint8 RGB, `edges` (B, H, W) and `hole` (B, H, W)
    bool."""

    photo: npt.NDArray[np.uint8]
    edges: npt.NDArray[np.bool_]
    hole: npt.NDArray[np.bool_]


def batches(
    store: PhotoStore, *, size: int, crop: int, rng: np.random.Generator
) -> Iterator[Batch]:
    """Random crops, mirrored half of the time, each with its own hole, for ever."""
    while True:
        crops = [_random_crop(store, crop, rng) for _ in range(size)]
        stacked = np.stack(crops)
        holes = np.stack([random_hole(crop, rng) for _ in range(size)])
        yield Batch(stacked[..., :3], stacked[..., 3] > 0, holes)


def _random_crop(store: PhotoStore, crop: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    picture = store.picture(int(rng.integers(len(store))))
    height, width = int(picture.shape[0]), int(picture.shape[1])
    top, left = int(rng.integers(height - crop + 1)), int(rng.integers(width - crop + 1))
    cut = picture[top : top + crop, left : left + crop]
    return cut[:, ::-1] if rng.random() < 0.5 else cut


def _scaled(picture: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    height, width = picture.shape[:2]
    scale = side / min(height, width)
    target = (max(side, round(width * scale)), max(side, round(height * scale)))
    kernel = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, target, interpolation=kernel), np.uint8)


def _with_edges(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    edges = (canny(rgb_to_grey(picture)) * 255).astype(np.uint8)
    return np.dstack([picture, edges])
