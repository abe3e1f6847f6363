"""The whole window, offscreen: what a user can do with it short of a real fill."""

import json
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from driving import add_layer, draw, open_path, paint_mask, place
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QMessageBox,
    QSlider,
    QSpinBox,
)

from inpaint_studio.document.layer import Layer
from inpaint_studio.errors import StudioError, UsageError
from inpaint_studio.imaging.files import WriteOptions, write_mask, write_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.action_table.spec import RECENT, SEPARATOR
from inpaint_studio.ui.actions import ACTIONS, MENUS
from inpaint_studio.ui.app import _application, _arguments, _require_display
from inpaint_studio.ui.clipboard import photo_of_image
from inpaint_studio.ui.crash import log_path, report_crashes, sentence_for, start_log
from inpaint_studio.ui.dialogs.export import ExportDialog
from inpaint_studio.ui.dialogs.models import ModelsDialog
from inpaint_studio.ui.dialogs.unsaved import UnsavedQuestion
from inpaint_studio.ui.jobs import BackgroundJob
from inpaint_studio.ui.photo_facts import describe, profile_name
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.ui.status_file import StatusFile

pytestmark = pytest.mark.gui
WAIT = 30_000
QuestionButton = QMessageBox.StandardButton


def drop(window, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPoint(400, 400),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def button(window, label):
    return next(b for b in window.messages.buttons() if b.text() == label)


# Actions


def test_every_key_belongs_to_one_action(window):
    keys = [key for spec in ACTIONS for key in spec.keys]
    assert len(keys) == len(set(keys))
    for key in keys:
        assert not QKeySequence(key).isEmpty(), key


def test_every_action_is_in_a_menu_and_says_its_key(window):
    listed = {name for _, ids in MENUS for name in ids} - {SEPARATOR, RECENT}
    assert listed == {spec.id for spec in ACTIONS}
    for spec, action in window.commands:
        native = QKeySequence.SequenceFormat.NativeText
        if spec.keys:
            assert QKeySequence(spec.keys[0]).toString(native) in action.toolTip()


def test_every_action_does_something(window):
    for spec, action in window.commands:
        assert action.receivers("2triggered(bool)") > 0 or spec.group, spec.id


def test_every_control_can_be_reached_and_has_a_name(opened):
    opened.load_icons()
    kinds = (QComboBox, QSlider, QSpinBox, QAbstractButton)
    for control in (c for kind in kinds for c in opened.findChildren(kind)):
        internal = isinstance(control.parent(), (QComboBox, QSpinBox, QLineEdit)) or (
            control.objectName().startswith("qt_") or not control.isVisible()
        )
        if internal or control.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        name = control.accessibleName() or getattr(control, "text", str)()
        assert name, control
        assert control.toolTip(), f"{name} has no tool tip"


def test_what_needs_a_photo_waits_for_one(window):
    for spec, action in window.commands:
        if spec.photo:
            assert not action.isEnabled(), spec.id
    assert not window.commands["undo"].isEnabled()
    assert not window.column.fill.fill.isEnabled()


def test_undo_and_redo_follow_the_history(opened):
    commands = opened.commands
    paint_mask(opened)
    assert commands["undo"].isEnabled()
    assert not commands["redo"].isEnabled()
    commands["undo"].trigger()
    assert not opened.workspace.document.mask.any()
    assert commands["redo"].isEnabled()


def test_layers_can_only_be_moved_where_there_is_room(opened):
    commands = opened.commands
    assert not commands["layer_delete"].isEnabled()
    add_layer(opened, "a")
    add_layer(opened, "b")
    assert not commands["layer_up"].isEnabled()
    commands["layer_down"].trigger()
    assert [layer.name for layer in opened.workspace.document.layers] == ["b", "a"]
    assert not commands["layer_down"].isEnabled()
    commands["layer_delete"].trigger()
    assert [layer.name for layer in opened.workspace.document.layers] == ["a"]


def test_a_key_chooses_a_tool_and_the_strip_follows(opened):
    opened.activateWindow()
    opened.canvas.setFocus()
    QTest.keyClick(opened, Qt.Key.Key_L)
    assert opened.canvas.tool == "lasso"
    assert "Alt" in opened.options.hint.text()
    QTest.keyClick(opened, Qt.Key.Key_B)
    assert opened.commands["brush"].isChecked()
    before = opened.canvas.brush_size
    QTest.keyClick(opened, Qt.Key.Key_BracketRight)
    assert opened.canvas.brush_size > before
    assert opened.options.size_spin.value() == round(opened.canvas.brush_size)


def test_the_strip_sets_the_brush_and_it_is_remembered(opened):
    opened.options.size_spin.setValue(321)
    opened.options.hardness_spin.setValue(15)
    assert opened.canvas.brush_size == 321
    assert opened.canvas.hardness == pytest.approx(0.15)
    opened.store.save()
    assert SettingsStore().settings.brush_size == 321


def test_f6_walks_through_the_panes(opened):
    opened.activateWindow()
    opened.canvas.setFocus()
    seen = []
    for _ in range(len(opened.column.sections) + 1):
        opened.windows.next_pane()
        seen.append(QApplication.focusWidget())
    assert seen[0] is opened.column.sections[0].header
    assert opened.options.isAncestorOf(seen[-1])
    opened.windows.next_pane()
    assert QApplication.focusWidget() is opened.canvas


# Opening


def test_an_opened_photo_is_shown_described_and_remembered(opened, photo_path):
    assert opened.pages.currentWidget() is opened.canvas
    assert "photo.png" in opened.windowTitle()
    assert not opened.isWindowModified()
    assert "128 × 96 · 8-bit RGB · sRGB" in opened.status_line.facts
    assert opened.store.settings.recent_files[0] == str(photo_path)
    assert opened.recent_menu.actions()[0].toolTip() == str(photo_path)


def test_a_bad_file_is_said_in_the_bar_and_can_be_copied(qtbot, window, tmp_path):
    path = tmp_path / "empty.jpg"
    path.write_bytes(b"")
    with qtbot.waitSignal(window.workspace.problem, timeout=WAIT):
        window.photos.open_path(path)
    assert "empty.jpg" in window.messages.text
    button(window, "Copy").click()
    assert QGuiApplication.clipboard().text() == window.messages.text
    button(window, "Dismiss").click()
    assert window.messages.text == ""


@pytest.mark.data
@pytest.mark.parametrize("folder", ["broken", "odd"])
def test_every_awkward_file_opens_or_is_a_sentence(qtbot, window, data_dir, folder):
    workspace = window.workspace
    for path in sorted((data_dir / folder).iterdir()):
        outcome = []
        shown = workspace.opened.connect(outcome.append)
        failed = workspace.problem.connect(outcome.append)
        window.photos.open_path(path)
        qtbot.waitUntil(lambda outcome=outcome: bool(outcome), timeout=WAIT)
        workspace.opened.disconnect(shown)
        workspace.problem.disconnect(failed)
        if isinstance(outcome[0], str):
            assert outcome[0].endswith("."), path.name
            assert "Error" not in outcome[0], path.name
            assert "went wrong" not in outcome[0], f"{path.name}: {outcome[0]}"


def test_a_long_name_is_shortened_in_the_title(qtbot, window, tmp_path, rgb):
    path = tmp_path / ("n" * 200 + ".png")
    write_photo(path, Photo(rgb))
    open_path(qtbot, window, path)
    assert len(window.windowTitle()) < 120
    assert "…" in window.windowTitle()


def test_a_dropped_photo_opens(qtbot, window, photo_path):
    with qtbot.waitSignal(window.workspace.opened, timeout=WAIT):
        drop(window, photo_path)


def test_a_dropped_picture_of_the_same_size_may_be_a_mask(qtbot, opened, tmp_path):
    mask = np.zeros((96, 128), np.uint8)
    mask[10:20, 10:20] = 255
    path = tmp_path / "photo-mask.png"
    write_mask(path, Mask(mask))
    drop(opened, path)
    qtbot.waitUntil(lambda: "use it as the mask" in opened.messages.text, timeout=WAIT)
    assert opened.messages.buttons()[0].text() == "Use as Mask"  # it is called a mask
    opened.messages.buttons()[0].click()
    document = opened.workspace.document
    qtbot.waitUntil(document.mask.any, timeout=WAIT)
    np.testing.assert_array_equal(document.mask, mask)
    assert document.history.titles == ("Load mask photo-mask.png",)


def test_a_dropped_photo_of_the_same_size_may_be_opened(qtbot, opened, tmp_path, rgb):
    path = tmp_path / "other.png"
    write_photo(path, Photo(255 - rgb))
    drop(opened, path)
    qtbot.waitUntil(lambda: "use it as the mask" in opened.messages.text, timeout=WAIT)
    assert opened.messages.buttons()[0].text() == "Open as Photo"
    with qtbot.waitSignal(opened.workspace.opened, timeout=WAIT):
        opened.messages.buttons()[0].click()
    assert opened.workspace.document.path == path
    assert opened.messages.text == ""


def test_a_mask_of_another_size_is_offered_to_be_scaled(qtbot, opened, tmp_path):
    small = np.zeros((48, 64), np.uint8)
    small[10:20, 10:20] = 255
    path = tmp_path / "m.png"
    write_mask(path, Mask(small))
    opened.masks.read(path)
    qtbot.waitUntil(lambda: "Scale it to fit?" in opened.messages.text, timeout=WAIT)
    assert not opened.workspace.document.mask.any()
    button(opened, "Scale").click()
    qtbot.waitUntil(opened.workspace.document.mask.any, timeout=WAIT)
    assert opened.workspace.document.mask[20:40, 20:40].all()


def test_a_mask_is_not_laid_on_the_next_photo(opened, tmp_path, monkeypatch):
    path = tmp_path / "m.png"
    write_mask(path, Mask(np.full((96, 128), 255, np.uint8)))
    applied = []
    monkeypatch.setattr(opened.masks, "apply", lambda *step: applied.append(step))
    opened.masks.read(path)
    opened.workspace.new_document(opened.workspace.document.photo)
    jobs = QApplication.instance().findChildren(BackgroundJob)
    [reading] = [job for job in jobs if job.belongs_to(opened.masks)]
    reading.wait()
    QApplication.processEvents()
    assert applied == []


def test_an_empty_mask_is_said_to_be_empty(qtbot, opened, tmp_path):
    path = tmp_path / "black.png"
    write_mask(path, Mask(np.zeros((96, 128), np.uint8)))
    opened.masks.read(path)
    qtbot.waitUntil(lambda: "nothing to fill" in opened.messages.text, timeout=WAIT)


def test_a_pasted_picture_opens_without_a_file(qtbot, window):
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    QGuiApplication.clipboard().setImage(image)
    window.commands["paste_new"].trigger()
    document = window.workspace.document
    assert document.path is None
    assert document.photo.pixels.shape == (10, 20, 3)
    assert tuple(document.photo.pixels[0, 0]) == (10, 20, 30)
    assert "Pasted picture" in window.windowTitle()


def test_pasting_nothing_says_so(window):
    QGuiApplication.clipboard().setText("words")
    window.commands["paste_new"].trigger()
    assert "no picture on the clipboard" in window.messages.text


@pytest.mark.parametrize(
    ("layout", "dtype", "channels"),
    [
        (QImage.Format.Format_RGB888, np.uint8, 3),
        (QImage.Format.Format_ARGB32_Premultiplied, np.uint8, 4),
        (QImage.Format.Format_RGBX64, np.uint16, 3),
        (QImage.Format.Format_RGBA64, np.uint16, 4),
    ],
)
def test_pictures_from_the_clipboard_keep_depth_and_alpha(layout, dtype, channels):
    image = QImage(7, 3, layout)
    image.fill(QColor(200, 100, 50))
    image.setPixelColor(6, 2, QColor(1, 2, 3))
    photo = photo_of_image(image)
    assert photo.pixels.dtype == dtype
    assert photo.pixels.shape == (3, 7, channels)
    scale = 257 if dtype == np.uint16 else 1
    assert tuple(photo.pixels[0, 0, :3]) == (200 * scale, 100 * scale, 50 * scale)
    assert tuple(photo.pixels[2, 6, :3]) == (scale, 2 * scale, 3 * scale)


# The mask


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("mask_invert", lambda before, after: ((before == 0) == (after == 255)).all()),
        ("mask_clear", lambda before, after: not after.any()),
    ],
)
def test_the_mask_menu_changes_the_mask_as_one_step(qtbot, opened, action, expected):
    paint_mask(opened)
    document = opened.workspace.document
    before = document.mask.copy()
    opened.commands[action].trigger()
    qtbot.waitUntil(lambda: len(document.history.titles) == 2, timeout=WAIT)
    assert expected(before, document.mask)
    opened.commands["undo"].trigger()
    np.testing.assert_array_equal(document.mask, before)


