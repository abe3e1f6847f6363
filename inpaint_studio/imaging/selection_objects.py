"""Select an object that was boxed or clicked on, with GrabCut (Rother, Kolmogorov and Blake 2004).

The cut is made on a reduced crop, for it takes time with the number of pixels. Its outline is then
drawn at full size along what the picture shows there, with a guided filter (He, Sun and Tang
2013) whose coefficients are computed at the reduced size (He and Sun 2015).
"""

from collections.abc import Generator
from typing import NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.imaging.mask import Hole, hole_bounds
from inpaint_studio.imaging.selection import Bytes, Selecting, color_at, color_distance, flood

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint8]

_CUT_PIXELS = 90_000
"""Of the crop that is cut."""
_ROUNDS = 5
_MARGIN = 0.2
"""Of the box, taken as surroundings on every side."""
_CLICK_PART = 0.02
"""Of the shown side: radius of what was certainly clicked on."""
_LIKELY_PART = 0.02
"""Of the shown area: what colours like the clicked one should at least cover, if they can."""
_RADIUS = 4
_SMOOTH = 2e-4
"""Window and smoothness of the guided filter, the latter as a variance of [0, 1] colours."""
_STRIP = 256
_SOFT = 3.0
"""How steep the rim is made; the guided filter leaves it soft."""


class Seen(Protocol):
    """A picture that can be looked at in any box of any level, each half the one before."""

    def seen(self, level: int, box: Box) -> Generator[None, None, Bytes]:
        """(h, w, 4) uint8 sRGB RGBA of `box`, in pixels of `level`."""
        ...


class _Crop(NamedTuple):
    """A box of the photo at a reduced level."""

    level: int
    box: Box
    """In pixels of the level."""

    @classmethod
    def around(cls, box: Box, size: Size) -> "_Crop":
        level = 0
        while box.area >> (2 * level) > _CUT_PIXELS:
            level += 1
        whole = Size(-(-size.height >> level), -(-size.width >> level))
        reduced = Box(
            box.top >> level, box.left >> level, -(-box.bottom >> level), -(-box.right >> level)
        )
        return cls(level, reduced.clip(whole))

    def full(self, size: Size) -> Box:
        """The same at full size."""
        return Box(*(edge << self.level for edge in self.box)).clip(size)


def object_in(picture: Seen, size: Size, box: Box) -> Selecting:
    """The object in `box`: (H, W) uint8 coverage of a photo of `size`."""
    margin = max(8, round(_MARGIN * max(box.size)))
    crop = _Crop.around(box.pad(margin).clip(size), size)
    pixels = yield from _pixels(picture, crop)
    inside = Box(*(edge >> crop.level for edge in box)).relative_to(crop.box.origin)
    labels = np.zeros(crop.box.size, np.uint8)  # 0: certainly not the object
    labels[inside.clip(crop.box.size).slices] = 3  # probably
    cut = _without_specks((yield from _cut(pixels, labels)))
    return (yield from _refined(picture, size, crop, pixels=pixels, cut=cut))


def object_at(picture: Seen, size: Size, at: Point, *, around: Box) -> Selecting:
    """The object at a point, as far as it lies in `around`: (H, W) uint8 coverage of the photo."""
    crop = _Crop.around(around.clip(size), size)
    pixels = yield from _pixels(picture, crop)
    place = Point((at.top >> crop.level), (at.left >> crop.level))
    seed = Point(place.top - crop.box.top, place.left - crop.box.left)
    labels = _guess(pixels, seed)
    cut = yield from _cut(pixels, labels)
    cut = _connected_with(cut, labels == 1)
    return (yield from _refined(picture, size, crop, pixels=pixels, cut=cut))


def _pixels(picture: Seen, crop: _Crop) -> Generator[None, None, Bytes]:
    seen = yield from picture.seen(crop.level, crop.box)
    return np.ascontiguousarray(seen[:, :, :3])


