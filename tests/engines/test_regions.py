import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_studio.engines.regions import LEAST_CONTEXT, plan_regions
from inpaint_studio.imaging.geometry import Box, Size, SizeRule

NETWORK = SizeRule(minimum=128, multiple_of=128, working=512)


def hole_at(size, *boxes):
    hole = np.zeros(size, bool)
    for box in boxes:
        hole[Box(*box).slices] = True
    return hole


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 700),
    width=st.integers(1, 700),
    boxes=st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=6),
    rule=st.sampled_from([SizeRule(), NETWORK, SizeRule(4, 4, 64), SizeRule(1, 1, 1)]),
    context=st.sampled_from([None, 1, 30]),
)
def test_each_hole_pixel_belongs_to_one_region_that_lies_in_its_crop(
    height, width, boxes, rule, context
):
    hole = np.zeros((height, width), bool)
    for top, left, tall, wide in boxes:
        row, column = int(top * (height - 1)), int(left * (width - 1))
        hole[row : row + 1 + int(tall * 200), column : column + 1 + int(wide * 200)] = True
    times = np.zeros(hole.shape, int)
    for region in plan_regions(hole, rule, context=context):
        times[region.core.slices] += 1
        assert region.crop.contains(region.core)
        assert Size(height, width).box.contains(region.crop)
    assert (times[hole] == 1).all()


def test_holes_closer_than_their_context_share_a_region():
    near = hole_at((400, 900), (100, 100, 110, 110), (100, 150, 110, 160))
    far = hole_at((400, 900), (100, 100, 110, 110), (100, 500, 110, 510))
    assert len(plan_regions(near, NETWORK)) == 1
    assert len(plan_regions(far, NETWORK)) == 2


def test_a_wide_hole_reaches_further_than_a_speck():
    speck, wide = (100, 700, 104, 704), (100, 100, 500, 600)
    assert len(plan_regions(hole_at((700, 1200), wide, speck), SizeRule())) == 1
    assert len(plan_regions(hole_at((700, 1200), (100, 590, 104, 594), speck), SizeRule())) == 2


def test_crops_hold_context_and_need_no_mirroring_where_the_photo_has_room():
    (region,) = plan_regions(hole_at((2000, 2000), (900, 1000, 1000, 1030)), NETWORK)
    assert region.crop.contains(region.core.pad(LEAST_CONTEXT))
    assert region.crop.size == Size(256, 256)


def test_context_can_be_set():
    (region,) = plan_regions(hole_at((2000, 2000), (900, 900, 1000, 1000)), SizeRule(), context=300)
    assert region.crop == Box(600, 600, 1300, 1300)


def test_a_scratch_across_the_photo_is_filled_at_full_resolution():
    scratch = hole_at((3000, 4000), (1500, 0, 1504, 4000))
    regions = plan_regions(scratch, NETWORK)
    assert max(max(region.crop.size) for region in regions) <= NETWORK.working
    lefts = [region.core.left for region in regions]
    assert lefts == sorted(lefts)


def test_a_blob_on_a_scratch_is_not_cut_in_two():
    hole = hole_at((3000, 4000), (1500, 0, 1504, 4000), (1300, 1800, 1700, 2200))
    blob = Box(1300, 1800, 1700, 2200)
    assert any(region.core.contains(blob) for region in plan_regions(hole, NETWORK))


def test_a_large_hole_is_seen_whole():
    (region,) = plan_regions(hole_at((4000, 6000), (1000, 1000, 2100, 2100)), NETWORK)
    assert region.crop.contains(region.core.pad(500))


def test_a_strip_across_a_panorama_stays_near_full_resolution():
    regions = plan_regions(hole_at((200, 30_000), (0, 5_000, 200, 25_000)), NETWORK)
    assert max(max(region.crop.size) for region in regions) <= 1024


@pytest.mark.parametrize("rule", [SizeRule(), NETWORK])
def test_many_specks_are_planned_quickly_and_completely(rng, rule):
    hole = np.zeros((1500, 2000), bool)
    hole[rng.integers(0, 1500, 400), rng.integers(0, 2000, 400)] = True
    covered = np.zeros(hole.shape, bool)
    for region in plan_regions(hole, rule):
        covered[region.core.slices] = True
    assert covered[hole].all()
