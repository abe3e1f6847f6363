"""How wide each hole of a photo is, and what the picture around it is like."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.crossing import is_crossed
from inpaint_studio.engines.repetition import REACH, RIM, gain_of_copying
from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.imaging.mask import Hole, hole_bounds
from inpaint_studio.imaging.photo import Photo, full_scale

Floats = npt.NDArray[np.float32]

_REACH = 20
"""Pixels around a hole that are looked at."""
_NARROW = 32
"""Pixels wide: a narrower hole is too narrow for anything to be lost in it."""
_CLOSE = 4
"""Pixels around a hole in which something that crosses it is looked for, from afar."""
_USUAL = 100
"""Pixels wide a hole is looked at: larger ones are scaled down to it with all around them."""
_LARGEST = 64
"""Pixels wide: whether a larger hole's surroundings repeat is looked at from so far."""
_SIDES = (5, 20)
"""Pixels of the squares that are tried, from the thinnest hole to the widest."""
_TRIALS = 24
"""Squares tried for a hole."""
_ALL_TRIALS = 192
"""Squares tried for all holes of at most 64 pixels together, and for all larger ones."""
_DOUBT = 4
"""A hole's own squares count as one more each; what all holes have in common counts as these."""
_NOTHING = -1.0
"""What is known to repeat where nothing could be tried."""
_WAYS = ((-1, 0), (1, 1), (0, -1), (-1, 1), (1, 0), (-1, -1), (0, 1), (1, -1))
"""From a pixel of a hole to the squares beside it."""
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
    repeats: float = _NOTHING
    """From -2 to 2: how much better squares beside it are told by a copy than by continuing
    smoothly (see `repetition`); -1 where that cannot be tried."""
    crossed: bool = False
    """Whether something plainly goes on across it (see `crossing`); told of holes that are wider
    than 32 pixels."""


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


def look_around(photo: Photo, hole: Hole, *, of: Hole | None = None) -> Holes:
    """Tell holes apart, over corners too, and look at the known pixels around each.

    Args:
        photo: what they are in.
        hole: (H, W), all that is not known.
        of: (H, W), the part of it that is looked at; None for all.
    """
    import cv2

    wanted = hole if of is None else of
    box = hole_bounds(wanted)
    if box.is_empty:
        return Holes(photo.size, box, np.zeros((0, 0), np.int32), ())
    inside = np.pad(wanted[box.slices].view(np.uint8), 1)  # beyond the border nothing is missing
    count, padded = cv2.connectedComponents(inside)
    labels = cast(npt.NDArray[np.int32], padded[1:-1, 1:-1])
    widths = _widths(inside[1:-1, 1:-1].view(np.bool_), _distance(inside), labels, count)
    steepness = _steepness(photo, hole, box, labels, count)
    repeats = _repeats(photo, hole, box, labels, widths)
    seen = zip(widths.tolist(), steepness.tolist(), repeats, strict=True)
    around = [Surroundings(width, steep, steep, again) for width, steep, again in seen]
    for at, one in enumerate(around):
        if one.width > _NARROW:
            bounds = _bounds(labels, at + 1, box)
            busy = _busyness(photo, hole, bounds, one.width) if one.width > _USUAL else one.busyness
            crossed = _is_crossed(photo, hole, bounds, one.width)
            around[at] = replace(one, busyness=busy, crossed=crossed)
    return Holes(photo.size, box, labels, tuple(around))


def count_holes(hole: Hole) -> int:
    """How many connected ones there are, over corners too."""
    import cv2

    return cv2.connectedComponents(hole[hole_bounds(hole).slices].view(np.uint8))[0] - 1


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
    factor = width / _USUAL
    light, known = _from_afar(photo, hole, box.pad(int(_REACH * factor)), factor)
    steep, whole = _slopes(light, known)
    return float(steep.sum() / max(1.0, float(whole.sum())))


def _is_crossed(photo: Photo, hole: Hole, box: Box, width: float) -> bool:
    """Whether anything crosses the hole in `box`, seen from so far that it is 64 pixels wide."""
    factor = max(1.0, width / _LARGEST)
    crop = box.pad(round(_CLOSE * factor)).clip(photo.size)
    light, known = _from_afar(photo, hole, crop, factor)
    return is_crossed(light, known, ~known)


def _from_afar(photo: Photo, hole: Hole, wanted: Box, factor: float) -> tuple[Floats, Hole]:
    """Brightness and known pixels of a part of the photo, at 1 / factor of its size."""
    import cv2

    crop = wanted.clip(photo.size)
    size = (max(1, round(crop.width / factor)), max(1, round(crop.height / factor)))
    known = _known(photo, hole, crop).view(np.uint8) * np.uint8(255)
    colors = cv2.resize(photo.color[crop.slices], size, interpolation=cv2.INTER_AREA)
    whole = cv2.resize(known, size, interpolation=cv2.INTER_AREA) == 255
    return _lightness(colors.reshape(size[1], size[0], -1)), whole


