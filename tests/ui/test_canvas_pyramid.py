"""Reduced levels of photo, patches and mask."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.canvas.pyramid import (
    MaskPyramid,
    PatchPyramid,
    PhotoPyramid,
    halve,
    halve_weighted,
    level_box,
    skip_patch,
)


def finish(run):
    try:
        while True:
            next(run)
    except StopIteration as end:
        return end.value


@pytest.mark.parametrize(("dtype", "top"), [("uint8", 255), ("uint16", 65535), ("float32", 1.0)])
def test_halving_takes_the_mean_at_the_same_depth(rng, dtype, top):
    pixels = (rng.random((6, 8, 3)) * top).astype(dtype)
    halved = halve(pixels)
    expected = pixels.astype(np.float64).reshape(3, 2, 4, 2, 3).mean(axis=(1, 3))
    assert halved.dtype == pixels.dtype
    assert np.abs(halved - expected).max() <= (0.5 if top > 1 else 1e-6)


def test_white_stays_white():
    for dtype, top in (("uint8", 255), ("uint16", 65535)):
        assert (halve(np.full((4, 4, 1), top, dtype)) == top).all()


def test_odd_sides_are_rounded_up():
    levels = PhotoPyramid(Photo(np.arange(7 * 5, dtype=np.uint8).reshape(7, 5, 1)))
    assert finish(levels.build(1)).shape == (4, 3, 1)
    assert finish(levels.build(3)).shape == (1, 1, 1)


def test_strips_make_no_seam(rng):
    pixels = rng.integers(0, 255, (700, 90, 3), dtype=np.uint8)
    assert np.array_equal(finish(PhotoPyramid(Photo(pixels)).build(1)), halve(pixels))


def test_building_can_be_stopped_and_taken_up_again(rng):
    pyramid = PhotoPyramid(Photo(rng.integers(0, 255, (700, 90, 3), dtype=np.uint8)))
    run = pyramid.build(2)
    next(run)
    run.close()
    assert finish(pyramid.build(2)).shape == (175, 23, 3)


def test_transparent_colours_do_not_bleed():
    color = np.array([[[250], [10]], [[250], [10]]], np.uint8)
    alpha = np.array([[255, 0], [255, 0]], np.uint8)
    mean, weight = halve_weighted(color, alpha)
    assert mean.item() == 250
    assert weight.item() == 128


def test_photos_with_alpha_are_weighted():
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0] = (200, 100, 50, 255)
    assert finish(PhotoPyramid(Photo(pixels)).build(1))[0, 0].tolist() == [200, 100, 50, 64]


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9), st.integers(1, 9))
def test_a_reduced_patch_lies_on_the_photos_grid(top, left, height, width):
    patch = Patch(
        np.full((height, width, 3), 77, np.uint8),
        np.full((height, width), 255, np.uint8),
        Point(top, left),
    )
    whole = np.zeros((20, 20, 1), np.float32)
    whole[top : top + height, left : left + width] = 255
    expected = np.floor(halve(whole)[:, :, 0] + 0.5)
    half = finish(PatchPyramid(patch).build(1))
    placed = np.zeros((10, 10))
    box = level_box(Box(top, left, top + height, left + width), 1)
    placed[box.slices] = half.alpha
    assert half.at == box.origin
    assert np.array_equal(placed, expected)
    assert (half.pixels[half.alpha > 0] == 77).all()


def test_cropping_keeps_only_what_lies_inside():
    patch = Patch(np.zeros((4, 4, 1), np.uint8), np.full((4, 4), 9, np.uint8), Point(2, 2))
    crop = patch.cut(Box(4, 0, 8, 4))
    assert crop is not None
    assert crop.at == Point(0, 2)
    assert crop.alpha.shape == (2, 2)
    assert patch.cut(Box(0, 0, 2, 2)) is None


@given(st.integers(0, 20), st.integers(1, 9), st.integers(1, 7))
def test_a_thinned_patch_lies_where_the_thinned_photo_has_it(left, width, stride):
    alpha = np.arange(1, width + 1, dtype=np.uint8)[np.newaxis]
    patch = Patch(np.zeros((1, width, 1), np.uint8), alpha, Point(0, left))
    row = np.zeros(40, np.uint8)
    row[left : left + width] = alpha
    thinned = skip_patch(patch, stride)
    placed = np.zeros(len(row[::stride]), np.uint8)
    if thinned is not None:
        placed[thinned.at.left : thinned.at.left + thinned.alpha.shape[1]] = thinned.alpha
    assert np.array_equal(placed, row[::stride])


def test_a_one_pixel_scratch_can_be_seen_at_every_level():
    canvas = np.zeros((257, 300), np.uint8)
    canvas[:, 133] = 255
    pyramid = MaskPyramid(canvas)
    for level in range(6):
        assert pyramid.level(level).max() == 255


@given(st.lists(st.tuples(*[st.integers(0, 63)] * 4, st.integers(0, 255)), max_size=6))
def test_updating_boxes_equals_building_anew(strokes):
    canvas = np.zeros((61, 53), np.uint8)
    pyramid = MaskPyramid(canvas)
    pyramid.level(4)
    for a, b, c, d, value in strokes:
        box = Box(min(a, b), min(c, d), max(a, b) + 1, max(c, d) + 1)
        canvas[box.slices] = value
        pyramid.update(box)
    fresh = MaskPyramid(canvas)
    for level in range(5):
        assert np.array_equal(pyramid.level(level), fresh.level(level))
