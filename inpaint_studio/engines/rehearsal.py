"""A small made-up fill, so that the first real one does not pay for what is done only once."""

from contextlib import suppress

import numpy as np

from inpaint_studio.engines.api import Chooser, Engine
from inpaint_studio.engines.restore import restore
from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.steps import exhausted

SIDE = 192


def rehearse(engine: Engine | Chooser) -> None:
    """Fill thin and wide holes of a picture with grain: compiled loops are loaded, and a device
    has planned its memory. What goes wrong is not said here: the fill will say it.
    """
    rng = np.random.default_rng(0)
    grain = rng.integers(0, 60, (SIDE, SIDE, 3), dtype=np.uint8)
    coverage = np.zeros((SIDE, SIDE), np.uint8)
    coverage[16:18, 16:120] = 255
    coverage[80:120, 80:120] = 255
    with suppress(StudioError):
        exhausted(restore(Photo(grain + np.uint8(90)), Mask(coverage), engine))
