"""Gestures without a window: samples in, mask pixels and one undo step out."""

import numpy as np
import pytest

from inpaint_studio.document.document import Document
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.imaging.strokes import Brush
from inpaint_studio.ui.canvas.tools import (
    Modifiers,
    PointerSample,
    Stroke,
    brush_gesture,
    lasso_gesture,
    polygon_gesture,
)

SHIFT = Modifiers(shift=True)


@pytest.fixture
def document():
    return Document(Photo(np.zeros((200, 300, 3), np.uint8)))


def at(x, y, phase="move", **extra):
    return PointerSample(x, y, phase=phase, **extra)


def run(gesture, *samples):
    """Send samples until the gesture ends: (traces, command)."""
    traces = [next(gesture)]
    try:
        for sample in samples:
            traces.append(gesture.send(sample))
    except StopIteration as end:
        return traces, end.value
    raise AssertionError("the gesture did not end")


def stroke(document, diameter=20.0, **extra):
    return Stroke(document.mask, "Paint mask", Brush(diameter, 1.0), **extra)


def test_a_brush_stroke_paints_where_it_went_and_nowhere_else(document):
    first = at(50, 60, "press")
    traces, command = run(
        brush_gesture(stroke(document), first), at(150, 60), at(150, 60, "release")
    )
    assert document.mask[60, 50:150].min() == 255
    assert document.mask[45].max() == 0
    changed = np.argwhere(document.mask)
    touched = traces[0].box.union(traces[1].box)
    assert touched.top <= changed[:, 0].min()
    assert touched.bottom > changed[:, 0].max()
    assert command.title == "Paint mask"


def test_one_stroke_is_one_undo_step_that_restores_exactly(document, rng):
    document.mask[...] = rng.integers(0, 255, document.mask.shape, dtype=np.uint8)
    before = document.mask.copy()
    samples = [at(30 + step, 40 + step) for step in range(100)]
    _, command = run(
        brush_gesture(stroke(document), at(30, 40, "press")), *samples, at(130, 140, "release")
    )
    after = document.mask.copy()
    document.history.push(document, command)
    assert np.array_equal(document.mask, after)
    document.history.undo(document)
    assert np.array_equal(document.mask, before)
    document.history.redo(document)
    assert np.array_equal(document.mask, after)


def test_closing_a_gesture_puts_the_mask_back(document, rng):
    document.mask[...] = rng.integers(0, 255, document.mask.shape, dtype=np.uint8)
    before = document.mask.copy()
    gesture = brush_gesture(stroke(document), at(30, 40, "press"))
    next(gesture)
    gesture.send(at(200, 150))
    assert not np.array_equal(document.mask, before)
    gesture.close()
    assert np.array_equal(document.mask, before)


def test_a_stroke_that_changes_nothing_is_no_step(document):
    _, command = run(
        brush_gesture(stroke(document, erase=True), at(50, 50, "press")), at(60, 50, "release")
    )
    assert command is None


def test_the_last_piece_up_to_the_release_is_painted(document):
    run(brush_gesture(stroke(document), at(50, 60, "press")), at(150, 60, "release"))
    assert document.mask[60, 140] == 255


def test_shift_at_the_press_draws_a_line_from_the_last_stroke(document):
    line = stroke(document, start=(20.0, 100.0))
    run(
        brush_gesture(line, at(280, 100, "press", modifiers=SHIFT)),
        at(280, 100, "release", modifiers=SHIFT),
    )
    assert document.mask[100, 20:280].min() == 255


def test_shift_while_dragging_keeps_to_one_axis(document):
    run(
        brush_gesture(stroke(document), at(50, 100, "press", modifiers=SHIFT)),
        at(120, 110, modifiers=SHIFT),
        at(250, 140, modifiers=SHIFT),
        at(250, 140, "release", modifiers=SHIFT),
    )
    assert document.mask[100, 50:250].min() == 255
    assert document.mask[125:].max() == 0


def test_pressure_makes_the_line_thinner(document):
    gesture = brush_gesture(stroke(document, 40.0), at(50, 100, "press", pressure=0.25))
    run(gesture, at(150, 100, pressure=0.25), at(150, 100, "release", pressure=0.0))
    assert document.mask[100, 100] == 255
    assert document.mask[100 + 10, 100] == 0
    assert document.mask[100, 50:150].min() == 255


def test_a_lasso_fills_what_it_encloses(document):
    samples = [at(150, 50), at(150, 150), at(50, 150)]
    traces, command = run(
        lasso_gesture(stroke(document), at(50, 50, "press")), *samples, at(50, 150, "release")
    )
    assert document.mask[50:150, 50:150].min() == 255
    assert int(document.mask.astype(bool).sum()) == 100 * 100
    assert traces[-1].outline[0] == (50, 50)
    document.history.push(document, command)
    document.history.undo(document)
    assert not document.mask.any()


def test_a_lasso_can_take_away(document):
    document.mask[...] = 255
    samples = [at(150, 50), at(150, 150), at(50, 150)]
    run(
        lasso_gesture(stroke(document, erase=True), at(50, 50, "press")),
        *samples,
        at(50, 150, "release"),
    )
    assert document.mask[50:150, 50:150].max() == 0
    assert document.mask[49].min() == 255


def click(x, y):
    return at(x, y, "press"), at(x, y, "release")


def test_a_polygon_closes_with_a_key(document):
    corners = [sample for spot in ((150, 50), (150, 150), (50, 150)) for sample in click(*spot)]
    _, command = run(
        polygon_gesture(stroke(document), at(50, 50, "press")), *corners, at(9, 9, "commit")
    )
    assert command is not None
    assert int(document.mask.astype(bool).sum()) == 100 * 100


def test_a_polygon_closes_on_its_first_corner(document):
    corners = [sample for spot in ((150, 50), (150, 150), (50, 150)) for sample in click(*spot)]
    near_first = at(53, 52, "press", pixel=1.0)
    _, command = run(polygon_gesture(stroke(document), at(50, 50, "press")), *corners, near_first)
    assert command is not None
    assert document.mask[60, 60] == 255


def test_backspace_takes_back_the_last_corner(document):
    corners = [*click(150, 50), *click(150, 150), *click(299, 199), at(0, 0, "back")]
    run(
        polygon_gesture(stroke(document), at(50, 50, "press")),
        *corners,
        *click(50, 150),
        at(0, 0, "double"),
    )
    assert int(document.mask.astype(bool).sum()) == 100 * 100


def test_taking_back_every_corner_ends_the_polygon(document):
    _, command = run(
        polygon_gesture(stroke(document), at(50, 50, "press")),
        *click(150, 50),
        at(0, 0, "back"),
        at(0, 0, "back"),
    )
    assert command is None
    assert not document.mask.any()


def test_two_corners_make_no_polygon(document):
    _, command = run(
        polygon_gesture(stroke(document), at(50, 50, "press")), *click(150, 50), at(0, 0, "double")
    )
    assert command is None
