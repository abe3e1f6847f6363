"""Coverage of a whole photo in a few kilobytes: most of a mask is one value."""

import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage

_LEVEL = 1


@dataclass(frozen=True, slots=True)
class PackedMask:
    """(H, W) uint8, packed; a value, equal where its bytes are."""

    size: Size
    packed: bytes

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        """(H, W) uint8, as it is now."""
        height, width = coverage.shape
        packed = zlib.compress(np.ascontiguousarray(coverage).data, _LEVEL)
        # A canvas packs to long repeats of the same code, which pack once more to next to nothing.
        return cls(Size(height, width), zlib.compress(packed, _LEVEL))

    @classmethod
    def painted(cls, coverage: Coverage) -> Self | None:
        """The same; None where nothing is painted."""
        return cls.of(coverage) if coverage.any() else None

    @property
    def coverage(self) -> Coverage:
        """(H, W) uint8, read-only.

        Raises:
            ValueError: the bytes are not what was packed.
        """
        area = self.size.area
        raw = _unpacked(_unpacked(self.packed, area + area // 512 + 64), area)
        return np.frombuffer(raw, np.uint8).reshape(self.size)


def _unpacked(data: bytes, most: int) -> bytes:
    """At most `most` bytes: packed twice, a few kilobytes could claim any number of gigabytes."""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error as error:
        raise ValueError("a packed mask is damaged") from error
