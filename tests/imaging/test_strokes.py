"""Brush segments against discs stamped one by one; polygons against a ray per pixel."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.strokes import Brush, fill_polygon, stamp_line

SHAPE = (70, 90)
points = st.tuples(st.floats(-60, 150), st.floats(-60, 130))
brushes = st.builds(Brush, diameter=st.floats(1, 120), hardness=st.floats(0, 1))
pressures = st.one_of(st.just((1.0, 1.0)), st.tuples(st.floats(0, 1), st.floats(0, 1)))


def stamp_discs(a, b, brush, pressure, count=300):
    """The definition: discs set densely along the line, the highest value wins."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    radii = [max(1.0, brush.diameter * p) / 2 for p in pressure]
    result = np.zeros(SHAPE)
    for t in np.linspace(0, 1, count):
        x, y, radius = (p + t * (q - p) for p, q in ((a[0], b[0]), (a[1], b[1]), radii))
        outer, inner = radius + 0.5, min(radius * brush.hardness, radius - 0.5)
        fall = (outer**2 - (columns - x) ** 2 - (rows - y) ** 2) / (outer**2 - inner**2)
        fall = fall.clip(0, 1)
        np.maximum(result, 255 * fall**2 * (3 - 2 * fall), out=result)
    return result


@given(a=points, b=points, brush=brushes)
@settings(max_examples=60, deadline=None)
def test_a_segment_is_what_dense_discs_add_up_to(a, b, brush):
    canvas = np.zeros(SHAPE, np.uint8)
    stamp_line(canvas, a, b, brush)
    expected = stamp_discs(a, b, brush, (1.0, 1.0))
    # Discs 0.8 px apart leave dents in the rim of a small hard brush: allow for those.
    dent = 255 * 1.5 * (math.dist(a, b) / 300) ** 2 / max(4, brush.diameter)
    assert np.abs(canvas - expected).max() <= 2 + dent


@given(
    a=points,
    reach=st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
    brush=brushes,
    pressure=pressures,
)
@example((41.7, 39.5), (31.1, 30.8), Brush(102, 0.2), (0.0, 1.0))
@example((38.6, 2.5), (37.8, -8.5), Brush(116, 0.95), (0.01, 1.0))
@example((-12.4, -4.8), (23.9, 8.7), Brush(110.7, 1.0), (0.5, 0.01))
@example((30.0, 30.0), (0.0, 0.0), Brush(40, 0.5), (0.2, 1.0))
@settings(max_examples=60, deadline=None)
def test_a_tapered_segment_is_what_dense_discs_add_up_to(a, reach, brush, pressure):
    canvas = np.zeros(SHAPE, np.uint8)
    b = (a[0] + reach[0], a[1] + reach[1])
    stamp_line(canvas, a, b, brush, pressure=pressure)
    difference = canvas - stamp_discs(a, b, brush, pressure)
    # A few pixels at the thin tip of a hard brush are fainter than they could be.
    assert difference.min() >= -48
    assert (difference < -3).mean() <= 0.01
    assert np.abs(difference).mean() <= 0.6


