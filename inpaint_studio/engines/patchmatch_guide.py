"""What another engine makes of a hole, to be drawn anew with the photo's own patches."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Size

Floats = npt.NDArray[np.float32]

_LINES = 2.0
"""How much an edge counts beside colours; once softened its peak is a quarter of this."""
_SOFT = 1.5
"""Gaussian width, in pixels of the edge map: an edge that is nearly in place is nearly right."""

_ROUGHLY = 1.5
"""How many times finer than a rough guide a level may be that follows it."""


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """A picture of the whole crop, at any size, that patches are to agree with inside the hole.

    `picture` is (h, w, 3) float32 in [0, 1]; only its hole is looked at. `strength` from 0 (not at
    all) to 1 (patches know of nothing else). `edges` is (h, w) float32 in [0, 1], of any size too:
    those found outside the hole and those invented inside; patches that agree with them cost less.
    The guide is followed down to its own pixel size; finer levels follow it less and less, so that
    detail comes from the photo, or not at all where the guide is `rough`: what has no detail would
    turn it to haze.
    """

    picture: Floats
    strength: float = 0.5
    edges: Floats | None = None
    rough: bool = False

    def weight(self, size: Size) -> float:
        """How much a level of `size` follows the guide."""
        finer = max(1.0, size.height / self.picture.shape[0])
        if self.rough and finer > _ROUGHLY:
            return 0.0
        return min(max(self.strength, 0.0), 1.0) / finer

    def colours(self, size: Size, box: Box) -> Floats:
        """(h, w, 3): the part in `box` of the picture at `size`."""
        return _resampled(self.picture, size, box)

    def lines(self, size: Size) -> Floats | None:
        """(H, W): the edges at `size`, as much as they count; None without edges."""
        import cv2

        if self.edges is None:
            return None
        soft = cv2.GaussianBlur(self.edges.astype(np.float32), (0, 0), _SOFT)
        level = np.float32(_LINES * self.weight(size))
        return _resampled(cast(Floats, soft), size, size.box) * level


def _resampled(picture: Floats, size: Size, box: Box) -> Floats:
    """The part in `box` of `picture` stretched to `size`, each pixel the mean of what it covers."""
    import cv2

    if size.height < picture.shape[0]:
        small = cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_AREA)
        return cast(Floats, small)[box.slices]
    down, across = picture.shape[0] / size.height, picture.shape[1] / size.width
    place = np.array(
        [
            [across, 0, (box.left + 0.5) * across - 0.5],
            [0, down, (box.top + 0.5) * down - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast(
        Floats,
        cv2.warpAffine(
            picture, place, (box.width, box.height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        ),
    )
