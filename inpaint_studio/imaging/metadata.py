"""EXIF, XMP and IPTC blocks: into one form, upright, and into the shape a format stores."""

import re
import struct

from inpaint_studio.imaging import tags
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.tags import Directory, Field, Layout, TagsError

_EXIF_PREFIX = b"Exif\0\0"
_PHOTOSHOP_PREFIX = b"Photoshop 3.0\0"
_IPTC_RESOURCE = 0x0404
_THUMBNAIL_OFFSET, _THUMBNAIL_BYTES = 513, 514

_WINDOWS_TAGS = range(40091, 40096)  # title, comment, author, keywords, subject
_DESCRIPTIVE = frozenset(
    (269, 270, 271, 272, 285, 305, 306, 315, 316, 18246, 18249, 33432, *_WINDOWS_TAGS)
)
"""Tags of a TIFF's own directory that describe the picture rather than how it is stored."""

_XMP_ORIENTATION = re.compile(rb"""(tiff:Orientation(?:\s*=\s*["']|>\s*))([1-8])""")
_XMP_PREVIEWS = re.compile(rb"<(xmp|xap):Thumbnails>.*?</\1:Thumbnails>", re.DOTALL)
_EXIF_LAYOUT = Layout("<", big=False)
_EXIF_HEAD = b"II*\0\x08\0\0\0"


def bare_exif(block: bytes) -> bytes:
    """The EXIF block as a plain TIFF structure, without the marker JPEG puts in front."""
    return block.removeprefix(_EXIF_PREFIX)


def exif_orientation(exif: bytes | None) -> int:
    """The orientation (1 to 8) an EXIF block asks for; 1 when it asks for none or is damaged."""
    if exif is None:
        return 1
    try:
        layout = tags.layout_of(exif)
        directory, _ = tags.read_directory(exif, layout, tags.first_offset(exif, layout))
    except TagsError:
        return 1
    value = directory.number(tags.ORIENTATION, 1)
    return value if 1 <= value <= 8 else 1


def exif_resolution(exif: bytes | None) -> tuple[float, float] | None:
    """Pixels per millimetre as an EXIF block gives it."""
    if exif is None:
        return None
    try:
        layout = tags.layout_of(exif)
        directory, _ = tags.read_directory(exif, layout, tags.first_offset(exif, layout))
    except TagsError:
        return None
    return resolution_of(directory)


def upright_exif(exif: bytes, size: Size) -> bytes | None:
    """The block for the upright picture: orientation 1, its size, no embedded preview.

    Everything else stays where it was, since makers' notes point at offsets. The preview is
    blanked: it would lie on its side, and show what a fill has removed. None for a damaged block.
    """
    try:
        layout = tags.layout_of(exif)
        offset = tags.first_offset(exif, layout)
        directory, preview = tags.read_directory(exif, layout, offset)
        block = bytearray(exif)
        _set_number(block, layout, offset, {tags.ORIENTATION: 1})
        if tags.EXIF_IFD in directory.children:
            pointer = _pointer(exif, layout, offset, tags.EXIF_IFD)
            sizes = {tags.PIXEL_WIDTH: size.width, tags.PIXEL_HEIGHT: size.height}
            _set_number(block, layout, pointer, sizes)
        if preview:
            block = _without_preview(block, layout, offset, preview)
    except (TagsError, struct.error):
        return None
    return bytes(block)


def upright_xmp(xmp: bytes) -> bytes:
    """The packet with every `tiff:Orientation` reset to 1 and without its embedded previews."""
    return _XMP_ORIENTATION.sub(rb"\g<1>1", _XMP_PREVIEWS.sub(b"", xmp))


def exif_from_tiff(directory: Directory) -> bytes | None:
    """An EXIF block of what a TIFF's directory says about the picture; None for nothing."""
    fields = {tag: value for tag, value in directory.fields.items() if tag in _DESCRIPTIVE}
    if not fields and not directory.children:
        return None
    resolution = (tags.X_RESOLUTION, tags.Y_RESOLUTION, tags.RESOLUTION_UNIT)
    fields |= {tag: directory.fields[tag] for tag in resolution if tag in directory.fields}
    whole = Directory(fields, directory.children)
    return _EXIF_HEAD + tags.write_directory(whole, _EXIF_LAYOUT, len(_EXIF_HEAD))


def exif_to_tiff(exif: bytes) -> Directory:
    """The fields and sub-directories of an EXIF block that a TIFF's own directory can take.

    Raises:
        TagsError: the block is damaged.
    """
    layout = tags.layout_of(exif)
    directory, _ = tags.read_directory(exif, layout, tags.first_offset(exif, layout))
    fields = {tag: value for tag, value in directory.fields.items() if tag in _DESCRIPTIVE}
    return Directory(fields, directory.children)


def exif_with_resolution(exif: bytes | None, resolution: tuple[float, float]) -> bytes:
    """An EXIF block that states pixels per millimetre, for formats with no other place for it.

    What the block says already stays; added tags go into a new first directory at its end, so
    that nothing in it moves.
    """
    if exif is None:
        return _EXIF_HEAD + tags.write_directory(
            Directory(resolution_fields(resolution)), _EXIF_LAYOUT, len(_EXIF_HEAD)
        )
    try:
        layout = tags.layout_of(exif)
        offset = tags.first_offset(exif, layout)
        directory, _ = tags.read_directory(exif, layout, offset, depth=0)
    except TagsError:
        return exif
    if tags.X_RESOLUTION in directory.fields or layout.big:
        return exif
    directory.fields |= resolution_fields(resolution)
    block = bytearray(exif + b"\0" * (len(exif) % 2))
    struct.pack_into(layout.order + layout.word, block, layout.first_at, len(block))
    return bytes(block + tags.write_directory(directory, layout, len(block)))


