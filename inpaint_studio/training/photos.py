"""Training photos, decoded once, small, with their Canny edges, in one file that is mapped."""

import hashlib
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import TrainingError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.imaging.edges import canny, rgb_to_grey

Crop = npt.NDArray[np.uint8]
"""(crop, crop, 4): RGB and edges (0 or 255)."""

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})


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


def find_photos(folders: Iterable[Path], lists: Iterable[Path]) -> tuple[Path, ...]:
    """Every picture file in these folders and their subfolders, and those the lists name.

    Raises:
        TrainingError: a folder or list is not there, or there are no photos.
    """
    found: list[Path] = []
    for folder in folders:
        if not folder.is_dir():
            raise TrainingError(f"The folder of photos {folder} does not exist.")
        found += sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    for listing in lists:
        found += _listed(listing)
    if not found:
        places = ", ".join(str(place) for place in (*folders, *lists))
        raise TrainingError(f"There are no photos in {places or 'the folders named'}.")
    return tuple(found)


def pack_photos(
    paths: Sequence[Path], target: Path, *, side: int
) -> Generator[int, None, tuple[Path, ...]]:
    """Decode every readable photo, its short side reduced to `side`, into one file.

    Yields how many are done; returns those that could not be read. Closed early it leaves nothing.

    Raises:
        TrainingError: none is readable, or the file cannot be written.
    """
    part = target.with_suffix(".part")
    sizes: list[tuple[int, ...]] = []
    unreadable: list[Path] = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            for done, path in enumerate(paths, start=1):
                picture = read_small(path, side=side)
                if picture is None:
                    unreadable.append(path)
                else:
                    file.write(_with_edges(picture).tobytes())
                    sizes.append(picture.shape[:2])
                yield done
        if not sizes:
            raise TrainingError(f"None of the {len(paths)} photos could be read.")
        np.save(target.with_suffix(".sizes.npy"), np.array(sizes, np.int64))
        part.replace(target)
    except OSError as error:
        raise TrainingError(f"{target} could not be written: {reason(error)}.") from error
    finally:
        part.unlink(missing_ok=True)
    return tuple(unreadable)


def store_name(paths: Sequence[Path], *, side: int) -> str:
    """A file name that is another one when a photo is added, taken away or changed."""
    told = hashlib.sha256(str(side).encode())
    for path in paths:
        told.update(str(path).encode("utf-8", "surrogateescape"))
        if path.exists():
            state = path.stat()
            told.update(f"{state.st_size} {state.st_mtime_ns}".encode())
    return f"photos-{told.hexdigest()[:16]}.bin"


def read_small(path: Path, *, side: int) -> npt.NDArray[np.uint8] | None:
    """RGB (H, W, 3), the short side at most `side` (0 = as it is); None if it cannot be read."""
    try:
        return decode_small(path.read_bytes(), side=side)
    except OSError:
        return None


def decode_small(content: bytes, *, side: int) -> npt.NDArray[np.uint8] | None:
    """As `read_small`, of the bytes of a picture file."""
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        return None
    if picture is None:  # pyright: ignore[reportUnnecessaryComparison]
        return None
    return _scaled(np.asarray(picture, np.uint8), side)


def open_store(target: Path) -> PhotoStore:
    """Map what `pack_photos` wrote."""
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


def crop_with_edges(
    picture: npt.NDArray[np.uint8], rng: np.random.Generator, *, crop: int, skip_small: bool
) -> Crop | None:
    """A random square of a picture that has just been decoded, its edges looked for."""
    square = random_square(picture, rng, crop=crop, skip_small=skip_small)
    return None if square is None else _with_edges(square)


def random_square(
    picture: npt.NDArray[np.uint8], rng: np.random.Generator, *, crop: int, skip_small: bool
) -> npt.NDArray[np.uint8] | None:
    """(crop, crop, C), mirrored half of the time; smaller pictures are mirrored at their borders
    or skipped."""
    height, width = picture.shape[:2]
    missing = max(0, crop - height), max(0, crop - width)
    if any(missing):
        if skip_small:
            return None
        edges = ((0, missing[0]), (0, missing[1]), (0, 0))
        picture = np.pad(picture, edges, mode="symmetric")
    return cut_square(picture, rng, crop=crop)


def cut_square(
    picture: npt.NDArray[np.uint8], rng: np.random.Generator, *, crop: int
) -> npt.NDArray[np.uint8]:
    """(crop, crop, ...) from anywhere, mirrored half of the time."""
    height, width = int(picture.shape[0]), int(picture.shape[1])
    top, left = int(rng.integers(height - crop + 1)), int(rng.integers(width - crop + 1))
    cut = picture[top : top + crop, left : left + crop]
    return cut[:, ::-1] if rng.random() < 0.5 else cut


def _listed(listing: Path) -> list[Path]:
    """The photos a list names; names in bytes that are no UTF-8 are those of the disk."""
    try:
        text = listing.read_text("utf-8", errors="surrogateescape")
    except OSError as error:
        why = reason(error)
        raise TrainingError(f"The list of photos {listing} could not be read: {why}.") from error
    if "\0" in text:
        raise TrainingError(f"The list of photos {listing} is not a text file.")
    names = (line.strip() for line in text.splitlines())
    return [listing.parent / name for name in names if name and not name.startswith("#")]


def _scaled(picture: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if side == 0 or min(height, width) <= side:
        return picture
    scale = side / min(height, width)
    target = (max(side, round(width * scale)), max(side, round(height * scale)))
    return np.asarray(cv2.resize(picture, target, interpolation=cv2.INTER_AREA), np.uint8)


def _with_edges(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    edges = (canny(rgb_to_grey(picture)) * 255).astype(np.uint8)
    return np.dstack([picture, edges])
