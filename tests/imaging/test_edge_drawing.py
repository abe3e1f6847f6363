"""Edges kept at the network's size: what goes out to a picture and back is the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet, drawing_of
from inpaint_studio.imaging.geometry import Box, Size


def sheet(lines, box, hole=None):
    lines = np.asarray(lines, np.uint8)
    return EdgeSheet(lines, np.ones(lines.shape, bool) if hole is None else hole, box)


@given(
    data=st.data(),
    height=st.integers(3, 40),
    width=st.integers(3, 40),
    finer=st.floats(1.0, 5.0),
)
def test_what_is_written_at_the_photos_size_reads_back_the_same(data, height, width, finer):
    box = Box(2, 5, 2 + int(height * finer), 5 + int(width * finer))
    seed = data.draw(st.integers(0, 2**16))
    lines = (np.random.default_rng(seed).random((height, width)) > 0.8).astype(np.uint8) * 255
    drawing = EdgeDrawing((sheet(lines, box),))
    canvas = drawing.picture(Size(box.bottom + 3, box.right + 4))
    assert np.array_equal(drawing.redrawn(canvas).sheets[0].lines, lines)


def test_a_line_one_pixel_thin_on_the_photo_is_not_lost():
    empty = EdgeDrawing((sheet(np.zeros((10, 10)), Box(0, 0, 73, 73)),))
    canvas = np.zeros((73, 73), np.uint8)
    canvas[40, 5:60] = 255
    lines = empty.redrawn(canvas).sheets[0].lines
    assert lines[5, 1:8].min() == 255
    assert np.count_nonzero(lines.any(axis=1)) == 1


def test_the_sheet_of_the_same_crop_is_taken_as_it_is():
    lines = np.arange(64, dtype=np.uint8).reshape(8, 8)
    hole = np.zeros((8, 8), bool)
    drawing = EdgeDrawing((sheet(lines, Box(0, 0, 30, 30), hole),))
    assert np.array_equal(drawing.within(Box(0, 0, 30, 30), Size(8, 8)) * 255, lines)


def test_another_crop_sees_drawn_lines_where_they_lie_and_not_those_of_the_photo():
    hole = np.zeros((10, 10), bool)
    hole[:, 5:] = True
    lines = np.zeros((10, 10))
    lines[5, :] = 255
    drawing = EdgeDrawing((sheet(lines, Box(0, 0, 100, 100), hole),))
    seen = drawing.within(Box(0, 0, 200, 200), Size(40, 40))
    assert seen[10:12, 10:20].min() == 1
    assert not seen[:, :10].any()
    assert not seen[:10].any()
    assert not seen[:, 20:].any()


def test_found_edges_stay_when_the_hole_is_drawn_anew():
    hole = np.zeros((4, 4), bool)
    hole[1:3, 1:3] = True
    drawing = EdgeDrawing((sheet(np.full((4, 4), 200), Box(0, 0, 4, 4), hole),))
    redrawn = drawing.redrawn(np.zeros((4, 4), np.uint8)).sheets[0]
    assert not redrawn.lines[hole].any()
    assert (redrawn.lines[~hole] == 200).all()


def test_a_sheet_is_read_only_and_made_of_what_an_engine_reports():
    made = EdgeSheet.of(
        np.array([[0.0, 0.5, 2.0]], np.float32), np.ones((1, 3), bool), Box(0, 0, 1, 3)
    )
    assert made.lines.tolist() == [[0, 128, 255]]
    with pytest.raises(ValueError, match="read-only"):
        made.lines[0, 0] = 1
    with pytest.raises(ValueError, match="do not go with"):
        EdgeSheet(np.zeros((2, 2), np.uint8), np.zeros((3, 3), bool), Box(0, 0, 2, 2))


def test_no_sheets_are_no_drawing():
    assert drawing_of([]) is None
    one = sheet(np.zeros((2, 2)), Box(0, 0, 2, 2))
    both = drawing_of([one, sheet(np.zeros((2, 2)), Box(4, 6, 8, 10))])
    assert both is not None
    assert both.box == Box(0, 0, 8, 10)
    assert both.nbytes == 16
