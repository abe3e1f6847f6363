"""Edges a person may change: what an edge network drew for each crop, at the size it drew it.

A sheet is kept at the network's own working size, so that one pixel of it is one pixel the network
sees: filling from edges nobody touched gives the same fill again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Size
from inpaint_studio.imaging.mask import Coverage, Hole

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class EdgeSheet:
    """The edges of one crop of a photo; read-only arrays.

    `lines` is (h, w) uint8: 0 = none, 255 = an edge. `hole` is (h, w) bool: True where edges were
    invented or drawn, elsewhere they were found in the photo. `box` is the crop, in photo pixels;
    the sheet is stretched over it.
    """

    lines: Coverage
    hole: Hole
    box: Box

    def __post_init__(self) -> None:
        if self.lines.dtype != np.uint8 or self.lines.shape != self.hole.shape:
            raise ValueError(f"lines {self.lines.shape} do not go with a hole {self.hole.shape}")
        self.lines.setflags(write=False)
        self.hole.setflags(write=False)

    @classmethod
    def of(cls, edges: Floats, hole: Hole, box: Box) -> "EdgeSheet":
        """The sheet of (h, w) float32 edges in [0, 1], as an engine reports them."""
        lines = np.rint(np.clip(edges, 0, 1) * 255).astype(np.uint8)
        return cls(lines, hole.astype(np.bool_), box)

    @property
    def size(self) -> Size:
        return Size(self.lines.shape[0], self.lines.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class EdgeDrawing:
    """All the edges a fill was, or is to be, made from: a sheet for each crop, in their order."""

    sheets: tuple[EdgeSheet, ...]

    @property
    def box(self) -> Box:
        """The smallest box round all sheets."""
        box = EMPTY_BOX
        for sheet in self.sheets:
            box = box.union(sheet.box)
        return box

    @property
    def nbytes(self) -> int:
        return sum(sheet.lines.nbytes + sheet.hole.nbytes for sheet in self.sheets)

    def within(self, crop: Box, size: Size) -> Floats:
        """What is drawn in `crop`, (h, w) float32 in [0, 1] at `size`.

        The very pixels of a sheet of that crop and size; else lines of other sheets, each as
        strong as it was. Outside their holes sheets count for nothing.
        """
        lines = np.zeros(size, np.uint8)
        for sheet in self.sheets:
            if sheet.box == crop and sheet.size == size:
                return sheet.lines.astype(np.float32) / np.float32(255)
        for sheet in self.sheets:
            _transfer(np.where(sheet.hole, sheet.lines, np.uint8(0)), sheet.box, to=lines, box=crop)
        return lines.astype(np.float32) / np.float32(255)

    def picture(self, size: Size, *, invented_only: bool = False) -> Coverage:
        """All lines on one (H, W) uint8 canvas of the photo's size."""
        canvas = np.zeros(size, np.uint8)
        for sheet in self.sheets:
            lines = np.where(sheet.hole, sheet.lines, np.uint8(0)) if invented_only else sheet.lines
            _transfer(lines, sheet.box, to=canvas, box=size.box)
        return canvas

    def redrawn(self, canvas: Coverage) -> "EdgeDrawing":
        """The same sheets with their holes' lines taken from a canvas of the photo's size.

        A line one pixel thin on the canvas stays a line, and `redrawn(picture(size))` is the
        drawing itself where sheets are no finer than the photo.
        """
        return EdgeDrawing(tuple(_redrawn(sheet, canvas) for sheet in self.sheets))


def _redrawn(sheet: EdgeSheet, canvas: Coverage) -> EdgeSheet:
    lines = np.zeros(sheet.size, np.uint8)
    _transfer(canvas, Size(*canvas.shape[:2]).box, to=lines, box=sheet.box)
    return EdgeSheet(np.where(sheet.hole, lines, sheet.lines), sheet.hole, sheet.box)


def _transfer(source: npt.NDArray[Any], place: Box, *, to: Coverage, box: Box) -> None:
    """Lay `source`, stretched over `place`, into `to`, stretched over `box`.

    Where the source is finer the strongest of its pixels counts, so that lines do not fade; each
    of its pixels goes to exactly one of the target's. Both are aligned by pixel centres.
    """
    shared = place.intersect(box)
    if shared.is_empty:
        return
    rows = _pairs(place, source.shape[0], box, to.shape[0], axis=0)
    columns = _pairs(place, source.shape[1], box, to.shape[1], axis=1)
    for across, into in _rounds(rows):
        strip = np.zeros((len(into), to.shape[1]), np.uint8)
        for along, onto in _rounds(columns):
            part = source[across][:, along]
            strip[:, onto] = np.maximum(strip[:, onto], part)
        to[into] = np.maximum(to[into], strip)


Indices = npt.NDArray[np.intp]


def _pairs(place: Box, count: int, box: Box, length: int, *, axis: int) -> tuple[Indices, Indices]:
    """Which of `count` source pixels goes to which of `length` target pixels, along one axis."""
    begin, end = _span(place, axis)
    first, last = _span(box, axis)
    step, wide = (end - begin) / count, (last - first) / length
    if step < wide:  # the source is finer: every one of its pixels goes somewhere
        source = np.arange(count)
        target = np.floor((begin + (source + 0.5) * step - first) / wide).astype(np.intp)
        kept = (target >= 0) & (target < length)
    else:
        target = np.arange(length)
        source = np.floor((first + (target + 0.5) * wide - begin) / step).astype(np.intp)
        kept = (source >= 0) & (source < count)
    return source[kept], target[kept]


def _rounds(pairs: tuple[Indices, Indices]) -> Iterator[tuple[Indices, Indices]]:
    """The pairs in rounds in which no target comes twice."""
    source, target = pairs
    if not len(target):
        return
    starts = np.r_[True, target[1:] != target[:-1]]
    place = np.arange(len(target)) - np.maximum.accumulate(
        np.where(starts, np.arange(len(target)), 0)
    )
    for number in range(int(place.max()) + 1):
        now = place == number
        yield source[now], target[now]


def _span(box: Box, axis: int) -> tuple[int, int]:
    return (box.left, box.right) if axis else (box.top, box.bottom)


def drawing_of(sheets: Sequence[EdgeSheet]) -> EdgeDrawing | None:
    """The drawing of some sheets; None where there are none."""
    return EdgeDrawing(tuple(sheets)) if sheets else None
