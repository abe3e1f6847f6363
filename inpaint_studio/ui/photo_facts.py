"""What to say about a photo in a few words: its size, depth, colours and profile."""

import struct

from PySide6.QtCore import QCoreApplication

from inpaint_studio.imaging.photo import Photo

CONTEXT = "facts"


def describe(photo: Photo) -> str:
    """For example "6000 × 4000 · 16-bit RGB · Adobe RGB (1998)"."""
    size = f"{photo.size.width} × {photo.size.height}"
    return " · ".join((size, describe_pixels(photo), profile_name(photo.profile)))


def describe_pixels(photo: Photo) -> str:
    """For example "16-bit RGB + alpha"."""
    depths = {"uint8": "8-bit", "uint16": "16-bit", "float32": "32-bit float"}
    kind = _tr("grey") if photo.color_channels == 1 else "RGB"
    alpha = _tr(" + alpha") if photo.has_alpha else ""
    return f"{depths[photo.pixels.dtype.name]} {kind}{alpha}"


def profile_name(profile: bytes | None) -> str:
    """What an ICC profile calls itself (ICC.1:2022, 9.2.41); "sRGB" where there is none."""
    if profile is None:
        return "sRGB"
    try:
        return _description(profile) or _tr("custom profile")
    except (struct.error, UnicodeDecodeError, IndexError):
        return _tr("custom profile")


def _description(profile: bytes) -> str:
    (count,) = struct.unpack_from(">I", profile, 128)
    for index in range(min(count, 100)):
        signature, offset, length = struct.unpack_from(">4sII", profile, 132 + 12 * index)
        if signature == b"desc":
            return _text(profile[offset : offset + length])
    return ""


def _text(tag: bytes) -> str:
    """The first text of a `desc` (version 2) or `mluc` (version 4) tag."""
    if tag[:4] == b"mluc":
        length, start = struct.unpack_from(">II", tag, 20)
        return tag[start : start + length].decode("utf-16-be").strip("\0 ")
    (length,) = struct.unpack_from(">I", tag, 8)
    return tag[12 : 12 + length].decode("ascii", "replace").strip("\0 ")


def _tr(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)
