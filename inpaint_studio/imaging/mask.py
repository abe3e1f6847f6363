"""Masks: which pixels are to be filled. One sense everywhere: set means fill."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.photo import frozen

Hole = npt.NDArray[np.bool_]
Coverage = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """What is to be filled.

    `coverage` is (H, W) uint8, read-only: 0 = keep this pixel bit for bit, 255 = fill it,
    between = fill it and blend at that strength (soft brushes). Engines only ever see `hole`.
    """

    coverage: Coverage

    def __post_init__(self) -> None:
        if self.coverage.ndim != 2 or self.coverage.dtype != np.uint8:
            kind = f"{self.coverage.dtype} {self.coverage.shape}"
            raise ValueError(f"mask coverage must be (H, W) uint8, not {kind}")
        object.__setattr__(self, "coverage", frozen(self.coverage))

    @classmethod
    def from_hole(cls, hole: npt.NDArray[Any]) -> "Mask":
        """A hard mask: every non-zero pixel of the (H, W) array is hole."""
        return cls(np.where(hole, np.uint8(255), np.uint8(0)))

    @classmethod
    def empty(cls, size: Size) -> "Mask":
        return cls(np.zeros(size, np.uint8))

    @property
    def size(self) -> Size:
        return Size(self.coverage.shape[0], self.coverage.shape[1])

    @property
    def hole(self) -> Hole:
        """(H, W) bool, True where anything is to be filled."""
        return self.coverage > 0

    @property
    def is_empty(self) -> bool:
        return not self.coverage.any()

    @property
    def bounds(self) -> Box:
        """The smallest box around the hole; empty when nothing is to be filled."""
        return hole_bounds(self.coverage)


def hole_bounds(hole: npt.NDArray[Any]) -> Box:
    """The smallest box around the non-zero pixels of (H, W); empty when there are none."""
    rows = np.flatnonzero(hole.any(axis=1))
    if rows.size == 0:
        return Box(0, 0, 0, 0)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(hole[top:bottom].any(axis=0))
    return Box(top, int(columns[0]), bottom, int(columns[-1]) + 1)
