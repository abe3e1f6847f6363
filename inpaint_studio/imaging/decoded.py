"""What a decoder hands to the reader."""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt


class UnreadableError(Exception):
    """A decoder gave up; `str()` completes "Could not open NAME: ..."."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Pixels as decoded and the blocks found beside them, before anything is turned upright."""

    pixels: npt.NDArray[Any]
    """(H, W, C), any number format."""
    profile: bytes | None = None
    exif: bytes | None = None
    """A plain TIFF structure."""
    xmp: bytes | None = None
    iptc: bytes | None = None
    """IPTC-IIM records."""
    resolution: tuple[float, float] | None = None
    orientation: int = 1
    notes: tuple[str, ...] = ()
