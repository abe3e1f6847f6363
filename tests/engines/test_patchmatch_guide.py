"""Patches led by another engine's picture: colours, edges, and what may be copied."""

import numpy as np
import pytest

from inpaint_studio.engines.api import FillRequest
from inpaint_studio.engines.patchmatch import fill_with_patches
from inpaint_studio.engines.patchmatch_guide import Guide
from inpaint_studio.imaging.geometry import Size

SIZE = (96, 120)
HOLE = np.zeros(SIZE, bool)
HOLE[30:66, 40:80] = True


@pytest.fixture
def fill(finish):
    def run(picture, **given):
        run = fill_with_patches(FillRequest(picture, HOLE, options={"offsets": 0}), **given)
        _, (result, notes) = finish(run)
        return result.pixels, notes

    return run


def two_cloths(seed=0):
    """Dark on the left, light on the right, both with grain; the border lies in the hole."""
    picture = np.full((*SIZE, 3), 0.3, np.float32)
    picture[:, 60:] = 0.7
    grain = np.random.default_rng(seed).normal(0, 0.03, picture.shape)
    return (picture + grain).clip(0, 1).astype(np.float32)


def drawn(light_from):
    """A network's picture at a quarter of the size: light right of `light_from`."""
    guide = np.full((SIZE[0] // 4, SIZE[1] // 4, 3), 0.3, np.float32)
    guide[:, light_from // 4 :] = 0.7
    return guide


@pytest.mark.parametrize("light_from", [48, 72])
def test_colours_go_where_the_guide_has_them_and_grain_stays(fill, light_from):
    filled, _ = fill(two_cloths(), guide=Guide(drawn(light_from), 0.9))
    midst = filled[38:58, 44:76].mean(axis=(0, 2))
    wanted = np.where(np.arange(44, 76) < light_from, 0.3, 0.7)
    assert np.mean(np.abs(midst - wanted) < 0.1) > 0.85
    assert filled[38:58, 41:46].std() > 0.02


def test_a_guide_without_strength_changes_nothing(fill):
    picture = two_cloths()
    alone, _ = fill(picture)
    led, _ = fill(picture, guide=Guide(drawn(48), 0.0))
    assert np.array_equal(alone, led)


def test_every_pixel_of_a_guided_fill_is_a_known_one(fill):
    picture = two_cloths()
    filled, _ = fill(picture, guide=Guide(drawn(48), 1.0))
    known = {pixel.tobytes() for pixel in picture[~HOLE]}
    assert all(pixel.tobytes() in known for pixel in filled[HOLE])


def test_patches_that_agree_with_the_edges_are_chosen(fill):
    picture = np.full((*SIZE, 3), 0.5, np.float32)
    picture[20:24] = picture[74:78] = 0.35  # lines above and below the hole
    edges = np.zeros(SIZE, np.float32)
    edges[[19, 24, 73, 78]] = 1
    grey = np.full((*SIZE, 3), 0.48, np.float32)
    plain, _ = fill(picture, guide=Guide(grey, 0.5, np.where(HOLE, 0, edges).astype(np.float32)))
    edges[45, 40:80] = edges[50, 40:80] = 1
    lined, _ = fill(picture, guide=Guide(grey, 0.5, edges))
    assert plain[HOLE].min() > 0.45
    assert np.median(lined[46:50, 45:75].min(axis=0)) < 0.4


def test_only_allowed_pixels_are_copied(fill):
    picture = two_cloths()
    allowed = np.zeros(SIZE, bool)
    allowed[:, 90:] = True
    filled, notes = fill(picture, allowed=allowed)
    known = {pixel.tobytes() for pixel in picture[:, 90:].reshape(-1, 3)}
    assert all(pixel.tobytes() in known for pixel in filled[HOLE])
    assert notes == ()


def test_a_guide_is_followed_less_at_levels_finer_than_its_own():
    guide = Guide(np.zeros((24, 30, 3), np.float32), 0.8)
    weights = [guide.weight(Size(side, side * 5 // 4)) for side in (12, 24, 48, 96)]
    assert weights == pytest.approx([0.8, 0.8, 0.4, 0.2])


def test_a_rough_guide_leaves_finer_levels_alone():
    guide = Guide(np.zeros((24, 30, 3), np.float32), 0.8, rough=True)
    weights = [guide.weight(Size(side, side * 5 // 4)) for side in (12, 24, 48, 96)]
    assert weights == pytest.approx([0.8, 0.8, 0, 0])