def test_growing_and_shrinking_ask_how_far(qtbot, opened):
    paint_mask(opened)
    document = opened.workspace.document
    before = np.count_nonzero(document.mask)
    opened.masks.grow_by(3)
    qtbot.waitUntil(lambda: np.count_nonzero(document.mask) > before, timeout=WAIT)
    opened.masks.shrink_by(5)
    qtbot.waitUntil(lambda: np.count_nonzero(document.mask) < before, timeout=WAIT)
    assert document.history.titles[1:] == ("Grow mask by 3 px", "Shrink mask by 5 px")


def test_a_mask_painted_on_meanwhile_is_not_overwritten(qtbot, opened):
    document = opened.workspace.document
    opened.masks.invert()
    paint_mask(opened)
    with qtbot.waitSignal(opened.workspace.problem, timeout=WAIT) as problem:
        pass
    assert "painted on meanwhile" in problem.args[0]
    assert document.history.titles == ("Paint mask",)


def test_a_stroke_right_after_clearing_is_all_there_is(opened):
    paint_mask(opened)
    opened.commands["mask_clear"].trigger()
    draw(opened, (5, 5), (9, 5))
    mask = opened.workspace.document.mask
    assert mask[5, 7] == 255
    assert not mask[39, 30:60].any()
    assert not opened.messages.isVisible()
    assert opened.workspace.document.history.titles[-2:] == ("Clear mask", "Paint mask")


