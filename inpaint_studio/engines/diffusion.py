"""Diffusion from the rim inwards, by OpenCV: Telea 2004 and Bertalmio et al. 2001. No network."""

from dataclasses import dataclass

import numpy as np

from inpaint_studio.engines.api import (
    EngineSetup,
    FillRequest,
    FillResult,
    FillRun,
    Floats,
    Hole,
    Progress,
)
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.geometry import SizeRule

DEFAULT_RADIUS = 5.0
"""How far from a hole pixel known pixels still count, in pixels."""
_LARGEST_RADIUS = 100.0
_STEPS = 65535


@dataclass(frozen=True, slots=True)
class DiffusionEngine:
    """Fills by OpenCV's `inpaint`, one channel after the other in 16 bits.

    OpenCV takes three channels only in 8 bits, whose steps would show as bands in a 16-bit photo;
    its floating point Telea runs away from [0, 1].
    """

    method: int
    """cv2.INPAINT_TELEA or cv2.INPAINT_NS."""
    notes: tuple[str, ...] = ()

    @property
    def size_rule(self) -> SizeRule:
        return SizeRule()

    def fill(self, request: FillRequest) -> FillRun:
        """Fill each channel. Option "radius": pixels around the hole that count, 1 to 100."""
        radius = _radius(request.options.get("radius", DEFAULT_RADIUS))
        filled = np.array(request.photo, np.float32)
        for channel in range(3):
            yield Progress("Filling from the rim", channel / 3)
            plane = _inpaint(request.photo[:, :, channel], request.hole, radius, self.method)
            filled[request.hole, channel] = plane[request.hole]
        return FillResult(filled)


def open_telea(setup: EngineSetup) -> DiffusionEngine:
    """Fast marching: smooth, quick, best for scratches."""
    del setup  # no weights, no device
    import cv2

    return DiffusionEngine(cv2.INPAINT_TELEA)


def open_navier_stokes(setup: EngineSetup) -> DiffusionEngine:
    """Continues lines of equal brightness across thin cracks."""
    del setup
    import cv2

    return DiffusionEngine(cv2.INPAINT_NS)


def _radius(value: object) -> float:
    try:
        radius = float(str(value))
    except ValueError:
        raise UsageError(f"The radius must be a number of pixels, not “{value}”.") from None
    if not 1 <= radius <= _LARGEST_RADIUS:
        raise UsageError(f"The radius must be 1 to {_LARGEST_RADIUS:.0f} pixels, not {radius:g}.")
    return radius


def _inpaint(plane: Floats, hole: Hole, radius: float, method: int) -> Floats:
    import cv2

    steps = np.rint(plane.clip(0, 1) * _STEPS).astype(np.uint16)
    filled = cv2.inpaint(steps, hole.astype(np.uint8), radius, method)
    return (filled / np.float32(_STEPS)).astype(np.float32)
