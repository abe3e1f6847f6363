"""The one reader of pictures: guarded against every kind of bad file, honest about conversions."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging import color, formats
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.imaging.decoded import Decoded, UnreadableError
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.heif import decode_heic
from inpaint_studio.imaging.metadata import upright_exif, upright_xmp
from inpaint_studio.imaging.photo import Metadata, Photo
from inpaint_studio.imaging.profiles import profile_problem
from inpaint_studio.imaging.vips_reader import (
    decode_avif,
    decode_jpeg,
    decode_png,
    decode_tiff,
    decode_webp,
)

_DECODERS: dict[str, Callable[[Path], Decoded]] = {
    "jpeg": decode_jpeg,
    "png": decode_png,
    "tiff": decode_tiff,
    "webp": decode_webp,
    "avif": decode_avif,
    "heic": decode_heic,
}
_READABLE = "JPEG, PNG, TIFF, WebP, HEIC and AVIF"


def read_photo(path: Path) -> Photo:
    """Open a picture: JPEG, PNG, TIFF, WebP, HEIC or AVIF, told by its content, not its name.

    The pixels keep their depth (8 and 16-bit integers, float32) and their profile; palettes and
    1, 2 and 4-bit greys are expanded to 8 bits; CMYK and Lab are converted to sRGB. The picture is
    turned upright. What had to be changed is said in `metadata.notes`.

    Raises:
        PhotoError: missing, not a picture, damaged, cut off, or too large; one sentence.
    """
    try:
        kind, notes = _identify(path)
        decoded = _decode(path, kind)
        return _assemble(decoded, notes)
    except UnreadableError as problem:
        raise PhotoError(f"Could not open “{path.name}”: {problem}.") from None
    except MemoryError:
        raise PhotoError(
            f"Could not open “{path.name}”: there is not enough memory for a picture of its size. "
            "Close other programs or open a smaller copy."
        ) from None
    except OSError as error:
        raise PhotoError(f"Could not open “{path.name}”: {_open_problem(error)}.") from None


def _open_problem(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "you are not allowed to read it; change its permissions or copy it elsewhere"
    return reason(error)


def _identify(path: Path) -> tuple[str, tuple[str, ...]]:
    """The format by content, and a note when the name says another."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UnreadableError("it is a folder; choose a picture inside it")
    if not stat.S_ISREG(mode):
        raise UnreadableError("it is not an ordinary file")
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise UnreadableError("the file is empty (zero bytes); copy it again from where it came")
    kind = formats.sniff(head)
    if path.suffix.lower() in formats.RAW_SUFFIXES and kind in (None, "tiff", "heic"):
        raise UnreadableError(
            "it is a camera raw file; develop it in a raw converter and open the TIFF or JPEG"
        )
    if kind is None:
        other = formats.unreadable_kind(head)
        what = (
            f"{other} files are not supported" if other else "it does not begin as a picture does"
        )
        raise UnreadableError(f"{what}; {_READABLE} can be opened")
    return kind, _name_note(path, kind)


def _name_note(path: Path, kind: str) -> tuple[str, ...]:
    named = formats.SUFFIXES.get(path.suffix.lower())
    same = named in (None, kind) or {named, kind} == {"heic", "avif"}
    if same:
        return ()
    title = formats.TITLES[kind]
    return (f"The file is a {title} although its name ends in “{path.suffix}”.",)


def _decode(path: Path, kind: str) -> Decoded:
    decoded = _DECODERS[kind](path)
    if 0 in decoded.pixels.shape:
        raise UnreadableError("it has no pixels")
    return decoded


def _assemble(decoded: Decoded, notes: tuple[str, ...]) -> Photo:
    pixels, depth_note = _known_depth(decoded.pixels)
    pixels, alpha_note = _known_channels(pixels)
    pixels = turned_upright(pixels, decoded.orientation)
    pixels, profile, profile_note = _with_usable_profile(pixels, decoded.profile)
    size = Size(pixels.shape[0], pixels.shape[1])
    exif = upright_exif(decoded.exif, size) if decoded.exif else None
    exif_note = ("Its EXIF data is damaged and was left out.",) if decoded.exif and not exif else ()
    resolution = decoded.resolution
    if resolution and decoded.orientation >= 5:
        resolution = resolution[1], resolution[0]
    return Photo(
        pixels,
        profile,
        Metadata(
            exif,
            upright_xmp(decoded.xmp) if decoded.xmp else None,
            decoded.iptc,
            resolution,
            (*notes, *decoded.notes, *depth_note, *alpha_note, *profile_note, *exif_note),
        ),
    )


def turned_upright(pixels: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """Apply one of the eight EXIF orientations to (H, W, C); a view.

    Source: EXIF 2.32, tag 274: which side of the scene the first row and first column are.
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    return pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def _known_depth(pixels: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """As uint8, uint16 or float32; wider and signed numbers become float32, 1.0 = full scale."""
    if pixels.dtype.name in ("uint8", "uint16", "float32"):
        return pixels, ()
    if pixels.dtype.kind == "f":
        return pixels.astype(np.float32), ("Converted from 64-bit to 32-bit floating point.",)
    if pixels.dtype.kind in "iu":
        scale = np.float64(np.iinfo(pixels.dtype).max)
        bits = 8 * pixels.dtype.itemsize
        signed = "signed " if pixels.dtype.kind == "i" else ""
        note = f"Converted from {bits}-bit {signed}integers to floating point."
        return (pixels / scale).astype(np.float32), (note,)
    raise UnreadableError("its pixels are complex numbers, not colours")


def _known_channels(pixels: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    extra = pixels.shape[2] - 4
    if extra <= 0:
        return pixels, ()
    return pixels[:, :, :4], (f"Left out {extra} extra channel{'s' if extra > 1 else ''}.",)


def _with_usable_profile(
    pixels: npt.NDArray[Any], profile: bytes | None
) -> tuple[npt.NDArray[Any], bytes | None, tuple[str, ...]]:
    """The pixels with a profile that works both ways; converted to sRGB where it is one-way."""
    colors = 1 if pixels.shape[2] <= 2 else 3
    if profile is None:
        return pixels, None, ()
    problem = profile_problem(profile, colors)
    if problem is None and not color.profile_works(profile, colors):
        problem = "is damaged"
    if problem is not None:
        return pixels, None, (f"Its colour profile {problem} and was left out; sRGB is assumed.",)
    if colors == 1 or color.profile_is_two_way(profile):
        return pixels, profile, ()
    working = color.to_working(pixels[:, :, :3], profile)
    srgb = color.from_working(working, dtype=pixels.dtype, profile=None, channels=3)
    converted = np.concatenate([srgb, pixels[:, :, 3:]], axis=2)
    return converted, None, ("Converted to sRGB, as its colour profile can only be read.",)


def readable(path: Path) -> bool:
    """Whether the file's content looks like a picture that can be opened (first bytes only)."""
    try:
        with path.open("rb") as file:
            return formats.sniff(file.read(64)) is not None
    except OSError:
        return False
