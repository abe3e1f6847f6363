"""Selections by colour, shape, object, defect and difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.imaging.selection import (
    color_at,
    color_distance,
    color_range,
    combine,
    flood,
    reach,
    similar_colors,
)
from inpaint_studio.imaging.selection_defects import DefectSearch, find_defects
from inpaint_studio.imaging.selection_difference import find_difference
from inpaint_studio.imaging.selection_objects import object_at, object_in
from inpaint_studio.imaging.selection_shape import border, feather, smooth


class Picture:
    """A picture at its full size and reduced by skipping, as the canvas shows photos."""

    def __init__(self, pixels):
        self.pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])

    def seen(self, level, box):
        yield
        step = 1 << level
        return self.pixels[::step, ::step][box.slices]


def run(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.fixture
def squares():
    """Two red squares on green, one a little lighter."""
    pixels = np.full((60, 90, 3), (30, 120, 40), np.uint8)
    pixels[10:30, 10:30] = (200, 40, 40)
    pixels[10:30, 50:70] = (215, 50, 40)
    return pixels


def test_the_wand_reaches_what_is_connected(squares):
    distance = color_distance(squares, color_at(squares, Point(20, 20)))
    found = reach(distance, Point(20, 20), 20, contiguous=True)
    assert found.sum() == 400
    assert found[20, 20]
    assert not found[20, 60]


def test_without_contiguity_the_wand_finds_what_is_alike_anywhere(squares):
    distance = color_distance(squares, color_at(squares, Point(20, 20)))
    assert reach(distance, Point(20, 20), 20, contiguous=False).sum() == 800
    assert reach(distance, Point(20, 20), 10, contiguous=False).sum() == 400


def test_the_tolerance_counts_the_largest_channel():
    pixels = np.zeros((1, 3, 3), np.uint8)
    pixels[0, 1] = (10, 10, 10)
    pixels[0, 2] = (0, 30, 0)
    assert color_distance(pixels, (0, 0, 0)).tolist() == [[0, 10, 30]]


def test_the_seed_is_selected_even_where_its_surroundings_differ():
    pixels = np.zeros((9, 9, 3), np.uint8)
    pixels[4, 4] = 255
    distance = color_distance(pixels, color_at(pixels, Point(4, 4)))
    before = distance.copy()
    assert flood(distance, Point(4, 4), 0).sum() == 1
    assert np.array_equal(distance, before)


def test_a_corner_does_not_connect():
    distance = np.array([[0, 9], [9, 0]], np.uint8)
    assert flood(distance, Point(0, 0), 1).tolist() == [[True, False], [False, False]]


@given(st.integers(0, 255), st.integers(0, 255))
def test_selections_join_the_mask(old, new):
    mask, found = np.full((2, 2), old, np.uint8), np.full((2, 2), new, np.uint8)
    assert combine(mask, found, "add")[0, 0] == max(old, new)
    assert combine(mask, found, "subtract")[0, 0] == min(old, 255 - new)
    assert combine(mask, found, "intersect")[0, 0] == min(old, new)
    assert combine(mask, found, "replace")[0, 0] == new


def test_a_colour_range_fades_in_its_outer_half():
    pixels = np.repeat(np.arange(101, dtype=np.uint8)[None, :, None], 3, axis=2)
    found = color_range(pixels, [(0, 0, 0)], 80)[0].astype(int)
    assert (found[:41] == 255).all()
    assert (np.diff(found) <= 0).all()
    assert 0 < found[60] < 255
    assert found[81] == 0


def test_no_colour_selects_nothing(squares):
    assert not color_range(squares, [], 40).any()


def test_similar_colours_are_found_elsewhere(squares):
    mask = np.zeros((60, 90), np.uint8)
    mask[12:20, 12:20] = 255
    found = similar_colors(squares, mask, 20)
    assert (found[10:30, 10:30] == 255).all()
    assert (found[10:30, 50:70] == 255).all()
    assert not found[40:].any()
    assert not similar_colors(squares, mask * 0, 20).any()


def test_feathering_softens_to_both_sides_but_not_at_the_photos_edge():
    mask = np.zeros((80, 80), np.uint8)
    mask[20:60, :40] = 255
    soft = feather(mask, 8)
    assert 100 < soft[40, 40] < 156
    assert soft[40, 30] > 240
    assert soft[40, 50] < 15
    assert soft[40, 0] == 255
    assert np.array_equal(feather(mask, 0), mask)


def test_a_wide_feather_is_still_centred_on_the_outline():
    mask = np.zeros((400, 400), np.uint8)
    mask[:, :200] = 255
    soft = feather(mask, 120)[200].astype(int)
    assert abs(int(soft[199]) + int(soft[200]) - 255) < 12


def test_smoothing_drops_specks_and_rounds_corners():
    mask = np.zeros((100, 100), np.uint8)
    mask[20:80, 20:80] = 255
    mask[50, 50] = 0
    mask[5, 5] = 255
    smoothed = smooth(mask, 10)
    assert smoothed[5, 5] == 0
    assert smoothed[50, 50] == 255
    assert smoothed[20, 20] < 128
    assert smoothed[50, 22] == 255


def test_a_border_is_a_band_along_the_outline():
    mask = np.zeros((100, 100), np.uint8)
    mask[30:70, 30:70] = 255
    band = border(mask, 10)
    assert band[50, 30] == 255
    assert band[50, 26] == 255
    assert band[50, 33] == 255
    assert band[50, 50] == 0
    assert band[50, 20] == 0
    assert not border(mask, 0).any()


@pytest.fixture
def scene(rng):
    """A noisy red disc on noisy green, 400 x 500."""
    rows, columns = np.mgrid[:400, :500]
    disc = (rows - 200) ** 2 + (columns - 260) ** 2 <= 90**2
    pixels = np.where(disc[:, :, None], (190, 50, 40), (40, 110, 60)).astype(float)
    pixels += rng.normal(0, 8, pixels.shape)
    return pixels.clip(0, 255).astype(np.uint8), disc


@pytest.mark.parametrize("enlarged", [1, 4])
def test_an_object_in_a_box_is_cut_out_along_its_outline(scene, enlarged):
    pixels, disc = (
        np.kron(part, np.ones((enlarged, enlarged) + (1,) * (part.ndim - 2), part.dtype))
        for part in scene
    )
    box = Box(*(edge * enlarged for edge in Box(95, 150, 305, 370)))
    found = run(object_in(Picture(pixels), Size(*disc.shape), box)) > 127
    assert (found & disc).sum() / (found | disc).sum() > 0.97


def test_an_object_is_found_by_a_click(scene):
    pixels, disc = scene
    size = Size(*disc.shape)
    found = run(object_at(Picture(pixels), size, Point(210, 250), around=size.box)) > 127
    assert (found & disc).sum() / (found | disc).sum() > 0.95


def test_a_box_without_anything_in_it_does_no_harm():
    pixels = np.full((100, 100, 3), 128, np.uint8)
    found = run(object_in(Picture(pixels), Size(100, 100), Box(20, 20, 60, 60)))
    assert found.shape == (100, 100)
    assert not found[80:].any()


@pytest.fixture
def scratched(rng):
    """Grain on a gradient, with a bright scratch, a dark crack and a speck of dust."""
    rows, columns = np.mgrid[:200, :300]
    grey = 90 + columns * 0.2 + rng.normal(0, 5, (200, 300))
    truth = np.zeros((200, 300), bool)
    truth[40:42, 30:200] = True
    grey[40:42, 30:200] += 70
    truth[60:180, 150:152] = True
    grey[60:180, 150:152] -= 60
    speck = (rows - 120) ** 2 + (columns - 60) ** 2 <= 4
    truth |= speck
    grey[speck] += 90
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2), truth


def test_scratches_cracks_and_dust_are_found_and_grain_is_not(scratched):
    pixels, truth = scratched
    found = find_defects(pixels, DefectSearch(50, 6, rim=0)) > 0
    assert (found & truth).sum() > 0.9 * truth.sum()
    assert (found & ~truth).sum() < 0.01 * truth.size


def test_only_marks_of_the_chosen_tone_are_found(scratched):
    pixels, _ = scratched
    bright = find_defects(pixels, DefectSearch(50, 6, "bright", rim=0))
    dark = find_defects(pixels, DefectSearch(50, 6, "dark", rim=0))
    assert bright[41, 100]
    assert not bright[100, 151]
    assert dark[100, 151]
    assert not dark[41, 100]


def test_more_sensitivity_never_finds_less(scratched):
    pixels, _ = scratched
    areas = [(find_defects(pixels, DefectSearch(step, 6)) > 0).sum() for step in (10, 40, 70, 100)]
    assert areas == sorted(areas)
    assert areas[0] < areas[-1]


def test_a_difference_is_found_and_small_spots_are_left_out(rng):
    before = rng.integers(80, 90, (80, 80, 3), dtype=np.uint8)
    after = before.copy()
    after[20:40, 20:40] = 200
    after[60:63, 60:63] = 200
    assert (find_difference(before, after, threshold=24) > 0)[61, 61]
    found = find_difference(before, after, threshold=24, smallest=50) > 0
    assert not found[61, 61]
    assert found[21:39, 21:39].all()
    assert not find_difference(before, before, threshold=0).any()
    with pytest.raises(ValueError, match="cannot compare"):
        find_difference(before, after[:40], threshold=24)
