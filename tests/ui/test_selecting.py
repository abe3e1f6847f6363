"""Selecting, comparing and retouching in the real window, with real mouse and key events."""

import numpy as np
import pytest
from driving import place
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.files import write_photo
from inpaint_studio.imaging.geometry import Point, Size
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.canvas.gesture import SelectionTask
from inpaint_studio.ui.dialogs.named_masks import NamedMasksDialog
from inpaint_studio.ui.mask_clipboard import fitted, packed_mask, unpacked_mask

pytestmark = pytest.mark.gui
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
WAIT = 30_000


@pytest.fixture
def pixels(rng):
    """A red square on green, with a little grain."""
    pixels = np.full((120, 160, 3), (40, 120, 60), np.uint8)
    pixels[30:70, 40:90] = (200, 50, 40)
    return pixels + rng.integers(0, 6, pixels.shape, dtype=np.uint8)


@pytest.fixture
def window(qtbot, open_window, pixels):
    window = open_window(1100, 760)
    window.workspace.new_document(Photo(pixels))
    qtbot.waitUntil(lambda: settled(window), timeout=WAIT)
    window.activateWindow()
    window.canvas.setFocus()
    return window


def settled(window):
    viewport = window.canvas.navigation.viewport
    return viewport is not None and window.canvas.scene.is_complete(viewport)


def click(window, x, y, held=NONE, button=LEFT):
    QTest.mouseClick(window.canvas, button, held, place(window, x, y))


def drag(window, start, *stops, held=NONE):
    QTest.mousePress(window.canvas, LEFT, held, place(window, *start))
    for stop in stops:
        move(window, place(window, *stop), held)
    QTest.mouseRelease(window.canvas, LEFT, held, place(window, *stops[-1]))


def move(window, point, held=NONE):
    at = QPointF(point)
    moved = QMouseEvent(
        *(QEvent.Type.MouseMove, at, window.canvas.mapToGlobal(at)),
        *(Qt.MouseButton.NoButton, LEFT, held),
    )
    QApplication.sendEvent(window.canvas, moved)


def masked(window):
    return window.workspace.document.mask >= 128


@pytest.fixture
def selected(window, qtbot):
    """Waits until every selection asked for is in the mask."""

    def wait():
        qtbot.waitUntil(lambda: not window.parts.selections.selecting.busy, timeout=WAIT)
        return masked(window)

    return wait


def test_the_wand_adds_and_alt_takes_away(window, selected):
    QTest.keyClick(window.canvas, Qt.Key.Key_W)
    assert window.canvas.tool == "wand"
    click(window, 60, 50)
    found = selected()
    assert found[30:70, 40:90].all()
    assert found.sum() == 40 * 50
    click(window, 10, 10)
    assert selected().all()
    click(window, 60, 50, ALT)
    assert not selected()[50, 60]
    assert window.workspace.document.history.titles[-1] == "Magic wand: take away"
    window.undo()
    window.undo()
    assert masked(window).sum() == 40 * 50


def test_dragging_the_wand_changes_its_tolerance_and_shows_it(window, selected):
    window.canvas.set_tool("wand")
    before = window.canvas.painting.wand.tolerance
    at = place(window, 60, 50)
    QTest.mousePress(window.canvas, LEFT, NONE, at)
    assert window.canvas.scene.selection.is_shown
    move(window, at + QPoint(600, 0))
    assert window.canvas.painting.wand.tolerance > before
    assert window.options.extra.tolerance.value() == window.canvas.painting.wand.tolerance
    assert not masked(window).any()
    QTest.mouseRelease(window.canvas, LEFT, NONE, at + QPoint(600, 0))
    assert selected().all()
    assert not window.canvas.scene.selection.is_shown


def test_escape_takes_back_what_the_wand_shows(window):
    window.canvas.set_tool("wand")
    QTest.mousePress(window.canvas, LEFT, NONE, place(window, 60, 50))
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not window.canvas.scene.selection.is_shown
    QTest.mouseRelease(window.canvas, LEFT, NONE, place(window, 60, 50))
    assert not window.parts.selections.selecting.busy
    assert not masked(window).any()


