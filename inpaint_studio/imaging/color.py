"""Between a document's own colours and sRGB: floats for the networks, 8-bit RGBA for the screen.

Three kinds of profile. None, or sRGB by another name: pure scaling, exact. Matrix and grey
profiles: arithmetic in float (`imaging.icc`). Table profiles (scanners, printers): Lab through
libvips for the networks, Little CMS for the screen. A profile that does not work counts as sRGB;
`profile_works` tells, and the reader leaves such a profile out and says so.
"""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging import vips
from inpaint_studio.imaging.icc import (
    LUMINANCE,
    Shaper,
    delinearise,
    linearise,
    read_shaper,
    srgb_decode,
    srgb_encode,
)
from inpaint_studio.imaging.photo import Pixels, full_scale
from inpaint_studio.imaging.profiles import find_tag, profile_channels, profile_problem

Working = npt.NDArray[np.float32]
"""(h, w, 3) sRGB-encoded, in [0, 1]."""
Rgba = npt.NDArray[np.uint8]

_D50 = np.array([0.9642, 1.0, 0.8249], np.float32)
_XYZ_TO_SRGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    np.float32,
)
"""XYZ (D50) to linear sRGB, Bradford-adapted."""
_LAB_EPSILON = 6 / 29


def to_working(pixels: Pixels, profile: bytes | None) -> Working:
    """(h, w, 1 | 3) of any depth, in `profile`, as (h, w, 3) float32 sRGB in [0, 1].

    Grey is repeated. Colours outside sRGB and values above white are clipped to the nearest edge
    of [0, 1] channel by channel, since no network knows them; NaN becomes 0. Exact scaling for
    profile None and for sRGB profiles.
    """
    channels = pixels.shape[2]
    shaper = _shaper(profile, channels)
    if shaper is not None:
        return _repeated(_shaped(pixels, shaper))
    if profile is not None and _has_tables(profile, channels):
        try:
            return _lab_to_srgb(vips.profile_to_lab(_as_integers(pixels), profile))
        except vips.VipsError:
            pass
    return _repeated(_scaled(pixels))


def from_working(
    rgb: Working, *, dtype: npt.DTypeLike, profile: bytes | None, channels: int
) -> Pixels:
    """(h, w, 3) float32 sRGB as (h, w, `channels`) of `dtype` in `profile`, rounded.

    The inverse of `to_working` for colours inside sRGB; grey is the brightness (BT.709).
    """
    rgb = _clipped(rgb.astype(np.float32, copy=False))
    wanted = np.dtype(dtype)
    shaper = _shaper(profile, channels)
    if shaper is not None:
        return _to_depth(_unshaped(rgb, shaper), wanted)
    if profile is not None and _has_tables(profile, channels):
        try:
            deep = wanted != np.uint8
            exported = vips.lab_to_profile(_srgb_to_lab(rgb), profile, deep=deep)
            if exported.shape[2] == channels:
                return _to_depth(_scaled(exported), wanted)
        except vips.VipsError:
            pass
    return _to_depth(rgb if channels == 3 else rgb @ LUMINANCE[:, np.newaxis], wanted)


@lru_cache(maxsize=8)
def profile_works(profile: bytes, channels: int) -> bool:
    """Whether colours of 1 or 3 channels can be converted from this profile."""
    if profile_problem(profile, channels) is not None:
        return False
    if read_shaper(profile) is not None:
        return True
    tables = channels == 3 and find_tag(profile, b"A2B0") is not None
    return tables and _screen_transform(profile) is not None


def profile_is_two_way(profile: bytes) -> bool:
    """Whether an RGB profile also leads back, so that a fill can be put into its colours.

    Camera and scanner profiles may have no way back at all, and XYB JPEGs have a sham one.
    """
    if read_shaper(profile) is not None:
        return True
    level = np.linspace(0.1, 0.9, 9, dtype=np.float32)
    muted = np.stack(np.meshgrid(level, level, level), axis=-1).reshape(9, 81, 3) * 0.3 + 0.35
    try:
        there = vips.lab_to_profile(_srgb_to_lab(muted), profile, deep=True)
        back = _lab_to_srgb(vips.profile_to_lab(there, profile))
    except (vips.VipsError, ValueError):
        return False
    return float(np.median(np.abs(back - muted))) < 0.04