def test_the_mask_is_saved_as_a_grey_picture(qtbot, opened, tmp_path):
    paint_mask(opened)
    with qtbot.waitSignal(opened.workspace.status, timeout=WAIT):
        opened.masks.write(tmp_path / "mask.png")
    document = opened.workspace.document
    painted = document.mask.copy()
    opened.commands["undo"].trigger()
    opened.masks.read(tmp_path / "mask.png")
    qtbot.waitUntil(document.mask.any, timeout=WAIT)
    np.testing.assert_array_equal(document.mask, painted)


def test_a_soft_mask_that_was_saved_comes_back_exactly(qtbot, opened, tmp_path):
    soft = np.zeros((96, 128), np.uint8)
    soft[20:40, 20:84] = np.arange(64, dtype=np.uint8) * 4
    write_mask(tmp_path / "soft.png", Mask(soft))
    opened.masks.read(tmp_path / "soft.png")
    document = opened.workspace.document
    qtbot.waitUntil(document.mask.any, timeout=WAIT)
    np.testing.assert_array_equal(document.mask, soft)


def test_what_jpeg_leaves_of_black_is_no_mask(qtbot, opened, tmp_path):
    noisy = np.full((96, 128), 3, np.uint8)
    noisy[20:40, 20:84] = 252
    write_photo(tmp_path / "m.jpg", Photo(noisy[:, :, None]))
    opened.masks.read(tmp_path / "m.jpg")
    document = opened.workspace.document
    qtbot.waitUntil(document.mask.any, timeout=WAIT)
    assert set(np.unique(document.mask)) == {0, 255}
    assert not document.mask[:10].any()


