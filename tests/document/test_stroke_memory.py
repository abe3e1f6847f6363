"""What undo costs in memory: by what strokes touched, not by how large the photo is."""

import numpy as np
import pytest

from inpaint_studio.document.commands import AddLayer, PaintKeep, PaintMask
from inpaint_studio.document.document import Document
from inpaint_studio.document.history import MEMORY_BUDGET
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pixels import TILE, StrokeRecorder, TileDelta
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.imaging.strokes import Brush, stamp_line

WIDE = Brush(400, 0.3)
PER_TILE = TILE * TILE + 512
"""Bytes a tile may take when it cannot be packed at all."""


def around(a, b):
    (x, y), (u, v) = a, b
    margin = int(WIDE.diameter)
    return Box(int(min(y, v)), int(min(x, u)), int(max(y, v)), int(max(x, u))).pad(margin)


def stroke(canvas, a, b):
    recorder = StrokeRecorder(canvas)
    recorder.touch(around(a, b).clip(canvas_size(canvas)))
    stamp_line(canvas, a, b, WIDE)
    return recorder.finish()


def canvas_size(canvas):
    return Box(0, 0, *canvas.shape).size


@pytest.fixture
def document():
    document = Document(Photo(np.zeros((3000, 4000, 1), np.uint8)))
    yield document
    document.close()


def test_two_hundred_wide_strokes_stay_far_below_the_budget(document, rng):
    for number in range(200):
        (x, y), (dx, dy) = rng.uniform(0, 3000, 2), rng.uniform(-300, 300, 2)
        delta = stroke(document.mask, (x, y), (x + dx, y + dy))
        assert delta.nbytes <= PER_TILE * len(delta.tiles)
        document.history.push(document, PaintMask(delta, f"Stroke {number}"))
    assert len(document.history.titles) == 200
    assert document.history.disk_bytes == 0
    assert document.history.nbytes < MEMORY_BUDGET / 16


def test_a_stroke_costs_the_same_on_a_small_and_on_a_large_canvas():
    costs = [
        stroke(np.zeros(size, np.uint8), (500, 500), (700, 600)).nbytes
        for size in ((1200, 1200), (4000, 6000))
    ]
    assert costs[0] == costs[1]


def test_a_stroke_on_a_layers_mask_holds_no_copy_of_it(document):
    size = (2000, 2500)
    pixels, alpha = np.zeros((*size, 1), np.uint8), np.full(size, 255, np.uint8)
    layer = Layer(1, "Sky", Patch(pixels, alpha, Point(9, 9)), keep=alpha.copy())
    document.history.push(document, AddLayer(layer))
    for number in range(40):
        before = document.layer(1).keep
        keep = before.copy()
        at = (300 + 40.0 * number, 700.0)
        stamp_line(keep, at, (at[0] + 90, at[1] + 50), WIDE, erase=True)
        within = around(at, (at[0] + 90, at[1] + 50)).clip(layer.box.size)
        delta = TileDelta.capture(before, keep, within=within)
        document.history.push(document, PaintKeep(1, delta))
        assert delta.nbytes <= PER_TILE * len(delta.tiles)
    painted = document.layer(1).keep
    assert document.history.nbytes < painted.nbytes / 4
    document.history.jump(document, 1)
    assert (document.layer(1).keep == 255).all()
    document.history.jump(document, 41)
    assert np.array_equal(document.layer(1).keep, painted)
