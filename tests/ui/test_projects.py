"""Projects in the window: saved, opened, asked about, and never replaced behind one's back."""

import json
import os
import shutil
import zipfile

import pytest
from driving import add_layer, open_path, paint_mask
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QMessageBox

from inpaint_studio.project.recovery import find_leftovers, journals_dir
from inpaint_studio.ui.dialogs.unsaved import UnsavedQuestion

pytestmark = pytest.mark.gui
WAIT = 30_000


@pytest.fixture
def saved(qtbot, opened, tmp_path):
    paint_mask(opened)
    add_layer(opened, "Lamp")
    save_to(qtbot, opened, tmp_path / "photo.ora")
    return opened


def save_to(qtbot, window, path):
    with qtbot.waitSignal(window.parts.projects.saved, timeout=WAIT):
        window.parts.projects.save_to(path)


def test_save_asks_where_and_is_then_quiet(qtbot, opened, tmp_path):
    paint_mask(opened)
    add_layer(opened, "Lamp")
    assert opened.isWindowModified()
    opened.commands["save_project"].trigger()
    dialog = opened.findChild(QFileDialog)
    assert dialog.selectedFiles()[0].endswith("photo.ora")
    with qtbot.waitSignal(opened.parts.projects.saved, timeout=WAIT):
        dialog.fileSelected.emit(str(tmp_path / "photo.ora"))
    dialog.close()
    assert not opened.isWindowModified()
    assert opened.windowTitle().startswith("photo.ora")
    opened.workspace.undo()
    assert opened.isWindowModified()
    with qtbot.waitSignal(opened.parts.projects.saved, timeout=WAIT):
        opened.commands["save_project"].trigger()
    assert not opened.isWindowModified()
    assert opened.store.settings.recent_files[0] == str(tmp_path / "photo.ora")


def test_a_project_opens_like_a_photo(qtbot, saved, tmp_path):
    path = tmp_path / "photo.ora"
    saved.workspace.close_document()
    open_path(qtbot, saved, path)
    document = saved.workspace.document
    assert [layer.name for layer in document.layers] == ["Lamp"]
    assert document.mask[30, 40] == 255
    assert not document.modified
    assert saved.windowTitle().startswith("photo.ora")


