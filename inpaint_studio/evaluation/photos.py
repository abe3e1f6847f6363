"""The photos to test with: which, in which order, and the square that is cut from each."""

from pathlib import Path
from zlib import crc32

import numpy as np

from inpaint_studio.errors import PhotoError, UsageError
from inpaint_studio.evaluation.metrics import Hole, Picture
from inpaint_studio.imaging.formats import READABLE_SUFFIXES

BLANK = 127
"""What engines are shown instead of the truth: a grey that gives nothing away."""


def list_photos(folder: Path, *, seed: int, limit: int | None) -> tuple[str, ...]:
    """Names of the pictures in `folder` and its subfolders, relative to it, shuffled by `seed`.

    Shuffled, so that what is done when a run is stopped, or what `limit` leaves, is a fair sample;
    a larger limit contains the smaller one, and adding photos does not reorder the others.

    Raises:
        UsageError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Name a folder of photos with --photos.")
    suffixes = set(READABLE_SUFFIXES)
    found = [path for path in folder.rglob("*") if path.suffix.lower() in suffixes]
    names = [path.relative_to(folder).as_posix() for path in found]
    if not names:
        raise UsageError(f"There are no photos in {folder}.")
    names.sort(key=lambda name: (crc32(f"{seed}:{name}".encode()), name))
    return tuple(names[:limit])


def load_square(path: Path, side: int) -> Picture:
    """The middle of a photo as (side, side, 3) uint8 sRGB.

    The short side is scaled down to `side`, each pixel the mean of those it covers, and the middle
    of the long side is kept. Photos that are smaller are refused, not enlarged: soft pictures
    flatter every engine.

    Raises:
        PhotoError: it cannot be read or is too small.
    """
    import cv2

    from inpaint_studio.imaging.color import to_working
    from inpaint_studio.imaging.files import read_photo

    photo = read_photo(path)
    height, width = photo.size
    short = min(height, width)
    if short < side:
        raise PhotoError(
            f"“{path.name}” is {width} × {height} pixels, smaller than {side} × {side}."
        )
    top, left = (height - short) // 2, (width - short) // 2
    square = photo.color[top : top + short, left : left + short]
    working = to_working(np.ascontiguousarray(square), photo.profile)
    if short > side:
        working = cv2.resize(working, (side, side), interpolation=cv2.INTER_AREA)
    return np.rint(np.clip(working, 0, 1) * 255).astype(np.uint8)


def blanked(picture: Picture, hole: Hole) -> Picture:
    """A copy with the hole painted grey, so that nobody can peek."""
    shown = picture.copy()
    shown[hole] = BLANK
    return shown