def test_a_stroke_painted_while_a_selection_is_made_is_kept(window, selected):
    found = np.zeros((120, 160), np.uint8)
    found[100:110] = 255

    def select():
        yield
        return found

    window.parts.selections.selecting.run(SelectionTask("Select", "add", select))
    window.canvas.brush_size = 8
    drag(window, (20, 20), (60, 20))
    both = selected()
    assert both[105, 5]
    assert both[20, 40]


def test_an_object_is_selected_by_a_box(window, selected):
    QTest.keyClick(window.canvas, Qt.Key.Key_W, SHIFT)
    drag(window, (32, 22), (60, 50), (98, 78))
    found = selected()
    assert found[50, 60]
    assert not found[10, 10]
    assert 1500 < found.sum() < 2600


def test_grow_is_shown_while_it_is_set_and_cancelled_without_a_trace(window, qtbot, selected):
    window.canvas.set_tool("wand")
    click(window, 60, 50)
    area = selected().sum()
    window.commands["mask_grow"].trigger()
    dialog = window.parts.selections.dialog
    dialog.set_value("px", 10)
    shown = window.canvas.scene.selection
    qtbot.waitUntil(lambda: shown.is_shown, timeout=WAIT)
    dialog.reject()
    assert not shown.is_shown
    assert masked(window).sum() == area
    window.commands["mask_grow"].trigger()
    window.parts.selections.dialog.set_value("px", 10)
    window.parts.selections.dialog.accept()
    assert selected()[25, 60]
    assert window.workspace.document.history.titles[-1] == "Grow mask"
    window.commands["mask_shrink"].trigger()
    window.parts.selections.dialog.set_value("px", 60)
    window.parts.selections.dialog.accept()
    assert not selected().any()


def test_without_a_mask_there_is_nothing_to_grow(window):
    for action in ("mask_grow", "select_similar"):
        assert window.commands.reason(action) == "The mask is empty: paint or select first."
        window.commands[action].trigger()
    assert window.parts.selections.dialog is None


def test_the_wand_leaves_the_photos_mask_while_a_layers_mask_is_painted(window):
    window.canvas.scene.mask_suspended = True
    window.canvas.set_tool("wand")
    click(window, 60, 50)
    assert not window.parts.selections.selecting.busy
    assert not window.canvas.scene.selection.is_shown


def test_colours_are_picked_from_the_photo(window, selected):
    window.canvas.set_tool("lasso")
    window.commands["select_range"].trigger()
    assert window.canvas.tool == "pick"
    click(window, 60, 50)
    click(window, 10, 10, SHIFT)
    click(window, 10, 10, ALT)
    window.parts.selections.dialog.accept()
    found = selected()
    assert found[50, 60]
    assert not found[10, 10]
    assert window.canvas.tool == "lasso"


def test_scratches_are_found_from_the_menu(window, selected):
    scratched = window.workspace.document.photo.pixels.copy()
    scratched[100:102, 20:140] = 250
    window.workspace.new_document(Photo(scratched))
    window.commands["select_defects"].trigger()
    window.parts.selections.dialog.accept()
    assert selected()[101, 40:120].mean() > 0.9


def test_what_a_second_photo_shows_differently_is_selected(
    window, qtbot, tmp_path, pixels, selected
):
    other = pixels.copy()
    other[90:110, 100:130] = 240
    path = tmp_path / "other.png"
    write_photo(path, Photo(other))
    window.parts.selections.compare_with(path)
    qtbot.waitUntil(lambda: window.parts.selections.dialog is not None, timeout=WAIT)
    window.parts.selections.dialog.accept()
    found = selected()
    assert found[100, 115]
    assert not found[50, 60]


def test_a_second_photo_of_another_shape_is_refused(window, qtbot, tmp_path, pixels):
    path = tmp_path / "upright.png"
    write_photo(path, Photo(np.ascontiguousarray(pixels.transpose(1, 0, 2))))
    with qtbot.waitSignal(window.workspace.problem, timeout=WAIT) as problem:
        window.parts.selections.compare_with(path)
    assert "cannot show the same view" in problem.args[0]
    assert window.parts.selections.dialog is None


