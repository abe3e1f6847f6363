import numpy as np
import pytest

from inpaint_studio.imaging.levels import match_levels, spread_smoothly


@pytest.fixture
def picture(rgb):
    return rgb.astype(np.float32) / 255


@pytest.fixture
def hole(rgb):
    hole = np.zeros(rgb.shape[:2], bool)
    hole[20:70, 30:80] = True
    return hole


def test_a_picture_that_matches_is_left_as_it_is(picture, hole):
    assert np.array_equal(match_levels(picture, picture, hole), picture)


def test_known_pixels_are_untouched_bit_for_bit(picture, hole):
    matched = match_levels(np.full_like(picture, 0.3), picture, hole)
    assert np.array_equal(matched[~hole], picture[~hole])


def test_a_colour_cast_of_the_whole_drawing_is_taken_away(picture, hole):
    cast = np.array([0.05, -0.03, 0.02], np.float32)
    soft = 0.25 + picture * 0.5  # room for the cast
    left = np.abs(match_levels(soft + cast, soft, hole) - soft)[hole]
    assert left.mean() < np.abs(cast).mean() / 10


def test_a_copy_that_is_darker_than_its_surroundings_is_brought_to_their_level(picture, hole):
    soft = 0.25 + picture * 0.5
    drawn = np.where(hole[:, :, None], soft - np.float32(0.05), soft)
    assert np.array_equal(match_levels(drawn, soft, hole), drawn)
    left = np.abs(match_levels(drawn, soft, hole, copied=True) - soft)[hole]
    assert left.mean() < 0.05 / 5


def test_texture_at_the_rim_is_not_taken_for_a_step(rng, hole):
    texture = rng.uniform(0.3, 0.7, (*hole.shape, 3)).astype(np.float32)
    drawn = texture + np.where(hole, 0, 1e-4).astype(np.float32)[:, :, None]
    changed = np.abs(match_levels(drawn, texture, hole) - texture)[hole]
    assert changed.mean() < 1 / 255


def test_a_gradient_across_the_rim_is_not_taken_for_a_step(hole):
    columns = np.linspace(0.2, 0.8, hole.shape[1], dtype=np.float32)
    ramp = np.broadcast_to(columns[None, :, None], (*hole.shape, 3))
    drawn = ramp + np.where(hole, 0, 1e-4).astype(np.float32)[:, :, None]
    assert np.abs(match_levels(drawn, ramp, hole) - ramp)[hole].mean() < 1 / 255


def test_a_cast_that_changes_along_the_rim_is_taken_away_smoothly(picture, hole):
    soft = 0.25 + picture * 0.5
    columns = np.linspace(-0.06, 0.06, picture.shape[1], dtype=np.float32)
    drawn = soft + columns[None, :, None]
    before = np.abs(drawn - soft)[hole].mean()
    assert np.abs(match_levels(drawn, soft, hole) - soft)[hole].mean() < before / 3


def test_details_drawn_otherwise_at_the_rim_do_not_bleed_into_the_hole(picture, hole):
    drawn = picture.copy()
    drawn[18:20, 30:80] = 1 - drawn[18:20, 30:80]  # a line the network moved
    shift = np.abs(match_levels(drawn, picture, hole) - picture)[hole]
    assert shift.mean() < 0.02


def test_what_lies_in_the_hole_does_not_matter(picture, hole):
    drawn = picture * 0.9
    other = np.where(hole[:, :, None], np.float32(np.nan), picture)
    assert np.array_equal(
        match_levels(drawn, picture, hole)[hole], match_levels(drawn, other, hole)[hole]
    )


def test_a_hole_without_a_rim_is_taken_as_drawn(picture):
    everything = np.ones(picture.shape[:2], bool)
    assert np.array_equal(match_levels(picture, picture * 0, everything), picture)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (64, 64), (37, 90)])
def test_spreading_a_constant_gives_that_constant(size, rng):
    weight = (rng.random(size) < 0.2).astype(np.float32)
    weight[0, 0] = 1
    values = np.full((*size, 2), 0.7, np.float32) * weight[:, :, None]
    assert spread_smoothly(values, weight) == pytest.approx(0.7, abs=1e-5)
