"""Drawing on the edges of a fill in the real window: strokes, undo, filling again, exchange."""

import numpy as np
import pytest
from driving import place
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.layer import FillRecipe, Layer
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch

pytestmark = pytest.mark.gui
WAIT = 30_000
HOLE = Box(20, 30, 70, 90)
SHIFT, PLAIN = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def window(scripted_window):
    return scripted_window


def filled_layer(*, recipe=True):
    """A layer as EdgeConnect leaves it, its edges at a quarter of the photo's size."""
    sheet = np.zeros((24, 32), bool)
    sheet[5:18, 7:23] = True
    drawing = EdgeDrawing((EdgeSheet(np.zeros((24, 32), np.uint8), sheet, Box(0, 0, 96, 128)),))
    hole = np.full(HOLE.size, 255, np.uint8)
    made = FillRecipe(hole=hole, box=HOLE, engine="telea", seed=7) if recipe else None
    patch = Patch(np.zeros((*HOLE.size, 3), np.uint8), hole, Point(HOLE.top, HOLE.left))
    return Layer.from_patch(patch, id=1, name="EdgeConnect fill", recipe=made, edges=drawing)


@pytest.fixture
def editing(window):
    window.workspace.push(AddLayer(filled_layer()))
    window.commands["edges_auto"].setChecked(False)
    window.commands["edit_edges"].trigger()
    return window.parts.edges


def drag(editing, start, end, *, held=PLAIN, button=LEFT):
    board, window = editing.board, editing.window
    QTest.mousePress(board, button, held, place(window, *start))
    for share in (0.3, 0.6, 1.0):
        x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        QTest.mouseMove(board, place(window, x, y))
    QTest.mouseRelease(board, button, held, place(window, *end))


def lines_of(window):
    return window.workspace.document.layers[-1].edges.sheets[0].lines


def test_without_edges_the_actions_say_what_to_do_first(window):
    action = window.commands["edit_edges"]
    assert not action.isEnabled()
    assert "fill with EdgeConnect first" in action.toolTip()
    window.workspace.push(AddLayer(filled_layer(recipe=False)))
    assert action.isEnabled()
    assert "does not know how it was filled" in window.commands["fill_from_edges"].toolTip()


def test_a_line_is_drawn_on_the_layers_edges_and_undone(editing, window):
    drag(editing, (35, 40), (85, 40), held=SHIFT)
    lines = lines_of(window)
    assert np.flatnonzero(lines.any(axis=1)).tolist() == [10]
    assert np.count_nonzero(lines) >= 12
    assert window.workspace.document.history.titles[-1] == "Draw edges"
    window.undo()
    assert not lines_of(window).any()
    assert editing.board.drawing is window.workspace.document.layers[-1].edges
    window.redo()
    assert lines_of(window).any()


def test_with_shift_a_drag_is_a_line_of_its_own_and_a_click_joins_the_last(editing, window):
    drag(editing, (35, 30), (85, 30), held=SHIFT)
    drag(editing, (35, 60), (85, 60), held=SHIFT)
    lines = lines_of(window)
    assert np.flatnonzero(lines.any(axis=1)).tolist() == [7, 15]
    QTest.mouseClick(editing.board, LEFT, SHIFT, place(window, 85, 30))
    upright = lines_of(window)[8:15]
    assert (np.count_nonzero(upright, axis=1) == 1).all()


def test_the_eraser_and_the_right_button_take_lines_away(editing, window):
    window.canvas.brush_size = 8
    drag(editing, (35, 40), (85, 40))
    drag(editing, (35, 40), (85, 40), button=RIGHT)
    assert not lines_of(window).any()
    drag(editing, (35, 40), (85, 40))
    QTest.keyClick(window.canvas, Qt.Key.Key_E)
    assert editing.bar.tools["eraser"].isChecked()
    drag(editing, (35, 40), (60, 40))
    left = lines_of(window)[10]
    assert not left[:15].any()
    assert left[17:20].all()


def test_a_curve_waits_for_its_bend(editing, window):
    QTest.keyClick(window.canvas, Qt.Key.Key_C)
    drag(editing, (35, 30), (85, 30))
    assert not lines_of(window).any()
    QTest.mouseClick(editing.board, LEFT, PLAIN, place(window, 60, 60))
    rows, columns = np.nonzero(lines_of(window))
    assert rows[columns == 15].max() >= 14
    assert rows.min() <= 8


