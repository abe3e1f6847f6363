"""A layer's mask is painted with the canvas's own tools, and the document's mask waits."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.canvas.gesture import PointerSample

pytestmark = pytest.mark.gui


@pytest.fixture
def window(open_window):
    window = open_window()
    window.workspace.new_document(Photo(np.full((300, 400, 3), 50, np.uint8)))
    patch = Patch(
        np.full((200, 250, 3), 200, np.uint8), np.full((200, 250), 255, np.uint8), Point(60, 70)
    )
    document = window.workspace.document
    window.workspace.push(AddLayer(Layer(document.new_layer_id(), "Sky", patch)))
    document.mask[5:9, 5:9] = 255
    window.canvas.brush_size, window.canvas.hardness = 20, 1.0
    return window


def stroke(window, *points, secondary=False, release=True):
    """Through the canvas's own painting, which mouse and pen feed."""
    painting = window.canvas.painting
    painting.press(PointerSample(*points[0], phase="press"), secondary=secondary)
    for point in points[1:]:
        painting.send(PointerSample(*point))
    if release:
        painting.send(PointerSample(*points[-1], phase="release"))


def layer(window):
    return window.workspace.document.layers[0]


def begin(window):
    window.commands["layer_mask"].trigger()
    assert window.parts.keeps.is_on


def test_the_brush_hides_and_the_eraser_brings_back(window):
    document = window.workspace.document
    before = document.mask.copy()
    begin(window)
    assert (layer(window).keep == 255).all()
    stroke(window, (100, 100), (150, 100))
    keep = layer(window).keep
    assert keep[100 - 60, 120 - 70] == 0
    assert keep[0, 0] == 255
    assert document.flatten()[100, 120, 0] == 50
    assert document.flatten()[200, 120, 0] == 200
    window.canvas.set_tool("eraser")
    stroke(window, (120, 100), (121, 100))
    assert layer(window).keep[100 - 60, 120 - 70] == 255
    assert layer(window).keep[100 - 60, 145 - 70] == 0
    assert np.array_equal(document.mask, before)
    assert document.history.titles[-3:] == (
        "Add a mask to Sky",
        "Hide part of Sky",
        "Show part of Sky",
    )


def test_a_stroke_is_one_step_of_the_tiles_it_touched(window):
    document = window.workspace.document
    begin(window)
    stroke(window, (100, 100), (150, 100), (150, 130))
    painted = layer(window).keep.copy()
    assert document.history.latest.held.nbytes < 10_000
    window.undo()
    assert (layer(window).keep == 255).all()
    stroke(window, (200, 200))
    assert layer(window).keep[40, 50] == 255
    window.undo()
    window.undo()
    assert layer(window).keep is None
    assert not window.parts.keeps.is_on
    window.workspace.jump(3)
    assert layer(window).keep[140, 130] == 0
    assert painted[40, 50] == 0


def test_the_picture_follows_while_a_stroke_is_drawn(qtbot, window):
    begin(window)
    canvas = window.canvas
    qtbot.waitUntil(lambda: canvas.scene.is_complete(canvas.navigation.viewport), timeout=20_000)
    before = canvas.scene.store.source
    stroke(window, (150, 150), (250, 150), release=False)
    qtbot.waitUntil(lambda: canvas.scene.store.source is not before, timeout=5_000)
    [piled] = canvas.scene.store.source.layers
    assert piled.overlay.keep[150 - 60, 200 - 70] == 0
    assert (layer(window).keep == 255).all()
    canvas.cancel()
    qtbot.waitUntil(
        lambda: bool((canvas.scene.store.source.layers[0].overlay.keep == 255).all()), timeout=5_000
    )


def test_leaving_puts_the_documents_mask_back_under_the_brush(window):
    begin(window)
    assert "Painting the mask of Sky" in window.mode_bar.text
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not window.parts.keeps.is_on
    assert not window.mode_bar.isVisible()
    assert not window.commands["layer_mask"].isChecked()
    stroke(window, (100, 100), (150, 100))
    assert window.workspace.document.mask[100, 120] == 255
    assert layer(window).keep[40, 50] == 255


def test_all_can_be_hidden_and_shown_at_once(window):
    begin(window)
    show, hide, _ = window.mode_bar.buttons()
    hide.click()
    assert not layer(window).keep.any()
    assert (window.workspace.document.flatten() == 50).all()
    show.click()
    assert (layer(window).keep == 255).all()
    assert window.workspace.document.history.titles[-1] == "Show all of Sky"
    steps = window.workspace.document.history.index
    show.click()
    assert window.workspace.document.history.index == steps


def test_painting_beside_the_layer_is_no_step(window):
    begin(window)
    steps = window.workspace.document.history.index
    stroke(window, (20, 20), (30, 20))
    assert window.workspace.document.history.index == steps


@pytest.mark.parametrize("way", ["delete", "lock", "tool", "document", "close"])
def test_what_makes_painting_impossible_ends_it(window, way):
    begin(window)
    workspace = window.workspace
    ways = {
        "delete": window.commands["layer_delete"].trigger,
        "lock": window.commands["layer_lock"].trigger,
        "tool": lambda: window.canvas.set_tool("wand"),
        "document": lambda: workspace.new_document(Photo(np.zeros((90, 90, 3), np.uint8))),
        "close": workspace.close_document,
    }
    ways[way]()
    assert not window.parts.keeps.is_on
    assert not window.canvas.scene.mask_suspended
    assert not window.mode_bar.is_on
    if workspace.document is not None:
        window.canvas.set_tool("brush")
        stroke(window, (40, 40), (50, 40))
        assert workspace.document.mask[40, 45] == 255


def test_deleting_the_mask_shows_all_again(window):
    begin(window)
    stroke(window, (100, 100), (150, 100))
    window.commands["layer_mask_delete"].trigger()
    assert layer(window).keep is None
    assert not window.parts.keeps.is_on
    assert window.workspace.document.flatten()[100, 120, 0] == 200
