"""Lines drawn on sheets: thin, where they were drawn, and only in the hole."""

import math

import numpy as np
import pytest

from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.edge_editing_strokes import EdgeCanvas, curve, hole_rim


def drawing(hole=None):
    """20 × 20 pixels of a network, each five pixels of the photo wide."""
    hole = np.ones((20, 20), bool) if hole is None else hole
    return EdgeDrawing((EdgeSheet(np.zeros((20, 20), np.uint8), hole, Box(100, 200, 200, 300)),))


def lines_of(canvas):
    return canvas.drawing.sheets[0].lines


def test_a_line_is_one_pixel_of_the_network_thin_and_lies_where_it_was_drawn():
    canvas = EdgeCanvas(drawing())
    canvas.draw([(210.0, 152.0), (290.0, 152.0)])
    lines = lines_of(canvas)
    assert np.flatnonzero(lines.any(axis=1)).tolist() == [10]
    assert np.flatnonzero(lines[10]).tolist() == list(range(2, 19))
    assert set(np.unique(lines)) == {0, 255}
    assert canvas.changed


def test_a_slanting_line_has_no_gaps_and_no_corners():
    canvas = EdgeCanvas(drawing())
    canvas.draw([(202.0, 102.0), (298.0, 160.0)])
    rows, columns = np.nonzero(lines_of(canvas))
    assert len(columns) == len(set(columns)) == 20
    order = np.argsort(columns)
    assert np.abs(np.diff(rows[order])).max() == 1


def test_nothing_is_drawn_outside_the_hole_or_the_sheet():
    hole = np.zeros((20, 20), bool)
    hole[:, :10] = True
    canvas = EdgeCanvas(drawing(hole=hole))
    canvas.draw([(-500.0, 150.0), (5000.0, 150.0)])
    assert np.flatnonzero(lines_of(canvas).any(axis=0)).tolist() == list(range(10))
    outside = EdgeCanvas(drawing(hole=hole))
    outside.draw([(290.0, 150.0)])
    assert not outside.changed


def test_a_click_is_a_dot_and_the_eraser_takes_it_away():
    canvas = EdgeCanvas(drawing())
    canvas.draw([(252.0, 152.0)])
    assert np.argwhere(lines_of(canvas)).tolist() == [[10, 10]]
    canvas.erase([(252.0, 152.0)], diameter=1.0)
    assert not lines_of(canvas).any()


def test_the_eraser_is_as_wide_as_it_says():
    full = EdgeDrawing(
        (EdgeSheet(np.full((20, 20), 255, np.uint8), np.ones((20, 20), bool), Box(0, 0, 100, 100)),)
    )
    canvas = EdgeCanvas(full)
    canvas.erase([(50.0, 52.5), (1000.0, 52.5)], diameter=30.0)
    lines = lines_of(canvas)
    assert np.flatnonzero(lines[:, 19] == 0).tolist() == [7, 8, 9, 10, 11, 12, 13]
    assert lines[10, 5] == 255
    assert lines[10, 8] == 0


def test_clear_takes_all_that_was_invented_and_leaves_what_was_found():
    hole = np.zeros((4, 4), bool)
    hole[1:3] = True
    sheet = EdgeSheet(np.full((4, 4), 90, np.uint8), hole, Box(0, 0, 4, 4))
    canvas = EdgeCanvas(EdgeDrawing((sheet,)))
    canvas.clear()
    lines = lines_of(canvas)
    assert not lines[hole].any()
    assert (lines[~hole] == 90).all()


def test_the_drawing_it_was_made_of_stays_as_it_was():
    before = drawing()
    canvas = EdgeCanvas(before)
    canvas.draw([(210.0, 152.0), (290.0, 152.0)])
    assert not before.sheets[0].lines.any()


@pytest.mark.parametrize("through", [(5.0, 9.0), (5.0, 0.0)])
def test_a_curve_passes_its_three_points(through):
    points = curve((0.0, 0.0), through, (10.0, 0.0))
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (10.0, 0.0)
    assert min(math.dist(point, through) for point in points) < 1e-9


def test_the_rim_of_a_hole_is_closed():
    hole = np.zeros((6, 7), bool)
    hole[2:4, 3:6] = True
    hole[4, 3] = True
    rim = hole_rim(hole)
    lengths = np.abs(rim[:, 2] - rim[:, 0]) + np.abs(rim[:, 3] - rim[:, 1])
    assert lengths.sum() == 12
    assert rim[:, [0, 2]].min() == 3
    assert rim[:, [0, 2]].max() == 6
    assert rim[:, [1, 3]].min() == 2
    assert rim[:, [1, 3]].max() == 5
