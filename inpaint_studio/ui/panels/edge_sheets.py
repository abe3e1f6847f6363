"""Edge maps of neighbouring crops put together: one sheet for each area of the photo."""

from collections.abc import Sequence
from functools import reduce
from itertools import chain

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.api import EdgeMap, Floats, Hole
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Size

LONGEST = 2048
"""Longest side of a sheet in pixels: finer than any panel, small enough to make at once."""


def areas(maps: Sequence[EdgeMap]) -> list[list[EdgeMap]]:
    """The maps in groups that do not touch each other, each in the order the maps were made."""
    groups: list[list[EdgeMap]] = []
    for edge_map in maps:
        joined = [edge_map]
        while near := [group for group in groups if _meet(group, joined)]:
            groups = [group for group in groups if group not in near]
            joined = [*chain.from_iterable(near), *joined]
        groups.append(joined)
    return groups


def sheet_of(maps: Sequence[EdgeMap]) -> EdgeMap:
    """One map over the box round all of them. An invented edge hides what others found there.

    Scaled as the finest of the maps, or so that its longest side is `LONGEST`.
    """
    if len(maps) == 1:
        return maps[0]
    box = _box_of(maps)
    finest = max(edge_map.edges.shape[1] / edge_map.box.width for edge_map in maps)
    scale = min(finest, LONGEST / max(box.size))
    size = Size(max(1, round(box.height * scale)), max(1, round(box.width * scale)))
    edges, hole = np.zeros(size, np.float32), np.zeros(size, np.bool_)
    for edge_map in maps:
        _lay(edge_map, box, edges, hole)
    return EdgeMap(edges, hole, box)


def _meet(some: Sequence[EdgeMap], others: Sequence[EdgeMap]) -> bool:
    return not _box_of(some).intersect(_box_of(others)).is_empty


def _lay(edge_map: EdgeMap, sheet: Box, edges: Floats, hole: Hole) -> None:
    rows, above = _steps(edge_map, sheet, edges.shape, axis=0)
    columns, across = _steps(edge_map, sheet, edges.shape, axis=1)
    lines = edge_map.edges[above][:, across]
    own = edge_map.hole[above][:, across]
    under, filled = edges[rows, columns], hole[rows, columns]
    found = np.where(filled, under, np.maximum(under, lines))
    under[:] = np.where(own, lines, found)
    filled |= own


def _steps(
    edge_map: EdgeMap, sheet: Box, size: tuple[int, ...], *, axis: int
) -> tuple[slice, npt.NDArray[np.intp]]:
    """The rows (or columns) of the sheet a map covers, and which of its own lies at each."""
    length, (begin, end) = size[axis], _span(edge_map.box, axis)
    first, last = _span(sheet, axis)
    scale = length / (last - first)
    start, stop = round((begin - first) * scale), round((end - first) * scale)
    stop = min(max(stop, start + 1), length)
    start = min(start, stop - 1)
    count = edge_map.edges.shape[axis]
    return slice(start, stop), (np.arange(stop - start) * count) // (stop - start)


def _span(box: Box, axis: int) -> tuple[int, int]:
    return (box.left, box.right) if axis else (box.top, box.bottom)


def _box_of(maps: Sequence[EdgeMap]) -> Box:
    return reduce(Box.union, (edge_map.box for edge_map in maps), EMPTY_BOX)