def test_a_fresh_fill_is_shown_without_the_tint_until_one_paints(opened):
    paint_mask(opened)
    add_layer(opened)
    opened.controller.landed.emit(opened.workspace.document.layers[-1])
    assert not opened.canvas.mask_visible
    assert not opened.commands["show_mask"].isChecked()
    opened.commands["undo"].trigger()
    assert opened.canvas.mask_visible


@pytest.fixture
def filled(opened):
    """A mask of rows 20 to 40 that has been filled."""
    paint_mask(opened)
    add_layer(opened)
    opened.controller.landed.emit(opened.workspace.document.layers[-1])
    opened.canvas.brush_size = 8
    return opened


def test_a_stroke_after_a_fill_begins_another_mask(filled):
    before = filled.workspace.document.mask.copy()
    draw(filled, (80, 70), (90, 70))
    mask = filled.workspace.document.mask
    assert mask[70, 80:90].all()
    assert not mask[20:40].any()
    assert filled.workspace.document.history.titles[-2:] == ("New mask", "Paint mask")
    draw(filled, (80, 80), (90, 80))  # the second adds to the first
    assert filled.workspace.document.mask[70, 85]
    for _ in range(3):
        filled.undo()
    assert np.array_equal(filled.workspace.document.mask, before)


@pytest.mark.parametrize("how", ["erase", "shift", "shown", "clone", "wand away"])
def test_what_goes_on_with_a_filled_mask_keeps_it(filled, how):
    button, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    if how == "erase":
        button = Qt.MouseButton.RightButton
    elif how == "shift":
        modifiers = Qt.KeyboardModifier.ShiftModifier
    elif how == "shown":
        filled.commands["show_mask"].trigger()
    elif how == "clone":
        filled.canvas.set_tool("clone")
    else:
        filled.canvas.set_tool("wand")
        modifiers = Qt.KeyboardModifier.AltModifier
    QTest.mouseClick(filled.canvas, button, modifiers, place(filled, 80, 70))
    assert filled.workspace.document.mask[25, 35] == 255


