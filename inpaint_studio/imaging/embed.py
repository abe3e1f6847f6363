"""Put metadata blocks into encoded files, byte for byte as they came, whatever the encoder thinks.

Sources: JFIF 1.02; Adobe XMP specification part 3; PNG third edition (eXIf, iTXt, pHYs); WebP
container specification; TIFF 6.0. Each function returns one sentence per block it could not place.
"""

import mmap
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from inpaint_studio.imaging import metadata as blocks
from inpaint_studio.imaging import tags
from inpaint_studio.imaging.photo import Metadata
from inpaint_studio.imaging.tags import TagsError

_LARGEST_SEGMENT = 65533
_XMP_MARKER = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_SIGNATURE = 8
_PIECE_BYTES = 1 << 22
_WEBP_PROFILE, _WEBP_ALPHA, _WEBP_EXIF, _WEBP_XMP = 0x20, 0x10, 0x08, 0x04


def into_jpeg(encoded: bytes, data: Metadata) -> tuple[bytes, tuple[str, ...]]:
    """The JPEG with a JFIF header (resolution), APP1 EXIF and XMP, and APP13 IPTC in front."""
    segments = [
        ("EXIF data", 0xE1, b"Exif\0\0" + data.exif if data.exif else b""),
        ("XMP data", 0xE1, _XMP_MARKER + data.xmp if data.xmp else b""),
        ("IPTC data", 0xED, blocks.photoshop_iptc(data.iptc) if data.iptc else b""),
    ]
    out = bytearray(encoded[:2] + _segment(0xE0, _jfif(data.resolution)))
    notes: list[str] = []
    for name, marker, payload in segments:
        if len(payload) > _LARGEST_SEGMENT:
            notes.append(f"The {name} is too large for a JPEG and was left out.")
        elif payload:
            out += _segment(marker, payload)
    return bytes(out + encoded[2:]), tuple(notes)


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _jfif(resolution: tuple[float, float] | None) -> bytes:
    unit, x, y = 0, 1, 1
    if resolution is not None:
        per_inch = [value * 25.4 for value in resolution]
        whole = all(abs(value - round(value)) < 0.02 for value in per_inch)
        unit, scale = (1, 25.4) if whole else (2, 10.0)
        x, y = (min(65535, max(1, round(value * scale))) for value in resolution)
    return b"JFIF\0" + struct.pack(">HBHHBB", 0x0102, unit, x, y, 0, 0)


def into_png(path: Path, data: Metadata) -> None:
    """Add eXIf, iTXt (XMP) and a raw-profile text (IPTC) before the pixels; state the resolution.

    IPTC goes where ImageMagick and ExifTool look for it; PNG has no place of its own. Before the
    pixels, because many readers stop looking once they have them.
    """
    added = b""
    if data.exif:
        added += _png_chunk(b"eXIf", data.exif)
    if data.xmp:
        added += _png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + data.xmp)
    if data.iptc:
        resource = blocks.photoshop_iptc(data.iptc).removeprefix(b"Photoshop 3.0\0")
        text = blocks.to_raw_profile("iptc", resource).encode("latin-1")
        added += _png_chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(text))
    with path.open("r+b") as file:
        pixels_at = _walk_png(file, known=data.resolution is not None)
        if added:
            _insert(file, pixels_at, added)


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + _crc(kind + payload)


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def _walk_png(file: BinaryIO, *, known: bool) -> int:
    """Where the first IDAT chunk starts.

    On the way the pHYs chunk that libvips always writes becomes "square pixels, size unknown"
    when the resolution is not `known`.
    """
    at = _PNG_SIGNATURE
    while True:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IDAT":
            return at
        if kind == b"pHYs" and not known:
            payload = struct.pack(">IIB", 1, 1, 0)
            file.write(payload + _crc(kind + payload))
        at += length + 12


