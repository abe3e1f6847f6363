"""Luminosity and colour as W3C defines them, at every depth, and only where a layer covers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_studio.imaging.blend import blended, masked
from inpaint_studio.imaging.composite import Overlay, OverlayGroup, flatten, lay_all
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo, full_scale

DEPTHS = ["uint8", "uint16", "float32"]
blends = st.sampled_from(["normal", "luminosity", "color"])
unit = st.floats(0, 1, width=32)
colors = st.tuples(unit, unit, unit)


def lum(color):
    return 0.3 * color[0] + 0.59 * color[1] + 0.11 * color[2]


def clip_color(color):
    """Word for word from the standard."""
    light, low, high = lum(color), min(color), max(color)
    if low < 0:
        color = [light + (c - light) * light / (light - low) for c in color]
    if high > 1:
        color = [light + (c - light) * (1 - light) / (high - light) for c in color]
    return color


def set_lum(color, light):
    shift = light - lum(color)
    return clip_color([c + shift for c in color])


@given(colors, colors)
def test_the_formulas_are_those_of_the_standard(below, above):
    def pixel(color):
        return np.array([[color]], np.float32)

    made = blended(pixel(below), pixel(above), "luminosity", white=1.0)[0, 0]
    assert made == pytest.approx(set_lum(below, lum(above)), abs=2e-5)
    made = blended(pixel(below), pixel(above), "color", white=1.0)[0, 0]
    assert made == pytest.approx(set_lum(above, lum(below)), abs=2e-5)


@pytest.mark.parametrize("depth", DEPTHS)
def test_luminosity_takes_brightness_and_colour_takes_hue(depth, rng):
    white = full_scale(depth)
    below, above = ((rng.uniform(0.3, 0.7, (9, 9, 3)) * white).astype(depth) for _ in range(2))
    made = blended(below, above, "luminosity", white=white)
    assert lum(made.transpose(2, 0, 1)) == pytest.approx(
        lum(above.astype(np.float64).transpose(2, 0, 1)), abs=white * 1e-5
    )
    made = blended(below, above, "color", white=white)
    assert lum(made.transpose(2, 0, 1)) == pytest.approx(
        lum(below.astype(np.float64).transpose(2, 0, 1)), abs=white * 1e-5
    )


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_layer_over_itself_changes_nothing_in_whole_numbers(depth, rng):
    pixels = (rng.uniform(0, 1, (20, 20, 3)) * full_scale(depth)).astype(depth)
    patch = Patch(pixels, np.full((20, 20), 255, np.uint8), Point(0, 0))
    for blend in ("luminosity", "color"):
        result = flatten(Photo(pixels.copy()), [Overlay(patch, blend=blend)])
        if depth == "float32":
            assert result == pytest.approx(pixels, abs=1e-6)
        else:
            assert np.array_equal(result, pixels)


def test_grey_photos_have_brightness_only(rng):
    below, above = (rng.integers(0, 256, (8, 8, 1)).astype(np.uint8) for _ in range(2))
    assert np.array_equal(blended(below, above, "luminosity", white=255.0), above)
    assert np.array_equal(blended(below, above, "color", white=255.0), below)


def test_colours_beyond_white_and_black_stay_finite():
    values = np.array([-0.5, 0.0, 0.4, 1.0, 3.0], np.float32)
    grid = np.stack(np.meshgrid(values, values, values), axis=-1).reshape(1, -1, 3)
    for blend in ("luminosity", "color"):
        made = blended(grid, grid[:, ::-1], blend, white=1.0)
        assert np.isfinite(made).all()
        assert made.max() <= 3.0 + 1e-5


def test_a_mask_of_255_leaves_alpha_exactly_and_0_leaves_nothing():
    alpha = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(masked(alpha, np.full((16, 16), 255, np.uint8)), alpha)
    assert not masked(alpha, np.zeros((16, 16), np.uint8)).any()
    assert masked(np.uint8([[200]]), np.uint8([[128]]))[0, 0] == round(200 * 128 / 255)


@st.composite
def piles(draw):
    """A photo with overlays, masks and a group that may hang over its border."""
    depth, channels = draw(st.sampled_from(DEPTHS)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def pixels(shape):
        return (rng.uniform(0, 1, shape) * full_scale(depth)).astype(depth)

    def overlay():
        shape = draw(st.integers(1, 18)), draw(st.integers(1, 18))
        alpha = rng.choice(np.array([0, 0, 100, 255], np.uint8), shape)
        keep = rng.choice(np.array([0, 128, 255], np.uint8), shape) if draw(st.booleans()) else None
        at = Point(draw(st.integers(-9, 20)), draw(st.integers(-9, 20)))
        patch = Patch(pixels((*shape, 1 if channels <= 2 else 3)), alpha, at)
        return Overlay(patch, draw(st.sampled_from([0.0, 0.4, 1.0])), draw(blends), keep)

    def group(depth_left):
        members = tuple(
            group(depth_left - 1) if depth_left and draw(st.booleans()) else overlay()
            for _ in range(draw(st.integers(1, 2)))
        )
        return OverlayGroup(members, draw(st.sampled_from([0.0, 0.3, 1.0])))

    return Photo(pixels((21, 24, channels))), [overlay(), group(1), overlay()]


def leaves(overlays):
    for item in overlays:
        yield from leaves(item.members) if isinstance(item, OverlayGroup) else [item]


def bits(pixels):
    return pixels.view(np.uint32) if pixels.dtype == np.float32 else pixels


@given(piles())
@settings(max_examples=80, deadline=None)
def test_where_alpha_or_mask_is_zero_the_photo_stays_bit_for_bit(pile):
    photo, overlays = pile
    result = flatten(photo, overlays)
    covered = np.zeros(photo.size, bool)
    for overlay in leaves(overlays):
        box = Box(*overlay.patch.at, *(np.array(overlay.patch.at) + overlay.alpha.shape))
        inside = box.clip(photo.size)
        covered[inside.slices] |= overlay.alpha[inside.relative_to(box.origin).slices] > 0
    assert np.array_equal(bits(result)[~covered], bits(photo.pixels)[~covered])


@given(piles(), st.integers(0, 20), st.integers(0, 23), st.integers(1, 21), st.integers(1, 24))
@settings(max_examples=60, deadline=None)
def test_a_tile_of_a_pile_is_the_same_piece_of_the_whole(pile, top, left, height, width):
    photo, overlays = pile
    box = Box(top, left, top + height, left + width)
    whole = flatten(photo, overlays)
    assert np.array_equal(
        bits(flatten(photo, overlays, box)), bits(whole[box.clip(photo.size).slices])
    )


def test_a_group_fades_what_its_layers_make_together():
    photo = Photo(np.full((1, 1, 3), 100, np.uint8))

    def solid(value):
        pixels = np.full((1, 1, 3), value, np.uint8)
        return Overlay(Patch(pixels, np.full((1, 1), 255, np.uint8), Point(0, 0)))

    group = OverlayGroup((solid(0), solid(200)), 0.5)
    assert flatten(photo, [group])[0, 0, 0] == 150  # one by one it would have been 125
    assert flatten(photo, [OverlayGroup((group,), 0.5)])[0, 0, 0] == 125
    assert flatten(photo, [OverlayGroup((group,), 0.0)])[0, 0, 0] == 100


def test_a_faded_group_on_a_transparent_photo_becomes_half_opaque():
    photo = Photo(np.array([[[10, 10, 10, 0]]], np.uint8))
    patch = Patch(np.full((1, 1, 3), 200, np.uint8), np.full((1, 1), 255, np.uint8), Point(0, 0))
    made = flatten(photo, [OverlayGroup((Overlay(patch),), 0.5)])[0, 0]
    assert made.tolist() == [200, 200, 200, 128]


@given(piles(), st.sampled_from([None, "whole", "holed"]))
@settings(max_examples=40, deadline=None)
def test_what_is_hidden_by_a_solid_layer_need_not_be_drawn(pile, keep):
    photo, overlays = pile
    colors = np.zeros((21, 24, photo.color_channels), photo.pixels.dtype)
    mask = None if keep is None else np.full((21, 24), 255, np.uint8)
    if keep == "holed":
        mask[4, 5] = 0
    solid = Overlay(Patch(colors, np.full((21, 24), 255, np.uint8), Point(0, 0)), keep=mask)
    overlays = [*overlays, solid, *overlays[:1]]
    drawn = photo.pixels.copy()
    lay_all(drawn, overlays)
    assert np.array_equal(bits(flatten(photo, overlays)), bits(drawn))
