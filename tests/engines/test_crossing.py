"""Walls and horizons that cross a hole are seen; shades of one thing are not."""

import numpy as np
import pytest

from inpaint_studio.engines.auto import PATCHES, SURFACE, choose_engine
from inpaint_studio.engines.crossing import is_crossed
from inpaint_studio.engines.surroundings import Surroundings, look_around
from inpaint_studio.imaging.photo import Photo

ROWS = np.arange(100, dtype=np.float32)[:, None]


def scene(kind, rng):
    light = np.full((100, 120), 0.5, np.float32)
    if kind == "horizon":
        light[55:] = 0.3
    elif kind == "fence":
        light[45:60] = 0.7
    elif kind == "slope":
        light[np.arange(120) * 0.8 < ROWS] = 0.2
    elif kind == "sky":
        light += ROWS / 300
    elif kind == "beside":
        light[40:60, :50] = 0.8  # ends under the hole
    return (light + rng.normal(0, 0.01, light.shape)).astype(np.float32)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("kind", "crossed"),
    [
        ("horizon", True),
        ("fence", True),
        ("sky", False),
        ("plain", False),
        ("slope", False),
        ("beside", False),
    ],
)
def test_what_goes_on_at_the_same_height_crosses_a_hole(rng, kind, crossed, turned):
    light, hole = scene(kind, rng), np.zeros((100, 120), bool)
    hole[25:80, 30:90] = True
    if turned:
        light, hole = light.T.copy(), hole.T.copy()
    assert is_crossed(light, ~hole, hole) is crossed


def test_a_side_that_is_not_known_tells_nothing(rng):
    light, hole = scene("horizon", rng), np.zeros((100, 120), bool)
    hole[25:80, 30:90] = True
    known = ~hole
    known[:, 90:] = False
    assert not is_crossed(light, known, hole)
    hole[:, 90:] = True  # the hole reaches the border of the picture
    assert not is_crossed(light, ~hole, hole)


def test_large_photos_are_looked_at_from_afar(rng):
    light = np.kron(scene("horizon", rng), np.ones((9, 9), np.float32))
    hole = np.zeros(light.shape, bool)
    hole[225:720, 270:810] = True
    pixels = np.repeat((light * 255).astype(np.uint8)[:, :, None], 3, axis=2)
    [around] = look_around(Photo(pixels), hole).around
    assert around.crossed
    assert choose_engine(around) == PATCHES


def test_calm_surroundings_are_left_to_a_surface_unless_something_crosses_them():
    calm = {"width": 80.0, "steepness": 0.004, "busyness": 0.004, "repeats": -1.0}
    assert choose_engine(Surroundings(**calm)) == SURFACE
    assert choose_engine(Surroundings(**calm, crossed=True)) == PATCHES
