"""Cloning and healing: what lands is the source, or the source in the target's tones."""

import numpy as np
import pytest

from inpaint_studio.imaging.apart import apart, mean_apart
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.healing import find_source, healed, laid_over
from inpaint_studio.imaging.photo import Patch


@pytest.fixture
def coverage():
    stroke = np.zeros((60, 60), np.uint8)
    stroke[20:40, 20:40] = 255
    return stroke


@pytest.mark.parametrize(("depth", "scale"), [("uint8", 255), ("uint16", 65535), ("float32", 1.0)])
def test_healing_takes_the_tones_of_the_target(coverage, depth, scale):
    target = np.full((60, 60, 3), 0.6 * scale).astype(depth)
    target[25:35, 25:35] = 0
    source = np.full((60, 60, 3), 0.3 * scale).astype(depth)
    source[::2] = np.asarray(0.32 * scale, depth)
    result = healed(target, source, coverage)
    assert result.dtype == np.dtype(depth)
    inside = result[22:38, 22:38] / scale
    assert inside.mean() == pytest.approx(0.6, abs=0.012)
    texture = abs(inside[::2].mean() - inside[1::2].mean())
    assert texture == pytest.approx(0.02, abs=0.005)


def test_healing_follows_a_slope(coverage):
    columns = np.linspace(0.2, 0.8, 60)
    target = np.repeat(np.repeat(columns[None, :, None], 60, axis=0), 3, axis=2).astype(np.float32)
    hurt = target.copy()
    hurt[22:38, 22:38] = 1
    result = healed(hurt, np.full_like(target, 0.1), coverage)
    assert np.abs(result[20:40, 20:40] - target[20:40, 20:40]).max() < 0.03


def test_a_full_stroke_holds_exactly_the_pixels(coverage, rng):
    pixels = rng.integers(0, 65536, (60, 60, 3), dtype=np.uint16)
    patch = laid_over(None, pixels, coverage, Point(100, 200))
    assert patch.at == Point(120, 220)
    assert np.array_equal(patch.pixels, pixels[20:40, 20:40])
    assert (patch.alpha == 255).all()


def test_a_stroke_widens_the_patch_and_leaves_the_rest_of_it(coverage, rng):
    old = Patch(
        rng.integers(0, 256, (10, 10, 3), dtype=np.uint8),
        np.full((10, 10), 128, np.uint8),
        Point(0, 0),
    )
    pixels = np.full((60, 60, 3), 9, np.uint8)
    patch = laid_over(old, pixels, coverage, Point(0, 0))
    assert patch.alpha.shape == (40, 40)
    assert np.array_equal(patch.pixels[:10, :10], old.pixels)
    assert np.array_equal(patch.alpha[:10, :10], old.alpha)
    assert patch.alpha[15, 15] == 0


def test_half_a_stroke_mixes_with_what_is_there():
    old = Patch(np.full((4, 4, 1), 200, np.uint8), np.full((4, 4), 255, np.uint8), Point(0, 0))
    half = np.full((4, 4), 128, np.uint8)
    patch = laid_over(old, np.full((4, 4, 1), 100, np.uint8), half, Point(0, 0))
    assert (patch.alpha == 255).all()
    assert abs(int(patch.pixels[0, 0, 0]) - 150) <= 1


def test_a_place_that_looks_alike_is_found(rng):
    grey = np.full((200, 200), 60, np.uint8)
    grey[:, 100:] = 180
    grey += rng.integers(0, 6, grey.shape, dtype=np.uint8)
    coverage = np.zeros((30, 30), np.uint8)
    coverage[8:22, 8:22] = 255
    box = Box(80, 60, 110, 90)  # on the dark side, next to the step
    step = find_source(grey, coverage, box)
    assert step is not None
    there = box.shift(step)
    assert grey[there.slices].max() < 100


def test_no_place_is_found_where_there_is_no_room():
    coverage = np.full((10, 10), 255, np.uint8)
    assert find_source(np.zeros((10, 10), np.uint8), coverage, Box(0, 0, 10, 10)) is None


def test_a_difference_is_magnified_and_cut_off():
    one = np.array([[[10, 250, 0, 255]]], np.uint8)
    other = np.array([[[14, 0, 0, 255]]], np.uint8)
    assert apart(one, other, gain=8).tolist() == [[[32, 255, 0, 255]]]


def test_the_mean_difference_counts_the_hole_only():
    one, other = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 90, np.uint8)
    hole = np.zeros((4, 4), bool)
    assert mean_apart(one, other, hole) == 0
    hole[0, 0] = True
    other[0, 0] = 6
    assert mean_apart(one, other, hole) == 6
