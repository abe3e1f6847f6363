"""Growing, shrinking and taking apart holes, against distances measured one by one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.maskops import (
    components,
    feather_inwards,
    grow,
    grow_coverage,
    invert,
    shrink,
    shrink_coverage,
)

shapes = st.tuples(st.integers(1, 24), st.integers(1, 24))
holes = npst.arrays(np.bool_, shapes, elements=st.sampled_from([False, False, False, True]))
coverages = npst.arrays(np.uint8, shapes, elements=st.sampled_from([0, 0, 0, 60, 200, 255]))
distances = st.integers(0, 12)


def distance_to(hole):
    """(h, w) float: brute force, infinite where there is no hole."""
    rows, columns = np.mgrid[: hole.shape[0], : hole.shape[1]]
    nearest = np.full(hole.shape, math.inf)
    for row, column in np.argwhere(hole):
        np.minimum(nearest, np.hypot(rows - row, columns - column), out=nearest)
    return nearest


@given(holes, distances)
@settings(deadline=None)
def test_grow_reaches_every_pixel_near_the_hole_and_no_other(hole, px):
    assert np.array_equal(grow(hole, px), distance_to(hole) <= px + 1e-4)


@given(holes, distances)
@settings(deadline=None)
def test_shrinking_the_hole_is_growing_what_is_kept(hole, px):
    assert np.array_equal(shrink(hole, px), ~grow(~hole, px))


@given(holes, distances, distances)
@settings(deadline=None)
def test_grow_is_monotone_and_contains_the_hole(hole, a, b):
    small, large = grow(hole, min(a, b)), grow(hole, max(a, b))
    assert not (hole & ~small).any()
    assert not (small & ~large).any()


@given(holes, holes, distances)
@settings(deadline=None)
def test_a_larger_hole_grows_larger(one, other, px):
    if one.shape == other.shape:
        assert not (grow(one, px) & ~grow(one | other, px)).any()


@given(holes, distances)
@settings(deadline=None)
def test_shrink_lies_inside_and_growing_back_never_exceeds_the_hole(hole, px):
    shrunk = shrink(hole, px)
    assert not (shrunk & ~hole).any()
    assert not (grow(shrunk, px) & ~hole).any()


@given(coverages, distances)
@settings(deadline=None)
def test_soft_masks_grow_and_shrink_to_about_the_same_outline(coverage, px):
    grown, shrunk = grow_coverage(coverage, px), shrink_coverage(coverage, px)
    assert (grown >= coverage).all()
    assert (shrunk <= coverage).all()
    assert set(np.unique(grown)) <= set(np.unique(coverage))
    assert not ((grown > 0) & ~grow(coverage > 0, px)).any()
    assert not (grow(coverage > 0, px - 1) & (grown == 0)).any()
    assert not (shrink(coverage > 0, px) & (shrunk == 0)).any()


@given(coverages, distances)
@settings(deadline=None)
def test_shrinking_a_soft_mask_is_growing_its_opposite(coverage, px):
    assert np.array_equal(
        shrink_coverage(coverage, px), invert(grow_coverage(invert(coverage), px))
    )


def test_large_steps_grow_a_disc():
    coverage = np.zeros((301, 301), np.uint8)
    coverage[150, 150] = 200
    grown = grow_coverage(coverage, 100)
    rows, columns = np.mgrid[:301, :301]
    distance = np.hypot(rows - 150, columns - 150)
    assert (grown[distance <= 95] == 200).all()
    assert (grown[distance > 100] == 0).all()


def test_the_border_of_the_picture_is_no_rim():
    hole = np.zeros((20, 20), bool)
    hole[:, :10] = True
    assert shrink(hole, 3)[:, :7].all()
    assert not shrink(hole, 3)[:, 7:].any()
    assert (feather_inwards(hole, 4)[:, 0] == 255).all()
    everything = np.ones((5, 5), bool)
    assert shrink(everything, 9).all()
    assert (feather_inwards(everything, 9) == 255).all()


@given(holes, st.integers(0, 40) | st.just(2000))
@settings(deadline=None)
def test_feather_rises_inwards_and_stays_inside(hole, px):
    coverage = feather_inwards(hole, px)
    depth = distance_to(~hole)
    assert np.array_equal(coverage > 0, hole)
    assert (coverage[depth >= max(px, 1)] == 255).all()
    order = np.argsort(depth[hole])
    assert (np.diff(coverage[hole][order].astype(int)) >= 0).all()


def test_feather_is_a_ramp():
    hole = np.zeros((3, 12), bool)
    hole[:, 2:] = True
    assert feather_inwards(hole, 5)[1].tolist() == [0, 0, 51, 102, 153, 204, *[255] * 6]


@given(holes, st.integers(0, 8))
@settings(deadline=None)
def test_components_hold_every_hole_pixel_and_are_tight(hole, join):
    boxes = components(hole, join=join)
    assert boxes == sorted(boxes)
    held = np.zeros(hole.shape, bool)
    for box in boxes:
        inside = hole[box.slices]
        assert inside[0].any()
        assert inside[-1].any()
        assert inside[:, 0].any()
        assert inside[:, -1].any()
        held[box.slices] = True
    assert not (hole & ~held).any()


@given(holes)
@settings(deadline=None)
def test_joining_wider_never_makes_more_components(hole):
    counts = [len(components(hole, join=join)) for join in (0, 2, 5, 9, 40)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == int(hole.any())


@pytest.mark.parametrize(
    ("gap", "join", "count"), [(10, 9, 2), (10, 10, 1), (11, 12, 1), (1, 0, 1)]
)
def test_holes_join_when_they_are_no_further_apart_than_asked(gap, join, count):
    hole = np.zeros((200, 300), bool)
    hole[100, 100] = hole[100, 100 + gap] = True
    assert len(components(hole, join=join)) == count


def test_a_hole_inside_the_bay_of_another_is_its_own():
    hole = np.zeros((60, 60), bool)
    hole[10:50, 10:12] = hole[10:12, 10:50] = hole[48:50, 10:50] = True
    hole[30, 30] = True
    assert components(hole, join=4) == [Box(10, 10, 50, 50), Box(30, 30, 31, 31)]


def test_corners_connect():
    assert components(np.eye(6, dtype=bool), join=0) == [Box(0, 0, 6, 6)]


def test_nothing_in_nothing_out():
    nothing = np.zeros((7, 7), bool)
    assert components(nothing, join=5) == []
    for result in (grow(nothing, 3), shrink(nothing, 3), feather_inwards(nothing, 3)):
        assert not result.any()


def test_the_argument_is_never_written(rng):
    hole = rng.random((30, 30)) > 0.8
    coverage = np.where(hole, np.uint8(200), np.uint8(0))
    for array in (hole, coverage):
        array.flags.writeable = False
    grow(hole, 3), shrink(hole, 3), feather_inwards(hole, 3), components(hole, join=4)
    grow_coverage(coverage, 3), shrink_coverage(coverage, 3), invert(coverage)


def test_only_masks_can_be_inverted():
    assert invert(np.array([[True, False]])).tolist() == [[False, True]]
    assert invert(np.array([[0, 200]], np.uint8)).tolist() == [[255, 55]]
    with pytest.raises(ValueError, match="only bool and uint8"):
        invert(np.zeros((2, 2), np.float32))