def test_a_project_can_be_dropped_on_an_open_photo(qtbot, saved, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "photo.ora"))])
    event = QDropEvent(
        QPoint(400, 400),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(saved.workspace.opened, timeout=WAIT):
        saved.dropEvent(event)
    assert saved.workspace.document.project is not None


def test_what_is_done_while_it_saves_is_still_unsaved(qtbot, opened, tmp_path):
    paint_mask(opened)
    add_layer(opened, "Lamp")
    with qtbot.waitSignal(opened.parts.projects.saved, timeout=WAIT):
        opened.parts.projects.save_to(tmp_path / "photo.ora")
        opened.workspace.undo()
    assert opened.workspace.document.modified
    opened.workspace.redo()
    assert not opened.workspace.document.modified


def test_a_file_another_program_changed_is_not_replaced_unasked(qtbot, saved, tmp_path):
    path = tmp_path / "photo.ora"
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("other/thing", b"x")
    theirs = path.read_bytes()
    saved.workspace.undo()
    saved.commands["save_project"].trigger()
    assert "changed by another program" in saved.messages.text
    assert path.read_bytes() == theirs
    replace = next(b for b in saved.messages.buttons() if b.text() == "Replace It")
    with qtbot.waitSignal(saved.parts.projects.saved, timeout=WAIT):
        replace.click()
    assert path.read_bytes() != theirs


def test_a_newer_project_is_not_saved_over(qtbot, saved, tmp_path):
    path, newer = tmp_path / "photo.ora", tmp_path / "newer.ora"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("project.json"):
                data = json.dumps(json.loads(data) | {"format": 99}).encode()
            new.writestr(name, data)
    said = []
    saved.workspace.status.connect(said.append)
    open_path(qtbot, saved, newer)
    assert "newer version" in said[-1]
    assert "newer version" in saved.messages.text
    before = newer.read_bytes()
    saved.commands["save_project"].trigger()
    dialog = saved.findChild(QFileDialog)
    assert dialog.selectedFiles()[0].endswith("newer-copy.ora")
    dialog.fileSelected.emit(str(newer))
    dialog.close()
    assert "choose another name" in saved.messages.text
    assert newer.read_bytes() == before


def test_a_project_is_saved_by_itself_where_that_is_wanted(qtbot, saved, tmp_path):
    autosaving, path = saved.parts.autosaving, tmp_path / "photo.ora"
    assert not autosaving.timer.isActive()
    saved.store.update(lambda settings: replace(settings, autosave_minutes=20))
    assert autosaving.timer.isActive()
    assert autosaving.timer.interval() == 20 * 60_000
    before = path.stat().st_mtime_ns
    autosaving.save()
    assert not saved.workspace.writing  # nothing is new
    add_layer(saved, "Another")
    with qtbot.waitSignal(saved.parts.projects.saved, timeout=WAIT):
        autosaving.timer.timeout.emit()
    assert not saved.workspace.document.modified
    assert path.stat().st_mtime_ns > before
    add_layer(saved, "A third")
    path.write_bytes(path.read_bytes() + b" ")  # by another program
    autosaving.save()
    assert not saved.workspace.writing
    saved.store.update(lambda settings: replace(settings, autosave_minutes=0))
    assert not autosaving.timer.isActive()


def test_a_photo_without_a_project_is_not_saved_by_itself(opened):
    paint_mask(opened)
    opened.parts.autosaving.save()
    assert not opened.workspace.writing
    assert opened.workspace.document.modified


def test_saving_clears_what_a_save_that_was_killed_left(qtbot, saved, tmp_path):
    left = tmp_path / ".inpaint-0123.part"
    left.write_bytes(b"half a project")
    os.utime(left, (1e9, 1e9))
    with qtbot.waitSignal(saved.workspace.written, timeout=WAIT):
        saved.parts.projects.save_to(tmp_path / "photo.ora")
    assert not left.exists()


def test_saving_before_leaving_saves_the_project(qtbot, saved):
    saved.workspace.undo()
    saved.close()
    question = saved.findChild(UnsavedQuestion)
    question.button(QMessageBox.StandardButton.Save).click()
    qtbot.waitUntil(lambda: not saved.isVisible(), timeout=WAIT)


def test_a_project_that_cannot_be_saved_is_a_sentence(qtbot, opened, tmp_path):
    paint_mask(opened)
    add_layer(opened, "Lamp")
    with qtbot.waitSignal(opened.workspace.problem, timeout=WAIT):
        opened.parts.projects.save_to(tmp_path / "none" / "photo.ora")
    assert "folder does not exist" in opened.messages.text
    assert opened.workspace.document.modified


def test_a_saved_project_needs_no_recovery_but_later_steps_do(qtbot, saved, tmp_path):
    keeping = saved.recovery.journaling._keeping
    assert keeping.writer.settle()
    [folder] = journals_dir().iterdir()
    copy = tmp_path / "copy" / folder.name
    shutil.copytree(folder, copy)
    assert find_leftovers(copy.parent) == []
    saved.workspace.undo()
    assert keeping.writer.settle()
    shutil.copytree(folder, copy)
    [leftover] = find_leftovers(copy.parent)
    saved.workspace.close_document()
    with qtbot.waitSignal(saved.workspace.opened, timeout=WAIT):
        saved.recovery.recover(leftover)
    document = saved.workspace.document
    assert document.project.path == tmp_path / "photo.ora"
    assert document.modified
    saved.workspace.redo()
    assert not document.modified
    with qtbot.waitSignal(saved.parts.projects.saved, timeout=WAIT):
        saved.commands["save_project"].trigger()


def test_a_project_saved_late_says_nothing_of_the_next_photo(qtbot, saved, monkeypatch, tmp_path):
    noted = []
    monkeypatch.setattr(saved.recovery.journaling, "note_saved", noted.append)
    saved.parts.projects.save_to(tmp_path / "again.ora")
    with qtbot.waitSignal(saved.parts.projects.saved, timeout=WAIT):
        saved.workspace.new_document(saved.workspace.document.photo)
    assert noted == []
