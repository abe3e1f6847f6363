"""Random holes of every kind, from a seeded generator, for training and evaluation alike."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Hole

Canvas = npt.NDArray[np.uint8]
Generator = np.random.Generator
Kind = Callable[[Size, Generator], Hole]
"""Draws one (H, W) hole of the given size, True = fill; at least one pixel."""

_CLEAR_BORDER = 50 / 512
"""How far a hole that keeps off the border stays from it (Liu et al. 2018: 50 of 512 pixels)."""
_TRIES = 400
_THIN = 3
"""Width in pixels that a crack of a 256 pixel picture does not exceed."""


class RatioRange(NamedTuple):
    """The share of a picture that is hole: more than `over`, at most `upto`."""

    over: float
    upto: float

    def __contains__(self, share: object) -> bool:
        return isinstance(share, float) and self.over < share <= self.upto


RATIO_CLASSES = (
    RatioRange(0.01, 0.1),
    RatioRange(0.1, 0.2),
    RatioRange(0.2, 0.3),
    RatioRange(0.3, 0.4),
    RatioRange(0.4, 0.5),
    RatioRange(0.5, 0.6),
)
"""The six classes of Liu et al. 2018, in which inpainting is compared ever since."""


# ---- kinds


def strokes(size: Size, rng: Generator) -> Hole:
    """A few thick brush strokes that turn as they go, the irregular holes of Liu et al. 2018."""
    canvas, side = _empty(size), min(size)
    for _ in range(int(rng.integers(1, 8))):
        width = int(rng.integers(max(2, side // 24), max(3, side // 4)))
        _draw_walk(canvas, rng, steps=int(rng.integers(2, 7)), reach=side / 3, width=width)
    return canvas > 0


def scratches(size: Size, rng: Generator) -> Hole:
    """Thin long lines, as dust and handling leave them."""
    canvas = _empty(size)
    for _ in range(int(rng.integers(1, 7))):
        steps, width = int(rng.integers(2, 9)), int(rng.integers(1, 5))
        _draw_walk(canvas, rng, steps=steps, reach=min(size) / 3, width=width)
    return canvas > 0


def boxes(size: Size, rng: Generator) -> Hole:
    """One rectangle of 3 % to 30 % of the picture, anywhere, border included."""
    area, ratio = rng.uniform(0.03, 0.3), math.exp(rng.uniform(-0.6, 0.6))
    height = min(size.height, max(1, round(size.height * math.sqrt(area * ratio))))
    width = min(size.width, max(1, round(size.width * math.sqrt(area / ratio))))
    top, left = rng.integers(0, size.height - height + 1), rng.integers(0, size.width - width + 1)
    hole = np.zeros(size, np.bool_)
    hole[top : top + height, left : left + width] = True
    return hole


def blobs(size: Size, rng: Generator) -> Hole:
    """One to three rounded shapes."""
    import cv2

    canvas, side = _empty(size), min(size)
    for _ in range(int(rng.integers(1, 4))):
        centre = _point(size, rng)
        angles = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(5, 11))))
        radii = rng.uniform(side / 12, side / 3, angles.size)
        corners = centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], 255)
    return _rounded(canvas)


def halves(size: Size, rng: Generator) -> Hole:
    """The left, right, upper or lower half: a picture to be continued, not mended."""
    hole = np.zeros(size, np.bool_)
    height, width = size.height // 2, size.width // 2
    places = (np.s_[:height], np.s_[height:], np.s_[:, :width], np.s_[:, width:])
    hole[places[int(rng.integers(4))]] = True
    return hole


def cracks(size: Size, rng: Generator) -> Hole:
    """Thin lines that jitter, taper and branch, as in paint, glaze and emulsion."""
    canvas = _empty(size)
    for _ in range(int(rng.integers(1, 5))):
        reach = min(size) * rng.uniform(0.4, 1.2)
        width = max(1.0, min(size) / 256 * rng.uniform(1.0, _THIN))
        _grow_crack(canvas, rng, _point(size, rng), rng.uniform(0, 2 * math.pi), reach, width)
    return canvas > 0


def objects(size: Size, rng: Generator) -> Hole:
    """The outline of something with a body, a head and limbs, as one would take out of a photo."""
    canvas, side = _empty(size), min(size)
    length = side * rng.uniform(0.15, 0.3)
    lean = rng.uniform(-0.5, 0.5) + math.pi / 2 * int(rng.integers(2))
    along = np.array([math.sin(lean), -math.cos(lean)])
    centre = np.array([size.width, size.height]) * rng.uniform(0.25, 0.75, 2)
    stout = length * rng.uniform(0.35, 0.7)
    _fill_ellipse(canvas, centre, (length, stout), math.degrees(lean) - 90)
    head = centre + along * length * 1.15
    radius = length * rng.uniform(0.3, 0.5)
    _fill_ellipse(canvas, head, (radius, radius), 0)
    for _ in range(int(rng.integers(2, 6))):
        _draw_limb(canvas, rng, centre, along, length)
    return _rounded(canvas)


KINDS: Mapping[str, Kind] = {
    "strokes": strokes,
    "blobs": blobs,
    "boxes": boxes,
    "halves": halves,
    "scratches": scratches,
    "cracks": cracks,
    "objects": objects,
}


# ---- holes of a wanted size


def random_hole(size: Size, rng: Generator, *, kinds: Sequence[Kind], upto: float = 0.6) -> Hole:
    """A hole of one of `kinds`, at least one pixel and at most `upto` of the picture."""
    while True:
        hole = kinds[int(rng.integers(len(kinds)))](size, rng)
        if 0 < hole.mean() <= upto:
            return hole


def hole_within(
    size: Size,
    rng: Generator,
    *,
    ratio: RatioRange,
    border: bool | None = None,
    kind: Kind = strokes,
) -> Hole:
    """A hole that covers a share in `ratio` of the picture: draws of `kind`, laid over each other.

    Args:
        size: of the picture.
        rng: the only source of chance.
        ratio: wanted share; a share between the two ends is drawn first, so that all are met.
        border: True: the hole touches the border; False: it keeps 50/512 of the short side away
            from it; None: as it comes.
        kind: what is drawn.

    Raises:
        ValueError: that kind does not make such holes.
    """
    for _ in range(_TRIES):
        hole = _gathered(size, rng, ratio, border, kind)
        share = float(hole.mean())
        if share in ratio and (border is not True or touches_border(hole)):
            return hole
    raise ValueError(f"no hole between {ratio.over:g} and {ratio.upto:g} of the picture was found")


def touches_border(hole: Hole) -> bool:
    """Whether any pixel of the outermost rows and columns is hole."""
    rim = (hole[0], hole[-1], hole[:, 0], hole[:, -1])
    return any(bool(line.any()) for line in rim)


def ratio_class(share: float) -> RatioRange | None:
    """The class a hole share falls in, None where it is in none of the six."""
    return next((range_ for range_ in RATIO_CLASSES if share in range_), None)


def _gathered(
    size: Size, rng: Generator, ratio: RatioRange, border: bool | None, kind: Kind
) -> Hole:
    """Draws laid over each other until their share passes a random aim; too large ones left out."""
    aim = rng.uniform(*ratio)
    hole = np.zeros(size, np.bool_)
    for _ in range(_TRIES):
        drawn = kind(size, rng)
        if border is False:
            _clear_border(drawn)
        together = hole | drawn
        if together.mean() <= ratio.upto:
            hole = together
        if hole.mean() >= aim:
            break
    return hole


def _clear_border(hole: Hole) -> None:
    margin = max(1, round(min(hole.shape) * _CLEAR_BORDER))
    hole[:margin] = hole[-margin:] = False
    hole[:, :margin] = hole[:, -margin:] = False


# ---- drawing


def _empty(size: Size) -> Canvas:
    return np.zeros(size, np.uint8)


def _point(size: Size, rng: Generator) -> npt.NDArray[np.float64]:
    """Somewhere on the picture: x, then y, as OpenCV has it."""
    return rng.uniform(0, 1, 2) * (size.width, size.height)


def _rounded(canvas: Canvas) -> Hole:
    import cv2

    smooth = np.asarray(cv2.GaussianBlur(canvas, (0, 0), min(canvas.shape) / 40))
    return smooth > 127 if (smooth > 127).any() else canvas > 0


def _draw_line(
    canvas: Canvas, start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], width: int
) -> None:
    import cv2

    a, b = (int(start[0]), int(start[1])), (int(end[0]), int(end[1]))
    cv2.line(canvas, a, b, 255, width, cv2.LINE_8)


def _draw_walk(canvas: Canvas, rng: Generator, *, steps: int, reach: float, width: int) -> None:
    at = _point(Size(canvas.shape[0], canvas.shape[1]), rng)
    angle = rng.uniform(0, 2 * math.pi)
    for _ in range(steps):
        angle += rng.normal(0, 0.8)
        to = at + rng.uniform(0.2, 1.0) * reach * np.array([math.cos(angle), math.sin(angle)])
        _draw_line(canvas, at, to, width)
        at = to


def _grow_crack(
    canvas: Canvas,
    rng: Generator,
    at: npt.NDArray[np.float64],
    angle: float,
    reach: float,
    width: float,
) -> None:
    """One crack and, from its sides, shorter and thinner ones."""
    step = max(2.0, min(canvas.shape) / 40)
    left = reach
    while left > 0:
        angle += rng.normal(0, 0.3)
        to = at + step * rng.uniform(0.5, 1.5) * np.array([math.cos(angle), math.sin(angle)])
        _draw_line(canvas, at, to, max(1, round(width * (0.4 + 0.6 * left / reach))))
        at, left = to, left - step
        if left > 2 * step and rng.random() < 0.12:
            aside = angle + rng.choice((-1, 1)) * rng.uniform(0.4, 1.2)
            _grow_crack(canvas, rng, at, aside, left * rng.uniform(0.3, 0.7), width * 0.7)


def _fill_ellipse(
    canvas: Canvas, centre: npt.NDArray[np.float64], axes: tuple[float, float], degrees: float
) -> None:
    import cv2

    at, half = (int(centre[0]), int(centre[1])), (max(1, int(axes[0])), max(1, int(axes[1])))
    cv2.ellipse(canvas, at, half, degrees, 0, 360, 255, cv2.FILLED)


def _draw_limb(
    canvas: Canvas,
    rng: Generator,
    centre: npt.NDArray[np.float64],
    along: npt.NDArray[np.float64],
    length: float,
) -> None:
    """Two joined pieces from somewhere on the body outwards."""
    at = centre + along * length * rng.uniform(-0.9, 0.7)
    angle = math.atan2(-along[1], -along[0]) + rng.uniform(-1.2, 1.2)
    width = max(2, round(length * rng.uniform(0.12, 0.3)))
    for bend in (0.0, rng.uniform(-0.8, 0.8)):
        angle += bend
        reach = length * rng.uniform(0.5, 0.9)
        to = at + reach * np.array([math.cos(angle), math.sin(angle)])
        _draw_line(canvas, at, to, width)
        at = to
