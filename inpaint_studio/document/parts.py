"""The heavy parts of a layer, each as the arrays it is made of: to weigh it, and to put it away.

What is called heavy are the fields of a layer that hold pictures: patch, keep, recipe and edges.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inpaint_studio.document.layer import FillRecipe, Layer
from inpaint_studio.document.spill import SpillFile
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.photo import Patch
from inpaint_studio.imaging.sparse import sparse_copy

Array = npt.NDArray[Any]
Part = Patch | Array | FillRecipe | EdgeDrawing | None

HEAVY: Final = ("patch", "keep", "recipe", "edges")
"""Names of the fields of a Layer that hold pictures."""


def parts_of(layer: Layer) -> dict[str, Part]:
    """The heavy fields of a layer by name."""
    return {name: getattr(layer, name) for name in HEAVY}


def arrays_of(part: Part) -> list[Array]:
    """The arrays a part is made of, in an order of their own."""
    match part:
        case None:
            return []
        case Patch():
            return [part.pixels, part.alpha]
        case FillRecipe():
            return [part.hole, *arrays_of(part.edges)]
        case EdgeDrawing():
            return [array for sheet in part.sheets for array in (sheet.lines, sheet.hole)]
        case _:
            return [part]


def rebuilt(part: Part, arrays: Sequence[Array]) -> Part:
    """The part with these arrays in place of those that `arrays_of` names."""
    match part:
        case None:
            return None
        case Patch():
            return Patch(arrays[0], arrays[1], part.at)
        case FillRecipe():
            edges = rebuilt(part.edges, arrays[1:])
            return replace(part, hole=arrays[0], edges=edges)
        case EdgeDrawing():
            pairs = zip(part.sheets, arrays[0::2], arrays[1::2], strict=True)
            return EdgeDrawing(tuple(EdgeSheet(lines, hole, s.box) for s, lines, hole in pairs))
        case _:
            return arrays[0]


def part_nbytes(part: Part) -> int:
    """Bytes of picture it holds."""
    return sum(array.nbytes for array in arrays_of(part))


@dataclass(frozen=True, slots=True, eq=False)
class PartOnDisk:
    """A part whose arrays are in a file, one after the other."""

    stub: Part
    """The part with arrays of nothing in place of its own: memory that is never touched."""
    file: SpillFile

    @classmethod
    def write(cls, folder: Path, part: Part) -> "PartOnDisk":
        """Move a part to a file in `folder`. OSError when that fails: the part is untouched."""
        arrays = [np.ascontiguousarray(array) for array in arrays_of(part)]
        file = SpillFile.write(folder, [array.data for array in arrays])
        return cls(rebuilt(part, [np.zeros(array.shape, array.dtype) for array in arrays]), file)

    def read(self) -> Part:
        """The part again.

        Raises:
            StudioError: the file is gone or damaged.
        """
        data = self.file.read()
        arrays: list[Array] = []
        start = 0
        for hollow in arrays_of(self.stub):
            array = np.frombuffer(data, hollow.dtype, math.prod(hollow.shape), start)
            arrays.append(sparse_copy(array.reshape(hollow.shape)))
            start += array.nbytes
        return rebuilt(self.stub, arrays)
