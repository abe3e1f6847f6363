"""How wide each hole of a photo is, and how much the picture changes around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import Hole, hole_bounds
from inpaint_studio.imaging.photo import Photo, full_scale

Floats = npt.NDArray[np.float32]

_REACH = 20
"""Pixels around a hole that are looked at."""
_USUAL = 100
"""Pixels wide a hole is looked at: larger ones are scaled down to it with all around them."""
_BAND = 512
"""Rows looked at together, so that memory does not grow with the photo."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of one hole. Steepness is the mean change of brightness (of 1) from pixel to pixel."""

    width: float
    """Pixels across, where it is widest."""
    steepness: float
    """At the photo's own size."""
    busyness: float
    """The steepness where the hole is no wider than 100 pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Holes:
    """The connected holes of a photo, and what is around each."""

    size: Size
    box: Box
    labels: npt.NDArray[np.int32]
    """(h, w) of the box: 0 = known, n = the hole number n, counted from 1."""
    around: tuple[Surroundings, ...]

    def of(self, chosen: npt.NDArray[np.bool_]) -> Hole:
        """(H, W) bool: the holes whose entry in `chosen`, one for each of `around`, is True."""
        hole = np.zeros(self.size, np.bool_)
        hole[self.box.slices] = np.concatenate([[False], chosen])[self.labels]
        return hole


def look_around(photo: Photo, hole: Hole) -> Holes:
    """Tell the holes (H, W) apart, over corners too, and look at the known pixels around each."""
    import cv2

    box = hole_bounds(hole)
    inside = np.pad(hole[box.slices].view(np.uint8), 1)  # beyond the border nothing is missing
    count, padded = cv2.connectedComponents(inside)
    labels = cast(npt.NDArray[np.int32], padded[1:-1, 1:-1])
    widths = _widths(inside[1:-1, 1:-1].view(np.bool_), _distance(inside), labels, count)
    steepness = _steepness(photo, hole, box, labels, count)
    around = [
        Surroundings(float(width), float(steep), float(steep))
        for width, steep in zip(widths, steepness, strict=True)
    ]
    for at, one in enumerate(around):
        if one.width > _USUAL:
            busyness = _busyness(photo, hole, _bounds(labels, at + 1, box), one.width)
            around[at] = Surroundings(one.width, one.steepness, busyness)
    return Holes(photo.size, box, labels, tuple(around))


def _distance(inside: npt.NDArray[np.uint8]) -> Floats:
    import cv2

    return cast(Floats, cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_3)[1:-1, 1:-1])


def _widths(inside: Hole, distance: Floats, labels: npt.NDArray[np.int32], count: int) -> Floats:
    """(count - 1,): twice the way from the middle of each hole to the pixel next to its rim."""
    deepest = np.zeros(count, np.float32)
    np.maximum.at(deepest, labels[inside], distance[inside])
    return 2 * deepest[1:] - 1


def _bounds(labels: npt.NDArray[np.int32], label: int, box: Box) -> Box:
    return hole_bounds(labels == label).shift(box.origin)


def _steepness(
    photo: Photo, hole: Hole, box: Box, labels: npt.NDArray[np.int32], count: int
) -> npt.NDArray[np.float64]:
    """(count - 1,): the mean steepness of the known pixels near each hole; 0 where none is near."""
    import cv2

    total, mass = np.zeros(count), np.zeros(count)
    window = (2 * _REACH + 1, 2 * _REACH + 1)
    for band in _bands(box):
        crop = band.pad(_REACH + 1).clip(photo.size)
        steep, known = _slopes(_brightness(photo, crop), _known(photo, hole, crop))
        own = labels[band.relative_to(box.origin).slices]
        place = band.relative_to(crop.origin).slices
        for sums, values in ((total, steep), (mass, known)):
            near = cv2.boxFilter(
                values, -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT
            )
            sums += np.bincount(own.ravel(), near[place].ravel(), count)
    return total[1:] / np.maximum(mass[1:], 1.0)


def _bands(box: Box) -> Iterator[Box]:
    for top in range(box.top, box.bottom, _BAND):
        yield box._replace(top=top, bottom=min(top + _BAND, box.bottom))


def _busyness(photo: Photo, hole: Hole, box: Box, width: float) -> float:
    """The steepness round a wide hole, seen from so far that it is of the usual width."""
    import cv2

    factor = width / _USUAL
    crop = box.pad(int(_REACH * factor)).clip(photo.size)
    size = (max(1, round(crop.width / factor)), max(1, round(crop.height / factor)))
    whole = _known(photo, hole, crop).astype(np.float32)
    share = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    light = cv2.resize(_brightness(photo, crop), size, interpolation=cv2.INTER_AREA)
    steep, known = _slopes(cast(Floats, light), cast(Floats, share) > 0.999)
    return float(steep.sum() / max(1.0, float(known.sum())))


def _slopes(light: Floats, known: Hole) -> tuple[Floats, Floats]:
    """How steep each pixel is, and whether (1 or 0) that can be told; 0 where it cannot."""
    import cv2

    whole = cv2.erode(known.view(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    across = cv2.Sobel(light, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.sqrt(across * across + down * down) * whole, whole


def _brightness(photo: Photo, crop: Box) -> Floats:
    """(h, w) in [0, 1], in the photo's own profile: near enough to tell smooth from busy."""
    pixels: npt.NDArray[Any] = photo.color[crop.slices]
    mean = pixels.mean(axis=2, dtype=np.float32) / np.float32(full_scale(pixels.dtype))
    return np.clip(mean, 0, 1, dtype=np.float32)


def _known(photo: Photo, hole: Hole, crop: Box) -> Hole:
    known = ~hole[crop.slices]
    return known if photo.alpha is None else known & (photo.alpha[crop.slices] > 0)
