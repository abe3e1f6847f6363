"""Outside the hole nothing changes, at every depth; inside, "over" as it is defined."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from inpaint_studio.imaging.composite import Overlay, as_saved_from, count_changed, flatten, lay
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Point
from inpaint_studio.imaging.photo import Patch, Photo, full_scale

DEPTHS = ["uint8", "uint16", "float32"]
depths = st.sampled_from(DEPTHS)


def random_pixels(rng, shape, depth):
    if depth == "float32":
        return rng.uniform(-0.2, 1.7, shape).astype(np.float32)
    return rng.integers(0, np.iinfo(depth).max + 1, shape).astype(depth)


def bits(pixels):
    return pixels.view(np.uint32) if pixels.dtype == np.float32 else pixels


@st.composite
def scenes(draw):
    """A photo, and patches that may hang over its border."""
    depth, channels = draw(depths), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pixels = random_pixels(rng, (23, 31, channels), depth)
    if channels in (2, 4) and depth == "float32":
        pixels[:, :, -1] = rng.uniform(0, 1, pixels.shape[:2])
    patches = []
    for _ in range(draw(st.integers(1, 3))):
        height, width = draw(st.integers(1, 20)), draw(st.integers(1, 25))
        alpha = draw(
            npst.arrays(
                np.uint8, (height, width), elements=st.sampled_from([0, 0, 1, 128, 254, 255])
            )
        )
        colors = random_pixels(rng, (height, width, 1 if channels <= 2 else 3), depth)
        at = Point(draw(st.integers(-15, 25)), draw(st.integers(-15, 35)))
        opacity = draw(st.sampled_from([0.0, 0.25, 0.999, 1.0]))
        patches.append((Patch(colors, alpha, at), opacity))
    return Photo(pixels), patches


def covered(photo, patches):
    cover = np.zeros(photo.size, np.uint8)
    for patch, opacity in patches:
        box = Box(*patch.at, *(np.array(patch.at) + patch.alpha.shape)).clip(photo.size)
        if opacity > 0:
            inside = patch.alpha[box.relative_to(patch.at).slices]
            cover[box.slices] = np.maximum(cover[box.slices], inside)
    return cover


@given(scenes())
@settings(max_examples=120, deadline=None)
def test_pixels_no_patch_covers_stay_bit_for_bit(scene):
    photo, patches = scene
    result = flatten(photo, patches)
    untouched = covered(photo, patches) == 0
    assert np.array_equal(bits(result)[untouched], bits(photo.pixels)[untouched])
    assert count_changed(photo, result, covered(photo, patches)) == 0


@given(scenes(), st.integers(0, 22), st.integers(0, 30), st.integers(1, 23), st.integers(1, 31))
@settings(max_examples=60, deadline=None)
def test_a_tile_is_the_same_piece_of_the_whole(scene, top, left, height, width):
    photo, patches = scene
    box = Box(top, left, top + height, left + width)
    whole = flatten(photo, patches)
    assert np.array_equal(
        bits(flatten(photo, patches, box)), bits(whole[box.clip(photo.size).slices])
    )


@given(scenes())
@settings(max_examples=60, deadline=None)
def test_over_agrees_with_its_definition(scene):
    photo, patches = scene
    patch, opacity = patches[0]
    result = flatten(photo, [(patch, opacity)]).astype(np.float64)
    scale = full_scale(photo.pixels.dtype)
    expected = photo.pixels.astype(np.float64)
    colors = photo.color_channels
    for row, column in np.argwhere(patch.alpha):
        y, x = row + patch.at.top, column + patch.at.left
        if not (0 <= y < photo.size.height and 0 <= x < photo.size.width) or opacity == 0:
            continue
        weight = patch.alpha[row, column] / 255 * opacity
        below = photo.pixels[y, x].astype(np.float64)
        alpha = below[colors] / scale if photo.has_alpha else 1.0
        out = weight + alpha * (1 - weight)
        color = patch.pixels[row, column] * weight + below[:colors] * alpha * (1 - weight)
        expected[y, x, :colors] = color / out
        if photo.has_alpha:
            expected[y, x, colors] = out * scale
    tolerance = 1e-5 if scale == 1 else 0.51 + scale * 4e-7
    assert np.abs(result - expected).max() <= tolerance


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_solid_patch_lands_exactly_and_makes_the_photo_opaque(depth, channels, rng):
    photo = Photo(random_pixels(rng, (9, 9, channels), depth))
    colors = random_pixels(rng, (4, 5, photo.color_channels), depth)
    patch = Patch(colors, np.full((4, 5), 255, np.uint8), Point(2, 3))
    result = flatten(photo, [(patch, 1.0)])
    assert np.array_equal(bits(result)[2:6, 3:8, : photo.color_channels], bits(colors))
    if photo.has_alpha:
        assert (result[2:6, 3:8, -1] == full_scale(depth)).all()


@pytest.mark.parametrize("alpha", [255, 254])
def test_a_patch_hides_what_is_below_it_only_where_it_is_solid(alpha):
    photo = Photo(np.zeros((4, 4, 3), np.float32))
    solid = np.full((4, 4), 255, np.uint8)
    white = Patch(np.ones((4, 4, 3), np.float32), solid, Point(0, 0))
    above = Patch(np.zeros((4, 4, 3), np.float32), np.full_like(solid, alpha), Point(0, 0))
    expected = np.full((4, 4, 3), 1 - alpha / 255, np.float32)
    laid = flatten(photo, [(white, 1.0), (above, 1.0)])
    np.testing.assert_allclose(laid, expected, atol=1e-6)


def test_not_a_number_in_the_photo_or_under_alpha_zero_does_no_harm():
    pixels = np.zeros((4, 4, 3), np.float32)
    pixels[0] = np.nan
    pixels[1] = -0.0
    colors = np.full((4, 4, 3), np.nan, np.float32)
    alpha = np.zeros((4, 4), np.uint8)
    alpha[3], colors[3] = 128, 1.0
    photo = Photo(pixels)
    result = flatten(photo, [(Patch(colors, alpha, Point(0, 0)), 1.0)])
    assert np.array_equal(bits(result)[:3], bits(photo.pixels)[:3])
    assert result[3] == pytest.approx(128 / 255)


def test_values_above_white_survive_in_float():
    photo = Photo(np.full((2, 2, 3), 4.0, np.float32))
    patch = Patch(np.full((2, 2, 3), 8.0, np.float32), np.full((2, 2), 255, np.uint8), Point(0, 0))
    assert flatten(photo, [(patch, 0.5)]) == pytest.approx(6.0)


def test_laying_tells_what_it_touched_in_photo_coordinates():
    region = np.zeros((10, 10, 3), np.uint8)
    patch = Patch(np.full((4, 4, 3), 9, np.uint8), np.full((4, 4), 255, np.uint8), Point(18, 28))
    assert lay(region, Overlay(patch), origin=Point(20, 30)) == Box(20, 30, 22, 32)
    assert region.sum() == 2 * 2 * 3 * 9
    assert lay(region, Overlay(patch), origin=Point(90, 90)) == EMPTY_BOX
    assert lay(region, Overlay(patch, 0.0), origin=Point(20, 30)) == EMPTY_BOX


def test_the_photo_itself_is_never_written():
    photo = Photo(np.zeros((8, 8, 3), np.uint8))
    patch = Patch(np.full((8, 8, 3), 7, np.uint8), np.full((8, 8), 255, np.uint8), Point(0, 0))
    flatten(photo, [(patch, 1.0)])
    assert not photo.pixels.any()


@pytest.mark.parametrize("pixels", [np.zeros((2, 2, 3), np.uint16), np.zeros((2, 2, 1), np.uint8)])
def test_a_patch_of_another_kind_is_refused(pixels):
    patch = Patch(pixels, np.zeros((2, 2), np.uint8), Point(0, 0))
    with pytest.raises(ValueError, match="cannot lie on"):
        lay(np.zeros((4, 4, 3), np.uint8), Overlay(patch))


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_changed_pixel_outside_is_counted_once(depth, rng):
    photo = Photo(random_pixels(rng, (700, 900, 3), depth))
    changed = photo.pixels.copy()
    changed[699, 899, 0] += 1
    changed[0, 0] += 1
    changed[5, 5] += 1
    coverage = np.zeros(photo.size, np.uint8)
    coverage[5, 5] = 1
    assert count_changed(photo, changed, coverage) == 2


def test_pictures_of_another_size_are_not_compared():
    photo = Photo(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="cannot compare"):
        count_changed(photo, np.zeros((4, 5, 3), np.uint8), np.zeros((4, 4), np.uint8))
    with pytest.raises(ValueError, match="does not fit"):
        count_changed(photo, photo.pixels, np.zeros((4, 5), np.uint8))


def test_what_a_format_cannot_say_is_put_back(rng):
    grey = rng.integers(0, 256, (5, 7, 1), np.uint8)
    opaque = np.full((5, 7, 1), 255, np.uint8)
    rgb = np.repeat(grey, 3, axis=2)
    for photo in (grey, np.dstack([grey, opaque]), rgb, np.dstack([rgb, opaque])):
        np.testing.assert_array_equal(as_saved_from(Photo(photo), rgb), photo)


def test_what_cannot_be_compared_is_nothing(rng):
    rgb = rng.integers(0, 256, (5, 7, 3), np.uint8)
    assert as_saved_from(Photo(rgb[:, :, :1]), rgb) is None  # colour where there was grey
    assert as_saved_from(Photo(rgb), rgb.astype(np.uint16)) is None
    assert as_saved_from(Photo(rgb), rgb[:4]) is None
    assert as_saved_from(Photo(rgb), np.dstack([rgb, rgb[:, :, :1]])) is None
