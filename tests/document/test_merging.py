"""Merged layers look as they did."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.document.merging import Merging, merged_provenance
from inpaint_studio.imaging.composite import Overlay, OverlayGroup, flatten
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo, full_scale

DEPTHS = ["uint8", "uint16", "float32"]


@st.composite
def scenes(draw, *, channels=(1, 3)):
    depth, count = draw(st.sampled_from(DEPTHS)), draw(st.sampled_from(channels))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def pixels(shape):
        return (rng.uniform(0, 1, shape) * full_scale(depth)).astype(depth)

    def overlay():
        shape = draw(st.integers(1, 20)), draw(st.integers(1, 20))
        alpha = rng.choice(np.array([0, 1, 90, 200, 255], np.uint8), shape)
        keep = rng.choice(np.array([0, 170, 255], np.uint8), shape) if draw(st.booleans()) else None
        at = Point(draw(st.integers(-9, 20)), draw(st.integers(-9, 20)))
        patch = Patch(pixels((*shape, 1 if count <= 2 else 3)), alpha, at)
        blend = draw(st.sampled_from(["normal", "luminosity", "color"]))
        return Overlay(patch, draw(st.sampled_from([0.4, 1.0])), blend, keep)

    photo = Photo(pixels((23, 25, count)))
    over = (overlay(), OverlayGroup((overlay(), overlay()), draw(st.sampled_from([0.5, 1.0]))))
    return photo, (overlay(),), over


@given(scenes())
@settings(max_examples=60, deadline=None)
def test_on_the_photo_itself_the_picture_is_the_same_bit_for_bit(scene):
    photo, under, over = scene
    patch = Merging(photo, (), (*under, *over)).patch()
    merged = [] if patch is None else [Overlay(patch)]
    assert np.array_equal(flatten(photo, merged), flatten(photo, (*under, *over)))


@given(scenes(channels=(1, 2, 3, 4)))
@settings(max_examples=80, deadline=None)
def test_on_other_layers_the_picture_is_the_same(scene):
    photo, under, over = scene
    patch = Merging(photo, under, over).patch()
    merged = [] if patch is None else [Overlay(patch)]
    wanted = flatten(photo, (*under, *over)).astype(np.float64)
    made = flatten(photo, (*under, *merged)).astype(np.float64)
    scale = full_scale(photo.pixels.dtype)
    colors = photo.color_channels
    if photo.has_alpha:  # colours count by how opaque they are; alpha itself has 255 steps
        assert np.abs(made - wanted)[:, :, colors].max() <= 1.01 * scale / 255
        wanted[:, :, :colors] *= wanted[:, :, colors:] / scale
        made[:, :, :colors] *= made[:, :, colors:] / scale
        assert np.abs(made - wanted)[:, :, :colors].max() <= 0.02 * scale
    elif scale == 1:
        assert np.abs(made - wanted).max() <= 1e-4
    else:
        assert np.array_equal(made, wanted)


def test_where_nothing_shows_nothing_is_left():
    photo = Photo(np.zeros((9, 9, 3), np.uint8))
    patch = Patch(np.full((4, 4, 3), 9, np.uint8), np.zeros((4, 4), np.uint8), Point(2, 2))
    assert Merging(photo, (), (Overlay(patch),)).patch() is None
    away = Patch(np.full((4, 4, 3), 9, np.uint8), np.full((4, 4), 255, np.uint8), Point(20, 20))
    assert Merging(photo, (), (Overlay(away),)).patch() is None


def test_a_merged_layer_is_no_larger_than_what_shows():
    photo = Photo(np.zeros((90, 90, 3), np.uint8))
    alpha = np.zeros((80, 80), np.uint8)
    alpha[30:40, 50:55] = 255
    patch = Patch(np.full((80, 80, 3), 9, np.uint8), alpha, Point(2, 3))
    merged = Merging(photo, (), (Overlay(patch),)).patch()
    assert (merged.at, merged.alpha.shape) == ((32, 53), (10, 5))


def test_the_record_names_everything_that_was_merged():
    patch = Patch(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8), Point(0, 0))
    one, two = Provenance(engine="patchmatch"), Provenance(engine="edgeconnect", seed=4)
    layers = [Layer(1, "a", patch, provenance=one), Layer(2, "b", patch, provenance=two)]
    first = merged_provenance(layers)
    again = merged_provenance([Layer(3, "m", patch, provenance=first), Layer(4, "p", patch)])
    assert list(again.sources()) == [one, two]
    assert list(one.sources()) == [one]
    assert merged_provenance([Layer(4, "p", patch)]) is None


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_solid_merge_keeps_its_colours_exactly(depth, rng):
    pixels = (rng.uniform(0, 1, (8, 8, 3)) * full_scale(depth)).astype(depth)
    under = Patch(pixels[::-1].copy(), np.full((8, 8), 255, np.uint8), Point(0, 0))
    over = Patch(pixels, np.full((8, 8), 255, np.uint8), Point(0, 0))
    patch = Merging(Photo(pixels * 0), (Overlay(under),), (Overlay(over),)).patch()
    assert np.array_equal(patch.pixels, pixels)
    assert (patch.alpha == 255).all()
