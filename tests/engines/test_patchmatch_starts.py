"""What crosses a hole goes on across it, however wide the hole is."""

import numpy as np
import pytest

from inpaint_studio.engines.api import FillRequest
from inpaint_studio.engines.patchmatch import PatchMatchEngine
from inpaint_studio.engines.patchmatch_starts import _nearest_along
from inpaint_studio.imaging.levels import spread_along
from inpaint_studio.steps import exhausted

BANDS = ((0.3, 0.5, 0.8), (0.75, 0.65, 0.5), (0.2, 0.4, 0.15))
"""Sky, wall, grass."""


def banded(rng):
    """(240, 320, 3): three bands with grain, the middle one 44 pixels high."""
    picture = np.empty((240, 320, 3), np.float32)
    for band, rows in zip(BANDS, (slice(0, 100), slice(100, 144), slice(144, 240)), strict=True):
        picture[rows] = band
    picture += rng.normal(0, 0.03, (240, 320, 1)).astype(np.float32)
    return picture.clip(0, 1)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("height", "width"), [(90, 150), (64, 150), (100, 60)])
def test_a_wall_goes_on_across_a_hole(rng, height, width, turned):
    truth = banded(rng)
    hole = np.zeros((240, 320), bool)
    middle = 122
    hole[middle - height // 2 : middle + height // 2, 160 - width // 2 : 160 + width // 2] = True
    if turned:
        truth, hole = np.ascontiguousarray(truth.swapaxes(0, 1)), np.ascontiguousarray(hole.T)
    photo = truth.copy()
    photo[hole] = 0
    filled = exhausted(PatchMatchEngine().fill(FillRequest(photo, hole, seed=0))).pixels
    colours = np.array(BANDS, np.float32)
    nearest = np.abs(filled[:, :, None] - colours).sum(axis=-1).argmin(axis=-1)
    right = np.abs(truth[:, :, None] - colours).sum(axis=-1).argmin(axis=-1)
    assert (nearest == right)[hole].mean() > 0.97


def test_lines_connect_what_is_known():
    values = np.zeros((3, 5, 1), np.float32)
    known = np.zeros((3, 5), bool)
    known[0], values[0] = [True, False, False, False, True], [[1], [0], [0], [0], [3]]
    known[1, 2], values[1, 2] = True, 7
    spread = spread_along(values, known, 1)
    assert spread[0, :, 0].tolist() == [1, 1.5, 2, 2.5, 3]
    assert spread[1, :, 0].tolist() == [7, 7, 7, 7, 7]
    assert np.isfinite(spread).all()
    turned = spread_along(values.swapaxes(0, 1).copy(), known.T.copy(), 0)
    assert np.array_equal(turned[:, :2, 0].T, spread[:2, :, 0])


def test_the_nearest_source_in_a_line():
    allowed = np.array([[0, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0]], bool)
    assert _nearest_along(allowed, 1).tolist() == [[1, 1, 1, 1, 5, 5], [-1] * 6]
    assert _nearest_along(allowed, 0).tolist() == [[-1, 0, -1, -1, -1, 0]] * 2