def test_a_mask_begun_while_a_fill_runs_stays_in_sight(filled, monkeypatch):
    filled.commands["show_mask"].trigger()
    filled.filling.mask_used.emit()
    monkeypatch.setattr(type(filled.controller), "running", property(lambda _: True))
    draw(filled, (80, 70), (90, 70))
    assert not filled.workspace.document.mask[20:40].any()
    filled.controller.landed.emit(filled.workspace.document.layers[-1])
    assert filled.canvas.mask_visible


def test_after_a_fill_the_panel_says_how_to_see_the_mask(opened):
    paint_mask(opened)
    add_layer(opened)
    opened.controller.landed.emit(opened.workspace.document.layers[-1])
    opened.controller.message.emit("Filled in 2 s.")
    hint = "Paint to begin the next mask; M shows this one again."
    assert opened.column.fill.stage.text() == f"Filled in 2 s. {hint}"
    opened.controller.message.emit("The fill was stopped.")
    assert opened.column.fill.stage.text() == "The fill was stopped."


def test_a_model_that_is_not_installed_leads_to_the_models(opened):
    opened.filling.models_requested.emit("edgeconnect-places2")
    dialog = opened.findChild(ModelsDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_a_mask_that_is_changed_after_a_fill_is_seen(qtbot, opened):
    paint_mask(opened)
    add_layer(opened)
    opened.controller.landed.emit(opened.workspace.document.layers[-1])
    assert not opened.canvas.mask_visible
    opened.masks.grow_by(3)
    qtbot.waitUntil(lambda: opened.canvas.mask_visible, timeout=WAIT)


def test_the_layer_below_is_chosen_when_one_is_deleted(opened):
    for name in "abc":
        add_layer(opened, name)
    workspace = opened.workspace
    workspace.set_active_layer(workspace.document.layers[1].id)
    opened.commands["layer_delete"].trigger()
    assert workspace.active_layer.name == "a"
    opened.commands["layer_delete"].trigger()
    assert workspace.active_layer.name == "c"
    opened.commands["layer_delete"].trigger()
    assert workspace.active_layer is None


def test_letters_choose_an_engine_while_its_list_has_the_keyboard(qtbot, opened):
    opened.column.fill.choose("telea")
    engine = opened.column.fill.engine
    opened.activateWindow()
    engine.setFocus()
    qtbot.waitUntil(engine.hasFocus)
    QTest.keyClick(engine, "e")
    assert engine.currentData() == "edgeconnect"
    assert opened.canvas.tool == "brush"


def test_the_welcome_can_be_answered_with_enter(qtbot, window):
    window.activateWindow()
    qtbot.waitUntil(lambda: window.welcome.open.hasFocus())


def test_a_hidden_mask_stays_hidden_when_the_user_hid_it(opened):
    opened.commands["show_mask"].trigger()
    opened.controller.landed.emit(
        Layer.from_patch(
            Patch(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8), Point(0, 0)), id=1
        )
    )
    opened.commands["undo"].trigger()
    assert not opened.canvas.mask_visible


