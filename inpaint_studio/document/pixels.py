"""Undo for painted pixels: only the tiles a stroke touched, compressed, on disk when need be."""

import sys
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inpaint_studio.document.spill import SpillFile
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Size, tile_box
from inpaint_studio.imaging.mask import Coverage

TILE = 128
"""Side of a tile in pixels."""

_LEVEL = 1
Tile = tuple[int, int]


class TileDelta:
    """The other state of some tiles of a canvas, (H, W) uint8.

    `swap` exchanges what it holds with what the canvas shows; doing so twice changes nothing, so
    that undo and redo are one function. `applied` says whether the canvas shows the newer state.
    """

    __slots__ = ("_file", "_lengths", "_tiles", "applied", "box")

    def __init__(self, tiles: dict[Tile, bytes], box: Box, *, applied: bool) -> None:
        self.box = box
        """Holds every pixel that differs, rounded out to tiles."""
        self.applied = applied
        self._tiles = tiles
        self._file: SpillFile | None = None
        self._lengths: dict[Tile, int] = {}

    @classmethod
    def capture(
        cls, canvas: Coverage, wanted: Coverage, *, within: Box | None = None
    ) -> "TileDelta":
        """What it takes to make `canvas` into `wanted`; the canvas itself is not touched.

        `within` holds all that differs, where that is known: only there is compared.
        """
        if canvas.shape != wanted.shape or wanted.dtype != np.uint8:
            raise ValueError(f"{wanted.dtype} {wanted.shape} does not fit canvas {canvas.shape}")
        size = _size(canvas)
        tiles: dict[Tile, bytes] = {}
        box = EMPTY_BOX
        for tile in (within or size.box).clip(size).tiles(TILE):
            area = tile_area(tile, size)
            if not np.array_equal(canvas[area.slices], wanted[area.slices]):
                tiles[tile] = pack_tile(wanted[area.slices])
                box = box.union(area)
        return cls(tiles, box, applied=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed at all."""
        return self.box.is_empty

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """(row, column) of every tile it changes."""
        return tuple(self._lengths or self._tiles)

    @property
    def nbytes(self) -> int:
        """Bytes of memory held; what lies on disk does not count."""
        return sum(sys.getsizeof(packed) + _PER_TILE for packed in self._tiles.values())

    @property
    def disk_bytes(self) -> int:
        """Bytes held on disk."""
        return self._file.nbytes if self._file else 0

    def swap(self, canvas: Coverage) -> Box:
        """Exchange the held tiles with those of the canvas and return the box that changed.

        Raises:
            StudioError: the file it was spilled to is gone or damaged; the canvas is unchanged.
        """
        size = _size(canvas)
        packed = self._load()
        areas = {tile: tile_area(tile, size) for tile in packed}
        restored = {tile: unpack_tile(data, areas[tile].size) for tile, data in packed.items()}
        self._tiles = {tile: pack_tile(canvas[area.slices]) for tile, area in areas.items()}
        self._forget_file()
        for tile, pixels in restored.items():
            canvas[areas[tile].slices] = pixels
        self.applied = not self.applied
        return self.box

    def spill(self, folder: Path) -> None:
        """Move what is held to a file of its own in `folder`; `swap` reads it back.

        Raises:
            OSError: it could not be written; everything is still in memory.
        """
        if self._file is None and self._tiles:
            self._file = SpillFile.write(folder, self._tiles.values())
            self._lengths = {tile: len(data) for tile, data in self._tiles.items()}
            self._tiles = {}

    def discard(self) -> None:
        """Free what is held, in memory and on disk. The delta cannot be used any more."""
        self._forget_file()
        self._tiles = {}

    def _load(self) -> dict[Tile, bytes]:
        if self._file is None:
            return self._tiles
        data = self._file.read()
        packed: dict[Tile, bytes] = {}
        start = 0
        for tile, length in self._lengths.items():
            packed[tile] = data[start : start + length]
            start += length
        return packed

    def _forget_file(self) -> None:
        if self._file is not None:
            self._file.remove()
        self._file = None
        self._lengths = {}


class StrokeRecorder:
    """Keeps tiles as they were before a stroke writes to them.

    Call `touch(box)` before drawing into `box`, then `finish()` once, when the stroke is done.
    """

    __slots__ = ("_before", "_canvas")

    def __init__(self, canvas: Coverage) -> None:
        self._canvas = canvas
        self._before: dict[Tile, npt.NDArray[np.uint8]] = {}

    def touch(self, box: Box) -> None:
        """Remember the tiles `box` touches, unless they are remembered already."""
        size = _size(self._canvas)
        for tile in box.clip(size).tiles(TILE):
            if tile not in self._before:
                self._before[tile] = self._canvas[tile_area(tile, size).slices].copy()

    def finish(self) -> TileDelta:
        """The delta that takes the stroke back; tiles it did not change are dropped."""
        size = _size(self._canvas)
        tiles: dict[Tile, bytes] = {}
        box = EMPTY_BOX
        for tile, before in self._before.items():
            area = tile_area(tile, size)
            if not np.array_equal(before, self._canvas[area.slices]):
                tiles[tile] = pack_tile(before)
                box = box.union(area)
        self._before = {}
        return TileDelta(tiles, box, applied=True)

    def cancel(self) -> Box:
        """Put every touched tile back as it was; the box that may have changed."""
        size = _size(self._canvas)
        box = EMPTY_BOX
        for tile, before in self._before.items():
            area = tile_area(tile, size)
            self._canvas[area.slices] = before
            box = box.union(area)
        self._before = {}
        return box


_PER_TILE = sys.getsizeof((0, 0)) + 2 * sys.getsizeof(1) + 100
"""Key and dictionary slot, roughly."""


def _size(canvas: Coverage) -> Size:
    return Size(canvas.shape[0], canvas.shape[1])


def tile_area(tile: Tile, size: Size) -> Box:
    """Where a tile lies on a canvas of `size`."""
    return tile_box(*tile, TILE).clip(size)


def pack_tile(pixels: Coverage) -> bytes:
    """One byte for a tile of one value, as most are, else zlib, which never fits in one byte."""
    first = pixels[0, 0]
    if (pixels == first).all():
        return bytes([first])
    return zlib.compress(pixels.tobytes(), _LEVEL)


def unpack_tile(data: bytes, size: Size) -> Coverage:
    """The (h, w) tile of that size again."""
    if len(data) == 1:
        return np.full(size, data[0], np.uint8)
    return np.frombuffer(zlib.decompress(data), np.uint8).reshape(size)
