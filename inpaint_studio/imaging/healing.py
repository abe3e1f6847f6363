"""Copy a piece of picture to another place: as it is, or with its tones made to fit there.

Healing keeps the texture of the source and takes the tones from round the target: what the two
differ by along the rim is spread over the inside like a membrane and added, which is what a
Poisson equation with the source's gradients comes to (Perez, Gangnet and Blake, 2003).
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.imaging.levels import spread_smoothly
from inpaint_studio.imaging.mask import Coverage, hole_bounds
from inpaint_studio.imaging.photo import Patch, Pixels, full_scale

RIM = 8
"""Pixels round the stroke that healing looks at."""
_GRAIN = 1.5
"""Sigma in pixels over which the rim is averaged: its grain must not streak inwards."""
_FARTHEST = 4.0
"""Places to heal from are looked for up to this many times the stroke's size away."""

Floats = npt.NDArray[np.float32]


def healed(target: Pixels, source: Pixels, coverage: Coverage) -> Pixels:
    """(h, w, C): the source with the target's tones along the rim of the (h, w) coverage.

    All are of one size; both pictures are of one depth. Where coverage is 0 the result means
    nothing.
    """
    white = np.float32(full_scale(target.dtype))
    here, there = target.astype(np.float32) / white, source.astype(np.float32) / white
    outside = (coverage == 0).astype(np.float32)
    if not outside.any():
        return source
    difference: Floats = np.subtract(here, there, dtype=np.float32)
    membrane = spread_smoothly(_rim_difference(difference, outside), outside)
    mixed = (there + membrane.reshape(there.shape)) * white
    if target.dtype.kind == "f":
        return mixed
    return np.clip(np.rint(mixed), 0, white).astype(target.dtype)


def _rim_difference(difference: Floats, outside: Floats) -> Floats:
    """The difference outside the stroke, averaged over its grain."""
    import cv2

    weight = outside[:, :, None]
    total = cv2.GaussianBlur(np.ascontiguousarray(difference * weight), (0, 0), _GRAIN)
    mass = cast(Floats, cv2.GaussianBlur(outside, (0, 0), _GRAIN))[:, :, None]
    mean = cast(Floats, total).reshape(difference.shape) / np.maximum(mass, np.float32(1e-6))
    return np.multiply(mean, weight, dtype=np.float32)


def find_source(grey: npt.NDArray[np.uint8], coverage: Coverage, box: Box) -> Point | None:
    """Where to heal the stroke from: the distance to the place whose surroundings look most like
    those of the stroke; None where there is no room.

    `grey` is (H, W) of the part of the photo to look at, `coverage` (h, w) the stroke in `box` of
    it.
    """
    rim = _rim(coverage)
    wanted = grey[box.slices][rim].astype(np.float32)
    best: tuple[float, Point] | None = None
    for step in _steps(box):
        there = box.shift(step)
        if there != there.clip(Size(*grey.shape)) or wanted.size == 0:
            continue
        piece = grey[there.slices]
        apart = piece[rim].astype(np.float32) - wanted
        inside = piece[coverage > 0].astype(np.float32)
        cost = float(apart.var() + 0.1 * np.mean(apart) ** 2 + 0.5 * inside.var())
        if best is None or cost < best[0]:
            best = cost, step
    return None if best is None else best[1]


def _rim(coverage: Coverage) -> npt.NDArray[np.bool_]:
    """(h, w) bool: what lies just outside the stroke."""
    import cv2

    square = np.ones((2 * RIM + 1,) * 2, np.uint8)
    near = cast(Coverage, cv2.dilate((coverage > 0).view(np.uint8), square))
    return (near > 0) & (coverage == 0)


def _steps(box: Box) -> Sequence[Point]:
    """Distances to try, the nearest first."""
    tall, wide = box.height, box.width
    steps: list[Point] = []
    for times in (1.0, 1.5, 2.2, 3.0, _FARTHEST):
        for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False):
            down, across = float(np.sin(angle)), float(np.cos(angle))
            reach = max(abs(down), abs(across))
            steps.append(
                Point(round(down / reach * times * tall), round(across / reach * times * wide))
            )
    return steps


def laid_over(patch: Patch | None, pixels: Pixels, coverage: Coverage, at: Point) -> Patch:
    """A patch with (h, w, C) pixels laid over it at `at`, (h, w) coverage strong; it grows where
    it has to. Where coverage is 255 it holds exactly these pixels."""
    tight = hole_bounds(coverage)
    box = tight.shift(at)
    whole = box if patch is None else box.union(patch.box)
    color = np.zeros((*whole.size, pixels.shape[2]), pixels.dtype)
    alpha = np.zeros(whole.size, np.uint8)
    if patch is not None:
        here = patch.box.relative_to(whole.origin).slices
        color[here], alpha[here] = patch.pixels, patch.alpha
    part = box.relative_to(whole.origin).slices
    _blend(color[part], alpha[part], pixels[tight.slices], coverage[tight.slices])
    return Patch(color, alpha, whole.origin)


def _blend(color: Pixels, alpha: Coverage, above: Pixels, coverage: Coverage) -> None:
    """Lay `above` over a straight-alpha picture in place ("over" of Porter and Duff, 1984)."""
    weight = coverage.astype(np.float32) / np.float32(255)
    below = alpha.astype(np.float32) / np.float32(255) * (1 - weight)
    total = weight + below
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)[:, :, None]
    mixed: npt.NDArray[Any] = color + (above.astype(np.float32) - color) * share
    if color.dtype.kind != "f":
        mixed = np.rint(mixed)
    solid = (coverage == 255)[:, :, None]
    color[...] = np.where(solid, above, mixed.astype(color.dtype))
    alpha[...] = np.rint(total * 255).astype(np.uint8)
