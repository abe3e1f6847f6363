"""Lay patches over a photo at its own depth. What a patch does not cover stays, bit for bit."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Point, Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Patch, Photo, Pixels, full_scale

_TOP_LEFT = Point(0, 0)
_BAND_PIXELS = 1 << 18
"""Work in bands of rows of about this many pixels: the float copies stay small."""


def lay_patch(
    target: Pixels, patch: Patch, *, opacity: float = 1.0, origin: Point = _TOP_LEFT
) -> Box:
    """Lay `patch` over `target` in place ("over" of Porter and Duff 1984, straight alpha).

    `target` is a writable (h, w, 1..4) piece of the photo whose top left pixel lies at `origin`.
    Where alpha or opacity is 0 nothing is written; where alpha is 255 and opacity 1 the target
    gets exactly the patch's values and, if it has an alpha channel, becomes opaque. Returns the
    box, in photo coordinates, that may have changed.

    Raises:
        ValueError: the patch has another depth or another number of colours than the target.
    """
    _check_fit(target, patch)
    here = Box(patch.at.top, patch.at.left, *_end(patch))
    there = Size(target.shape[0], target.shape[1]).box.shift(origin)
    box = here.intersect(there)
    if box.is_empty or opacity <= 0:
        return EMPTY_BOX
    for band in _bands(box):
        cut = band.relative_to(patch.at).slices
        _lay(
            target[band.relative_to(origin).slices],
            patch.pixels[cut],
            patch.alpha[cut],
            min(opacity, 1.0),
        )
    return box


def flatten(photo: Photo, patches: Sequence[tuple[Patch, float]], box: Box | None = None) -> Pixels:
    """A copy of the photo's pixels in `box` (all of them without one) with the (patch, opacity)
    pairs laid over it, first at the bottom. (h, w, C), the photo's depth, writable.
    """
    box = photo.size.box if box is None else box.clip(photo.size)
    pixels = photo.pixels[box.slices].copy()
    for patch, opacity in patches:
        lay_patch(pixels, patch, opacity=opacity, origin=box.origin)
    return pixels


def count_changed(photo: Photo, pixels: Pixels, coverage: Coverage) -> int:
    """How many pixels differ from the photo in any bit where `coverage`, (H, W) uint8, is 0.

    Raises:
        ValueError: the shapes or depths differ.
    """
    if pixels.shape != photo.pixels.shape or pixels.dtype != photo.pixels.dtype:
        raise ValueError(f"cannot compare {pixels.dtype} {pixels.shape} with the photo")
    if coverage.shape != photo.size:
        raise ValueError(f"coverage {coverage.shape} does not fit the photo {photo.size}")
    changed = 0
    for band in _bands(photo.size.box):
        before, after = _bits(photo.pixels[band.slices]), _bits(pixels[band.slices])
        differs = (before != after).any(axis=2)
        changed += int(np.count_nonzero(differs & (coverage[band.slices] == 0)))
    return changed


def _bits(pixels: Pixels) -> npt.NDArray[Any]:
    """Floats as the bits they are made of, so that NaN equals itself and -0.0 is not 0.0."""
    if pixels.dtype.kind != "f":
        return pixels
    return np.ascontiguousarray(pixels).view(np.uint32)


def _bands(box: Box) -> Iterator[Box]:
    rows = max(1, _BAND_PIXELS // max(1, box.width))
    for top in range(box.top, box.bottom, rows):
        yield Box(top, box.left, min(top + rows, box.bottom), box.right)


def _end(patch: Patch) -> tuple[int, int]:
    return patch.at.top + patch.alpha.shape[0], patch.at.left + patch.alpha.shape[1]


def _colors(pixels: Pixels) -> int:
    return 1 if pixels.shape[2] <= 2 else 3


def _check_fit(target: Pixels, patch: Patch) -> None:
    if patch.pixels.dtype != target.dtype or patch.pixels.shape[2] != _colors(target):
        raise ValueError(
            f"a patch of {patch.pixels.dtype} {patch.pixels.shape} cannot lie on "
            f"{target.dtype} {target.shape}"
        )


def _lay(target: Pixels, pixels: Pixels, alpha: npt.NDArray[np.uint8], opacity: float) -> None:
    colors = _colors(target)
    if opacity >= 1.0:
        solid = alpha == 255
        np.copyto(target[:, :, :colors], pixels, where=solid[:, :, None])
        if target.shape[2] > colors:
            np.copyto(
                target[:, :, colors], target.dtype.type(full_scale(target.dtype)), where=solid
            )
        soft = (alpha > 0) & ~solid
    else:
        soft = alpha > 0
    if soft.any():
        weight = alpha[soft, None].astype(np.float32) * np.float32(opacity / 255)  # (n, 1)
        target[soft] = _over(target[soft], pixels[soft], weight)


def _over(below: Pixels, above: Pixels, weight: npt.NDArray[np.float32]) -> Pixels:
    """(n, C) pixels with (n, 1 | 3) colours laid over them at `weight`, (n, 1) in (0, 1]."""
    colors = above.shape[1]
    color = below[:, :colors].astype(np.float32)
    difference = above.astype(np.float32) - color
    if below.shape[1] == colors:
        color += difference * weight
        return _as_depth(color, below.dtype)
    scale = np.float32(full_scale(below.dtype))
    alpha = below[:, colors:].astype(np.float32) / scale
    alpha += (np.float32(1) - alpha) * weight
    color += difference * (weight / alpha)
    return _as_depth(np.concatenate([color, alpha * scale], axis=1), below.dtype)


def _as_depth(values: npt.NDArray[np.float32], dtype: np.dtype[Any]) -> Pixels:
    if dtype.kind == "f":
        return values
    return np.clip(np.rint(values), 0, full_scale(dtype)).astype(dtype)
