"""The workspace: opening, changing, exporting, and what it tells."""

import threading

import numpy as np
import pytest

from inpaint_studio.document.commands import AddLayer, PaintMask, ReplaceLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.errors import StudioError
from inpaint_studio.imaging import files
from inpaint_studio.imaging.files import WriteOptions, read_photo, write_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.workspace import Workspace

pytestmark = pytest.mark.gui
WAIT = 20_000


@pytest.fixture
def workspace(qapp):
    workspace = Workspace()
    yield workspace
    workspace.shut_down()


@pytest.fixture
def document(workspace, rgb, tmp_path):
    document = Document(Photo(rgb), tmp_path / "photo.png")
    workspace.set_document(document)
    return document


def layer_of(document, value=9, name="Fill"):
    pixels = np.full((10, 12, 3), value, np.uint8)
    patch = Patch(pixels, np.full((10, 12), 255, np.uint8), Point(5, 6))
    return Layer.from_patch(patch, id=document.new_layer_id(), name=name)


def painted(document):
    mask = document.mask.copy()
    mask[4:9, 4:9] = 255
    return PaintMask.to(document, mask, title="Paint")


def heard(signal):
    said = []
    signal.connect(lambda *values: said.append(values[0] if values else None))
    return said


def test_opening_reads_off_the_windows_thread_and_says_so(
    qtbot, workspace, rgb, tmp_path, monkeypatch
):
    path = tmp_path / "photo.png"
    write_photo(path, Photo(rgb))
    threads = []

    def read(file):
        threads.append(threading.current_thread())
        return read_photo(file)

    monkeypatch.setattr(files, "read_photo", read)
    busy = heard(workspace.busy_changed)
    with qtbot.waitSignal(workspace.opened, timeout=WAIT):
        workspace.open(path)
    assert threads[0] is not threading.main_thread()
    assert workspace.document.path == path
    np.testing.assert_array_equal(workspace.document.photo.pixels, rgb)
    assert "photo.png" in busy[0]
    assert busy[-1] == ""


def test_a_bad_file_is_a_sentence_and_the_open_photo_stays(qtbot, workspace, document, tmp_path):
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"\xff\xd8\xff not a picture")
    with qtbot.waitSignal(workspace.problem, timeout=WAIT) as problem:
        workspace.open(path)
    assert "broken.jpg" in problem.args[0]
    assert problem.args[0].endswith(".")
    assert workspace.document is document


def test_a_second_opening_drops_the_first(qtbot, workspace, rgb, tmp_path, monkeypatch):
    slow, quick = tmp_path / "slow.png", tmp_path / "quick.png"
    release = threading.Event()

    def read(file):
        if file == slow:
            release.wait(20)
        return Photo(rgb)

    monkeypatch.setattr(files, "read_photo", read)
    opened = heard(workspace.opened)
    workspace.open(slow)
    with qtbot.waitSignal(workspace.opened, timeout=WAIT):
        workspace.open(quick)
    release.set()
    workspace.shut_down()
    qtbot.wait(50)
    assert [document.path for document in opened] == [quick]


def test_every_step_is_told_with_what_it_changed(workspace, document):
    changes, steps = heard(workspace.changed), heard(workspace.history_changed)
    workspace.push(painted(document))
    workspace.push(AddLayer(layer_of(document)))
    workspace.undo()
    workspace.redo()
    workspace.jump(0)
    assert [change.kind for change in changes] == [
        "mask",
        "layers",
        "layers",
        "layers",
        "layers",
        "mask",
    ]
    assert len(steps) == 5
    assert not document.mask.any()
    assert document.layers == ()


def test_undo_without_anything_to_undo_says_nothing_changed(workspace, document):
    changes = heard(workspace.changed)
    workspace.undo()
    workspace.redo()
    assert changes == []


def test_a_step_that_cannot_be_taken_back_is_a_sentence(workspace, document, monkeypatch):
    workspace.push(painted(document))

    def fail(*_):
        raise StudioError("This step cannot be undone.")

    monkeypatch.setattr(document.history, "undo", fail)
    problems = heard(workspace.problem)
    workspace.undo()
    assert problems == ["This step cannot be undone."]


def test_the_topmost_layer_is_active_until_one_is_chosen(workspace, document):
    assert workspace.active_layer is None
    first, second = layer_of(document, name="a"), layer_of(document, name="b")
    workspace.push(AddLayer(first))
    workspace.push(AddLayer(second))
    assert workspace.active_layer is second
    workspace.set_active_layer(first.id)
    assert workspace.active_layer is first
    workspace.jump(0)
    assert workspace.active_layer is None


def test_export_is_lossless_checked_and_counts_as_saved(qtbot, workspace, document, tmp_path):
    workspace.push(AddLayer(layer_of(document)))
    out = tmp_path / "out.tif"
    with qtbot.waitSignal(workspace.exported, timeout=WAIT) as done:
        workspace.export(out, WriteOptions())
    assert done.args[0].changed == 0
    assert "0 pixels changed outside the mask" in done.args[0].sentence
    np.testing.assert_array_equal(read_photo(out).pixels, document.flatten())
    assert not document.modified


def test_a_jpeg_says_that_it_changed_pixels(qtbot, workspace, document, tmp_path):
    workspace.push(AddLayer(layer_of(document)))
    with qtbot.waitSignal(workspace.exported, timeout=WAIT) as done:
        workspace.export(tmp_path / "out.jpg", WriteOptions())
    assert done.args[0].changed > 0
    assert "encodes every pixel anew" in done.args[0].sentence
    assert "PNG and TIFF" in done.args[0].sentence


def test_another_depth_is_said_to_round(qtbot, workspace, document, tmp_path):
    with qtbot.waitSignal(workspace.exported, timeout=WAIT) as done:
        workspace.export(tmp_path / "out.tif", WriteOptions(depth="uint16"))
    assert done.args[0].changed is None
    assert "another depth" in done.args[0].sentence


def test_an_existing_file_is_not_replaced_without_being_told(qtbot, workspace, document, tmp_path):
    out = tmp_path / "out.png"
    out.write_bytes(b"precious")
    with qtbot.waitSignal(workspace.problem, timeout=WAIT) as problem:
        workspace.export(out, WriteOptions())
    assert "out.png" in problem.args[0]
    assert out.read_bytes() == b"precious"


def test_what_changes_during_an_export_is_not_in_it_and_stays_unsaved(
    qtbot, workspace, document, tmp_path, monkeypatch
):
    layer = layer_of(document)
    workspace.push(AddLayer(layer))
    before = document.flatten()
    started, release = threading.Event(), threading.Event()
    write = files.write_photo

    def slow(*arguments, **options):
        started.set()
        release.wait(20)
        return write(*arguments, **options)

    monkeypatch.setattr("inpaint_studio.ui.exporting.write_photo", slow, raising=False)
    with qtbot.waitSignal(workspace.exported, timeout=WAIT):
        workspace.export(tmp_path / "out.png", WriteOptions())
        qtbot.waitUntil(started.is_set, timeout=WAIT)
        hidden = Layer(layer.id, layer.name, layer.patch, visible=False)
        workspace.push(ReplaceLayer(hidden, "Hide"))
        release.set()
    np.testing.assert_array_equal(read_photo(tmp_path / "out.png").pixels, before)
    assert document.modified


def test_closing_lets_go_of_the_document(workspace, document):
    closed = heard(workspace.closed)
    workspace.close_document()
    assert workspace.document is None
    assert closed == [None]
    workspace.push(painted(document))  # nothing is open: nothing happens
    assert not document.mask.any()
