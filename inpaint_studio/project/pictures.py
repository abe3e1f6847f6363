"""The PNG files of a project: 8 or 16 bits with the profile, in memory."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging import vips
from inpaint_studio.imaging.decoded import UnreadableError
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.limits import check_size
from inpaint_studio.imaging.mask import Coverage, hole_bounds
from inpaint_studio.imaging.photo import Pixels
from inpaint_studio.project.assumed import assumed_profile

EFFORT = 1
"""Of packing: more saves a fifth of the file and costs twice the time."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded PNG: (h, w, 1..4) uint8 or uint16, straight alpha."""

    pixels: Pixels
    profile: bytes | None

    @property
    def colors(self) -> int:
        return 1 if self.pixels.shape[2] <= 2 else 3

    @property
    def alpha(self) -> Coverage | None:
        """(h, w) uint8, None where there is none."""
        if self.pixels.shape[2] in (1, 3):
            return None
        alpha = self.pixels[:, :, -1]
        return alpha.copy() if alpha.dtype == np.uint8 else to_8_bit(alpha)


def encode_png(
    pixels: Pixels, *, profile: bytes | None = None, resolution: tuple[float, float] | None = None
) -> bytes:
    """(h, w, 1..4) uint8 or uint16 as a PNG with its profile; resolution in pixels per mm."""
    image = vips.with_profile(vips.image_of(pixels, resolution), profile)
    return vips.png_bytes(image, effort=EFFORT)


def decode_png(data: bytes) -> Picture:
    """A PNG of any kind; palettes and few-bit greys become 8 bits. One with `assumed_profile` is
    one without a profile.

    Raises:
        UnreadableError: damaged, cut off, or far too large for its bytes.
    """
    try:
        image = vips.open_png(data)
        check_size(image.width, image.height, len(data), pixel_bytes=2 * image.bands)
        pixels = vips.pixels_of(image)
    except vips.VipsError:
        raise UnreadableError("a picture in it is damaged") from None
    if pixels.dtype.name not in ("uint8", "uint16") or not 1 <= pixels.shape[2] <= 4:
        raise UnreadableError("a picture in it is of an unknown kind")
    profile = vips.block(image, vips.PROFILE)
    if profile == assumed_profile(1 if pixels.shape[2] <= 2 else 3):
        profile = None
    return Picture(pixels, profile)


def with_alpha(colors: Pixels, alpha: Coverage) -> Pixels:
    """(h, w, 1 | 3) with a uint8 alpha as (h, w, 2 | 4) at the depth of the colours."""
    deep = alpha if colors.dtype == np.uint8 else alpha.astype(np.uint16) * np.uint16(257)
    return np.concatenate([colors, deep[:, :, np.newaxis]], axis=2)


def to_8_bit(values: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Full scale to full scale, rounded; the way back of times 257 is exact."""
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


def content_digest(picture: Picture, at: Point) -> str:
    """sha256 of what can be seen of a layer, and where.

    Programs may pack a picture anew, cut off its transparent rim or forget the colours under it:
    none of that changes the digest.
    """
    pixels = picture.pixels
    visible = np.ones(pixels.shape[:2], np.bool_)
    if picture.alpha is not None:
        visible = pixels[:, :, -1] > 0
    box = hole_bounds(visible)
    seen: npt.NDArray[Any] = np.where(visible[box.slices][:, :, np.newaxis], pixels[box.slices], 0)
    if picture.alpha is not None and (seen[:, :, -1] == _top(seen)).all():
        seen = seen[:, :, :-1]  # opaque everywhere: as good as none
    place = Box(*box).shift(at)
    digest = hashlib.sha256(f"{place} {seen.shape} {seen.dtype}".encode())
    digest.update(np.ascontiguousarray(seen).data)
    return digest.hexdigest()


def _top(pixels: Pixels) -> int:
    return int(np.iinfo(pixels.dtype).max)
