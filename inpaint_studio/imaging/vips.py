"""libvips behind a few typed functions: open, convert, hand over pixels, save.

pyvips is imported on first use, so that modules the window loads at start may import this one.
"""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.photo import Pixels

if TYPE_CHECKING:
    import pyvips

Loader = Literal["jpeg", "png", "tiff", "webp", "avif"]

PROFILE, EXIF_BLOCK, XMP_BLOCK, IPTC_BLOCK = (
    "icc-profile-data",
    "exif-data",
    "xmp-data",
    "iptc-data",
)
_KEEP_NONE, _KEEP_PROFILE = 0, 8
_BAND_FORMATS = {"uint8": "uchar", "uint16": "ushort", "float32": "float"}
_CLASSIC_TIFF_BYTES = 3_900_000_000


class VipsError(Exception):
    """What libvips said when it could not do something; others put it in words."""


@cache
def _library() -> ModuleType:
    """pyvips, set up once.

    Its warnings go to the log instead of the terminal. Its cache of operations is off: it goes by
    file name and would hand back the old pixels of a file that was saved again.
    """
    import pyvips

    logging.getLogger("pyvips").addHandler(logging.NullHandler())
    pyvips.cache_set_max(0)
    return pyvips


@contextmanager
def _own_errors() -> Generator[None]:
    library = _library()
    # Warnings of earlier files stay in libvips' error buffer; making an error empties it.
    library.Error("")
    try:
        yield
    except library.Error as error:
        raise VipsError(str(error).strip()) from None


def open_image(path: Path, loader: Loader) -> "pyvips.Image":
    """The file's header and a promise of its pixels, decoded by `loader` whatever the file's name.

    Raises:
        VipsError: the header is damaged.
    """
    image = _library().Image
    load = {
        "jpeg": image.jpegload,
        "png": image.pngload,
        "tiff": image.tiffload,
        "webp": image.webpload,
        "avif": image.heifload,
    }[loader]
    with _own_errors():
        return load(_name(path), access="sequential", fail_on="truncated", revalidate=True)


def _name(path: Path) -> str:
    """As the system knows the file: names on old disks need not be UTF-8, which pyvips takes
    strings for. It passes bytes on as they are, though its types do not say so."""
    return cast("str", os.fsencode(path))


def open_png(data: bytes) -> "pyvips.Image":
    """The header of a PNG in memory and a promise of its pixels; `data` must outlive it.

    Raises:
        VipsError: it is no PNG, or its header is damaged.
    """
    with _own_errors():
        return _library().Image.pngload_buffer(data, fail_on="truncated")


def pixels_of(image: "pyvips.Image") -> npt.NDArray[Any]:
    """Decode: (H, W, bands) in the image's own number format.

    Raises:
        VipsError: the data is damaged or cut off.
    """
    with _own_errors():
        array = image.numpy()
    return array.reshape(image.height, image.width, image.bands)  # pyvips drops sides of 1


def image_of(pixels: Pixels, resolution: tuple[float, float] | None) -> "pyvips.Image":
    """(H, W, 1..4) uint8, uint16 or float32 as a libvips image; resolution in pixels per mm."""
    height, width, bands = pixels.shape
    names = {"uint8": ("b-w", "srgb"), "uint16": ("grey16", "rgb16"), "float32": ("b-w", "scrgb")}
    kind = pixels.dtype.name
    with _own_errors():
        image = _library().Image.new_from_memory(
            np.ascontiguousarray(pixels).data, width, height, bands, _BAND_FORMATS[kind]
        )
        x, y = resolution or (72 / 25.4, 72 / 25.4)
        return image.copy(interpretation=names[kind][bands >= 3], xres=x, yres=y)


def with_profile(image: "pyvips.Image", profile: bytes | None) -> "pyvips.Image":
    """The image with this ICC profile attached (replacing any other), pixels untouched."""
    library = _library()
    changed = image.copy()
    if changed.get_typeof(PROFILE):
        changed.remove(PROFILE)
    if profile is not None:
        # pyvips' stubs leave out blobs.
        changed.set_type(library.GValue.blob_type, PROFILE, cast("str", profile))
    return changed


def srgb_profile() -> bytes:
    """The sRGB profile that libvips brings along."""
    return bytes(_library().Operation.call("profile_load", "srgb"))


def block(image: "pyvips.Image", name: str) -> bytes | None:
    """A metadata block by libvips' name, None when the file has none."""
    if not image.get_typeof(name):
        return None
    value = cast("object", image.get(name))
    return value if isinstance(value, bytes) else None


def number(image: "pyvips.Image", name: str, default: int) -> int:
    """A whole-number field of the header."""
    value = cast("object", image.get(name)) if image.get_typeof(name) else default
    return value if isinstance(value, int) else default


