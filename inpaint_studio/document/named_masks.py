"""Masks kept under a name beside the one being painted."""

import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage

_LEVEL = 1


@dataclass(frozen=True, slots=True)
class NamedMask:
    """A mask of the whole photo, packed: most of a mask is one value."""

    name: str
    size: Size
    packed: bytes

    @classmethod
    def of(cls, name: str, coverage: Coverage) -> Self:
        """(H, W) uint8 under a name."""
        height, width = coverage.shape
        packed = zlib.compress(np.ascontiguousarray(coverage).data, _LEVEL)
        return cls(name, Size(height, width), packed)

    @property
    def coverage(self) -> Coverage:
        """(H, W) uint8, read-only."""
        return np.frombuffer(zlib.decompress(self.packed), np.uint8).reshape(self.size)
