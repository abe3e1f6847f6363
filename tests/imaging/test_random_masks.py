"""Random holes are seeded, of their kind, of the wanted share, on any size."""

import cv2
import numpy as np
import pytest

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.random_masks import (
    KINDS,
    RATIO_CLASSES,
    RatioRange,
    halves,
    hole_within,
    ratio_class,
    touches_border,
)

SIZES = [Size(64, 64), Size(40, 90), Size(96, 33)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_holes_are_seeded_and_have_the_size(kind, size):
    first, again = (kind(size, np.random.default_rng(3)) for _ in range(2))
    assert first.dtype == np.bool_
    assert first.shape == size
    assert first.any()
    assert not first.all()
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_another_seed_gives_another_hole(kind):
    drawn = {kind(Size(64, 64), np.random.default_rng(seed)).tobytes() for seed in range(12)}
    assert len(drawn) >= 3


@pytest.mark.parametrize("border", [True, False, None])
@pytest.mark.parametrize("ratio", RATIO_CLASSES, ids=str)
def test_holes_keep_to_their_class_and_to_the_border_rule(ratio, border, rng):
    for size in (Size(64, 64), Size(48, 80)):
        hole = hole_within(size, rng, ratio=ratio, border=border)
        assert ratio.over < hole.mean() <= ratio.upto
        if border is not None:
            assert touches_border(hole) is border
        if border is False:
            margin = round(min(size) * 50 / 512)
            assert hole.sum() == hole[margin:-margin, margin:-margin].sum()


def test_a_hole_that_a_kind_cannot_make_is_refused(rng):
    with pytest.raises(ValueError, match="between"):
        hole_within(Size(32, 32), rng, ratio=RatioRange(0.1, 0.2), kind=halves)


def test_cracks_are_thin_and_branch(rng):
    lengths = []
    for _ in range(8):
        hole = KINDS["cracks"](Size(256, 256), rng)
        depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)
        assert np.quantile(depth[hole], 0.9) <= 3
        lengths.append(hole.mean())
    assert 0.002 < np.mean(lengths) < 0.12


def test_halves_are_halves(rng):
    assert {float(halves(Size(64, 50), rng).mean()) for _ in range(9)} == {0.5}


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, None), (0.1, (0.01, 0.1)), (0.11, (0.1, 0.2)), (0.7, None)]
)
def test_the_class_of_a_share(share, expected):
    assert ratio_class(share) == expected
