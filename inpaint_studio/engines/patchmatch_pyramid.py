"""The picture from coarse to fine, and which of its patches are to be found and may be copied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.patchmatch_field import PATCH
from inpaint_studio.engines.patchmatch_sources import Canvas
from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.imaging.mask import hole_bounds

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]
Hole = npt.NDArray[np.bool_]

COARSEST = 2 * PATCH
"""Pixels the hole is wide at the coarsest level: Newson et al. 2014, section 3.3."""
_BEHIND = 8
"""Bytes that are read, and not looked at, behind the last patch."""
_FEWEST_SOURCES = 64
_STRIP = 256
_SQUARE = np.ones((PATCH, PATCH), np.uint8)
_RED, _GREEN, _BLUE = np.float32(0.299), np.float32(0.587), np.float32(0.114)


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One size of the picture. Names and shapes as in `patchmatch_field`."""

    rows: Floats
    """(H, 4 * W), written to inside the hole only; (H, 3 * W) at full size, where the texture is
    in the codes alone: it is compared and not voted for, and memory is short."""
    codes: Codes
    frame: Size
    """What of it lies in the crop: all that is wanted is in there."""
    hole: Hole
    """(H, W)"""
    allowed: Hole
    wanted: Hole
    origin: tuple[int, int]

    @property
    def choice(self) -> float:
        """How many patches there are to copy for each one that is to be found."""
        sources = np.count_nonzero(self.allowed)
        return sources / max(1, np.count_nonzero(self.wanted)) if sources >= _FEWEST_SOURCES else 0

    @property
    def spare(self) -> tuple[int, int]:
        """Where some source patch begins."""
        top, left = divmod(int(np.argmax(self.allowed)), self.allowed.shape[1])
        return top, left

    @property
    def size(self) -> Size:
        return Size(*self.hole.shape)

    @property
    def pixels(self) -> Floats:
        """(H, W, 4), or 3 at full size, of the same memory."""
        return self.rows.reshape(*self.hole.shape, -1)

    @property
    def coded(self) -> Codes:
        """(H, W, 4) of the memory of the codes."""
        return self.codes[: 4 * self.hole.size].reshape(*self.hole.shape, 4)

    def encode(self, box: Box) -> None:
        """Bring the codes in line with the picture in `box`."""
        pixels = self.pixels[box.slices]
        self.coded[box.slices][:, :, : pixels.shape[2]] = _codes(pixels)

    def paint(self, picture: Floats, box: Box) -> None:
        """Give the hole in `box` the colours and texture of (h, w, 4)."""
        hole, pixels = self.hole[box.slices], self.pixels[box.slices]
        pixels[hole] = picture[hole][:, : pixels.shape[2]]
        self.coded[box.slices][hole, 3] = _codes(picture[:, :, 3])[hole]

    def replace_texture(self, texture: Floats) -> None:
        """Compare by something else (H, W) instead."""
        if self.pixels.shape[2] == 4:
            self.pixels[:, :, 3] = texture
        self.coded[:, :, 3] = _codes(texture)

    def enlarged(self, size: Size, box: Box) -> Floats:
        """(h, w, 4): the part in `box` of a finer level, whose frame is of `size`."""
        import cv2

        factor = 1
        while factor * self.frame.height < size.height or factor * self.frame.width < size.width:
            factor *= 2
        near = Box(*(edge // factor for edge in box)).pad(2).clip(self.frame)
        large = (factor * near.width, factor * near.height)
        enlarged = cv2.resize(self.pixels[near.slices], large)
        return cast(Floats, enlarged)[
            box.relative_to(Point(*(factor * at for at in near.origin))).slices
        ]


def make_levels(canvas: Canvas, *, texture: Sequence[float]) -> list[Level]:
    """Halve the picture until the hole is two patches wide, or too little is left to copy from.

    A pixel is hole where any of it is, and the mean of known pixels elsewhere. The fourth channel
    is the mean steepness around a pixel at full size, times `texture`: it tells smooth ground from
    grain that coarse levels average away (Newson et al. 2014, section 3.2).

    Args:
        canvas: the picture, what to fill of it, and what may be copied; its photo becomes the first
            level's.
        texture: how much the fourth channel counts at each level, full size first; the last one
            at all that follow.

    Returns:
        The levels, full size first; the first has no source patch if there is none.
    """
    hole, sources, frame = canvas.hole, canvas.sources, canvas.frame
    colours = canvas.photo
    colours[~canvas.known] = 0
    steepness = _steepness(colours, canvas.known)
    steepness *= texture[0]
    levels = [_level(colours, steepness, hole, sources, frame)]
    # With little to choose from the coarse picture repeats itself, which finer levels keep.
    enough = min(1.0, levels[0].choice / 2)
    width = _thickness(hole)
    pixels: Floats | None = None
    while width > COARSEST and min(frame) >= 4 * PATCH:
        before, now = (texture[min(at, len(texture) - 1)] for at in (len(levels) - 1, len(levels)))
        whole = [colours, steepness[:, :, None]] if pixels is None else [pixels]
        pixels, hole, sources = _halved(whole, hole, sources)
        pixels[:, :, 3] *= now / before
        frame = Size(*((side + 1) // 2 for side in frame))
        level = _level(pixels, None, hole, sources, frame)
        if not level.choice or level.choice < enough:
            break
        levels.append(level)
        width /= 2
    if len(levels) == 1:
        return [_with_texture(levels[0], steepness)]
    return levels


def _level(pixels: Floats, texture: Floats | None, hole: Hole, sources: Hole, frame: Size) -> Level:
    """A level of (H, W, 4), or of (H, W, 3) and a texture (H, W) that goes into the codes."""
    import cv2

    height, width = hole.shape
    allowed = _begins(cv2.erode, sources & ~hole)
    touched = _begins(cv2.dilate, hole)
    touched[max(0, frame.height - PATCH + 1) :] = False
    touched[:, max(0, frame.width - PATCH + 1) :] = False
    bounds = hole_bounds(touched)
    wanted = np.ascontiguousarray(touched[bounds.slices])
    codes = np.zeros(4 * hole.size + _BEHIND, np.uint8)
    level = Level(pixels.reshape(height, -1), codes, frame, hole, allowed, wanted, bounds.origin)
    for top in range(0, height, _STRIP):
        level.encode(Box(top, 0, min(top + _STRIP, height), width))
    if texture is not None:
        level.coded[:, :, 3] = _codes(texture)
    return level


def _with_texture(level: Level, texture: Floats) -> Level:
    """The same as a level that votes for its texture, too."""
    pixels = np.concatenate([level.pixels, texture[:, :, None]], axis=2)
    return replace(level, rows=pixels.reshape(len(pixels), -1))


def _codes(values: Floats) -> Codes:
    """From 0 to 1 as bytes."""
    import cv2

    return cast(Codes, cv2.convertScaleAbs(values, alpha=255)).reshape(values.shape)


def _begins(operation: Callable[..., Any], flags: Hole) -> Hole:
    """`operation` over the patch that begins at each pixel; outside the picture nothing is set."""
    import cv2

    made = operation(
        flags.view(np.uint8),
        _SQUARE,
        anchor=(0, 0),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return made.view(np.bool_)


def _steepness(picture: Floats, known: Hole) -> Floats:
    """(H, W): the mean length of the brightness gradient over the known pixels around each."""
    height, width = known.shape
    steepness = np.empty((height, width), np.float32)
    for top in range(0, height, _STRIP):  # a large picture's would fill the memory at once
        box = Box(top, 0, min(top + _STRIP, height), width)
        near = box.pad(PATCH).clip(Size(height, width))
        strip = _steepness_of(picture[near.slices], known[near.slices])
        steepness[box.slices] = strip[box.relative_to(near.origin).slices]
    return steepness


def _steepness_of(picture: Floats, known: Hole) -> Floats:
    import cv2

    # not a matrix product, not cv2.magnitude: they round by where memory lies
    luma = picture[:, :, 0] * _RED
    luma += picture[:, :, 1] * _GREEN
    luma += picture[:, :, 2] * _BLUE
    inner = cv2.erode(known.view(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    length = cv2.Sobel(luma, cv2.CV_32F, 1, 0, ksize=1)
    down = cv2.Sobel(luma, cv2.CV_32F, 0, 1, ksize=1)
    del luma
    length *= length
    down *= down
    length += down
    np.sqrt(length, out=length)
    length *= inner
    total = cv2.blur(length, (PATCH, PATCH), dst=down)
    mass = cv2.blur(inner, (PATCH, PATCH), dst=length)
    total /= np.maximum(mass, np.float32(1e-6), out=mass)
    return cast(Floats, total)


def _thickness(hole: Hole) -> float:
    import cv2

    inside = np.pad(hole.view(np.uint8), 1)
    return 2 * float(cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_3).max())


def _halved(parts: Sequence[Floats], hole: Hole, sources: Hole) -> tuple[Floats, Hole, Hole]:
    """Half the size; known pixels are means of known ones. Those in the hole are lost.

    The parts are (H, W, C) each; the halved picture has the channels of all.
    """
    known = _means((~hole).astype(np.float32))
    for part in parts:
        part[hole] = 0
    halves = [_means(part) for part in parts]
    means = halves[0] if len(halves) == 1 else np.concatenate(halves, axis=2)
    means /= np.maximum(known, np.float32(1e-6))[:, :, None]
    return means, known < 1, _means(sources.astype(np.float32)) == 1


def _means(array: Floats) -> Floats:
    """The mean of each 2 x 2 block, of an odd last row or column of 2 x 1."""
    height, width = array.shape[:2]
    means = np.empty(((height + 1) // 2, (width + 1) // 2, *array.shape[2:]), np.float32)
    below, right = height - height % 2, width - width % 2
    for rows, columns in (
        (slice(0, below), slice(0, right)),
        (slice(below, height), slice(0, right)),
        (slice(0, below), slice(right, width)),
        (slice(below, height), slice(right, width)),
    ):
        part = array[rows, columns]
        if part.size:
            place = means[_half(rows), _half(columns)]
            place[...] = _shrunk(part, place.shape[:2])
    return means


def _half(span: slice) -> slice:
    return slice(span.start // 2, (span.stop + 1) // 2)


def _shrunk(array: Floats, size: tuple[int, ...]) -> Floats:
    import cv2

    shrunk = cv2.resize(array, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return cast(Floats, shrunk).reshape(*size, *array.shape[2:])