def _shaper(profile: bytes | None, channels: int) -> Shaper | None:
    """The profile as arithmetic; None for no profile, sRGB, tables, or a misfit."""
    if profile is None or profile_channels(profile) != channels:
        return None
    shaper = read_shaper(profile)
    return None if shaper is None or shaper.is_srgb else shaper


def _has_tables(profile: bytes, channels: int) -> bool:
    # libvips would quietly take sRGB for a profile it cannot read, hence the check.
    return profile_works(profile, channels) and read_shaper(profile) is None


def _repeated(values: npt.NDArray[np.float32]) -> Working:
    return np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values


def _scaled(pixels: Pixels) -> npt.NDArray[np.float32]:
    """To [0, 1]."""
    if pixels.dtype.kind == "f":
        return _clipped(pixels.astype(np.float32, copy=False))
    scaled = pixels.astype(np.float32)
    scaled /= np.float32(full_scale(pixels.dtype))
    return scaled


def _clipped(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A copy clipped to [0, 1], NaN as 0."""
    clipped = np.clip(values, np.float32(0), np.float32(1))
    if np.isnan(np.min(clipped, initial=0)):  # one NaN makes the least value NaN
        np.nan_to_num(clipped, copy=False)
    return clipped


def _to_depth(values: npt.NDArray[np.float32], dtype: np.dtype[Any]) -> Pixels:
    if dtype.kind == "f":
        return values.astype(dtype)
    levels = values * np.float32(full_scale(dtype))
    return np.rint(levels, out=levels).astype(dtype)


def _as_integers(pixels: Pixels) -> Pixels:
    """Floats at 16 bits, for libraries that know no other."""
    return pixels if pixels.dtype.kind == "u" else _to_depth(_scaled(pixels), np.dtype(np.uint16))


def _linear(pixels: Pixels, shaper: Shaper) -> npt.NDArray[np.float32]:
    light = [linearise(pixels[:, :, i], curve) for i, curve in enumerate(shaper.curves)]
    return np.stack(light, axis=2)


def _shaped(pixels: Pixels, shaper: Shaper) -> npt.NDArray[np.float32]:
    light = _linear(pixels, shaper)
    return srgb_encode(light if shaper.to_srgb is None else light @ shaper.to_srgb.T)


def _unshaped(rgb: Working, shaper: Shaper) -> npt.NDArray[np.float32]:
    light = srgb_decode(rgb)
    if shaper.to_srgb is None:
        light = light @ LUMINANCE[:, np.newaxis]
    else:
        light = light @ np.linalg.inv(shaper.to_srgb).astype(np.float32).T
    channels = [delinearise(light[:, :, i], curve) for i, curve in enumerate(shaper.inverses)]
    return np.stack(channels, axis=2)


def _lab_to_srgb(lab: npt.NDArray[np.float32]) -> Working:
    """CIE 1976 Lab (D50) to sRGB."""
    y = (lab[:, :, 0] + 16) / 116
    folded = np.stack([y + lab[:, :, 1] / 500, y, y - lab[:, :, 2] / 200], axis=2)
    low = 3 * _LAB_EPSILON**2 * (folded - 4 / 29)
    xyz = np.where(folded > _LAB_EPSILON, folded**3, low) * _D50
    return srgb_encode((xyz @ _XYZ_TO_SRGB.T).astype(np.float32))


def _srgb_to_lab(rgb: Working) -> npt.NDArray[np.float32]:
    """The inverse of `_lab_to_srgb`."""
    xyz = srgb_decode(rgb) @ np.linalg.inv(_XYZ_TO_SRGB).astype(np.float32).T / _D50
    low = xyz / (3 * _LAB_EPSILON**2) + 4 / 29
    folded = np.where(xyz > _LAB_EPSILON**3, np.cbrt(np.maximum(xyz, 0)), low)
    x, y, z = (folded[:, :, i] for i in range(3))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=2).astype(np.float32)


class DisplayTransform:
    """Document pixels to what the canvas paints: call it with any tile of the photo.

    The call takes (h, w, C) of the `dtype` it was made for, alpha included (C = 1 to 4), and
    returns (h, w, 4) uint8 sRGB with straight alpha. It holds tables only and is never written
    to after construction, so threads may share it.
    """

    def __init__(self, profile: bytes | None, channels: int, dtype: npt.DTypeLike) -> None:
        kind = np.dtype(dtype)
        self._channels = channels
        self._colors = 1 if channels <= 2 else 3
        self._narrow = _narrowing(kind)
        shaper = _shaper(profile, self._colors)
        self._color: Callable[[Pixels], npt.NDArray[np.uint8]] = self._narrow
        if shaper is not None:
            self._color = _shaped_display(shaper, kind)
        elif profile is not None and _has_tables(profile, self._colors):
            convert = _screen_transform(profile) if self._colors == 3 else None
            if convert is not None:
                narrow = self._narrow
                self._color = lambda pixels: convert(narrow(pixels))

    def __call__(self, pixels: Pixels) -> Rgba:
        out = np.empty((*pixels.shape[:2], 4), np.uint8)
        color = self._color(pixels[:, :, : self._colors])
        for channel in range(3):  # numpy is slow where its innermost loop runs over colours
            out[:, :, channel] = color[:, :, channel % self._colors]
        if self._channels in (2, 4):
            out[:, :, 3] = self._narrow(pixels[:, :, self._colors])
        else:
            out[:, :, 3] = 255
        return out


def _narrowing(kind: np.dtype[Any]) -> Callable[[Pixels], npt.NDArray[np.uint8]]:
    """Any shape of numbers of this kind to 8 bits, rounded."""
    if kind == np.uint8:
        return lambda pixels: pixels
    if kind == np.uint16:
        return lambda pixels: _rounded(np.multiply(pixels, np.float32(1 / 257), dtype=np.float32))
    return lambda pixels: _rounded(_scaled(pixels) * np.float32(255))


def _rounded(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Levels from 0 to 255 of an array that is not needed any more."""
    levels += np.float32(0.5)
    return levels.astype(np.uint8)


def _shaped_display(
    shaper: Shaper, kind: np.dtype[Any]
) -> Callable[[Pixels], npt.NDArray[np.uint8]]:
    steps = 1 << 14  # 0.2 of a level where the curve is steepest
    light = np.linspace(0, 1, steps, dtype=np.float32)
    encode = np.rint(srgb_encode(light) * 255).astype(np.uint8)
    top = np.float32(steps - 1)
    if shaper.to_srgb is None:
        table = encode[np.rint(shaper.curves[0] * top).astype(np.int32)]
        if kind == np.uint8:
            table = table[::257]
        return (lambda p: table[p]) if kind.kind == "u" else (lambda p: table[_as_integers(p)])
    matrix = (shaper.to_srgb * top).astype(np.float32)

    def convert(pixels: Pixels) -> npt.NDArray[np.uint8]:
        """Plane by plane: several times faster than a product of matrices three wide."""
        light = [linearise(pixels[:, :, i], curve) for i, curve in enumerate(shaper.curves)]
        shown = np.empty(pixels.shape, np.uint8)
        for channel, (red, green, blue) in enumerate(matrix):
            index = light[0] * red + light[1] * green + light[2] * blue
            shown[:, :, channel] = encode.take(index.astype(np.intp), mode="clip")
        return shown

    return convert


def _screen_transform(
    profile: bytes,
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]] | None:
    """(h, w, 3) uint8 in a table profile to sRGB, through Little CMS; None if it refuses."""
    from PIL import Image, ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.ImageCmsProfile(cast("Any", ImageCms.createProfile("sRGB")))
        transform = ImageCms.buildTransform(
            source, target, "RGB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None

    def convert(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        picture = Image.fromarray(np.ascontiguousarray(pixels), "RGB")
        converted = ImageCms.applyTransform(picture, transform)
        return np.asarray(converted or picture)

    return convert
