"""Match the levels of a fill to its surroundings, so that its rim does not show."""

from typing import cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Hole, hole_bounds

Floats = npt.NDArray[np.float32]

_DEEP = 2
"""Pixels inside the rim that are compared with those outside: the first often copies its known
neighbours and hides the step."""
_ALONG = 6.0
"""Gaussian width, in pixels along the rim, over which steps are averaged."""
_DOUBT = 4.0
"""How many times its standard error a step must exceed to be taken away by half, squared."""
_ODD = 0.15
"""Steps beyond this are things that end at the rim, not a level that was missed."""
_RELAXATIONS = 4
_NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
_SQUARE = np.ones((3, 3), np.uint8)
_TINY = np.float32(1e-9)


def match_levels(drawn: Floats, photo: Floats, hole: Hole, *, copied: bool = False) -> Floats:
    """`photo` with the hole filled from `drawn`, whose levels are brought to those of the rim.

    Where known pixels just outside the hole differ from drawn ones just inside it by more than
    their grain and texture explain, that step is spread over the hole like a membrane and taken
    away. Nothing is done where `drawn` leaves the pixels around the hole as they are: then the
    rim was filled from those very pixels, unless the fill was `copied` from elsewhere.

    Args:
        drawn: (H, W, 3) the engine's picture, known pixels included.
        photo: (H, W, 3) with its known pixels; what lies in the hole does not matter.
        hole: (H, W) bool.
        copied: whether the fill came from elsewhere than its rim.

    Returns:
        (H, W, 3) float32, clipped to [0, 1] inside the hole; `photo` bit for bit outside.
    """
    import cv2

    around = hole_bounds(hole).pad(1 + _DEEP).clip(Size(hole.shape[0], hole.shape[1]))
    part, inside, known = hole[around.slices], drawn[around.slices], photo[around.slices]
    rim = _outer_rim(part)
    if copied or np.any(inside[rim] != known[rim]):
        inside = inside + _membrane(_steps(inside, known, part, rim), rim)
    filled = photo.copy()
    target = filled[around.slices]
    cv2.copyTo(np.ascontiguousarray(inside.clip(0, 1)), part.view(np.uint8), target)
    return filled


def _outer_rim(hole: Hole) -> Hole:
    """The known pixels that touch the hole."""
    import cv2

    return cv2.dilate(hole.view(np.uint8), _SQUARE).view(np.bool_) & ~hole


def _steps(drawn: Floats, photo: Floats, hole: Hole, rim: Hole) -> Floats:
    """(H, W, 3): by how much each rim pixel exceeds the drawn ones next to it; 0 off the rim."""
    import cv2

    reached = cv2.dilate(rim.view(np.uint8), _SQUARE, iterations=_DEEP).view(np.bool_)
    near = (reached & hole).astype(np.float32)[:, :, None]
    window = (2 * _DEEP + 1, 2 * _DEEP + 1)
    weight = cv2.blur(near, window).reshape(near.shape)
    next_to = cv2.blur(drawn * near, window) / np.maximum(weight, _TINY)
    steps = np.zeros(drawn.shape, np.float32)
    cv2.copyTo(photo - next_to, rim.view(np.uint8), steps)
    return steps


def _membrane(steps: Floats, rim: Hole) -> Floats:
    """What the steps add up to inside; computed at half the size, for it is smooth."""
    import cv2

    height, width = rim.shape
    likely = np.exp(-((steps / (2 * _ODD)) ** 2).sum(axis=2, keepdims=True) / 2)
    weight = likely * rim[:, :, None]
    level, trust = _significant(
        _halved(steps * weight), _halved(steps**2 * weight), _halved(weight)
    )
    spread = spread_smoothly(level, trust)
    doubled = cv2.resize(spread, (2 * spread.shape[1], 2 * spread.shape[0]))
    return cast(Floats, doubled)[:height, :width]


def _significant(total: Floats, squares: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """The mean step along the rim as far as its scatter lets one believe in it, and where to.

    Shrinks a mean m of n samples of variance v to m * m^2 / (m^2 + doubt * v / n), like a Wiener
    filter: texture at the rim averages out, a missed level remains.
    """
    on_rim = weight[:, :, 0] > 0
    sigma = _ALONG / 2  # at half the size
    mass = np.maximum(_blurred(weight, sigma), _TINY)
    mean = _blurred(total, sigma) / mass
    scatter = np.maximum(_blurred(squares, sigma) / mass - mean**2, 0).sum(axis=2, keepdims=True)
    samples = np.maximum(4 * mass * (4 * np.pi * sigma**2), 1)  # of full size, under the Gaussian
    power = (mean**2).sum(axis=2, keepdims=True)
    level = mean * (power / (power + _DOUBT * scatter / samples + _TINY))
    trust = np.exp(-((level / _ODD) ** 2).sum(axis=2) / 2) * on_rim
    return level * on_rim[:, :, None], trust.astype(np.float32)


def _blurred(array: Floats, sigma: float) -> Floats:
    import cv2

    blurred = cv2.GaussianBlur(array, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return cast(Floats, blurred).reshape(array.shape)


def spread_smoothly(values: Floats, weight: Floats) -> Floats:
    """Stretch a membrane over where the weight is 0, held by the values where it is 1.

    Pull and push (Gortler et al., The Lumigraph, 1996, section 3.4) gives each level a first guess
    from the one half its size; a few steps of relaxation make it nearly harmonic, so that it
    neither bulges nor steps.

    Args:
        values: (H, W, C) float32.
        weight: (H, W) float32 in [0, 1].
    """
    import cv2

    height, width = weight.shape
    if max(height, width) == 1:
        return values
    held = weight[:, :, None]
    total = _halved(held)
    coarse: Floats = np.divide(
        _halved(values * held), np.maximum(total, np.float32(1e-12)), dtype=np.float32
    )
    above = spread_smoothly(coarse, np.minimum(4 * total[:, :, 0], 1))
    spread = cv2.resize(above, (width, height), interpolation=cv2.INTER_LINEAR)
    fixed, free = values * held, 1 - held
    spread = fixed + spread.reshape(values.shape) * free
    for _ in range(_RELAXATIONS):
        around = cv2.filter2D(spread, -1, _NEIGHBOURS, borderType=cv2.BORDER_REFLECT)
        spread = fixed + around.reshape(values.shape) * free
    return cast(Floats, spread)


def spread_along(values: Floats, known: npt.NDArray[np.bool_], axis: int) -> Floats:
    """Connect the known values of each column (axis 0) or row (axis 1) by straight lines.

    Beyond the outermost the values stay as they are there; a line where nothing is known is
    spread over from its neighbours. (H, W, C) float32, known (H, W); returns a new array.
    """
    spread = spread_smoothly(values, known.astype(np.float32)).copy()
    lines, held = (spread, known) if axis == 1 else (spread.swapaxes(0, 1), known.T)
    places = np.arange(lines.shape[1], dtype=np.float32)
    for number in np.flatnonzero(held.any(axis=1) & ~held.all(axis=1)):
        line, there = lines[number], held[number]
        for channel in range(values.shape[2]):
            line[:, channel] = np.interp(places, places[there], line[there, channel])
    return spread


def _halved(array: Floats) -> Floats:
    """The mean of each 2 x 2 block; a last odd row or column counts as if followed by zeros."""
    import cv2

    height, width, channels = array.shape
    if height % 2 or width % 2:
        array = np.pad(array, ((0, height % 2), (0, width % 2), (0, 0)))
    size = ((width + 1) // 2, (height + 1) // 2)
    halved = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    return cast(Floats, halved.reshape(size[1], size[0], channels))
