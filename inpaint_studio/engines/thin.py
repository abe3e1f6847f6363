"""Thin damage - scratches, dust, cracks - filled by continuing the surface on both sides of it."""

from dataclasses import dataclass

import numpy as np

from inpaint_studio.engines.api import (
    EngineSetup,
    FillRequest,
    FillResult,
    FillRun,
    Hole,
    Progress,
)
from inpaint_studio.engines.mending import MendOptions, MendRun
from inpaint_studio.engines.work import Work
from inpaint_studio.imaging.geometry import SizeRule

_TILE = 512
"""Pixels of a scratch that are solved at once. Every tile sees a margin of the hole around it, and
what the tiles before it made: too far away for the joint to differ by a step of 16 bits."""
_WIDE = 48
"""Pixels: a hole wider than this comes out as a blur that nobody takes for damage mended."""
_WIDE_NOTE = (
    "The mask is wide for thin damage and was filled smoothly: for larger areas choose PatchMatch."
)


@dataclass(slots=True)
class ThinEngine:
    """Continues brightness and slope from the rim: the smoothest surface through what is known."""

    textured: bool = False
    """Bend it as the picture is bent where it looks alike close by."""
    notes: tuple[str, ...] = ()

    @property
    def size_rule(self) -> SizeRule:
        return SizeRule(tile=_TILE)

    def mend(self, work: Work, hole: Hole, options: MendOptions) -> MendRun:
        """Mend all that is thin on the photo itself; what is wide is left to `fill`."""
        from inpaint_studio.engines.thin_photo import mend_photo
        from inpaint_studio.engines.thin_texture import Places

        self.notes = ()
        places = Places.none(work.photo.size, options) if self.textured else None
        return (yield from mend_photo(work, hole, first=options.first, places=places))

    def fill(self, request: FillRequest) -> FillRun:
        """Solve for all of the request's hole; needs no seed, for there is one answer only."""
        from inpaint_studio.engines.thin_solver import continue_surface

        yield Progress("Mending thin damage", 0.0)
        self.notes = (_WIDE_NOTE,) if _is_wide(request.hole) else ()
        pixels = continue_surface(request.photo, request.hole)
        return FillResult(pixels.clip(0, 1, out=pixels))


def open_textured(setup: EngineSetup) -> ThinEngine:
    """Nothing to load."""
    del setup  # no weights, no device
    return ThinEngine(textured=True)


def open_thin(setup: EngineSetup) -> ThinEngine:
    """Nothing to load."""
    del setup  # no weights, no device
    return ThinEngine()


def _is_wide(hole: Hole) -> bool:
    """Whether a square of so many pixels fits into the hole."""
    import cv2

    square = np.ones((_WIDE, _WIDE), np.uint8)
    return bool(cv2.erode(hole.view(np.uint8), square).any())