def _insert(file: BinaryIO, at: int, added: bytes) -> None:
    """Shift everything behind `at` to make room; from the end, a piece at a time."""
    end = file.seek(0, 2)
    while end > at:
        start = max(at, end - _PIECE_BYTES)
        file.seek(start)
        piece = file.read(end - start)
        file.seek(start + len(added))
        file.write(piece)
        end = start
    file.seek(at)
    file.write(added)


def into_webp(encoded: bytes, data: Metadata) -> tuple[bytes, tuple[str, ...]]:
    """The WebP with EXIF and XMP chunks, and an extended header that announces them.

    WebP holds no resolution but in EXIF and no IPTC at all.
    """
    exif = data.exif
    if data.resolution is not None:
        exif = blocks.exif_with_resolution(exif, data.resolution)
    added = _riff_chunk(b"EXIF", exif) if exif else b""
    added += _riff_chunk(b"XMP ", data.xmp) if data.xmp else b""
    notes = ("WebP cannot hold IPTC data; it was left out.",) if data.iptc else ()
    if not added:
        return encoded, notes
    body = encoded[12:]
    if body[:4] != b"VP8X":
        body = _extended_header(body) + body
    flags = (_WEBP_EXIF if exif else 0) | (_WEBP_XMP if data.xmp else 0)
    body = body[:8] + bytes([body[8] | flags]) + body[9:] + added
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, notes


def _riff_chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def _extended_header(body: bytes) -> bytes:
    """A VP8X chunk for a file that has only its bitstream."""
    if body[:4] == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 9)
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1
    else:
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", body, 14))
        alpha = 0
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _riff_chunk(b"VP8X", bytes([_WEBP_ALPHA if alpha else 0, 0, 0, 0]) + sides)


def into_tiff(path: Path, data: Metadata) -> tuple[str, ...]:
    """Give the TIFF's first directory the EXIF, XMP, IPTC and resolution tags.

    The directory is written anew at the end and the header pointed at it. Makers' notes move with
    the EXIF directory, so those that count offsets from the file's start lose their inner links.
    """
    with path.open("r+b") as file:
        header = file.read(16)
        layout = tags.layout_of(header)
        directory = _tiff_directory(path, tags.first_offset(header, layout))
        for tag in (tags.X_RESOLUTION, tags.Y_RESOLUTION, tags.RESOLUTION_UNIT):
            directory.fields.pop(tag, None)
        if data.resolution is not None:
            directory.fields |= blocks.resolution_fields(data.resolution)
        notes = _add_blocks(directory, data)
        _append_directory(file, layout, directory)
    return notes


def add_to_tiff(path: Path, fields: dict[int, tags.Field]) -> None:
    """Give the TIFF's first directory more tags, or other values of those it has."""
    with path.open("r+b") as file:
        header = file.read(16)
        layout = tags.layout_of(header)
        directory = _tiff_directory(path, tags.first_offset(header, layout))
        directory.fields |= fields
        _append_directory(file, layout, directory)


def _append_directory(file: BinaryIO, layout: tags.Layout, directory: tags.Directory) -> None:
    """Write a directory behind everything else and point the header at it."""
    end = file.seek(0, 2)
    at = end + end % 2
    file.write(b"\0" * (at - end) + tags.write_directory(directory, layout, at))
    file.seek(layout.first_at)
    file.write(struct.pack(layout.order + layout.word, at))


def _tiff_directory(path: Path, offset: int) -> tags.Directory:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        try:
            return tags.read_directory(view, tags.layout_of(view), offset)[0]
        finally:
            view.release()


def _add_blocks(directory: tags.Directory, data: Metadata) -> tuple[str, ...]:
    if data.xmp:
        directory.fields[tags.XMP] = tags.Field(tags.BYTE, data.xmp)
    if data.iptc:
        directory.fields[tags.IPTC] = tags.Field(tags.UNDEFINED, data.iptc)
    if not data.exif:
        return ()
    try:
        exif = blocks.exif_to_tiff(data.exif)
    except TagsError:
        return ("Its EXIF data is damaged and was left out.",)
    directory.fields |= exif.fields
    directory.children |= exif.children
    return ()