def _repeats(
    photo: Photo, hole: Hole, box: Box, labels: npt.NDArray[np.int32], widths: Floats
) -> list[float]:
    """For each hole, whether its surroundings repeat."""
    small = np.concatenate([[False], widths <= _LARGEST])
    gains = _small_gains(photo, hole, box, np.where(small[labels], labels, 0), widths)
    common = [gain for mine in gains.values() for gain in mine]
    usual = float(np.mean(common)) if common else _NOTHING
    repeats = [
        (sum(mine) + _DOUBT * usual) / (len(mine) + _DOUBT)
        for mine in (gains.get(label, []) for label in range(1, len(small)))
    ]
    large = np.flatnonzero(~small[1:])
    trials = max(_SIDES[0], min(_TRIALS, _ALL_TRIALS // max(1, len(large))))
    for at in large.tolist():
        bounds = _bounds(labels, at + 1, box)
        mine = _large_gains(photo, hole, bounds, factor=widths[at] / _LARGEST, trials=trials)
        repeats[at] = float(np.mean(mine)) if mine else _NOTHING
    return repeats


def _small_gains(
    photo: Photo, hole: Hole, box: Box, labels: npt.NDArray[np.int32], widths: Floats
) -> dict[int, list[float]]:
    """By label: what was found with squares beside pixels evenly taken from all these holes."""
    pixels = np.flatnonzero(labels)
    count = min(len(pixels), _ALL_TRIALS, _TRIALS * len(widths))
    gains: dict[int, list[float]] = {}
    for turn, at in enumerate(np.linspace(0, len(pixels) - 1, count).astype(np.int64)):
        row, column = divmod(int(pixels[at]), box.width)
        label = int(labels[row, column])
        middle = Point(row + box.top, column + box.left)
        gain = _beside(photo, hole, middle, width=float(widths[label - 1]), turn=turn)
        if gain is not None:
            gains.setdefault(label, []).append(gain)
    return gains


def _beside(photo: Photo, hole: Hole, middle: Point, *, width: float, turn: int) -> float | None:
    """The gain of the first square beside a pixel of a hole that is known."""
    size = _side(width) + 2 * RIM
    away = round((width + size) / 2) + 1
    for down, right in _WAYS[turn % 8 :] + _WAYS[: turn % 8]:
        top, left = middle.top + down * away - size // 2, middle.left + right * away - size // 2
        trial = Box(top, left, top + size, left + size)
        if photo.size.box.contains(trial) and not hole[trial.slices].any():
            crop = trial.pad(REACH * size).clip(photo.size)
            known = _known(photo, hole, crop)
            return gain_of_copying(_brightness(photo, crop), known, trial.relative_to(crop.origin))
    return None


def _side(width: float) -> int:
    return int(np.clip(round(width), *_SIDES))


def _large_gains(photo: Photo, hole: Hole, box: Box, *, factor: float, trials: int) -> list[float]:
    """With squares near a large hole, seen from so far that it is as wide as the largest small."""
    import cv2

    size = _SIDES[1] + 2 * RIM
    light, known = _from_afar(photo, hole, box.pad(int(REACH * size * factor)), factor)
    whole = cv2.blur((~known).astype(np.float32), (size, size), anchor=(0, 0)) < 0.5 / size**2
    whole[1 - size :], whole[:, 1 - size :] = False, False
    far = cv2.distanceTransform(known.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    far = np.roll(far, (-(size // 2), -(size // 2)), (0, 1))
    corners = np.flatnonzero(whole)
    if not len(corners):
        return []
    near = corners[far.ravel()[corners] <= np.quantile(far.ravel()[corners], 0.25)]
    gains: list[float | None] = []
    for at in np.linspace(0, len(near) - 1, min(trials, len(near))).astype(np.int64):
        top, left = divmod(int(near[at]), light.shape[1])
        gains.append(gain_of_copying(light, known, Box(top, left, top + size, left + size)))
    return [gain for gain in gains if gain is not None]


def _slopes(light: Floats, known: Hole) -> tuple[Floats, Floats]:
    """How steep each pixel is, and whether (1 or 0) that can be told; 0 where it cannot."""
    import cv2

    whole = cv2.erode(known.view(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    across = cv2.Sobel(light, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.sqrt(across * across + down * down) * whole, whole


def _brightness(photo: Photo, crop: Box) -> Floats:
    """(h, w) in [0, 1], in the photo's own profile: near enough to tell smooth from busy."""
    return _lightness(photo.color[crop.slices])


def _lightness(pixels: npt.NDArray[Any]) -> Floats:
    mean = pixels.mean(axis=2, dtype=np.float32) / np.float32(full_scale(pixels.dtype))
    return np.clip(mean, 0, 1, dtype=np.float32)


def _known(photo: Photo, hole: Hole, crop: Box) -> Hole:
    known = ~hole[crop.slices]
    return known if photo.alpha is None else known & (photo.alpha[crop.slices] > 0)
