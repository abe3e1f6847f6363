"""Other keys, the window's arrangement, its size, and the tour."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from shiboken6 import isValid

from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.settings import Settings, save_settings, saved_scale, settings_path
from inpaint_studio.ui.dialogs.shortcut_keys import changed_keys, current_keys, owner_of
from inpaint_studio.ui.dialogs.shortcuts import ShortcutsDialog

pytestmark = pytest.mark.gui
WAIT = 30_000


@pytest.fixture
def dialog(window):
    dialog = ShortcutsDialog(window, window.parts.comfort)
    dialog.show()
    yield dialog
    if isValid(dialog):
        dialog.close()


def on_top(window, card):
    """The widget a click on the card's corner would reach."""
    return window.pages.childAt(card.geometry().topLeft() + card.title.geometry().center())


def choose(dialog, action_id):
    dialog._choose(action_id)
    assert dialog.chosen == action_id


def test_a_key_is_changed_at_once_and_kept(window, dialog, open_window):
    choose(dialog, "mask_invert")
    dialog.edit.setKeySequence(QKeySequence("Ctrl+Alt+I"))
    dialog.assign.click()
    action = window.commands["mask_invert"]
    assert action.shortcut() == QKeySequence("Ctrl+Alt+I")
    assert "Ctrl+Alt+I" in action.toolTip()
    window.store.save()
    assert open_window().commands["mask_invert"].shortcut() == QKeySequence("Ctrl+Alt+I")


def test_a_key_somebody_has_is_named_and_moves(window, dialog):
    choose(dialog, "brush")
    dialog.edit.setKeySequence(QKeySequence("Ctrl+I"))
    assert "“Invert” has Ctrl+I" in dialog.note.text()
    dialog.assign.click()
    assert window.commands["brush"].shortcut() == QKeySequence("Ctrl+I")
    assert QKeySequence("Ctrl+I") not in window.commands["mask_invert"].shortcuts()
    choose(dialog, "mask_invert")
    dialog.reset.click()
    assert window.commands["mask_invert"].shortcut() == QKeySequence("Ctrl+I")
    assert window.commands["brush"].shortcut().isEmpty()
    dialog.reset_all.click()
    assert window.commands["brush"].shortcut() == QKeySequence("B")
    assert window.store.settings.shortcuts == {}


def test_shortcuts_are_found_by_name_and_by_key(dialog):
    def shown():
        return [item.text(0) for _, item in dialog._items if not item.isHidden()]

    dialog.search.setText("ctrl+shift+z")
    assert shown() == ["Redo"]
    dialog.search.setText("lasso")
    assert {"Lasso", "Polygon Lasso"} <= set(shown())
    assert "Export" not in shown()
    dialog.search.setText("")
    assert len(shown()) > 60


def test_keys_that_are_the_programs_own_are_not_kept():
    keys = current_keys({})
    assert changed_keys(keys) == {}
    assert owner_of(keys, "Ctrl+Z") == "undo"
    assert owner_of(keys, "Ctrl+Alt+Shift+F12") == ""


def test_folded_panels_and_their_width_are_remembered(window, open_window, qtbot):
    history = window.column.sections[3]
    history.set_open(False)
    window.splitter.setSizes([800, 420])
    window.splitter.splitterMoved.emit(0, 1)
    width = window.column.width()
    assert window.store.settings.folded == ("history",)
    window.store.save()
    other = open_window()
    assert not other.column.sections[3].is_open
    qtbot.waitUntil(lambda: abs(other.column.width() - width) < 4)
    other.commands["reset_layout"].trigger()
    assert other.column.sections[3].is_open
    assert other.store.settings.folded == ()
    assert other.column.width() < width - 50


def test_the_size_of_the_interface_is_read_before_qt_starts():
    assert saved_scale() == 1.0
    save_settings(Settings(ui_scale=1.5))
    assert saved_scale() == 1.5
    settings_path().write_text("{ broken", encoding="utf-8")
    assert saved_scale() == 1.0
    assert settings_path().exists()


def test_the_tour_is_offered_once_and_can_be_declined(window, open_window, qtbot):
    tour = window.parts.comfort.tour
    qtbot.waitUntil(lambda: tour.card.isVisible(), timeout=WAIT)
    assert tour.step == 0
    tour.card.skip.click()
    assert not tour.card.isVisible()
    window.store.save()
    other = open_window().parts.comfort.tour
    other.offer()
    assert other.step is None


def test_who_has_opened_photos_before_is_not_new_here(window):
    window.store.update(lambda settings: settings.with_recent(Path("holiday.jpg")))
    tour = window.parts.comfort.tour
    tour.offer()
    assert tour.step is None


def test_the_tour_goes_on_when_each_step_is_done(window, qtbot):
    tour = window.parts.comfort.tour
    with qtbot.waitSignal(window.workspace.opened, timeout=WAIT):
        window.commands["tour"].trigger()
    assert tour.step == 1
    assert "blue thing" in tour.card.text.text()
    assert window.workspace.document.path.name == "photo.jpg"
    qtbot.waitUntil(lambda: tour.card.isAncestorOf(on_top(window, tour.card)))
    window.masks.apply("Paint", lambda mask: mask | 255)
    qtbot.waitUntil(lambda: tour.step == 2, timeout=WAIT)
    alpha = np.full((4, 4), 255, np.uint8)
    patch = Patch(np.zeros((4, 4, 3), np.uint8), alpha, Point(0, 0))
    window.controller.landed.emit(Layer.from_patch(patch, id=1))
    assert tour.step == 3
    assert "Tab" in tour.card.text.text()
    assert not tour.card.skip.isVisible()
    tour.card.go_on.click()
    assert tour.step is None
    assert not tour.card.isVisible()


def test_opening_a_photo_of_ones_own_ends_the_tour(window, qtbot, rgb):
    tour = window.parts.comfort.tour
    tour.offer()
    assert tour.card.isVisible()
    window.workspace.set_document(Document(Photo(rgb), Path("own.png")))
    assert not tour.card.isVisible()
    assert tour.step is None


def test_the_card_is_where_the_window_ends(window):
    card = window.parts.comfort.tour.card
    window.parts.comfort.tour.offer()
    assert card.geometry().bottom() < window.pages.height()
    assert card.cursor().shape() == Qt.CursorShape.ArrowCursor
