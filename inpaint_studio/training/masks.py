"""Random holes to train on, from a seeded generator: strokes, blobs, boxes, thin scratches."""

import math
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Hole = npt.NDArray[np.bool_]
Generator = np.random.Generator


def random_hole(side: int, rng: Generator) -> Hole:
    """A (side, side) hole of a random kind, at least one pixel and at most 60 % of the square."""
    kinds: tuple[Callable[[int, Generator], Hole], ...] = (strokes, strokes, blobs, box, scratches)
    while True:
        hole = kinds[int(rng.integers(len(kinds)))](side, rng)
        if 0 < hole.mean() <= 0.6:
            return hole


def strokes(side: int, rng: Generator) -> Hole:
    """A few thick brush strokes that turn as they go, the irregular holes of Liu et al. 2018."""
    canvas = np.zeros((side, side), np.uint8)
    for _ in range(int(rng.integers(1, 8))):
        width = int(rng.integers(max(2, side // 24), side // 4))
        _draw_walk(canvas, rng, steps=int(rng.integers(2, 7)), reach=side / 3, width=width)
    return canvas > 0


def scratches(side: int, rng: Generator) -> Hole:
    """Thin long lines, as dust and handling leave them."""
    canvas = np.zeros((side, side), np.uint8)
    for _ in range(int(rng.integers(1, 7))):
        _draw_walk(
            canvas,
            rng,
            steps=int(rng.integers(2, 9)),
            reach=side / 3,
            width=int(rng.integers(1, 5)),
        )
    return canvas > 0


def box(side: int, rng: Generator) -> Hole:
    """One rectangle of 3 % to 30 % of the square, anywhere, border included."""
    area, ratio = rng.uniform(0.03, 0.3), math.exp(rng.uniform(-0.6, 0.6))
    height = min(side, round(side * math.sqrt(area * ratio)))
    width = min(side, round(side * math.sqrt(area / ratio)))
    top, left = rng.integers(0, side - height + 1), rng.integers(0, side - width + 1)
    hole = np.zeros((side, side), np.bool_)
    hole[top : top + height, left : left + width] = True
    return hole


def blobs(side: int, rng: Generator) -> Hole:
    """One to three rounded shapes, like objects one would take out."""
    canvas = np.zeros((side, side), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        centre = rng.uniform(0, side, 2)
        angles = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(5, 11))))
        radii = rng.uniform(side / 12, side / 3, angles.size)
        corners = centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], 255)
    smooth = cv2.GaussianBlur(canvas, (0, 0), side / 40)
    return np.asarray(smooth) > 127


def _draw_walk(
    canvas: npt.NDArray[np.uint8], rng: Generator, *, steps: int, reach: float, width: int
) -> None:
    side = canvas.shape[0]
    at, angle = rng.uniform(0, side, 2), rng.uniform(0, 2 * math.pi)
    for _ in range(steps):
        angle += rng.normal(0, 0.8)
        to = at + rng.uniform(0.2, 1.0) * reach * np.array([math.cos(angle), math.sin(angle)])
        start, end = (int(at[0]), int(at[1])), (int(to[0]), int(to[1]))
        cv2.line(canvas, start, end, 255, width, cv2.LINE_8)
        at = to