def test_a_mask_is_copied_to_another_photo_and_scaled(window, qtbot, selected):
    window.canvas.set_tool("wand")
    click(window, 60, 50)
    selected()
    QGuiApplication.clipboard().clear()
    window.commands["mask_paste"].trigger()
    assert selected().any()
    said = []
    window.workspace.status.connect(said.append)
    window.commands["mask_copy"].trigger()
    qtbot.waitUntil(lambda: any("Copied" in sentence for sentence in said), timeout=WAIT)
    window.workspace.new_document(Photo(np.zeros((240, 320, 3), np.uint8)))
    window.commands["mask_paste"].trigger()
    found = selected()
    assert found[100, 120]
    assert found.sum() == pytest.approx(4 * 40 * 50, rel=0.05)


def test_what_is_no_mask_on_the_clipboard_masks_nothing():
    assert not unpacked_mask(b"").any()
    assert not unpacked_mask(b"\xff" * 40).any()
    mask = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(unpacked_mask(packed_mask(mask)), mask)
    assert fitted(mask, Size(6, 8)).shape == (6, 8)


def test_masks_are_kept_under_a_name(window, selected):
    window.canvas.set_tool("wand")
    click(window, 60, 50)
    area = selected().sum()
    document, selecting = window.workspace.document, window.parts.selections.selecting
    dialog = NamedMasksDialog(window, document, selecting, push=window.workspace.push)
    dialog.name.setText("Square")
    dialog.keep()
    assert [mask.name for mask in document.named_masks] == ["Square"]
    assert document.history.titles[-1] == "Store mask Square"
    window.workspace.undo()
    assert document.named_masks == ()
    window.workspace.redo()
    dialog.forget()
    assert document.named_masks == ()
    window.workspace.undo()
    dialog.refresh()
    window.masks.clear()
    dialog.bring("replace")
    assert selected().sum() == area


def test_q_shows_ants_and_shift_q_the_mask_alone(window, qtbot, selected):
    window.canvas.set_tool("wand")
    click(window, 60, 50)
    selected()
    QTest.keyClick(window.canvas, Qt.Key.Key_Q)
    assert window.canvas.mask_style == "ants"
    assert window.canvas.march.isActive()
    at = place(window, 40, 50)
    line = at + QPoint(0, 3)
    seen = set()
    qtbot.waitUntil(
        lambda: (
            bool(seen.add(window.canvas.grab().toImage().pixelColor(line).lightness()))
            or len(seen) > 1
        ),
        timeout=WAIT,
    )
    QTest.keyClick(window.canvas, Qt.Key.Key_Q, SHIFT)
    image = window.canvas.grab().toImage()
    assert image.pixelColor(place(window, 60, 50)).lightness() == 255
    assert image.pixelColor(place(window, 10, 10)).lightness() == 0


@pytest.fixture
def layered(window):
    """The window with a blue layer on the left half."""
    blue = np.zeros((120, 80, 3), np.uint8)
    blue[:, :, 2] = 255
    document = window.workspace.document
    patch = Patch(blue, np.full((120, 80), 255, np.uint8), Point(0, 0))
    layer = Layer.from_patch(patch, id=document.new_layer_id(), name="Blue")
    window.workspace.push(AddLayer(layer))
    return window


def color_of(window, x, y):
    color = window.canvas.grab().toImage().pixelColor(place(window, x, y))
    return color.red(), color.green(), color.blue()


def complete(window):
    comparison = window.canvas.scene.comparison
    return comparison.is_complete(window.canvas.navigation.viewport)


