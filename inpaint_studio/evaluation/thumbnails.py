"""Small JPEGs of originals, holes and fills, beside the report that shows them."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from inpaint_studio.errors import PhotoError
from inpaint_studio.evaluation.metrics import Hole, Picture
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically

SIDE = 256
"""Longest side of a thumbnail in pixels."""
HOLE_COLOUR = (235, 60, 60)
_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Names and writes them; every name follows from the photo, the mask and the engine."""

    folder: Path

    def original(self, photo: str) -> Path:
        """Where the original is."""
        return self.folder / f"{_slug(photo)}.jpg"

    def masked(self, photo: str, mask: str) -> Path:
        """Where the photo with its hole is."""
        return self.folder / f"{_slug(photo)}_{_slug(mask)}.jpg"

    def fill(self, photo: str, mask: str, engine: str) -> Path:
        """Where the fill is."""
        return self.folder / f"{_slug(photo)}_{_slug(mask)}_{_slug(engine)}.jpg"

    def save_original(self, photo: str, picture: Picture) -> None:
        """Write the original.

        Raises:
            PhotoError: the disk does not take it; so do the other two.
        """
        _save(self.original(photo), picture)

    def save_masked(self, photo: str, mask: str, picture: Picture, hole: Hole) -> None:
        """Write the photo with its hole in red, unless it is there."""
        path = self.masked(photo, mask)
        if not path.exists():
            shown = picture.copy()
            shown[hole] = HOLE_COLOUR
            _save(path, shown)

    def save_fill(self, photo: str, mask: str, engine: str, picture: Picture) -> None:
        """Write the fill."""
        _save(self.fill(photo, mask, engine), picture)


def _slug(name: str) -> str:
    """A file name that says what it is of, and differs where names differ."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", name)[:60].strip("-.")
    return f"{readable}-{crc32(name.encode()):08x}"


def _save(path: Path, picture: Picture) -> None:
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=_QUALITY)
    try:
        path.parent.mkdir(exist_ok=True)
        write_bytes_atomically(path, data.getvalue(), overwrite=True)
    except OSError as error:
        raise PhotoError(f"{path} cannot be saved: {reason(error)}.") from error
