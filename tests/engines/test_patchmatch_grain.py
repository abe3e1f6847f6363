"""Grain inside a fill against grain around it.

The measure: the median of how far brightness is from its Gaussian mean (1 pixel wide), inside the
hole but for 3 pixels, over the same in the 30 pixels around it. Medians leave edges out.
"""

import cv2
import numpy as np
import pytest

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import restore
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

SIZE = (230, 260)


def wide_hole():
    rows, columns = np.ogrid[: SIZE[0], : SIZE[1]]
    return (rows - 110) ** 2 + (columns - 130) ** 2 < 48**2


def grain(pixels, where):
    light = pixels.mean(axis=2).astype(np.float32)
    return float(np.median(np.abs(light - cv2.GaussianBlur(light, (0, 0), 1))[where]))


def inside_and_around(pixels, hole):
    body = hole.astype(np.uint8)
    inside = cv2.erode(body, np.ones((7, 7), np.uint8)) > 0
    around = (cv2.dilate(body, np.ones((61, 61), np.uint8)) > 0) & ~hole
    return grain(pixels, inside), grain(pixels, around)


@pytest.fixture
def fill(finish):
    def run(pixels, engine):
        hole = wide_hole()
        photo = Photo(np.where(hole[:, :, None], np.uint8(0), pixels))
        _, made = finish(restore(photo, Mask.from_hole(hole), open_engine(engine, EngineSetup())))
        return flatten(photo, [(made.patch, 1.0)]), hole

    return run


def sloping(grain_of):
    """Light that falls off to the right and down, with grain."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    light = (200 - columns * 0.3 - rows * 0.15)[:, :, None] * np.array([1, 0.9, 0.8])
    noise = np.random.default_rng(1).normal(0, grain_of, (*SIZE, 3))
    return np.rint(light + noise).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("engine", ["patchmatch", "thin+patchmatch"])
def test_a_wide_fill_has_the_grain_of_its_surroundings(fill, engine):
    inside, around = inside_and_around(*fill(sloping(6), engine))
    assert 0.8 < inside / around < 1.25


@pytest.mark.parametrize("engine", ["patchmatch", "thin+patchmatch"])
def test_no_grain_is_made_up_where_there_is_none(fill, engine):
    inside, around = inside_and_around(*fill(sloping(0), engine))
    assert inside <= around + 0.25  # of 255: what rounding leaves