def test_a_line_divides_the_original_from_what_there_is_now(layered, qtbot):
    QTest.keyClick(layered.canvas, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: complete(layered), timeout=WAIT)
    comparison = layered.canvas.scene.comparison
    width, height = layered.canvas.width(), layered.canvas.height()
    assert color_of(layered, 20, 100)[1] > 100  # the original's green
    middle = QPoint(round(comparison.line * width), height // 3)
    QTest.mousePress(layered.canvas, LEFT, NONE, middle)
    move(layered, QPoint(4, height // 3))
    QTest.mouseRelease(layered.canvas, LEFT, NONE, QPoint(4, height // 3))
    assert comparison.line < 0.05
    assert color_of(layered, 20, 100) == (0, 0, 255)
    QTest.keyPress(layered.canvas, Qt.Key.Key_Tab)
    assert color_of(layered, 20, 100)[1] > 100
    QTest.keyRelease(layered.canvas, Qt.Key.Key_Tab)
    drag(layered, (100, 60), (110, 70))
    assert not masked(layered).any()
    QTest.keyClick(layered.canvas, Qt.Key.Key_C)
    assert not comparison.is_on


def test_the_difference_is_black_where_nothing_changed(layered, qtbot):
    layered.commands["compare_difference"].trigger()
    qtbot.waitUntil(lambda: complete(layered), timeout=WAIT)
    assert color_of(layered, 140, 100) == (0, 0, 0)
    assert max(color_of(layered, 20, 100)) > 200
    bar = layered.parts.comparing.bar
    bar.first.setCurrentIndex(bar.first.findText("Blue"))
    bar.second.setCurrentIndex(bar.second.findText("Current"))
    qtbot.waitUntil(lambda: complete(layered), timeout=WAIT)
    assert color_of(layered, 20, 100) == (0, 0, 0)


def test_a_layer_that_is_compared_and_deleted_ends_the_comparison(layered):
    QTest.keyClick(layered.canvas, Qt.Key.Key_C)
    bar = layered.parts.comparing.bar
    bar.second.setCurrentIndex(bar.second.findText("Blue"))
    layered.undo()
    assert bar.second.findText("Blue") < 0
    assert bar.sides[1] in ("original", "current")


@pytest.fixture
def grid(layered, qtbot):
    """Two fills of one place, red over blue; the red one is chosen."""
    document = layered.workspace.document
    red = np.zeros((120, 80, 3), np.uint8)
    red[:, :, 0] = 255
    patch = Patch(red, np.full((120, 80), 255, np.uint8), Point(0, 0))
    layer = Layer.from_patch(patch, id=document.new_layer_id(), name="Red")
    layered.workspace.push(AddLayer(layer))
    layered.workspace.set_active_layer(layer.id)
    layered.commands["compare_fills"].trigger()
    return layered.parts.fill_comparing.grid


def shown(window):
    return {layer.name: layer.visible for layer in window.workspace.document.layers}


def test_fills_of_one_place_are_compared_in_a_grid_and_one_is_kept(layered, grid, qtbot):
    assert [cell.box.text() for cell in grid.cells] == ["Red", "Blue"]
    qtbot.waitUntil(lambda: "170.0" in grid.cells[1].fact.text(), timeout=WAIT)
    assert grid.cells[0].view.store.source is not grid.cells[1].view.store.source
    assert grid.bar.keep.text() == "&Keep “Red”"
    QTest.keyClick(grid, Qt.Key.Key_2)
    assert [cell.view.chosen for cell in grid.cells] == [False, True]
    assert grid.bar.keep.text() == "&Keep “Blue”"
    grid.bar.others.setCurrentIndex(0)
    steps = layered.workspace.document.history.index
    grid.cells[0].box.setFocus()
    QTest.keyClick(grid.cells[0].box, Qt.Key.Key_Return)
    assert shown(layered) == {"Blue": True}
    assert layered.parts.fill_comparing.grid is None
    assert layered.workspace.document.history.index == steps + 1
    layered.undo()
    assert shown(layered) == {"Blue": True, "Red": True}


def test_two_fills_are_brushed_into_each_other(layered, grid):
    assert not grid.bar.mix.isEnabled()
    for cell in grid.cells:
        cell.box.click()
    QTest.mouseClick(grid.bar.mix, LEFT)
    assert shown(layered) == {"Red": True, "Blue": True}
    assert layered.workspace.active_layer.name == "Red"
    assert "Painting the mask of Red" in layered.mode_bar.text
    assert layered.commands["layer_mask"].isChecked()
    layered.canvas.brush_size = 12
    drag(layered, (20, 40), (60, 40))
    document = layered.workspace.document
    picture = flatten(document.photo, document.overlays())
    assert tuple(picture[40, 40]) == (0, 0, 255)
    assert tuple(picture[90, 40]) == (255, 0, 0)
    layered.commands["layer_mask"].trigger()
    assert not layered.commands["layer_mask"].isChecked()
    assert not layered.parts.keeps.is_on


def test_a_double_click_keeps_one_fill_and_hides_the_others(layered, grid):
    QTest.mouseDClick(grid.cells[1].view, Qt.MouseButton.LeftButton)
    assert shown(layered) == {"Blue": True, "Red": False}
    assert layered.workspace.active_layer.name == "Blue"


def test_of_several_that_are_kept_the_framed_one_is_shown(layered, grid):
    for cell in grid.cells:
        cell.box.setChecked(True)
    assert grid.bar.keep.text() == "&Keep 2 Layers"
    for _ in range(2):  # there is none further
        QTest.keyClick(grid.focusWidget(), Qt.Key.Key_Right)
    grid.bar.keep.click()
    assert shown(layered) == {"Blue": True, "Red": False}


@pytest.fixture
def retouched(window, qtbot):
    def wait():
        qtbot.waitUntil(lambda: not window.parts.retouching.busy, timeout=WAIT)
        return window.workspace.document.layers

    return wait


def test_cloning_copies_the_photos_own_pixels(window, retouched, pixels):
    QTest.keyClick(window.canvas, Qt.Key.Key_S)
    window.canvas.brush_size, window.canvas.hardness = 12, 1.0
    click(window, 120.5, 100.5)
    assert retouched() == ()
    click(window, 60.5, 50.5, ALT)
    click(window, 120.5, 100.5)
    (layer,) = retouched()
    seen = window.workspace.document.flatten()
    assert np.array_equal(seen[98:104, 118:124], pixels[48:54, 58:64])
    assert layer.name == "Retouching"
    click(window, 130.5, 100.5)
    assert len(retouched()) == 1
    assert window.workspace.document.history.titles == ("Add Retouching", "Clone")
    window.undo()
    window.undo()
    assert np.array_equal(window.workspace.document.flatten(), pixels)


def test_healing_removes_a_spot_without_being_told_from_where(window, retouched):
    spotted = window.workspace.document.photo.pixels.copy()
    spotted[96:101, 116:121] = 255
    window.workspace.new_document(Photo(spotted))
    QTest.keyClick(window.canvas, Qt.Key.Key_J)
    window.canvas.brush_size = 16
    click(window, 118.5, 98.5)
    retouched()
    seen = window.workspace.document.flatten()
    assert np.abs(seen[96:101, 116:121].astype(int) - (42, 122, 62)).max() < 14


def test_healing_beside_the_photo_does_nothing(window, retouched):
    problems = []
    window.workspace.problem.connect(problems.append)
    QTest.keyClick(window.canvas, Qt.Key.Key_J)
    window.canvas.brush_size = 4
    click(window, -15, -15)
    assert retouched() == ()
    assert problems == []


def test_a_fill_is_not_painted_on(layered, retouched):
    layered.canvas.set_tool("clone")
    layer = layered.workspace.document.layers[0]
    layered.layering.lock()
    click(layered, 60, 50, ALT)
    click(layered, 120, 100)
    layers = retouched()
    assert len(layers) == 2
    assert layers[0].patch is layer.patch


def test_pinching_zooms_at_the_fingers(window):
    canvas = window.canvas
    before, at = canvas.zoom, QPointF(place(window, 60, 50))
    fixed = canvas.navigation.viewport.to_photo(at.x(), at.y())
    pinch = QNativeGestureEvent(
        *(Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice()),
        *(2, at, at, canvas.mapToGlobal(at), 0.5, QPointF()),
    )
    QApplication.sendEvent(canvas, pinch)
    assert canvas.zoom == pytest.approx(1.5 * before)
    after = canvas.navigation.viewport.to_photo(at.x(), at.y())
    assert after == pytest.approx(fixed, abs=1)
