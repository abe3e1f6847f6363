"""Drawing edges on the sheets of a fill, one pixel of the network thin. numpy only, no Qt.

Points are (x, y) in photo coordinates. Only what lies in a sheet's hole is changed: outside it the
network goes by the photo's own edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.geometry import Box

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage

XY = tuple[float, float]
EDGE = 255
_CURVE_STEPS = 48


class EdgeCanvas:
    """Copies of a drawing's sheets that can be drawn on; `drawing` is what they are now."""

    def __init__(self, drawing: EdgeDrawing) -> None:
        self._sheets = drawing.sheets
        self._lines = [sheet.lines.copy() for sheet in drawing.sheets]
        self.changed = False
        """Whether anything differs from the drawing it was made of."""

    @property
    def drawing(self) -> EdgeDrawing:
        pairs = zip(self._sheets, self._lines, strict=True)
        return EdgeDrawing(
            tuple(EdgeSheet(lines.copy(), sheet.hole, sheet.box) for sheet, lines in pairs)
        )

    def sheets(self) -> Iterator[tuple[EdgeSheet, Coverage]]:
        """Each sheet with its lines as they are now."""
        return zip(self._sheets, self._lines, strict=True)

    def draw(self, points: Sequence[XY]) -> None:
        """A line through the points."""
        for sheet, lines in self.sheets():
            at = _on_sheet(sheet, points)
            for a, b in zip(at, at[1:] or at, strict=False):
                self._set(sheet, lines, _pixels(a, b), EDGE)

    def erase(self, points: Sequence[XY], diameter: float) -> None:
        """Take away what lies under a round eraser, `diameter` photo pixels wide."""
        for sheet, lines in self.sheets():
            step = sheet.box.width / sheet.size.width
            reach = max(diameter / step / 2, 0.75)
            at = _on_sheet(sheet, points)
            for a, b in zip(at, at[1:] or at, strict=False):
                self._set(sheet, lines, _near(a, b, reach, lines.shape), 0)

    def clear(self) -> None:
        """Take away all that was invented or drawn."""
        for sheet, lines in self.sheets():
            rows, columns = np.nonzero(sheet.hole)
            self._set(sheet, lines, (rows, columns), 0)

    def _set(self, sheet: EdgeSheet, lines: Coverage, pixels: Pixels, value: int) -> None:
        rows, columns = pixels
        height, width = lines.shape
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        rows, columns = rows[inside], columns[inside]
        own = sheet.hole[rows, columns] & (lines[rows, columns] != value)
        if own.any():
            lines[rows[own], columns[own]] = value
            self.changed = True


Pixels = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def curve(start: XY, through: XY, end: XY) -> list[XY]:
    """A smooth curve from `start` to `end` that passes `through` halfway (quadratic Bézier)."""
    control = tuple(2 * t - (a + b) / 2 for a, t, b in zip(start, through, end, strict=True))
    points: list[XY] = []
    for step in range(_CURVE_STEPS + 1):
        t = step / _CURVE_STEPS
        x, y = (
            (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b
            for a, c, b in zip(start, control, end, strict=True)
        )
        points.append((x, y))
    return points


def hole_rim(hole: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The rim of (h, w) `hole` as (n, 4) lines x0, y0, x1, y1 between its pixels' corners."""
    padded = np.pad(hole, 1)
    level = _runs(padded[1:, 1:-1] != padded[:-1, 1:-1])
    upright = _runs((padded[1:-1, 1:] != padded[1:-1, :-1]).T)
    flat = np.stack([level[:, 1], level[:, 0], level[:, 2], level[:, 0]], axis=1)
    steep = np.stack([upright[:, 0], upright[:, 1], upright[:, 0], upright[:, 2]], axis=1)
    return np.concatenate([flat, steep])


def _runs(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """(n, 3) row, first and end of the runs of True along the rows."""
    edges = np.diff(np.pad(marks, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return np.stack([rows, starts, ends], axis=1)


def _on_sheet(sheet: EdgeSheet, points: Sequence[XY]) -> list[XY]:
    """Photo coordinates as coordinates of the sheet's pixels, whose centres are whole numbers."""
    box, (height, width) = sheet.box, sheet.size
    across, down = width / box.width, height / box.height
    return [((x - box.left) * across - 0.5, (y - box.top) * down - 0.5) for x, y in points]


def _pixels(a: XY, b: XY) -> Pixels:
    """The pixels of a line one pixel thin."""
    count = math.ceil(max(abs(b[0] - a[0]), abs(b[1] - a[1]))) + 1
    columns = np.floor(np.linspace(a[0], b[0], count) + 0.5).astype(np.intp)
    rows = np.floor(np.linspace(a[1], b[1], count) + 0.5).astype(np.intp)
    return rows, columns


def _near(a: XY, b: XY, reach: float, shape: tuple[int, ...]) -> Pixels:
    """The pixels whose centre is at most `reach` from the line from `a` to `b`."""
    box = Box(
        math.floor(min(a[1], b[1]) - reach),
        math.floor(min(a[0], b[0]) - reach),
        math.ceil(max(a[1], b[1]) + reach) + 1,
        math.ceil(max(a[0], b[0]) + reach) + 1,
    ).intersect(Box(0, 0, shape[0], shape[1]))
    if box.is_empty:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    rows, columns = np.mgrid[box.slices]
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = ((columns - a[0]) * dx + (rows - a[1]) * dy) / length if length else np.zeros(1)
    t = np.clip(along, 0.0, 1.0)
    near = np.hypot(columns - a[0] - t * dx, rows - a[1] - t * dy) <= reach
    return rows[near], columns[near]