def resolution_of(directory: Directory) -> tuple[float, float] | None:
    """Pixels per millimetre as the TIFF tags give it; None without a unit or a value."""
    per = {2: 25.4, 3: 10.0}.get(directory.number(tags.RESOLUTION_UNIT, 2))
    found = [directory.fields.get(tag) for tag in (tags.X_RESOLUTION, tags.Y_RESOLUTION)]
    values = [value.ratios[0] for value in found if value and value.ratios]
    if per is None or len(values) != 2 or min(values) <= 0:
        return None
    return values[0] / per, values[1] / per


def resolution_fields(resolution: tuple[float, float]) -> dict[int, Field]:
    """Pixels per millimetre as the TIFF tags, per inch (or exact per centimetre)."""
    per_inch = [value * 25.4 for value in resolution]
    if all(abs(value - round(value)) < 0.02 for value in per_inch):
        horizontal, vertical = (tags.rational(round(value), 1) for value in per_inch)
        unit = 2
    else:
        horizontal, vertical = (tags.rational(value * 10) for value in resolution)
        unit = 3
    return {
        tags.X_RESOLUTION: horizontal,
        tags.Y_RESOLUTION: vertical,
        tags.RESOLUTION_UNIT: tags.short(unit),
    }


def bare_iptc(block: bytes) -> bytes | None:
    """The IPTC-IIM records in a block that may be wrapped as Photoshop image resources.

    Source: Adobe Photoshop File Formats Specification, "Image Resource Blocks".
    """
    resources = block.removeprefix(_PHOTOSHOP_PREFIX)
    if not resources.startswith(b"8BIM"):
        return resources.rstrip(b"\0") if resources.startswith(b"\x1c") else None
    at = 0
    while resources[at : at + 4] == b"8BIM" and at + 12 <= len(resources):
        (kind,) = struct.unpack_from(">H", resources, at + 4)
        name = 1 + resources[at + 6]
        size_at = at + 6 + name + name % 2
        if size_at + 4 > len(resources):
            return None
        (size,) = struct.unpack_from(">I", resources, size_at)
        start = size_at + 4
        if kind == _IPTC_RESOURCE:
            return resources[start : start + size] or None
        at = start + size + size % 2
    return None


def photoshop_iptc(iptc: bytes) -> bytes:
    """IPTC-IIM records wrapped for a JPEG APP13 segment."""
    resource = b"8BIM" + struct.pack(">HHI", _IPTC_RESOURCE, 0, len(iptc)) + iptc
    return _PHOTOSHOP_PREFIX + resource + b"\0" * (len(iptc) % 2)


def from_raw_profile(text: str) -> tuple[str, bytes] | None:
    """Name and bytes of a PNG "Raw profile type" text, as ImageMagick and ExifTool write them."""
    parts = text.split(maxsplit=2)
    if len(parts) != 3:
        return None
    try:
        return parts[0].lower(), bytes.fromhex(parts[2])
    except ValueError:
        return None


def to_raw_profile(name: str, data: bytes) -> str:
    """The text `from_raw_profile` reads."""
    digits = data.hex()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return "\n".join(["", name, f"{len(data):8}", *lines, ""])


def _entries(block: "bytes | bytearray", layout: Layout, offset: int) -> dict[int, tuple[int, int]]:
    """By tag: (type, where its value or the offset of its value lies)."""
    (count,) = struct.unpack_from(layout.order + layout.count, block, offset)
    start = offset + struct.calcsize("<" + layout.count)
    found: dict[int, tuple[int, int]] = {}
    for index in range(count):
        at = start + index * layout.entry_bytes
        tag, kind = struct.unpack_from(layout.order + "HH", block, at)
        found[tag] = kind, at + 4 + layout.word_bytes
    return found


def _set_number(block: bytearray, layout: Layout, offset: int, values: dict[int, int]) -> None:
    for tag, (kind, at) in _entries(block, layout, offset).items():
        code = {tags.SHORT: "H", tags.LONG: "I"}.get(kind)
        if tag in values and code is not None and values[tag] < 1 << (8 * struct.calcsize(code)):
            struct.pack_into(layout.order + code, block, at, values[tag])


def _pointer(block: bytes, layout: Layout, offset: int, tag: int) -> int:
    _, at = _entries(block, layout, offset)[tag]
    (where,) = struct.unpack_from(layout.order + layout.word, block, at)
    return int(where)


def _without_preview(block: bytearray, layout: Layout, offset: int, preview_at: int) -> bytearray:
    (count,) = struct.unpack_from(layout.order + layout.count, block, offset)
    next_at = offset + struct.calcsize("<" + layout.count) + count * layout.entry_bytes
    struct.pack_into(layout.order + layout.word, block, next_at, 0)
    try:
        directory, _ = tags.read_directory(bytes(block), layout, preview_at)
    except TagsError:
        return block
    start = directory.number(_THUMBNAIL_OFFSET, 0)
    end = start + directory.number(_THUMBNAIL_BYTES, 0)
    if not 0 < start < end <= len(block):
        return block
    if end >= len(block) - 1:
        return block[:start]
    block[start:end] = bytes(end - start)
    return block
