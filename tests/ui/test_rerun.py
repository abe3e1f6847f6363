"""Fills that are edited and run again, with real quick engines in a real engine process."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from inpaint_studio.document.below import BelowDigests, seen_by
from inpaint_studio.document.commands import PaintMask, ReplaceLayer
from inpaint_studio.document.layer import FillRecipe
from inpaint_studio.imaging.composite import Overlay, OverlayGroup
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.canvas.gesture import PointerSample

pytestmark = pytest.mark.gui
WAIT = 60_000
FIRST, SECOND = Box(20, 30, 30, 45), Box(60, 80, 72, 90)


@pytest.fixture
def window(open_window, rgb):
    window = open_window()
    window.workspace.new_document(Photo(rgb))
    window.column.fill.choose("telea")
    return window


def paint(window, box):
    document = window.workspace.document
    mask = np.zeros(document.size, np.uint8)
    mask[box.slices] = 255
    window.workspace.push(PaintMask.to(document, mask, title="Paint mask"))


def fill(qtbot, window, box):
    paint(window, box)
    before = len(window.workspace.document.layers)
    window.commands["fill"].trigger()
    idle(qtbot, window)
    layers = window.workspace.document.layers
    assert len(layers) == before + 1
    return layers[-1]


def idle(qtbot, window):
    qtbot.waitUntil(lambda: not window.controller.running, timeout=WAIT)


def settled(qtbot, window):
    with qtbot.waitSignal(window.parts.rerun.again.staleness.settled, timeout=WAIT):
        window.parts.rerun.again.staleness._timer.start()


def masked(document):
    rows, columns = np.nonzero(document.mask)
    return Box(rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)


def test_a_fill_keeps_what_it_was_asked_for(qtbot, window):
    window.column.fill.advanced.grow.setValue(2)
    window.column.fill.advanced.seed.setValue(7)
    recipe = fill(qtbot, window, FIRST).recipe
    assert (recipe.engine, recipe.grow, recipe.seed, recipe.feather) == ("telea", 2, 7, None)
    assert recipe.box == FIRST
    assert np.array_equal(
        recipe.coverage(window.workspace.document.size), window.workspace.document.mask
    )


def test_an_edited_fill_is_replaced_as_one_step(qtbot, window):
    layer = fill(qtbot, window, FIRST)
    paint(window, SECOND)
    window.column.fill.choose("navier-stokes")
    document = window.workspace.document
    window.commands["fill_edit"].trigger()
    assert masked(document) == FIRST
    assert window.column.fill.entry.name == "telea"
    assert "Editing fill: Telea fill — Fill replaces it" in window.mode_bar.text
    assert window.mode_bar.isVisible()
    paint(window, SECOND)
    window.column.fill.choose("navier-stokes")
    steps = document.history.index
    window.commands["fill"].trigger()
    idle(qtbot, window)
    [changed] = document.layers
    assert (changed.id, changed.box, changed.recipe.box) == (layer.id, SECOND, SECOND)
    assert changed.recipe.engine == changed.provenance.engine == "navier-stokes"
    assert document.history.index == steps + 1
    assert document.history.titles[-1] == "Fill Telea fill again"
    assert changed.name == "Navier-Stokes fill"
    assert not window.mode_bar.is_on
    window.workspace.undo()
    assert document.layers[0].box == FIRST


def test_an_edited_fill_whose_mask_was_erased_asks_for_one(qtbot, window):
    layer = fill(qtbot, window, FIRST)
    window.commands["fill_edit"].trigger()
    window.commands["mask_clear"].trigger()
    qtbot.waitUntil(lambda: not window.workspace.document.mask.any())
    steps, said = window.workspace.document.history.index, []
    window.controller.message.connect(said.append)
    window.filling.start()  # what the bar's button does
    assert not window.controller.running
    assert said == ["Paint over what should go first, then press Fill."]
    assert window.workspace.document.layers == (layer,)
    assert window.workspace.document.history.index == steps


def test_a_name_that_was_given_stays_when_another_engine_fills(qtbot, window):
    layer = fill(qtbot, window, FIRST)
    window.workspace.push(ReplaceLayer(dataclasses.replace(layer, name="Sky"), "Rename"))
    window.commands["fill_edit"].trigger()
    window.column.fill.choose("navier-stokes")
    window.commands["fill"].trigger()
    idle(qtbot, window)
    [changed] = window.workspace.document.layers
    assert (changed.name, changed.recipe.engine) == ("Sky", "navier-stokes")


def test_escape_leaves_the_fill_the_mask_and_the_panel_as_they_were(qtbot, window):
    fill(qtbot, window, FIRST)
    paint(window, SECOND)
    window.column.fill.choose("navier-stokes")
    document = window.workspace.document
    steps = document.history.index
    window.commands["fill_edit"].trigger()
    assert window.commands["stop"].isEnabled()
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert masked(document) == SECOND
    assert document.history.index == steps
    assert window.column.fill.entry.name == "navier-stokes"
    assert not window.mode_bar.isVisible()
    window.commands["fill_edit"].trigger()
    paint(window, Box(0, 0, 5, 5))
    window.mode_bar.buttons()[-1].click()
    assert masked(document) == SECOND
    assert not window.commands["stop"].isEnabled()


def test_a_double_click_edits_a_fill_and_renames_what_is_none(qtbot, window):
    fill(qtbot, window, FIRST)
    panel = window.column.layers
    index = panel.model.index(0)
    at = panel.list.visualRect(index).center() + QPoint(10, 0)
    QTest.mouseDClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.mode_bar.is_on
    window.commands["stop"].trigger()
    window.commands["layer_plain"].trigger()
    assert not window.commands["fill_edit"].isEnabled()
    assert "does not know how" in window.commands["fill_edit"].toolTip()
    QTest.mouseDClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert not window.mode_bar.is_on
    assert (
        panel.list.isPersistentEditorOpen(index)
        or panel.list.state() == panel.list.State.EditingState
    )


def test_return_in_the_list_edits_the_fill(qtbot, window):
    fill(qtbot, window, FIRST)
    window.column.layers.list.setFocus()
    QTest.keyClick(window.column.layers.list, Qt.Key.Key_Return)
    assert window.parts.rerun.edited == window.workspace.document.layers[0].id


def test_deleting_the_layer_ends_its_editing(qtbot, window):
    fill(qtbot, window, FIRST)
    window.commands["fill_edit"].trigger()
    window.commands["layer_delete"].trigger()
    assert not window.mode_bar.is_on
    assert window.parts.rerun.edited is None


def test_a_fill_is_out_of_date_when_what_lies_below_it_changes(qtbot, window):
    lower = fill(qtbot, window, FIRST)
    upper = fill(qtbot, window, SECOND)
    rerun, document = window.parts.rerun, window.workspace.document
    settled(qtbot, window)
    assert rerun.again.staleness.stale == ()
    assert not window.commands["fill_again_all"].isEnabled()
    hidden = dataclasses.replace(document.layer(lower.id), visible=False)
    window.workspace.push(ReplaceLayer(hidden, "Hide"))
    settled(qtbot, window)
    assert rerun.again.staleness.stale == (upper.id,)
    assert window.column.layers.model.row_at(0).stale
    assert not window.column.layers.model.row_at(1).stale
    window.workspace.undo()
    settled(qtbot, window)
    assert rerun.again.staleness.stale == ()


def test_running_all_out_of_date_fills_goes_from_the_bottom_up_until_none_is_left(qtbot, window):
    document = window.workspace.document
    near = [Box(20 + 12 * n, 30, 28 + 12 * n, 45) for n in range(3)]
    ids = [fill(qtbot, window, box).id for box in near]
    settled(qtbot, window)
    assert window.parts.rerun.again.staleness.stale == ()
    bottom = document.layer(ids[0])
    patch = Patch(bottom.patch.pixels // 2, bottom.patch.alpha, bottom.patch.at)
    window.workspace.push(ReplaceLayer(dataclasses.replace(bottom, patch=patch), "Darker"))
    settled(qtbot, window)
    assert set(window.parts.rerun.again.staleness.stale) == set(ids[1:])
    before = [layer.patch for layer in document.layers]
    window.commands["fill_again_all"].trigger()
    qtbot.waitUntil(
        lambda: window.parts.rerun.again.staleness.stale == () and not window.controller.running,
        timeout=WAIT,
    )
    assert [layer.id for layer in document.layers] == ids
    changed = [
        layer.patch is not patch for layer, patch in zip(document.layers, before, strict=True)
    ]
    assert changed == [False, True, True]


def test_a_locked_fill_is_not_run_again(qtbot, window):
    layer = fill(qtbot, window, FIRST)
    locked = dataclasses.replace(layer, locked=True)
    window.workspace.push(ReplaceLayer(locked, "Lock"))
    for action in ("fill_edit", "fill_again", "layer_delete", "layer_plain"):
        assert not window.commands[action].isEnabled()
        assert "locked" in window.commands[action].toolTip()


def test_the_mask_of_a_layer_hides_the_same_pixels_of_a_larger_fill(qtbot, window):
    layer = fill(qtbot, window, FIRST)
    keep = np.full(FIRST.size, 255, np.uint8)
    keep[2:4, 5:9] = 0
    window.workspace.push(ReplaceLayer(dataclasses.replace(layer, keep=keep), "Mask"))
    window.commands["fill_edit"].trigger()
    paint(window, FIRST.pad(3))
    window.commands["fill"].trigger()
    idle(qtbot, window)
    [changed] = window.workspace.document.layers
    assert changed.box == FIRST.pad(3)
    assert np.array_equal(changed.keep[3:-3, 3:-3], keep)
    assert (changed.keep[0] == 255).all()


def test_strokes_change_the_mask_of_an_edited_fill_even_where_strokes_are_filled(qtbot, window):
    fill(qtbot, window, FIRST)
    window.parts.queueing.check.setChecked(True)
    window.commands["fill_edit"].trigger()
    painting = window.canvas.painting
    painting.press(PointerSample(80, 60, phase="press"))
    painting.send(PointerSample(90, 60, phase="release"))
    assert not window.controller.running
    assert window.workspace.document.mask[60, 85] == 255
    assert window.workspace.document.mask[FIRST.slices].all()


# What lies below


def solid(value, box):
    pixels = np.full((*box.size, 3), value, np.uint8)
    return Patch(pixels, np.full(box.size, 255, np.uint8), box.origin)


def test_the_name_of_what_lies_below_is_of_what_can_be_seen_there():
    digests, box = BelowDigests(), Box(10, 10, 30, 30)
    one = Overlay(solid(9, Box(0, 0, 20, 20)))
    assert digests.of([], box) == ""
    assert digests.of([Overlay(solid(9, Box(50, 50, 60, 60)))], box) == ""
    assert digests.of([one], box) == BelowDigests().of([Overlay(solid(9, Box(0, 0, 20, 20)))], box)
    nothing = Overlay(one.patch, keep=np.zeros((20, 20), np.uint8))
    assert digests.of([nothing], box) == ""
    others = [
        [Overlay(solid(8, Box(0, 0, 20, 20)))],
        [Overlay(solid(9, Box(0, 0, 21, 20)))],
        [one._replace(opacity=0.5)],
        [one._replace(blend="color")],
        [one._replace(keep=np.full((20, 20), 254, np.uint8))],
        [OverlayGroup((one,), 0.5)],
        [one, one],
    ]
    names = {digests.of(overlays, box) for overlays in [[one], *others]}
    assert len(names) == 1 + len(others)
    digests.forget_unused()
    assert digests.of([one], box) in names


@pytest.mark.parametrize("grow", [0, 3])
def test_what_lies_in_the_hole_of_a_fill_makes_no_difference_to_it(grow):
    hole = np.zeros((10, 12), np.uint8)
    hole[1:9, 2:] = 255
    recipe = FillRecipe(hole=hole, box=Box(20, 20, 30, 32), engine="telea", grow=grow)
    size, digests = Size(60, 60), BelowDigests()

    def name(*boxes):
        return digests.under(recipe, [Overlay(solid(9, box)) for box in boxes], size)

    inside, across = Box(21, 22, 29, 32), Box(21, 10, 29, 32)
    assert name(inside) == ""
    assert name(Box(21 - grow, 22, 29, 32)) == ""
    assert name(Box(20 - grow, 22, 29, 32)) != ""
    assert name(across) not in ("", name(Box(21, 11, 29, 32)))
    other = solid(9, across)
    pixels = other.pixels.copy()
    pixels[:, 13:] = 77  # only what the fill covers is another
    changed = Patch(pixels, other.alpha, other.at)
    assert digests.under(recipe, [Overlay(changed)], size) == name(across)


def test_hiding_a_fill_of_the_same_hole_below_leaves_a_fill_up_to_date(qtbot, window):
    first = fill(qtbot, window, FIRST)
    window.column.fill.choose("navier-stokes")
    window.commands["fill"].trigger()
    idle(qtbot, window)
    settled(qtbot, window)
    window.workspace.push(ReplaceLayer(dataclasses.replace(first, visible=False), "Hide"))
    settled(qtbot, window)
    assert window.parts.rerun.again.staleness.stale == ()


def test_a_fill_may_have_seen_as_far_as_its_hole_is_long():
    hole = np.full((10, 400), 255, np.uint8)
    recipe = FillRecipe(hole=hole, box=Box(500, 500, 510, 900), engine="telea")
    assert seen_by(recipe, Size(2000, 2000)) == Box(100, 100, 910, 1300)
    near = dataclasses.replace(recipe, context=300)
    assert seen_by(near, Size(600, 2000)) == Box(200, 200, 600, 1200)
