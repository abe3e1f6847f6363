"""Tag directories as TIFF files and EXIF blocks hold them: read, change, write again.

Source: TIFF 6.0 (1992), section 2; BigTIFF (libtiff); EXIF 2.32, section 4.6. Values are kept as
the bytes a little-endian file would hold, so that directories of either byte order mix.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

IMAGE_DESCRIPTION = 270
STRIP_OFFSETS = 273
ORIENTATION = 274
SAMPLES_PER_PIXEL = 277
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296
BITS_PER_SAMPLE, COMPRESSION, PHOTOMETRIC, EXTRA_SAMPLES = 258, 259, 262, 338
SUBFILE_TYPE = 254
XMP, IPTC, PHOTOSHOP, PROFILE = 700, 33723, 34377, 34675
DNG_VERSION = 50706
EXIF_IFD, GPS_IFD, INTEROP_IFD = 34665, 34853, 40965
PIXEL_WIDTH, PIXEL_HEIGHT = 40962, 40963
SUB_DIRECTORIES = (EXIF_IFD, GPS_IFD, INTEROP_IFD)

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_CLASSIC_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ITEM_BYTES = _CLASSIC_BYTES | {16: 8, 17: 8, 18: 8}
_SWAP_BYTES = _ITEM_BYTES | {5: 4, 10: 4}  # a rational is two numbers
_MOST_ENTRIES = 4096
_MOST_VALUE_BYTES = 64 << 20


class TagsError(ValueError):
    """The bytes are no well-formed tag directory."""


class Field(NamedTuple):
    """One tag's value: TIFF type number and its items as little-endian bytes."""

    kind: int
    data: bytes

    @property
    def numbers(self) -> tuple[int, ...]:
        """The items of a BYTE, SHORT, LONG or LONG8 field; empty for any other type."""
        code = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(self.kind)
        if code is None:
            return ()
        return struct.unpack(f"<{len(self.data) // struct.calcsize(code)}{code}", self.data)

    @property
    def ratios(self) -> tuple[float, ...]:
        """The items of a RATIONAL field that have a value; empty for any other type."""
        if self.kind != RATIONAL:
            return ()
        words = struct.unpack(f"<{len(self.data) // 4}I", self.data)
        return tuple(a / b for a, b in zip(words[::2], words[1::2], strict=True) if b)


def short(value: int) -> Field:
    return Field(SHORT, struct.pack("<H", value))


def rational(value: float, denominator: int = 10_000) -> Field:
    return Field(RATIONAL, struct.pack("<II", round(value * denominator), denominator))


@dataclass(slots=True)
class Directory:
    """One image file directory: its fields by tag, and the directories some tags point to."""

    fields: dict[int, Field] = field(default_factory=dict[int, Field])
    children: dict[int, "Directory"] = field(default_factory=dict[int, "Directory"])

    def number(self, tag: int, default: int) -> int:
        """The first item of a whole-number tag."""
        value = self.fields.get(tag)
        numbers = value.numbers if value else ()
        return numbers[0] if numbers else default


@dataclass(frozen=True, slots=True)
class Layout:
    """How a TIFF structure is laid out: byte order and whether offsets have 64 bits."""

    order: str
    big: bool

    @property
    def count(self) -> str:
        """The struct code of the number of entries."""
        return "Q" if self.big else "H"

    @property
    def word(self) -> str:
        """The struct code of an offset or of a number of items."""
        return "Q" if self.big else "I"

    @property
    def word_bytes(self) -> int:
        return 8 if self.big else 4

    @property
    def entry_bytes(self) -> int:
        return 20 if self.big else 12

    @property
    def first_at(self) -> int:
        """Where the header keeps the offset of the first directory."""
        return 8 if self.big else 4


def layout_of(data: "bytes | memoryview") -> Layout:
    """The layout a TIFF header announces.

    Raises:
        TagsError: these bytes do not start with a TIFF header.
    """
    orders = {b"II": "<", b"MM": ">"}
    order = orders.get(bytes(data[:2]))
    if order is None or len(data) < 8:
        raise TagsError("no TIFF header")
    (version,) = struct.unpack_from(order + "H", data, 2)
    if version not in (42, 43):
        raise TagsError(f"TIFF version {version}")
    return Layout(order, version == 43)


def first_offset(data: "bytes | memoryview", layout: Layout) -> int:
    return _unpack(layout.order + layout.word, data, layout.first_at)