def test_the_status_bar_counts_the_mask(qtbot, opened):
    assert "Mask empty" in opened.status_line.facts
    paint_mask(opened)
    qtbot.waitUntil(lambda: "Mask 4.9 %" in opened.status_line.facts, timeout=WAIT)


# Leaving


def test_unsaved_work_is_asked_about_when_closing(opened):
    paint_mask(opened)
    assert opened.isWindowModified()
    assert not opened.close()
    question = opened.findChild(UnsavedQuestion)
    question.button(QuestionButton.Cancel).click()
    assert opened.isVisible()
    opened.close()
    newest = opened.findChildren(UnsavedQuestion)[-1]
    newest.button(QuestionButton.Discard).click()
    assert not opened.isVisible()


def test_unsaved_work_is_asked_about_when_opening_another(qtbot, opened, tmp_path, rgb):
    other = tmp_path / "other.png"
    write_photo(other, Photo(rgb))
    paint_mask(opened)
    opened.photos.open_path(other)
    question = opened.findChild(UnsavedQuestion)
    assert "photo.png" in question.text()
    with qtbot.waitSignal(opened.workspace.opened, timeout=WAIT):
        question.button(QuestionButton.Discard).click()
    assert opened.workspace.document.path == other


def test_saving_first_exports_and_then_closes(qtbot, opened, photo_path):
    add_layer(opened)
    opened.close()
    opened.findChild(UnsavedQuestion).export.click()
    dialog = opened.findChild(ExportDialog)
    with qtbot.waitSignal(opened.workspace.exported, timeout=WAIT):
        dialog.export.click()
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=WAIT)
    assert photo_path.with_name("photo-restored.png").exists()


def test_an_export_under_way_is_finished_before_the_window_closes(qtbot, opened, tmp_path):
    out = tmp_path / "out.png"
    opened.workspace.export(out, WriteOptions())
    assert not opened.close()
    assert "closes when" in opened.status_line.sentence
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=WAIT)
    assert out.exists()


def test_an_export_that_fails_leaves_the_window_open(qtbot, opened, tmp_path):
    opened.workspace.export(tmp_path / "no" / "folder.png", WriteOptions())
    assert not opened.close()
    with qtbot.waitSignal(opened.workspace.written, timeout=WAIT):
        pass
    qtbot.wait(20)
    assert opened.isVisible()
    assert opened.close()


def test_what_was_painted_while_another_photo_was_read_is_asked_about(qtbot, opened, tmp_path, rgb):
    other = tmp_path / "other.png"
    write_photo(other, Photo(rgb))
    with qtbot.waitSignal(opened.workspace.overtaken, timeout=WAIT):
        opened.photos.open_path(other)
        paint_mask(opened)
    question = opened.findChild(UnsavedQuestion)
    assert opened.workspace.document.path.name == "photo.png"
    question.button(QuestionButton.Discard).click()
    assert opened.workspace.document.path == other


def test_an_export_that_is_cancelled_closes_nothing_later(qtbot, opened):
    add_layer(opened)
    opened.close()
    opened.findChild(UnsavedQuestion).export.click()
    opened.findChild(ExportDialog).reject()
    opened.commands["export"].trigger()
    with qtbot.waitSignal(opened.workspace.exported, timeout=WAIT):
        opened.findChildren(ExportDialog)[-1].export.click()
    qtbot.wait(50)
    assert opened.isVisible()
    assert opened.workspace.document is not None


def test_closing_leaves_no_thread_behind(qtbot, opened):
    opened.photos.drop(opened.workspace.document.path)
    opened.close()
    assert not opened.worker.isRunning()
    assert opened.workspace.document is None


