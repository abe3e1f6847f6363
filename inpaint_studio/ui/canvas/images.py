"""The one place where arrays become QImages: contiguous, right stride, and owning their bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

Bytes = npt.NDArray[np.uint8]


def picture_image(rgba: Bytes, *, opaque: bool) -> QImage:
    """An image in the format that paints fastest from (h, w, 4) uint8 straight RGBA."""
    wanted = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    return _converted(rgba, QImage.Format.Format_RGBA8888, wanted)


def indexed_image(indices: Bytes, table: Sequence[int]) -> QImage:
    """An image from (h, w) uint8 indices into a table of 256 straight 0xAARRGGBB colours."""
    wanted = QImage.Format.Format_ARGB32_Premultiplied
    return _converted(indices, QImage.Format.Format_Indexed8, wanted, table)


def _converted(
    array: Bytes, layout: QImage.Format, wanted: QImage.Format, table: Sequence[int] = ()
) -> QImage:
    array = np.ascontiguousarray(array, np.uint8)
    height, width = array.shape[:2]
    borrowed = QImage(array.data, width, height, array.strides[0], layout)
    if table:
        borrowed.setColorTable(table)
    # Another format means a deep copy: nothing refers to the array's memory after this line.
    return borrowed.convertToFormat(wanted)