@given(a=points, b=points, brush=brushes, pressure=pressures, seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_painting_never_lowers_and_touches_only_its_box(a, b, brush, pressure, seed):
    before = np.random.default_rng(seed).integers(0, 256, SHAPE, dtype=np.uint8)
    canvas = before.copy()
    box = stamp_line(canvas, a, b, brush, pressure=pressure)
    assert (canvas >= before).all()
    outside = np.ones(SHAPE, bool)
    outside[box.slices] = False
    assert np.array_equal(canvas[outside], before[outside])


@given(a=points, b=points, brush=brushes, pressure=pressures)
@settings(max_examples=60, deadline=None)
def test_erasing_is_painting_upside_down(a, b, brush, pressure):
    painted = np.zeros(SHAPE, np.uint8)
    erased = np.full(SHAPE, 255, np.uint8)
    box = stamp_line(painted, a, b, brush, pressure=pressure)
    assert stamp_line(erased, a, b, brush, pressure=pressure, erase=True) == box
    assert np.array_equal(erased, 255 - painted)


def test_a_hard_brush_is_full_up_to_its_rim_and_nothing_beyond():
    canvas = np.zeros((60, 60), np.uint8)
    stamp_line(canvas, (30, 30), (30, 30), Brush(40, 1.0))
    rows, columns = np.mgrid[:60, :60] + 0.5
    distance = np.hypot(rows - 30, columns - 30)
    assert (canvas[distance <= 19.4] == 255).all()
    assert (canvas[distance >= 20.6] == 0).all()
    assert canvas.sum() / 255 == pytest.approx(math.pi * 20**2, rel=0.01)


def test_a_soft_brush_falls_steadily_from_the_centre():
    canvas = np.zeros((101, 101), np.uint8)
    stamp_line(canvas, (50.5, 50.5), (50.5, 50.5), Brush(80, 0.0))
    profile = canvas[50, 50:].astype(int)
    assert profile[0] == 255
    assert profile[-1] == 0
    assert (np.diff(profile) <= 0).all()
    assert 100 < profile[20] < 240


def test_the_smallest_brush_marks_the_pixel_it_is_on():
    canvas = np.zeros((9, 9), np.uint8)
    box = stamp_line(canvas, (4.5, 3.5), (4.5, 3.5), Brush(1, 1.0))
    assert np.argwhere(canvas).tolist() == [[3, 4]]
    assert canvas[3, 4] == 255
    assert box.contains(Box(3, 4, 4, 5))


def test_overlapping_segments_do_not_build_up():
    once, twice = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    brush = Brush(30, 0.2)
    stamp_line(once, (10, 20), (70, 50), brush)
    stamp_line(twice, (10, 20), (40, 35), brush)
    stamp_line(twice, (40, 35), (70, 50), brush)
    stamp_line(twice, (30, 30), (50, 40), brush)
    assert np.abs(once.astype(int) - twice).max() <= 1


def test_a_long_wide_stroke_is_full_along_its_whole_length():
    canvas = np.zeros((900, 1200), np.uint8)
    stamp_line(canvas, (100, 100), (1100, 800), Brush(200, 0.9))
    for t in np.linspace(0, 1, 40):
        assert canvas[int(100 + 700 * t), int(100 + 1000 * t)] == 255
    assert canvas[800, 100] == canvas[100, 1100] == 0


def test_pressure_scales_the_diameter():
    light, full = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    stamp_line(light, (45, 35), (45, 35), Brush(40, 1.0), pressure=(0.5, 0.5))
    stamp_line(full, (45, 35), (45, 35), Brush(20, 1.0))
    assert np.array_equal(light, full)


def test_a_dab_off_the_canvas_changes_nothing():
    canvas = np.zeros(SHAPE, np.uint8)
    assert stamp_line(canvas, (-500, 10), (-400, 10), Brush(40)) == EMPTY_BOX
    assert not canvas.any()


@pytest.mark.parametrize(("diameter", "hardness"), [(0.5, 0.5), (2001, 0.5), (20, -0.1), (20, 1.1)])
def test_impossible_brushes_are_refused(diameter, hardness):
    with pytest.raises(ValueError, match="brush"):
        Brush(diameter, hardness)


def winding(outline, x, y):
    """How often the outline goes round (x, y)."""
    turns = 0
    for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        if (y0 <= y) != (y1 <= y):
            crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
            turns += (1 if y1 > y0 else -1) * (crossing > x)
    return turns


@given(
    outline=st.lists(st.tuples(st.integers(-30, 60), st.integers(-30, 60)), min_size=3, max_size=9),
    erase=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_a_polygon_fills_what_it_winds_round(outline, erase):
    canvas = np.full((30, 36), 255 if erase else 0, np.uint8)
    box = fill_polygon(canvas, outline, erase=erase)
    inside = canvas == (0 if erase else 255)
    # Whole-number corners and centres at a half: no centre lies exactly on a level crossing.
    for row in range(30):
        for column in range(36):
            x = column + 0.5 + 1e-7
            near = abs(_closest_crossing(outline, x, row + 0.5)) < 1e-5
            assert near or inside[row, column] == (winding(outline, x, row + 0.5) != 0)
    outside = np.ones(canvas.shape, bool)
    outside[box.slices] = False
    assert not inside[outside].any()


def _closest_crossing(outline, x, y):
    best = math.inf
    for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        if (y0 <= y) != (y1 <= y):
            crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
            best = min(best, crossing - x, key=abs)
    return best


def test_a_rectangle_fills_exactly_its_pixels():
    canvas = np.zeros((40, 50), np.uint8)
    box = fill_polygon(canvas, [(10, 5), (30, 5), (30, 25), (10, 25)])
    expected = np.zeros((40, 50), np.uint8)
    expected[5:25, 10:30] = 255
    assert np.array_equal(canvas, expected)
    assert box == Box(5, 10, 25, 30)


def test_a_lasso_that_goes_round_twice_leaves_no_island():
    canvas = np.zeros((60, 60), np.uint8)
    turns = np.linspace(0, 4 * np.pi, 80)
    radius = np.linspace(25, 15, 80)
    fill_polygon(
        canvas,
        [(30 + r * np.cos(t), 30 + r * np.sin(t)) for r, t in zip(radius, turns, strict=True)],
    )
    assert (canvas[25:36, 25:36] == 255).all()


def test_a_polygon_may_reach_far_outside():
    canvas = np.zeros((20, 20), np.uint8)
    assert fill_polygon(canvas, [(-1e9, -1e9), (1e9, -1e9), (0, 1e9)]) == Box(0, 0, 20, 20)
    assert (canvas == 255).all()


@pytest.mark.parametrize(
    "outline", [[], [(1, 1)], [(1, 1), (5, 5)], [(90, 90), (99, 90), (95, 99)]]
)
def test_nothing_to_fill_changes_nothing(outline):
    canvas = np.zeros((20, 20), np.uint8)
    assert fill_polygon(canvas, outline) == EMPTY_BOX
    assert not canvas.any()