def read_directory(
    data: "bytes | memoryview",
    layout: Layout,
    offset: int,
    *,
    only: Iterable[int] | None = None,
    depth: int = 2,
) -> tuple[Directory, int]:
    """The directory at `offset` and the offset of the one after it (0 = none).

    Fields whose values lie outside the data are left out; `only` names the tags to read. At depth
    0 the tags that point to other directories stay plain fields.

    Raises:
        TagsError: the directory itself lies outside the data.
    """
    count = _unpack(layout.order + layout.count, data, offset)
    start = offset + struct.calcsize("<" + layout.count)
    if count > _MOST_ENTRIES or start + count * layout.entry_bytes > len(data):
        raise TagsError("directory is cut off")
    wanted = None if only is None else set(only)
    directory = Directory()
    for index in range(count):
        tag, value = _read_entry(data, layout, start + index * layout.entry_bytes, wanted)
        if value is None:
            continue
        if tag in SUB_DIRECTORIES and depth > 0:
            _read_child(directory, data, layout, tag, value, depth)
        else:
            directory.fields[tag] = value
    after = start + count * layout.entry_bytes
    next_offset = 0
    if after + layout.word_bytes <= len(data):
        next_offset = _unpack(layout.order + layout.word, data, after)
    return directory, next_offset


def write_directory(directory: Directory, layout: Layout, at: int) -> bytes:
    """The directory, everything it points to behind it, as bytes to be stored at offset `at`.

    `at` must be even. No directory follows it.
    """
    tags = sorted([*directory.fields, *directory.children])
    size = struct.calcsize("<" + layout.count) + len(tags) * layout.entry_bytes + layout.word_bytes
    head, tail = bytearray(struct.pack(layout.order + layout.count, len(tags))), bytearray()
    for tag in tags:
        here = at + size + len(tail)
        if tag in directory.children:
            kind = 13 if layout.big else LONG
            value = struct.pack("<I", here)
            tail += write_directory(directory.children[tag], layout, here)
        else:
            kind, value = directory.fields[tag]
        head += _entry(layout, tag, Field(kind, value), at + size, tail)
    return bytes(head + struct.pack(layout.order + layout.word, 0) + tail)


def _read_child(
    parent: Directory,
    data: "bytes | memoryview",
    layout: Layout,
    tag: int,
    value: Field,
    depth: int,
) -> None:
    if not value.numbers:
        return
    try:
        child, _ = read_directory(data, layout, value.numbers[0], depth=depth - 1)
    except TagsError:
        return  # a damaged sub-directory costs its own tags, not the others
    parent.children[tag] = child


def _read_entry(
    data: "bytes | memoryview", layout: Layout, at: int, wanted: set[int] | None
) -> tuple[int, Field | None]:
    tag, kind = struct.unpack_from(layout.order + "HH", data, at)
    count = _unpack(layout.order + layout.word, data, at + 4)
    size = _ITEM_BYTES.get(kind, 0) * count
    if (wanted is not None and tag not in wanted) or not 0 < size <= _MOST_VALUE_BYTES:
        return tag, None
    where = at + 4 + layout.word_bytes
    if size > layout.word_bytes:
        where = _unpack(layout.order + layout.word, data, where)
    if where + size > len(data):
        return tag, None
    return tag, Field(kind, _swapped(bytes(data[where : where + size]), kind, layout.order))


def _entry(layout: Layout, tag: int, value: Field, tail_at: int, tail: bytearray) -> bytes:
    count = len(value.data) // _ITEM_BYTES[value.kind]
    data = _swapped(value.data, value.kind, layout.order)
    head = struct.pack(layout.order + "HH" + layout.word, tag, value.kind, count)
    if len(data) <= layout.word_bytes:
        return head + data.ljust(layout.word_bytes, b"\0")
    where = struct.pack(layout.order + layout.word, tail_at + len(tail))
    tail += data + b"\0" * (len(data) % 2)
    return head + where


def _swapped(data: bytes, kind: int, order: str) -> bytes:
    width = _SWAP_BYTES[kind]
    if order == "<" or width == 1:
        return data
    words = memoryview(data).cast("B")
    out = bytearray(len(data))
    for byte in range(width):
        out[byte::width] = words[width - 1 - byte :: width]
    return bytes(out)


def _unpack(code: str, data: "bytes | memoryview", at: int) -> int:
    if not 0 <= at <= len(data) - struct.calcsize(code):
        raise TagsError("directory is cut off")
    (value,) = struct.unpack_from(code, data, at)
    return int(value)
