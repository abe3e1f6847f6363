"""Sizes, points and boxes on the pixel grid. Rows come before columns, boxes are half-open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Size(NamedTuple):
    """Height and width in pixels."""

    height: int
    width: int

    @property
    def area(self) -> int:
        return self.height * self.width

    @property
    def box(self) -> "Box":
        """The box that covers the whole picture."""
        return Box(0, 0, self.height, self.width)


class Point(NamedTuple):
    """A pixel position: row, then column."""

    top: int
    left: int


class Box(NamedTuple):
    """Rows `top` to `bottom` and columns `left` to `right`, both ends half-open."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return max(0, self.bottom - self.top)

    @property
    def width(self) -> int:
        return max(0, self.right - self.left)

    @property
    def size(self) -> Size:
        return Size(self.height, self.width)

    @property
    def area(self) -> int:
        return self.height * self.width

    @property
    def is_empty(self) -> bool:
        return self.bottom <= self.top or self.right <= self.left

    @property
    def origin(self) -> Point:
        return Point(self.top, self.left)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index an (H, W, ...) array with this box, which must lie inside it."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def pad(self, margin: int) -> "Box":
        """Grow (or, with a negative margin, shrink) by `margin` pixels on every side."""
        return Box(self.top - margin, self.left - margin, self.bottom + margin, self.right + margin)

    def intersect(self, other: "Box") -> "Box":
        """The pixels in both boxes; an empty box at the clamped corner when there are none."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom, right = min(self.bottom, other.bottom), min(self.right, other.right)
        return Box(top, left, max(top, bottom), max(left, right))

    def clip(self, size: Size) -> "Box":
        """The part of this box that lies inside a picture of `size`."""
        return self.intersect(size.box)

    def union(self, other: "Box") -> "Box":
        """The smallest box around both; an empty box adds nothing."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        return Box(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def shift(self, by: Point) -> "Box":
        """Move down by `by.top` and right by `by.left`."""
        return Box(
            self.top + by.top, self.left + by.left, self.bottom + by.top, self.right + by.left
        )

    def relative_to(self, origin: Point) -> "Box":
        """The same pixels in the coordinates of a crop that starts at `origin`."""
        return self.shift(Point(-origin.top, -origin.left))

    def contains(self, other: "Box") -> bool:
        """Whether every pixel of `other` lies in this box."""
        return other.is_empty or self.intersect(other) == other

    def tiles(self, side: int) -> Iterator[tuple[int, int]]:
        """(row, column) of each square tile of `side` pixels this box touches, in reading order."""
        if self.is_empty:
            return
        for row in range(self.top // side, (self.bottom - 1) // side + 1):
            for column in range(self.left // side, (self.right - 1) // side + 1):
                yield row, column


EMPTY_BOX = Box(0, 0, 0, 0)


def tile_box(row: int, column: int, side: int) -> Box:
    """The box of one tile of the grid that `Box.tiles` walks (not clipped to any picture)."""
    return Box(row * side, column * side, (row + 1) * side, (column + 1) * side)


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Which picture sizes an engine accepts; `imaging.fit` makes pictures obey it."""

    minimum: int = 1
    """Smallest side in pixels."""
    multiple_of: int = 1
    """Both sides must be multiples of this."""
    working: int = 0
    """Longest side the engine does well at; larger crops are scaled down to it. 0 = any size."""
    context: int = 0
    """Pixels of surroundings up to which an engine of any size is given as much as the hole is wide
    (one that copies needs something to copy); beyond that half as much, as every engine is."""
    tile: int = 0
    """Longest side of a crop for an engine of any size whose holes may be cut where they are long
    and narrow, so that memory is bounded. 0 = never cut."""
