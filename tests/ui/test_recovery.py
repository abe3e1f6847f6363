"""What the window does about crashes: keeps a journal, offers what was left, lets go of it."""

import pytest
from driving import add_layer, open_path, paint_mask
from PySide6.QtWidgets import QPushButton

from inpaint_studio.imaging.files import WriteOptions
from inpaint_studio.project.recovery import find_leftovers, journals_dir

pytestmark = pytest.mark.gui
WAIT = 30_000


def work(window):
    paint_mask(window)
    add_layer(window, "Lamp")
    window.workspace.undo()


def kill(window):
    """End a window as kill -9 would: nothing is tidied up, only the system's locks are gone."""
    keeping = window.recovery.journaling._keeping
    assert keeping.writer.settle()
    keeping.close(remove=False)
    keeping.writer.join()
    window.recovery.journaling._keeping = None
    window._leaving = True
    window.close()


def crash_at_work(qtbot, window, path):
    open_path(qtbot, window, path)
    work(window)
    kill(window)


def button(window, text):
    found = window.recovery.bar.findChildren(QPushButton)
    return next(b for b in found if b.text() == text)


def look(qtbot, window, **options):
    window.recovery.look(**options)
    qtbot.waitUntil(lambda: window.recovery.bar.isVisible(), timeout=WAIT)


def test_a_killed_window_is_offered_back_with_its_history(qtbot, open_window, photo_path):
    crash_at_work(qtbot, open_window(), photo_path)
    window = open_window()
    look(qtbot, window)
    assert "photo.png" in window.recovery.bar.findChildren(QPushButton)[0].parent().accessibleName()
    with qtbot.waitSignal(window.workspace.opened, timeout=WAIT):
        button(window, "Recover").click()
    document = window.workspace.document
    assert document.history.titles == ("Paint mask", "Add Lamp")
    assert document.history.index == 1
    assert document.mask[30, 40] == 255
    assert document.modified
    assert window.windowTitle().startswith("photo.png")
    window.workspace.redo()
    assert [layer.name for layer in document.layers] == ["Lamp"]
    assert not window.recovery.bar.isVisible()


def test_what_was_recovered_survives_the_next_crash_too(qtbot, open_window, photo_path):
    crash_at_work(qtbot, open_window(), photo_path)
    second = open_window()
    second.recovery.look(open_newest=True)
    qtbot.waitUntil(lambda: second.workspace.document is not None, timeout=WAIT)
    second.workspace.redo()
    kill(second)
    third = open_window()
    third.recovery.look(open_newest=True)
    qtbot.waitUntil(lambda: third.workspace.document is not None, timeout=WAIT)
    assert [layer.name for layer in third.workspace.document.layers] == ["Lamp"]


def test_discarding_asks_once_more(qtbot, open_window, photo_path):
    crash_at_work(qtbot, open_window(), photo_path)
    window = open_window()
    look(qtbot, window)
    button(window, "Discard…").click()
    button(window, "Keep").click()
    assert len(find_leftovers(journals_dir())) == 1
    button(window, "Discard…").click()
    button(window, "Discard").click()
    assert not window.recovery.bar.isVisible()
    qtbot.waitUntil(lambda: not list(journals_dir().iterdir()), timeout=WAIT)


def test_several_documents_are_offered(qtbot, open_window, photo_path, tmp_path):
    other = tmp_path / "other.png"
    other.write_bytes(photo_path.read_bytes())
    crash_at_work(qtbot, open_window(), photo_path)
    crash_at_work(qtbot, open_window(), other)
    window = open_window()
    look(qtbot, window)
    with qtbot.waitSignal(window.workspace.opened, timeout=WAIT):
        button(window, "Recover").click()
    assert window.workspace.document.path == other
    assert window.recovery.bar.isVisible()  # the first one is still there


def test_another_windows_document_is_not_offered(qtbot, open_window, photo_path):
    alive = open_window()
    open_path(qtbot, alive, photo_path)
    work(alive)
    assert alive.recovery.journaling._keeping.writer.settle()
    window = open_window()
    window.recovery.look(open_newest=True)
    qtbot.waitUntil(lambda: "nothing to recover" in window.messages.text, timeout=WAIT)


@pytest.mark.parametrize("how", ["closed", "replaced", "quit"])
def test_a_clean_end_leaves_nothing(qtbot, open_window, photo_path, how):
    window = open_window()
    open_path(qtbot, window, photo_path)
    work(window)
    assert window.recovery.journaling._keeping.writer.settle()
    assert len(list(journals_dir().iterdir())) == 1
    if how == "closed":
        window.workspace.close_document()
    elif how == "replaced":
        with qtbot.waitSignal(window.workspace.opened, timeout=WAIT):
            window.workspace.open(photo_path)
    else:
        window._leaving = True
        window.close()
    qtbot.waitUntil(lambda: not list(journals_dir().iterdir()), timeout=WAIT)


def test_what_was_exported_needs_no_recovery(qtbot, open_window, photo_path, tmp_path):
    window = open_window()
    open_path(qtbot, window, photo_path)
    work(window)
    with qtbot.waitSignal(window.workspace.exported, timeout=WAIT):
        window.workspace.export(tmp_path / "out.png", WriteOptions())
    kill(window)
    assert find_leftovers(journals_dir()) == []


def test_the_journal_can_be_switched_off(qtbot, open_window, photo_path):
    from msgspec.structs import replace

    window = open_window()
    window.store.update(lambda settings: replace(settings, journal=False))
    open_path(qtbot, window, photo_path)
    work(window)
    assert window.recovery.journaling._keeping is None
    assert not journals_dir().exists()


def test_it_can_be_elsewhere(qtbot, open_window, photo_path, tmp_path):
    from msgspec.structs import replace

    place = tmp_path / "elsewhere"
    window = open_window()
    window.store.update(lambda settings: replace(settings, journal_folder=str(place)))
    open_path(qtbot, window, photo_path)
    work(window)
    assert window.recovery.journaling._keeping.writer.settle()
    assert len(list(place.iterdir())) == 1


def test_a_disk_that_cannot_be_written_is_told(qtbot, open_window, photo_path, tmp_path):
    from msgspec.structs import replace

    place = tmp_path / "a file"
    place.write_text("in the way")
    window = open_window()
    window.store.update(lambda settings: replace(settings, journal_folder=str(place)))
    open_path(qtbot, window, photo_path)
    work(window)
    qtbot.waitUntil(lambda: "not safe from a crash" in window.messages.text, timeout=WAIT)
    window.workspace.redo()  # and the editor goes on
    assert len(window.workspace.document.layers) == 1


def test_what_was_done_while_a_document_was_brought_back_is_not_lost(
    qtbot, open_window, photo_path, tmp_path
):
    crash_at_work(qtbot, open_window(), photo_path)
    window = open_window()
    other = tmp_path / "other.png"
    other.write_bytes(photo_path.read_bytes())
    open_path(qtbot, window, other)
    look(qtbot, window)
    button(window, "Recover").click()
    paint_mask(window)
    qtbot.waitUntil(lambda: "changed meanwhile" in window.messages.text, timeout=WAIT)
    assert window.workspace.document.path == other
    window.workspace.undo()
    button(window, "Recover").click()
    qtbot.waitUntil(lambda: window.workspace.document.path == photo_path, timeout=WAIT)