def texts(image: "pyvips.Image", prefix: str) -> dict[str, str]:
    """The header's text fields whose names start with `prefix`."""
    found: dict[str, str] = {}
    for name in image.get_fields():
        if name.startswith(prefix):
            with suppress(UnicodeDecodeError):  # a text in another coding is none of ours
                value = cast("object", image.get(name))
                found |= {name: value} if isinstance(value, str) else {}
    return found


def to_srgb(image: "pyvips.Image", *, fallback: str, deep: bool) -> "pyvips.Image":
    """Convert through the embedded profile, or the built-in `fallback`, to 8 or 16-bit sRGB.

    Raises:
        VipsError: the profile cannot be used.
    """
    with _own_errors():
        return image.icc_transform(
            "srgb",
            embedded=True,
            input_profile=fallback,
            intent="relative",
            black_point_compensation=True,
            depth=16 if deep else 8,
        )


def to_interpretation(image: "pyvips.Image", name: str) -> "pyvips.Image":
    """The library's own conversion between device-independent spaces (Lab, XYZ, scRGB, sRGB)."""
    with _own_errors():
        return image.colourspace(name)


def profile_to_lab(pixels: Pixels, profile: bytes) -> npt.NDArray[np.float32]:
    """(h, w, 1 | 3) uint8 or uint16 in `profile` to (h, w, 3) float32 Lab (D50), relative intent.

    Raises:
        VipsError: the profile cannot be used for these pixels.
    """
    image = with_profile(image_of(pixels, None), profile)
    with _own_errors():
        lab = image.icc_import(
            embedded=True, pcs="lab", intent="relative", black_point_compensation=False
        )
    return pixels_of(lab).astype(np.float32, copy=False)


def lab_to_profile(lab: npt.NDArray[np.float32], profile: bytes, *, deep: bool) -> npt.NDArray[Any]:
    """(h, w, 3) float32 Lab (D50) to the numbers of `profile`, uint8 or (deep) uint16.

    Raises:
        VipsError: the profile cannot be used for output.
    """
    height, width, _ = lab.shape
    with _own_errors():
        image = _library().Image.new_from_memory(
            np.ascontiguousarray(lab).data, width, height, 3, "float"
        )
        image = with_profile(image.copy(interpretation="lab"), profile)
        exported = image.icc_export(
            pcs="lab",
            intent="relative",
            black_point_compensation=False,
            depth=16 if deep else 8,
        )
    return pixels_of(exported)


def jpeg_bytes(image: "pyvips.Image", *, quality: int, subsample: bool) -> bytes:
    """A baseline JPEG with its profile and no other metadata, not even a JFIF header."""
    with _own_errors():
        return image.jpegsave_buffer(
            Q=quality,
            subsample_mode="on" if subsample else "off",
            optimize_coding=True,
            keep=_KEEP_PROFILE,
        )


def webp_bytes(image: "pyvips.Image", *, quality: int, lossless: bool) -> bytes:
    """A WebP with its profile; `lossless` keeps the colours under transparent pixels too."""
    with _own_errors():
        return image.webpsave_buffer(
            Q=quality,
            lossless=lossless,
            exact=True,
            alpha_q=100,
            effort=0 if lossless else 4,  # more takes minutes for 10 % of a large photo
            keep=_KEEP_PROFILE,
        )


def save_png(image: "pyvips.Image", path: Path, *, effort: int) -> None:
    """A PNG with its profile and resolution, at the image's own depth."""
    up = 0x20  # the row filter that packs photos best; libvips' default, none, doubles the file
    with _own_errors():
        image.pngsave(_name(path), compression=effort, filter=up, keep=_KEEP_PROFILE)


def png_bytes(image: "pyvips.Image", *, effort: int) -> bytes:
    """`save_png` in memory."""
    up = 0x20
    with _own_errors():
        return image.pngsave_buffer(compression=effort, filter=up, keep=_KEEP_PROFILE)


def save_tiff(image: "pyvips.Image", path: Path, *, effort: int) -> None:
    """A TIFF (BigTIFF where 4 GB might not do) with its profile, at the image's own depth.

    Packed by deflate with this effort, 1 to 9; 0 leaves it unpacked.
    """
    bytes_per_band = {"uchar": 1, "ushort": 2, "float": 4}[str(image.format)]
    size = image.width * image.height * image.bands * bytes_per_band
    predictor = "float" if str(image.format) == "float" else "horizontal"
    with _own_errors():
        image.tiffsave(
            _name(path),
            compression="deflate" if effort else "none",
            predictor=predictor if effort else "none",
            level=effort,
            bigtiff=size > _CLASSIC_TIFF_BYTES,
            keep=_KEEP_PROFILE,
        )
