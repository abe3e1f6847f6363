"""Arrays in files of their own: packed where that is quick and pays, checked when read.

A file is the header (length, then msgpack of shape and dtype), then pieces of a mebibyte, each
with its kept length, its CRC-32 and whether it is packed.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

_PIECE = 1 << 20
_LEVEL = 1
_WORTH = 0.7
"""Packed only where that leaves less than this: unpacking and packing cost more than the disk."""
_HEAD = struct.Struct("<I")
_PIECE_HEAD = struct.Struct("<II?")
_MOST_BYTES = 64 << 30
_DTYPES = ("uint8", "uint16", "float32", "bool")


class DamagedError(Exception):
    """The file is cut off, or not what was written."""


class _Header(msgspec.Struct, frozen=True):
    shape: tuple[int, ...]
    dtype: str


def write_array(file: BinaryIO, array: npt.NDArray[Any]) -> None:
    """Append `array` (any shape; uint8, uint16, float32 or bool).

    Raises:
        OSError: the disk is full or cannot be written.
    """
    header = msgspec.msgpack.encode(_Header(array.shape, array.dtype.name))
    file.write(_HEAD.pack(len(header)) + header)
    data = np.ascontiguousarray(array).data.cast("B") if array.size else memoryview(b"")
    pays = _packing_pays(data)
    for start in range(0, len(data), _PIECE):
        piece = data[start : start + _PIECE]
        kept = zlib.compress(piece, _LEVEL) if pays else piece
        file.write(_PIECE_HEAD.pack(len(kept), zlib.crc32(kept), pays))
        file.write(kept)


def read_array(path: Path) -> npt.NDArray[Any]:
    """The array `write_array` was given, read-only.

    Raises:
        DamagedError: cut off, changed, or of no kind that is ever written.
        OSError: the file is gone or cannot be read.
    """
    with path.open("rb") as file:
        return _read(file, path.name)


def array_of(data: bytes) -> npt.NDArray[Any]:
    """The array in what `write_array` wrote. DamagedError as `read_array`."""
    return _read(BytesIO(data), "an array in it")


def _read(file: BinaryIO, name: str) -> npt.NDArray[Any]:
    header = _header(file, name)
    data = bytearray()
    dtype = np.dtype(header.dtype)
    wanted = math.prod(header.shape) * dtype.itemsize
    for piece in _pieces(file, name):
        data += piece
        if len(data) > wanted:
            break
    if len(data) != wanted:
        raise DamagedError(f"{name} is damaged")
    array = np.frombuffer(bytes(data), dtype).reshape(header.shape)
    array.flags.writeable = False
    return array


def _packing_pays(data: memoryview) -> bool:
    """By a piece from the middle: grain does not pack, masks and painted areas do."""
    middle = data[len(data) // 2 :][: _PIECE // 4]
    return bool(middle) and len(zlib.compress(middle, _LEVEL)) < _WORTH * len(middle)


def _header(file: BinaryIO, name: str) -> _Header:
    try:
        (length,) = _HEAD.unpack(file.read(_HEAD.size))
        header = msgspec.msgpack.decode(file.read(min(length, 4096)), type=_Header)
    except (struct.error, msgspec.MsgspecError):
        raise DamagedError(f"{name} is damaged") from None
    if header.dtype not in _DTYPES or min(header.shape, default=0) < 0:
        raise DamagedError(f"{name} is damaged")
    if math.prod(header.shape) > _MOST_BYTES:
        raise DamagedError(f"{name} is damaged")
    return header


def _pieces(file: BinaryIO, name: str) -> Iterator[bytes]:
    while head := file.read(_PIECE_HEAD.size):
        try:
            length, checksum, packed = _PIECE_HEAD.unpack(head)
            kept = file.read(length)
            if len(kept) != length or zlib.crc32(kept) != checksum:
                raise DamagedError(f"{name} is damaged")
            # No more than was ever packed, whatever it would unpack to.
            yield zlib.decompressobj().decompress(kept, _PIECE) if packed else kept
        except (struct.error, zlib.error):
            raise DamagedError(f"{name} is damaged") from None