def test_escape_takes_back_the_stroke_in_hand_and_then_leaves(editing, window):
    QTest.mousePress(editing.board, LEFT, PLAIN, place(window, 35, 40))
    QTest.mouseMove(editing.board, place(window, 60, 50))
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(editing.board, LEFT, PLAIN, place(window, 60, 50))
    assert not lines_of(window).any()
    assert editing.is_on
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not editing.is_on
    assert not editing.board.isVisible()
    assert not editing.bar.isVisible()
    assert not window.commands["edit_edges"].isChecked()


def test_with_space_the_photo_moves_instead(editing, window):
    window.canvas.zoom_to(8.0)
    before = window.canvas.navigation.viewport.origin
    QTest.keyPress(window.canvas, Qt.Key.Key_Space)
    drag(editing, (50, 40), (60, 45))
    QTest.keyRelease(window.canvas, Qt.Key.Key_Space)
    assert not lines_of(window).any()
    assert window.canvas.navigation.viewport.origin != before


def test_filling_from_edges_replaces_the_layers_pixels_and_nothing_else(editing, window, qtbot):
    drag(editing, (35, 40), (85, 40))
    drawn = lines_of(window)
    with qtbot.waitSignal(window.controller.landed, timeout=WAIT):
        window.commands["fill_from_edges"].trigger()
    [layer] = window.workspace.document.layers
    assert layer.id == 1
    assert layer.patch.pixels.any()
    assert np.array_equal(layer.edges.sheets[0].lines, drawn)
    assert layer.recipe.seed == 7
    assert not window.workspace.document.mask.any()
    titles = window.workspace.document.history.titles
    assert titles[-2:] == ("Draw edges", "Fill from edges")


def test_a_line_and_the_fill_it_sets_off_are_one_step(editing, window, qtbot):
    editing.bar.auto.setChecked(True)
    with qtbot.waitSignal(window.controller.landed, timeout=WAIT):
        drag(editing, (35, 40), (85, 40))
    assert window.workspace.document.layers[0].patch.pixels.any()
    assert window.workspace.document.history.titles[-1] == "Draw edges"
    assert window.workspace.document.history.index == 2
    window.undo()
    assert not lines_of(window).any()
    assert not window.workspace.document.layers[0].patch.pixels.any()


def test_edges_go_out_as_a_picture_and_come_back(editing, window, qtbot, tmp_path):
    path = tmp_path / "edges.png"
    drag(editing, (35, 40), (85, 40))
    drawn = lines_of(window)
    files = editing.files
    with qtbot.waitSignal(window.workspace.status, timeout=WAIT):
        files.write(path)
    picture = np.asarray(Image.open(path))
    assert picture.shape == (96, 128)
    editing.board.clear_drawing()
    assert not lines_of(window).any()
    with qtbot.waitSignal(window.workspace.history_changed, timeout=WAIT):
        files.read(path)
    assert np.array_equal(lines_of(window), drawn)
    with qtbot.waitSignal(window.workspace.problem, timeout=WAIT) as said:
        files.read(tmp_path / "none.png")
    assert "none.png" in said.args[0]


def test_choosing_a_tool_of_the_mask_and_losing_the_layer_end_it(editing, window):
    window.commands["lasso"].trigger()
    assert not editing.is_on
    window.commands["edit_edges"].trigger()
    assert editing.is_on
    window.undo()
    assert not editing.is_on


def test_a_fill_that_lies_over_the_edited_one_is_named(window):
    said = []
    window.workspace.status.connect(said.append)
    window.workspace.push(AddLayer(filled_layer()))
    over = filled_layer()
    window.workspace.push(AddLayer(Layer.from_patch(over.patch, id=2, name="Telea fill")))
    window.workspace.set_active_layer(1)
    window.commands["edit_edges"].trigger()
    assert said == ["“Telea fill” lies over this fill: hide it to see what you draw."]
    window.commands["edit_edges"].trigger()
    window.column.layers.model.toggle(2)
    window.commands["edit_edges"].trigger()
    assert len(said) == 1
