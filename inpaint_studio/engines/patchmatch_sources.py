"""Where patches may be taken from: sides of the hole, mirrored and turned copies of the photo."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.patchmatch_field import PATCH
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import hole_bounds

Floats = npt.NDArray[np.float32]
Hole = npt.NDArray[np.bool_]
_Way = Callable[[npt.NDArray[np.generic]], npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A picture to search in: the crop at the top left, and whatever else may be copied.

    `photo` is (H, W, 3); `known`, `hole` and `sources` are (H, W): what may be looked at, what is
    to be filled, what may be copied. `frame` is the crop's size; the hole lies inside it.
    """

    photo: Floats
    known: Hole
    hole: Hole
    sources: Hole
    frame: Size


def limit_sources(known: Hole, hole: Hole, sources: str) -> Hole:
    """The pixels of `known` on those sides of the hole's box; a patch wide of it always."""
    if sources == "around":
        return known
    size = Size(*hole.shape)
    window = _window(hole_bounds(hole), sources, size).clip(size).slices
    limited = np.zeros_like(known)
    limited[window] = known[window]
    return limited


def _window(box: Box, sources: str, size: Size) -> Box:
    near = box.pad(PATCH)
    left = 0 if sources in ("sides", "left") else near.left
    right = size.width if sources in ("sides", "right") else near.right
    top = 0 if sources in ("above-below", "above") else near.top
    bottom = size.height if sources in ("above-below", "below") else near.bottom
    return Box(top, left, bottom, right)


def with_copies(
    photo: Floats, hole: Hole, sources: Hole, *, mirrored: bool = False, turned: bool = False
) -> Canvas:
    """The crop with its mirrored and turned copies beside it, to be searched like the crop itself.

    Takes the crop's memory once more for each copy: 1 mirrored, 3 turned, 7 for both.
    """
    frame, ways = Size(*hole.shape), list(_ways(mirrored=mirrored, turned=turned))
    if not ways:
        return Canvas(photo, ~hole, hole, sources, frame)
    parts = [(photo, ~hole, sources), *((way(photo), way(~hole), way(sources)) for way in ways)]
    height = max(picture.shape[0] for picture, _, _ in parts)
    width = sum(1 + picture.shape[1] for picture, _, _ in parts)
    known, filled, copied = (np.zeros((height, width), np.bool_) for _ in range(3))
    canvas = Canvas(np.zeros((height, width, 3), np.float32), known, filled, copied, frame)
    canvas.hole[frame.box.slices] = hole
    left = 0
    for part in parts:
        size = part[0].shape[:2]
        place = Box(0, left, size[0], left + size[1]).slices
        canvas.photo[place], canvas.known[place], canvas.sources[place] = part
        left += size[1] + 1  # no patch reaches from one copy into the next
    return canvas


def _ways(*, mirrored: bool, turned: bool) -> Iterator[_Way]:
    for quarters in range(4 if turned else 1):
        if quarters:
            yield lambda array, k=quarters: np.rot90(array, k)
        if mirrored:
            yield lambda array, k=quarters: np.rot90(array[:, ::-1], k)
