"""A photo as it was opened: pixels at their own depth, profile and metadata. Never edited."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Point, Size

Pixels = npt.NDArray[Any]
"""(H, W, C) uint8, uint16 or float32."""

DEPTHS = ("uint8", "uint16", "float32")


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, C-contiguous and read-only, so that it can be shared between threads."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def full_scale(dtype: npt.DTypeLike) -> float:
    """The value that means white (and opaque): 255, 65535 or 1.0."""
    kind = np.dtype(dtype)
    return 1.0 if kind.kind == "f" else float(2 ** (8 * kind.itemsize) - 1)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What travels with the pixels: raw blocks as stored in the file, and what reading changed."""

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    resolution: tuple[float, float] | None = None
    """Horizontal and vertical pixels per millimetre."""
    notes: tuple[str, ...] = ()
    """One sentence per conversion the reader had to make ("Converted from CMYK to RGB.")."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """An opened picture, upright (EXIF orientation applied and reset), straight alpha, read-only.

    `pixels` is (H, W, C): C = 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha; uint8 and uint16 use
    their full range, float32 is as in the file (white = 1.0, larger values allowed).
    `profile` is the ICC profile the numbers are in; None means sRGB (or grey gamma 2.2).
    """

    pixels: Pixels
    profile: bytes | None = None
    metadata: Metadata = field(default_factory=Metadata)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or not 1 <= self.pixels.shape[2] <= 4:
            raise ValueError(f"photo pixels must be (H, W, 1..4), not {self.pixels.shape}")
        if self.pixels.dtype.name not in DEPTHS:
            raise ValueError(f"photo pixels must be one of {DEPTHS}, not {self.pixels.dtype}")
        object.__setattr__(self, "pixels", frozen(self.pixels))

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[0], self.pixels.shape[1])

    @property
    def has_alpha(self) -> bool:
        return self.pixels.shape[2] in (2, 4)

    @property
    def color_channels(self) -> int:
        """1 for grey, 3 for colour, alpha not counted."""
        return 1 if self.pixels.shape[2] <= 2 else 3

    @property
    def color(self) -> Pixels:
        """(H, W, 1 | 3) view of the colour channels."""
        return self.pixels[:, :, : self.color_channels]

    @property
    def alpha(self) -> Pixels | None:
        """(H, W) view of the alpha channel at the photo's depth, None where there is none."""
        return self.pixels[:, :, self.color_channels] if self.has_alpha else None


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A piece of picture to lay over a photo.

    `pixels` is (h, w, 1 | 3): colour only, in the photo's own depth and profile. `alpha` is (h, w)
    uint8, 255 = the patch replaces what lies below, 0 = what lies below stays, bit for bit.
    `at` is where the patch's top left pixel lies on the photo.
    """

    pixels: Pixels
    alpha: npt.NDArray[np.uint8]
    at: Point

    def __post_init__(self) -> None:
        height_width, channels = self.pixels.shape[:2], self.pixels.shape[2:]
        if height_width != self.alpha.shape or channels not in ((1,), (3,)):
            raise ValueError(f"patch {self.pixels.shape} does not fit alpha {self.alpha.shape}")
        if self.alpha.dtype != np.uint8:
            raise ValueError(f"patch alpha must be uint8, not {self.alpha.dtype}")
        object.__setattr__(self, "pixels", frozen(self.pixels))
        object.__setattr__(self, "alpha", frozen(self.alpha))

    @property
    def box(self) -> Box:
        """Where it lies on the photo."""
        return Size(*self.alpha.shape).box.shift(self.at)

    def cut(self, box: Box) -> "Patch | None":
        """The part inside a box of the photo, placed relative to the box; None where there is none.

        Nothing is copied: it holds read-only views, rarely contiguous, to lay down and let go of.
        """
        inside = box.intersect(self.box)
        if inside.is_empty:
            return None
        rows, columns = inside.relative_to(self.at).slices
        part = object.__new__(Patch)  # the usual way makes its arrays contiguous
        object.__setattr__(part, "pixels", self.pixels[rows, columns])
        object.__setattr__(part, "alpha", self.alpha[rows, columns])
        object.__setattr__(part, "at", inside.relative_to(box.origin).origin)
        return part