def test_the_export_result_is_said_in_the_status_bar(qtbot, opened):
    add_layer(opened)
    opened.commands["export"].trigger()
    with qtbot.waitSignal(opened.workspace.exported, timeout=WAIT):
        opened.findChild(ExportDialog).export.click()
    assert "0 pixels changed outside the mask" in opened.status_line.sentence
    assert not opened.isWindowModified()


# Around it


def test_crashes_become_a_sentence_and_a_log(window, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    logger = logging.getLogger()
    before = list(logger.handlers)
    start_log()
    try:
        report_crashes(window.messages.show_problem)
        try:
            raise ZeroDivisionError("oops")
        except ZeroDivisionError:
            sys.excepthook(*sys.exc_info())
        assert "oops" in window.messages.text
        assert "ZeroDivisionError" in log_path().read_text("utf-8")
    finally:
        for handler in set(logger.handlers) - set(before):
            logger.removeHandler(handler)
            handler.close()
    assert sentence_for(StudioError("Said already.")) == "Said already."


def test_the_status_file_follows_the_window(qtbot, window, tmp_path, photo_path):
    file = tmp_path / "status.jsonl"
    StatusFile(window, file)
    open_path(qtbot, window, photo_path)
    paint_mask(window)
    add_layer(window)
    window.commands["undo"].trigger()
    window.commands["redo"].trigger()
    window.workspace.problem.emit("Bad.")
    said = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    names = [line["event"] for line in said]
    assert names == ["opened", "stroke", "step", "undo", "redo", "error"]
    assert said[0]["width"] == 128


def test_profiles_are_called_by_their_names():
    from PIL import ImageCms

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert "sRGB" in profile_name(srgb)
    assert profile_name(None) == "sRGB"
    assert profile_name(b"rubbish" * 40) == "custom profile"
    grey = Photo(np.zeros((2, 3, 2), np.uint16), srgb)
    assert describe(grey).startswith("3 × 2 · 16-bit grey + alpha · ")


def test_a_missing_qt_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "PySide6.QtWidgets", None)
    with pytest.raises(UsageError, match=r"pip install .*command line works without it"):
        _application()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_a_missing_display_is_one_sentence(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="no display"):
        _require_display()


def test_the_window_understands_its_arguments():
    options = _arguments(["--temp-home", "--status-file", "s", "photo.tif"])
    assert options.photo == Path("photo.tif")
    assert options.temp_home
    with pytest.raises(StudioError):
        _arguments(["--no-such-option"])


def test_the_line_at_the_bottom_says_what_the_tool_does(opened):
    opened.canvas.set_tool("clone")
    assert "Alt+click where to copy from" in opened.status_line.line
    opened.workspace.status.emit("Something happened.")
    assert opened.status_line.line == "Something happened."
    opened.canvas.set_tool("brush")
    assert "right button erases" in opened.status_line.line
    opened.mode_bar.begin("x", "Editing {0}", leave=opened.mode_bar.end, leave_text="Done")
    assert "right button erases" not in opened.status_line.line


def test_an_empty_mask_invites_to_paint_and_has_nothing_to_clear(opened):
    stage = opened.column.fill.stage
    assert "Paint over" in stage.text()
    assert "mask is empty" in opened.commands["mask_clear"].toolTip()
    paint_mask(opened)
    assert stage.text() == ""
    assert opened.commands["mask_clear"].isEnabled()
    opened.undo()
    assert "Paint over" in stage.text()


@pytest.mark.parametrize(
    ("keys", "action"),
    [
        ("Shift+F5", "fill"),
        ("Shift+Backspace", "fill"),
        ("Ctrl+0", "zoom_fit"),
        ("Ctrl+1", "zoom_actual"),
        ("Ctrl+Shift+I", "mask_invert"),
        ("Ctrl+H", "show_mask"),
        ("Ctrl+Alt+Z", "undo"),
        ("F", "full_screen"),
    ],
)
def test_the_keys_of_photoshop_do_what_they_do_there(window, keys, action):
    assert QKeySequence(keys) in window.commands[action].shortcuts()
