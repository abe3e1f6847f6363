"""The one writer of pictures: bit for bit where the format can, atomic always."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging import embed, vips
from inpaint_studio.imaging.atomic import reason, reason_in, write_atomically
from inpaint_studio.imaging.formats import (
    TITLES,
    Depth,
    SaveFormat,
    WriteOptions,
    save_format,
)
from inpaint_studio.imaging.photo import Photo, Pixels, full_scale
from inpaint_studio.imaging.tags import TagsError

_DEPTHS: dict[SaveFormat, tuple[Depth, ...]] = {
    "jpeg": ("uint8",),
    "webp": ("uint8",),
    "png": ("uint8", "uint16"),
    "tiff": ("uint8", "uint16", "float32"),
}
_LONGEST_SIDE: dict[SaveFormat, int] = {"jpeg": 65_500, "webp": 16_383}
_DEPTH_NAMES = {"uint8": "8 bit", "uint16": "16 bit", "float32": "32-bit floating point"}

Encoder = Callable[[Path], tuple[str, ...]]


def write_photo(
    path: Path,
    photo: Photo,
    *,
    options: WriteOptions | None = None,
    overwrite: bool = False,
) -> tuple[str, ...]:
    """Save the photo, whole or not at all; returns a sentence for each thing the format cost.

    PNG, TIFF and lossless WebP hold exactly the photo's colours, those under transparent alpha
    included; WebP holds grey as equal red, green and blue, and no alpha that is opaque everywhere
    (`composite.as_saved_from` undoes that). Profile, EXIF, XMP, IPTC and resolution go along
    wherever the format has a place.

    Raises:
        PhotoError: the file exists and `overwrite` is false; the folder is missing, read-only or
            full; the format cannot hold the photo. One sentence; nothing is left behind.
    """
    chosen = options or WriteOptions()
    kind = save_format(path, chosen)
    title = f"Could not save “{path.name}”"
    try:
        _check_fits(photo, kind)
        pixels, notes = _prepared(photo, kind, chosen)
        kept, profile_notes = _profile_for(photo, kind)
        placed: list[str] = []
        encode = _encoder(Photo(pixels, kept, photo.metadata), kind, chosen)
        write_atomically(
            path, lambda temporary: placed.extend(encode(temporary)), overwrite=overwrite
        )
    except _CannotHoldError as problem:
        raise PhotoError(f"{title}: {problem}.") from None
    except FileExistsError:
        raise PhotoError(
            f"{title}: a file of that name exists; choose another name or allow replacing it."
        ) from None
    except OSError as error:
        raise PhotoError(
            f"{title} in “{path.absolute().parent}”: {_advice(reason(error))}."
        ) from None
    except (vips.VipsError, TagsError) as error:
        known = reason_in(str(error)) or "the encoder failed"
        raise PhotoError(f"{title} in “{path.absolute().parent}”: {_advice(known)}.") from None
    return (*notes, *profile_notes, *placed)


class _CannotHoldError(Exception):
    """The format cannot hold this photo; completes "Could not save NAME: ..."."""


def _advice(why: str) -> str:
    advice = {
        "the disk is full": "free some space or choose another disk",
        "you may not write there": "choose another folder",
        "the disk is read-only": "choose another folder",
        "the folder does not exist": "create it or choose another",
    }.get(why)
    return f"{why}; {advice}" if advice else f"{why}; nothing was written"


def _check_fits(photo: Photo, kind: SaveFormat) -> None:
    most = _LONGEST_SIDE.get(kind)
    height, width = photo.size
    if most is not None and max(height, width) > most:
        raise _CannotHoldError(
            f"{TITLES[kind]} holds at most {most:,} pixels a side and the picture is "
            f"{width:,} × {height:,}; use PNG or TIFF"
        )


def _prepared(
    photo: Photo, kind: SaveFormat, options: WriteOptions
) -> tuple[Pixels, tuple[str, ...]]:
    """The pixels at a depth and with channels the format has, and what that changed."""
    have = photo.pixels.dtype.name
    depth = options.depth or have
    notes: list[str] = []
    if depth not in _DEPTHS[kind]:
        if options.depth is not None or kind == "png":
            raise _CannotHoldError(
                f"{TITLES[kind]} cannot hold {_DEPTH_NAMES[depth]} pixels; use TIFF, or ask for "
                f"{' or '.join(_DEPTH_NAMES[name] for name in _DEPTHS[kind])}"
            )
        depth = "uint8"
    if depth != have:
        notes.append(f"Converted from {_DEPTH_NAMES[have]} to {_DEPTH_NAMES[depth]}.")
    pixels = to_depth(photo.pixels, depth)
    if kind == "jpeg" and photo.has_alpha:
        pixels = _on_white(pixels)
        notes.append("JPEG has no transparency; the picture was laid on white.")
    if kind == "webp" and photo.color_channels == 1:
        notes.append("WebP has no grey; the picture was saved in colour, all three channels alike.")
    return pixels, tuple(notes)


def to_depth(pixels: Pixels, depth: str) -> Pixels:
    """(H, W, C) at another depth, full scale to full scale, rounded; floats clipped to [0, 1]."""
    if pixels.dtype.name == depth:
        return pixels
    wanted = np.dtype(depth)
    if pixels.dtype == np.uint8 and wanted == np.uint16:
        return pixels.astype(np.uint16) * np.uint16(257)
    if pixels.dtype == np.uint16 and wanted == np.uint8:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if wanted.kind == "f":
        return pixels.astype(np.float32) / np.float32(full_scale(pixels.dtype))
    bounded = np.clip(np.nan_to_num(pixels, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    return np.rint(bounded.astype(np.float64) * full_scale(wanted)).astype(wanted)


def _on_white(pixels: npt.NDArray[Any]) -> Pixels:
    color, alpha = pixels[:, :, :-1].astype(np.uint32), pixels[:, :, -1:].astype(np.uint32)
    return ((color * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def _profile_for(photo: Photo, kind: SaveFormat) -> tuple[bytes | None, tuple[str, ...]]:
    if kind == "webp" and photo.profile is not None and photo.color_channels == 1:
        return None, ("WebP cannot hold a grey profile; it was left out.",)
    return photo.profile, ()


def _encoder(photo: Photo, kind: SaveFormat, options: WriteOptions) -> Encoder:
    data = photo.metadata
    if not options.keep_metadata:
        data = replace(data, exif=None, xmp=None, iptc=None)
    image = vips.with_profile(vips.image_of(photo.pixels, data.resolution), photo.profile)

    def jpeg(path: Path) -> tuple[str, ...]:
        subsample = options.chroma != "4:4:4"
        encoded = vips.jpeg_bytes(image, quality=options.quality, subsample=subsample)
        whole, notes = embed.into_jpeg(encoded, data)
        path.write_bytes(whole)
        return notes

    def webp(path: Path) -> tuple[str, ...]:
        encoded = vips.webp_bytes(image, quality=options.quality, lossless=options.lossless)
        whole, notes = embed.into_webp(encoded, data)
        path.write_bytes(whole)
        return notes

    def png(path: Path) -> tuple[str, ...]:
        vips.save_png(image, path, effort=options.effort)
        embed.into_png(path, data)
        return ()

    def tiff(path: Path) -> tuple[str, ...]:
        deflate = options.compression == "deflate"
        vips.save_tiff(image, path, effort=options.effort if deflate else 0)
        return embed.into_tiff(path, data)

    return {"jpeg": jpeg, "webp": webp, "png": png, "tiff": tiff}[kind]
