"""Many fills ordered at once: one runs, the others wait, and the order can be changed."""

from pathlib import Path

import numpy as np
import pytest
from driving import draw
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from inpaint_studio.document.document import Document
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.fill_request import FillChoice

pytestmark = pytest.mark.gui
WAIT = 30_000
BOXES = [Box(10, 10, 20, 30), Box(40, 50, 60, 80), Box(70, 90, 80, 120)]


@pytest.fixture
def window(scripted_window):
    scripted_window.column.fill.choose("telea")
    return scripted_window


@pytest.fixture
def queue(window):
    return window.parts.queueing.queue


def order(queue, *boxes, script=None):
    options = {"script": script} if script else {}
    for box in boxes:
        queue.add(FillChoice("telea", options=options), np.full(box.size, 255, np.uint8), box)


def filled(window):
    return [layer.box for layer in window.workspace.document.layers]


def test_fills_run_one_after_another_in_their_order(window, queue, qtbot):
    order(queue, *BOXES)
    assert queue.current is not None
    assert [item.box for item in queue.waiting] == BOXES[1:]
    qtbot.waitUntil(lambda: len(filled(window)) == 3, timeout=WAIT)
    assert filled(window) == BOXES
    assert queue.waiting == ()
    qtbot.waitUntil(lambda: queue.current is None, timeout=WAIT)


def test_the_order_can_be_changed_and_one_or_all_taken_back(window, queue, qtbot):
    order(queue, BOXES[0], script="hang")
    order(queue, *BOXES)
    first, second, third = queue.waiting
    queue.move(third.id, -5)
    assert queue.waiting == (third, first, second)
    queue.move(third.id, 1)
    assert queue.waiting == (first, third, second)
    queue.cancel(first.id)
    queue.cancel(queue.current.id)
    qtbot.waitUntil(lambda: len(filled(window)) == 2, timeout=WAIT)
    assert filled(window) == [third.box, second.box]
    order(queue, BOXES[0], script="hang")
    order(queue, *BOXES)
    queue.cancel_all()
    qtbot.waitUntil(lambda: not window.controller.running, timeout=WAIT)
    assert queue.waiting == ()
    assert len(filled(window)) == 2


def test_one_that_fails_does_not_hold_up_the_others(window, queue, qtbot):
    problems = []
    window.workspace.problem.connect(problems.append)
    order(queue, BOXES[0], script="refuse")
    order(queue, BOXES[1])
    qtbot.waitUntil(lambda: filled(window) == [BOXES[1]], timeout=WAIT)
    assert "Choose another" in problems[0]


def test_the_list_shows_what_waits_and_takes_it_back(window, queue, qtbot):
    listing = window.parts.queueing.list
    assert not listing.isVisible()
    order(queue, BOXES[0], script="hang")
    order(queue, BOXES[1], BOXES[2])
    assert listing.isVisible()
    texts = [listing.list.item(row).text() for row in range(listing.list.count())]
    assert texts[0].startswith("Filling: ")
    assert "30 × 20 px" in texts[1]
    listing.list.setCurrentRow(2)
    assert listing.up.isEnabled()
    assert not listing.down.isEnabled()
    listing.up.click()
    assert [item.box for item in queue.waiting] == [BOXES[2], BOXES[1]]
    QTest.keyClick(listing.list, Qt.Key.Key_Delete)
    assert [item.box for item in queue.waiting] == [BOXES[1]]
    listing.cancel_all.click()
    assert not listing.isVisible()
    qtbot.waitUntil(lambda: not window.controller.running, timeout=WAIT)


def test_the_list_is_as_high_as_what_it_shows_however_fast_it_grows(window, queue, qtbot):
    listing = window.parts.queueing.list
    order(queue, BOXES[0], script="hang")
    order(queue, BOXES[0])
    order(queue, *BOXES)
    qtbot.waitUntil(lambda: listing.height() >= listing.minimumSizeHint().height(), timeout=WAIT)
    queue.cancel_all()


def test_another_photo_drops_what_waited_for_the_first(window, queue, rgb):
    order(queue, BOXES[0], script="hang")
    order(queue, BOXES[1])
    window.workspace.set_document(Document(Photo(rgb), Path("other.png")))
    assert queue.waiting == ()
    assert queue.current is None


def test_a_stroke_is_filled_on_release_and_is_one_step(window, queue, qtbot):
    window.commands["brush_fills"].trigger()
    assert window.parts.queueing.check.isChecked()
    window.canvas.brush_size = 10
    draw(window, (30, 40), (60, 40))
    assert not window.workspace.document.mask.any()
    qtbot.waitUntil(lambda: len(filled(window)) == 1, timeout=WAIT)
    history = window.workspace.document.history
    assert history.index == 1
    [box] = filled(window)
    assert box.left <= 26
    assert box.right >= 64
    window.undo()
    assert filled(window) == []
    assert not window.workspace.document.mask.any()


def test_undo_takes_back_strokes_that_are_not_filled_yet(window, queue, qtbot):
    window.commands["brush_fills"].setChecked(True)
    order(queue, BOXES[0], script="hang")
    order(queue, *BOXES[1:])
    first, second = queue.waiting
    queue.move(second.id, -1)
    assert window.commands["undo"].isEnabled()
    window.commands["undo"].trigger()
    assert queue.waiting == (first,)
    window.commands["undo"].trigger()
    assert queue.waiting == ()
    window.commands["undo"].trigger()
    qtbot.waitUntil(lambda: not window.controller.running, timeout=WAIT)
    assert filled(window) == []
    assert not window.commands["undo"].isEnabled()
    assert window.workspace.document.history.index == 0


def test_painting_goes_on_while_strokes_are_filled(window, queue, qtbot):
    window.commands["brush_fills"].trigger()
    window.canvas.brush_size = 10
    for row in (20, 50, 80):
        draw(window, (30, row), (60, row))
    qtbot.waitUntil(lambda: len(filled(window)) == 3, timeout=WAIT)
    assert [box.top for box in filled(window)] == sorted(box.top for box in filled(window))


def test_without_the_switch_and_when_erasing_a_stroke_is_a_step_of_the_mask(window, queue):
    window.canvas.brush_size = 10
    draw(window, (30, 40), (60, 40))
    assert window.workspace.document.mask.any()
    window.commands["brush_fills"].trigger()
    window.commands["eraser"].trigger()
    draw(window, (30, 40), (60, 40))
    assert window.workspace.document.history.index == 2
    assert queue.current is None


def test_fill_while_one_runs_waits_its_turn(window, queue, qtbot):
    order(queue, BOXES[0], script="hang")
    window.workspace.document.mask[BOXES[1].slices] = 255
    assert window.column.fill.fill.text() == "Fill Next"
    window.commands["fill"].trigger()
    assert [item.box for item in queue.waiting] == [BOXES[1]]
    queue.cancel(queue.current.id)
    qtbot.waitUntil(lambda: filled(window) == [BOXES[1]], timeout=WAIT)
    assert window.column.fill.fill.text() == "Fill"