def _guess(pixels: Bytes, seed: Point) -> Labels:
    """What a click may mean: what is certainly under it, and what probably belongs to it because
    colours lead there without a step. The rim of the crop is taken as surroundings."""
    import cv2

    size = Size(*pixels.shape[:2])
    radius = max(2, round(_CLICK_PART * min(size)))
    smoothed = cv2.bilateralFilter(pixels, 5, 30, 5)
    distance = color_distance(cast(Bytes, smoothed), color_at(cast(Bytes, smoothed), seed))
    neighbourhood = np.zeros(size, np.uint8)
    cv2.circle(neighbourhood, (seed.left, seed.top), min(size) // 6, 1, -1)
    tolerance, near = 8, np.zeros(size, np.bool_)
    while tolerance < 72 and near.mean() < _LIKELY_PART:
        tolerance += 8
        near = flood(distance, seed, tolerance)
        near |= (distance <= tolerance) & (neighbourhood > 0)
    labels = np.full(size, 2, np.uint8)
    labels[near] = 3
    rim = max(1, min(size) // 50)
    labels[:rim], labels[-rim:], labels[:, :rim], labels[:, -rim:] = 0, 0, 0, 0
    cv2.circle(labels, (seed.left, seed.top), radius, 1, -1)
    return labels


def _cut(pixels: Bytes, labels: Labels) -> Generator[None, None, Hole]:
    """(h, w) bool: what GrabCut takes for the object; `labels` as OpenCV has them."""
    import cv2

    labels = labels.copy()
    known = np.isin(labels, (1, 3))
    if not known.any() or known.all():
        return known
    back, front = np.zeros((1, 65)), np.zeros((1, 65))
    mode = cv2.GC_INIT_WITH_MASK
    for _ in range(_ROUNDS):
        cv2.grabCut(pixels, labels, None, back, front, 1, mode)  # pyright: ignore[reportCallIssue, reportArgumentType]
        mode = cv2.GC_EVAL
        yield
    return np.isin(labels, (1, 3))


def _without_specks(found: Hole) -> Hole:
    """Without pieces much smaller than the largest, and without holes as small."""
    for solid in (True, False):
        pieces, areas = _pieces(found == solid)
        if areas.size == 0:
            continue
        large = np.concatenate(([False], areas >= areas.max() / (20 if solid else 50)))
        kept = large[pieces]
        found = kept if solid else ~kept
    return found


def _pieces(found: Hole) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """(h, w) number of the piece each pixel belongs to, 0 for none; and the areas from 1 on."""
    import cv2

    _, pieces, stats, _ = cv2.connectedComponentsWithStats(found.view(np.uint8))
    labels, sizes = cast(npt.NDArray[np.int32], pieces), cast(npt.NDArray[np.int32], stats)
    return labels, sizes[1:, cv2.CC_STAT_AREA]


def _connected_with(found: Hole, seed: Hole) -> Hole:
    """The pieces that touch the seed, without pinholes."""
    pieces, _ = _pieces(found)
    wanted = np.unique(pieces[seed & found])
    return _without_specks(np.isin(pieces, wanted[wanted > 0]))


def _refined(picture: Seen, size: Size, crop: _Crop, *, pixels: Bytes, cut: Hole) -> Selecting:
    """The cut at full size, its rim drawn along what the picture shows."""
    coverage = np.zeros(size, np.uint8)
    if hole_bounds(cut).is_empty:
        return coverage
    if crop.level == 0:
        coverage[crop.full(size).slices] = np.where(cut, np.uint8(255), np.uint8(0))
        return coverage
    slope, offset = _guided(pixels, cut)
    band = _near_rim(cut)
    full = crop.full(size)
    for top in range(full.top, full.bottom, _STRIP):
        strip = Box(top, full.left, min(top + _STRIP, full.bottom), full.right)
        rows = (strip.top - full.top, strip.bottom - full.top)
        part = _Rows(rows, strip.size, crop.level)
        target = part.enlarged(cut.astype(np.float32))
        near = part.enlarged(band.astype(np.float32)) > 0
        if near.any():
            seen = yield from picture.seen(0, strip)
            guide = seen[:, :, :3].astype(np.float32) * np.float32(1 / 255)
            value = (part.enlarged(slope) * guide).sum(axis=2) + part.enlarged(offset)
            rim = (value - np.float32(0.5)) * np.float32(_SOFT) + np.float32(0.5)
            target = np.where(near, rim, target)
        coverage[strip.slices] = np.rint(np.clip(target, 0, 1) * 255).astype(np.uint8)
        yield
    return coverage


class _Rows(NamedTuple):
    """Some rows of the crop at full size, and how to enlarge a reduced map to them."""

    rows: tuple[int, int]
    size: Size
    level: int

    def enlarged(self, reduced: Floats) -> Floats:
        """(h, w[, C]) of these rows, interpolated."""
        import cv2

        scale = 1 << self.level
        ys = (np.arange(*self.rows, dtype=np.float32) + np.float32(0.5)) / scale - np.float32(0.5)
        xs = (np.arange(self.size.width, dtype=np.float32) + np.float32(0.5)) / scale
        columns, lines = np.meshgrid(xs - np.float32(0.5), ys)
        grown = cv2.remap(
            reduced, columns, lines, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return cast(Floats, grown)


def _near_rim(cut: Hole) -> Hole:
    import cv2

    square = np.ones((2 * _RADIUS + 1,) * 2, np.uint8)
    inside = cut.view(np.uint8)
    return (cv2.dilate(inside, square) != cv2.erode(inside, square)).astype(np.bool_)


def _guided(pixels: Bytes, cut: Hole) -> tuple[Floats, Floats]:
    """The linear model of the cut in terms of the picture's colours round each pixel: slopes
    (h, w, 3) and offsets (h, w)."""
    guide = pixels.astype(np.float32) * np.float32(1 / 255)
    wanted = cut.astype(np.float32)
    mean, level = _mean(guide), _mean(wanted)
    shown: Floats = guide * wanted[:, :, None]
    covariance = _mean(shown) - mean * level[:, :, None]
    pairs: Floats = np.multiply(guide[:, :, :, None], guide[:, :, None, :], dtype=np.float32)
    products = _mean(pairs.reshape(*cut.shape, 9))
    spread = products.reshape(*cut.shape, 3, 3) - mean[:, :, :, None] * mean[:, :, None, :]
    spread += np.eye(3, dtype=np.float32) * np.float32(_SMOOTH)
    solved = np.linalg.solve(spread, covariance[..., None])[..., 0]
    slope: Floats = np.asarray(solved, np.float32)
    offset: Floats = np.subtract(level, (slope * mean).sum(axis=2), dtype=np.float32)
    return np.ascontiguousarray(_mean(slope)), np.ascontiguousarray(_mean(offset))


def _mean(values: Floats) -> Floats:
    import cv2

    side = 2 * _RADIUS + 1
    channels = values.reshape(*values.shape[:2], -1)
    planes = [
        cv2.blur(np.ascontiguousarray(channels[:, :, index]), (side, side))
        for index in range(channels.shape[2])
    ]
    return cast(Floats, np.stack(planes, axis=2).reshape(values.shape))
