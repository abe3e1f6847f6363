import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_studio.imaging.fit import (
    fit,
    fit_hole,
    fit_known,
    fit_lines,
    plan_fit,
    rows_of,
    strip,
    unfit,
)
from inpaint_studio.imaging.geometry import Box, Size, SizeRule

SIDES = st.integers(1, 90)
RULES = st.builds(
    SizeRule,
    minimum=st.integers(1, 70),
    multiple_of=st.sampled_from([1, 4, 8, 32]),
    working=st.sampled_from([0, 16, 64, 512]),
)


@given(height=SIDES, width=SIDES, rule=RULES)
def test_fitted_sizes_obey_the_rule(height, width, rule):
    fitted, fitting = fit(np.zeros((height, width, 3), np.float32), rule)
    assert fitted.shape == (*fitting.fitted, 3)
    for side in fitted.shape[:2]:
        assert side >= rule.minimum
        assert side % rule.multiple_of == 0
    if rule.working:
        assert max(fitting.scaled) <= max(rule.working, 1)


@given(height=SIDES, width=SIDES, minimum=st.integers(1, 200), multiple=st.integers(1, 64))
def test_unfit_undoes_fit_exactly_where_nothing_was_scaled(height, width, minimum, multiple):
    picture = np.random.default_rng(height * 97 + width).random((height, width, 3), np.float32)
    fitted, fitting = fit(picture, SizeRule(minimum, multiple))
    assert np.array_equal(unfit(fitted, fitting), picture)


@given(height=SIDES, width=SIDES, rule=RULES)
def test_unfit_always_brings_the_size_back(height, width, rule):
    fitted, fitting = fit(np.ones((height, width, 3), np.float32), rule)
    back = unfit(fitted, fitting)
    assert back.shape == (height, width, 3)
    assert back == pytest.approx(1, abs=1e-5)


@given(height=SIDES, width=SIDES, rule=RULES, data=st.data())
def test_a_part_brought_back_is_that_part_of_the_whole(height, width, rule, data):
    picture = np.random.default_rng(height * 97 + width).random((height, width, 3), np.float32)
    fitted, fitting = fit(picture, rule)
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    box = Box(top, left, data.draw(st.integers(top + 1, height)), width)
    assert unfit(fitted, fitting, box) == pytest.approx(
        unfit(fitted, fitting)[box.slices], abs=1e-4
    )


def test_unfit_of_a_scaled_gradient_is_the_gradient():
    columns = np.linspace(0, 1, 200, dtype=np.float32)
    picture = np.broadcast_to(columns[None, :, None], (120, 200, 3)).copy()
    fitted, fitting = fit(picture, SizeRule(working=50))
    assert fitting.scaled == Size(30, 50)
    error = np.abs(unfit(fitted, fitting) - picture)
    assert error[:, 8:-8].max() < 0.002  # no shift by a part of a pixel
    assert error.max() < 0.01


@given(height=SIDES, width=SIDES, rule=RULES, seed=st.integers(0, 999))
def test_every_pixel_the_hole_touches_stays_hole(height, width, rule, seed):
    hole = np.random.default_rng(seed).random((height, width)) < 0.02
    fitting = plan_fit(Size(height, width), rule)
    fitted = strip(fit_hole(hole, fitting), fitting)
    rows, columns = np.nonzero(hole)
    centres = (
        ((rows + 0.5) * fitting.scaled.height / height).astype(int),
        ((columns + 0.5) * fitting.scaled.width / width).astype(int),
    )
    assert fitted[centres].all()
    assert fitted.any() == hole.any()


@given(height=SIDES, width=SIDES, rule=RULES, seed=st.integers(0, 999))
def test_what_lies_in_the_hole_cannot_be_seen(height, width, rule, seed):
    rng = np.random.default_rng(seed)
    picture = rng.random((height, width, 3), np.float32)
    hole = rng.random((height, width)) < 0.1
    other = np.where(hole[:, :, None], np.float32(1e6), picture)
    fitting = plan_fit(Size(height, width), rule)
    seen, fitted_hole = fit_known(rows_of(picture), hole, fitting)
    seen_other, _ = fit_known(rows_of(other), hole, fitting)
    assert np.array_equal(seen, seen_other)
    assert not seen[fitted_hole].any()


@given(height=SIDES, width=SIDES, rule=RULES)
def test_known_pixels_are_fitted_like_any_others(height, width, rule):
    picture = np.random.default_rng(height * 97 + width).random((height, width, 3), np.float32)
    whole, fitting = fit(picture, rule)
    seen, fitted_hole = fit_known(rows_of(picture), np.zeros((height, width), bool), fitting)
    assert not fitted_hole.any()
    assert np.abs(seen - whole).max() < 1e-3


@given(height=SIDES, width=SIDES, seed=st.integers(0, 999))
def test_no_more_of_a_scaled_picture_is_hole_than_the_hole_touches(height, width, seed):
    hole = np.random.default_rng(seed).random((height, width)) < 0.02
    fitting = plan_fit(Size(height, width), SizeRule(working=16))
    covered, _ = fit(hole.astype(np.float32), SizeRule(working=16))
    assert np.array_equal(fit_hole(hole, fitting), covered > 0)


def test_mirroring_goes_on_beyond_one_picture_width():
    row = np.array([[1, 2, 3]], np.float32)
    fitted, _ = fit(row, SizeRule(minimum=8))
    assert fitted[0].tolist() == [1, 2, 3, 3, 2, 1, 1, 2]
    assert (fitted == fitted[0]).all()


def test_a_hole_is_mirrored_with_its_picture():
    hole = np.zeros((4, 6), bool)
    hole[:, 5] = True
    fitted = fit_hole(hole, plan_fit(Size(4, 6), SizeRule(multiple_of=8)))
    assert fitted[0].tolist() == [False] * 5 + [True, True, False]


def test_thin_lines_keep_their_strength_when_scaled():
    lines = np.zeros((256, 256), np.float32)
    lines[100] = 1
    fitted = fit_lines(lines, plan_fit(Size(256, 256), SizeRule(working=64)))
    assert fitted.max() == pytest.approx(1)
    assert (fitted > 0.5).sum() == 64
