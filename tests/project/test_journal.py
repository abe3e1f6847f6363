"""The journal: what comes back from it, however it was cut off."""

import dataclasses
import errno
import os
import shutil
import tracemalloc
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from inpaint_studio.document.change import CANVASES
from inpaint_studio.document.commands import AddLayer, PaintMask, RemoveLayer, ReplaceLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.history import History
from inpaint_studio.document.layer import FillRecipe, Layer, Provenance
from inpaint_studio.document.named_masks import KeepMasks, NamedMask
from inpaint_studio.document.packed import PackedMask
from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.files import read_photo, write_photo
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Metadata, Patch, Photo
from inpaint_studio.project import journal_folder
from inpaint_studio.project.array_files import DamagedError, read_array, write_array
from inpaint_studio.project.journal import LOG, Moved, Saved, records, told
from inpaint_studio.project.journal_folder import JournalFolder
from inpaint_studio.project.journal_writer import JournalWriter
from inpaint_studio.project.keeping import Keeping
from inpaint_studio.project.recovery import discard, find_leftovers, recover


def patch_of(rng, *, side=9):
    pixels = rng.integers(0, 65536, (side, side, 3)).astype(np.uint16)
    alpha = rng.choice(np.array([0, 90, 255], np.uint8), (side, side))
    return Patch(pixels, alpha, Point(3, 4))


def edges_of(rng, box):
    lines = rng.integers(0, 256, (5, 5)).astype(np.uint8)
    return EdgeDrawing((EdgeSheet(lines, lines > 99, box),))


def full_layer(document, rng):
    """A layer that has everything a layer can have."""
    box = Box(2, 2, 8, 9)
    recipe = FillRecipe(
        hole=rng.integers(0, 256, box.size).astype(np.uint8),
        box=box,
        engine="edgeconnect",
        card="places",
        options=MappingProxyType({"passes": (1, 2), "note": "ä"}),
        seed=7,
        edges=edges_of(rng, box),
        below="abc",
        allowed=PackedMask.of(np.full((40, 50), 9, np.uint8)),
        forbidden=PackedMask.of(np.eye(40, 50, dtype=np.uint8)),
    )
    return Layer(
        document.new_layer_id(),
        "Lamp “post”",
        patch_of(rng),
        0.37,
        True,
        Provenance(engine="edgeconnect", weights="ff", notes=("One.", "Two.")),
        blend="luminosity",
        locked=True,
        keep=rng.integers(0, 256, (9, 9)).astype(np.uint8),
        recipe=recipe,
        edges=edges_of(rng, box),
    )


def snapshot(document):
    """Everything there is to a document, to be compared with ==."""
    return (
        tuple(document.canvas(name).tobytes() for name in CANVASES),
        tuple((named.name, named.coverage.tobytes()) for named in document.named_masks),
        tuple(_plain(layer) for layer in document.layers),
        tuple(document.groups),
        document.history.titles,
        document.history.index,
        document.modified,
    )


def _plain(value):
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.name, value.tobytes()
    if dataclasses.is_dataclass(value):
        return tuple(_plain(getattr(value, f.name)) for f in dataclasses.fields(value))
    if isinstance(value, tuple | list):
        return tuple(_plain(item) for item in value)
    if hasattr(value, "items"):
        return tuple(sorted((key, _plain(item)) for key, item in value.items()))
    return value


class Session:
    """A document with a journal, as the window keeps it."""

    def __init__(self, place, document, problems=None):
        self.document = document
        said = [] if problems is None else problems
        self.keeping = Keeping.begin(place, document, name="photo.png", on_problem=said.append)

    def push(self, command, *, merge=False):
        change = self.document.history.push(self.document, command, merge=merge)
        self.keeping.follow([change])

    def paint(self, box, value=255, on="mask"):
        canvas = self.document.canvas(on).copy()
        canvas[box.slices] = value
        self.push(PaintMask.to(self.document, canvas, title=f"Paint {value}", on=on))

    def name_mask(self, name):
        masks = (*self.document.named_masks, NamedMask.of(name, self.document.mask))
        self.push(KeepMasks.to(masks, title=f"Store {name}"))

    def undo(self):
        self.keeping.follow([self.document.history.undo(self.document)])

    def jump(self, index):
        self.keeping.follow(self.document.history.jump(self.document, index))

    def crash(self):
        assert self.keeping.writer.settle()
        self.keeping.close(remove=False)
        self.keeping.writer.join()


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def opened(path):
    return Document(read_photo(path), path)


def finish(run):
    """What a generator returns."""
    try:
        while True:
            next(run)
    except StopIteration as end:
        return end.value


@pytest.fixture
def recovered():
    """Recover the one document that was left in a place."""
    taken = []

    def recovered(place):
        [leftover] = find_leftovers(place)
        taken.append(finish(recover(leftover, history=History())))
        return taken[-1]

    yield recovered
    for back in taken:
        back.journal.close()


@pytest.fixture
def photo_path(tmp_path, rng):
    path = tmp_path / "photo.png"
    pixels = rng.integers(0, 65536, (40, 50, 3)).astype(np.uint16)
    write_photo(path, Photo(pixels, None, Metadata(xmp=b"<x/>")))
    return path


@pytest.fixture
def place(tmp_path):
    return tmp_path / "journals"


def a_days_work(session, rng, *, seen):
    """Commands of every kind; `seen` gets what the document was after each."""
    document = session.document

    def note():
        seen.append(snapshot(document))

    note()
    session.paint(Box(3, 3, 20, 30))
    note()
    session.paint(Box(5, 30, 25, 50), 255, "allowed")
    note()
    session.name_mask("Sky")
    note()
    layer = full_layer(document, rng)
    session.push(AddLayer(layer))
    note()
    session.push(ReplaceLayer(dataclasses.replace(layer, opacity=0.5), "Opacity"))
    note()
    session.push(ReplaceLayer(dataclasses.replace(layer, opacity=0.6), "Opacity"), merge=True)
    note()
    session.paint(Box(0, 0, 40, 50), 7)
    note()
    session.paint(Box(0, 0, 9, 50), 70, "forbidden")
    note()
    session.name_mask("All")
    note()
    session.undo()
    note()
    session.undo()
    note()
    session.undo()
    note()
    session.undo()
    note()
    other = Layer(document.new_layer_id(), "Other", patch_of(rng, side=4))
    session.push(AddLayer(other))
    note()
    session.push(RemoveLayer(layer.id))
    note()
    session.jump(1)
    note()
    session.jump(4)
    note()


def test_a_crash_costs_nothing(photo_path, place, rng, recovered):
    session = Session(place, opened(photo_path))
    seen = []
    a_days_work(session, rng, seen=seen)
    session.crash()
    back = recovered(place).document
    assert snapshot(back) == seen[-1]
    assert back.path == photo_path
    assert np.array_equal(back.photo.pixels, session.document.photo.pixels)
    assert back.photo.metadata == session.document.photo.metadata
    while session.document.history.can_undo:
        session.document.history.undo(session.document)
        back.history.undo(back)
        assert snapshot(back)[:6] == snapshot(session.document)[:6]
    assert back.new_layer_id() not in (1, 2)


def test_a_log_cut_at_any_byte_gives_some_whole_step(photo_path, place, rng, recovered):
    session = Session(place, opened(photo_path))
    seen = []
    a_days_work(session, rng, seen=seen)
    session.crash()
    [folder] = place.iterdir()
    log = (folder / LOG).read_bytes()
    ends = [end for _, end in records(log)]
    assert len(ends) == len(seen)  # the opening, then one for each step
    reached = set()
    for cut in range(len(log) + 1):
        story = told(log[:cut])
        whole = sum(end <= cut for end in ends)
        assert story.length == (ends[whole - 1] if whole else 0)
        reached.add(whole)
    assert reached == set(range(len(ends) + 1))
    for whole in range(1, len(ends) + 1):
        copy = place.parent / f"cut-{whole}" / "one"
        shutil.copytree(folder, copy)
        torn = log[: ends[whole - 1] + 5]
        (copy / LOG).write_bytes(torn)
        if seen[whole - 1][-1]:
            assert snapshot(recovered(copy.parent).document) == seen[whole - 1]
        else:
            assert find_leftovers(copy.parent) == []


def test_a_damaged_byte_ends_the_story_there(photo_path, place, rng):
    session = Session(place, opened(photo_path))
    a_days_work(session, rng, seen=[])
    session.crash()
    [folder] = place.iterdir()
    log = bytearray((folder / LOG).read_bytes())
    ends = [end for _, end in records(bytes(log))]
    log[ends[3] + 12] ^= 1
    assert told(bytes(log)).length == ends[3]


def test_the_journal_goes_on_after_a_recovery(photo_path, place, rng, recovered):
    session = Session(place, opened(photo_path))
    a_days_work(session, rng, seen=[])
    session.crash()
    back = recovered(place)
    again = Session.__new__(Session)
    again.document = back.document
    again.keeping = Keeping.resume(place, back, on_problem=pytest.fail)
    again.undo()
    again.paint(Box(1, 1, 2, 2), 99)
    before = snapshot(again.document)
    again.crash()
    assert snapshot(recovered(place).document) == before


def test_the_photo_comes_back_although_its_file_was_replaced(photo_path, place, rng, recovered):
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    session.crash()
    photo_path.write_bytes(b"something else")
    back = recovered(place).document
    assert np.array_equal(back.photo.pixels, session.document.photo.pixels)


@pytest.mark.parametrize("how", ["pasted", "changed before the first step", "gone"])
def test_pixels_are_kept_where_no_file_holds_them(photo_path, place, how, recovered):
    document = opened(photo_path)
    if how == "pasted":
        document.path = None
    session = Session(place, document)
    if how == "changed before the first step":
        photo_path.write_bytes(b"x")
    if how == "gone":
        photo_path.unlink()
    session.paint(Box(3, 3, 20, 30))
    session.crash()
    back = recovered(place).document
    assert np.array_equal(back.photo.pixels, document.photo.pixels)
    assert back.photo.metadata == document.photo.metadata


def test_a_photo_that_was_only_looked_at_leaves_nothing(photo_path, place):
    session = Session(place, opened(photo_path))
    session.crash()
    assert not place.exists()


def test_a_clean_end_leaves_nothing(photo_path, place):
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    assert session.keeping.writer.settle()
    assert len(list(place.iterdir())) == 1
    session.keeping.close(remove=True)
    session.keeping.writer.join()
    assert list(place.iterdir()) == []


def test_what_was_saved_is_not_offered(photo_path, place):
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    session.document.saved()
    session.keeping.saved()
    session.crash()
    assert find_leftovers(place) == []
    assert list(place.iterdir()) == []


def test_whether_it_was_saved_comes_back(photo_path, place, recovered):
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    session.document.saved()
    session.keeping.saved()
    session.paint(Box(5, 5, 9, 9), 3)
    session.crash()
    back = recovered(place).document
    assert back.modified
    back.history.undo(back)
    assert not back.modified


def test_two_windows_on_one_photo_do_not_meet(photo_path, place, recovered):
    one, two = Session(place, opened(photo_path)), Session(place, opened(photo_path))
    one.paint(Box(3, 3, 20, 30), 1)
    two.paint(Box(3, 3, 20, 30), 2)
    assert one.keeping.writer.settle()
    assert two.keeping.writer.settle()
    assert find_leftovers(place) == []  # both are alive
    one.crash()
    assert recovered(place).document.mask.max() == 1
    two.crash()
    assert recovered(place).document.mask.max() == 2


def test_one_leftover_is_recovered_by_one_window_only(photo_path, place, recovered):
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    session.crash()
    [leftover] = find_leftovers(place)
    first = recovered(place)
    with pytest.raises(StudioError, match="another window"):
        list(recover(leftover, history=History()))
    discard(leftover)  # does nothing while it is in use
    assert leftover.folder.exists()
    first.journal.close()
    discard(leftover)
    assert not leftover.folder.exists()


def test_a_lock_file_somebody_left_behind_locks_nothing(photo_path, place):
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    session.crash()
    [folder] = place.iterdir()
    (folder / "lock").write_bytes(b"1")  # a process that lives, but does not hold it
    assert len(find_leftovers(place)) == 1


def test_a_full_disk_is_told_and_made_good_later(photo_path, place, monkeypatch, rng, recovered):
    problems = []
    session = Session(place, opened(photo_path), problems)
    session.paint(Box(3, 3, 20, 30))
    assert session.keeping.writer.settle()
    real = journal_folder.write_array

    monkeypatch.setattr(journal_folder, "write_array", full)
    layer = full_layer(session.document, rng)
    session.push(AddLayer(layer))
    session.paint(Box(5, 5, 30, 30), 3)
    assert session.keeping.writer.settle()
    assert len(problems) == 1
    assert "the disk is full" in problems[0]
    monkeypatch.setattr(journal_folder, "write_array", real)
    session.paint(Box(6, 6, 7, 7), 9)
    now = snapshot(session.document)
    session.crash()
    assert snapshot(recovered(place).document) == now


def test_what_waits_for_a_full_disk_waits_small(tmp_path, place, monkeypatch, recovered):
    side, strokes = 768, 24
    photo = tmp_path / "large.png"
    write_photo(photo, Photo(np.zeros((side, side, 1), np.uint8)))
    session = Session(place, opened(photo), [])
    session.paint(Box(0, 0, 9, 9))
    assert session.keeping.writer.settle()
    monkeypatch.setattr(JournalFolder, "append", full)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(strokes):
        session.paint(Box(0, 0, side, side), 100 + number)
    assert session.keeping.writer.settle()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert held < side * side * strokes / 8
    monkeypatch.undo()
    session.paint(Box(1, 1, 2, 2), 3)
    now = snapshot(session.document)
    session.crash()
    assert snapshot(recovered(place).document) == now


def test_arrays_nobody_needs_any_more_are_removed(photo_path, place, rng, recovered):
    session = Session(place, opened(photo_path))
    for _ in range(3):
        session.push(AddLayer(Layer(session.document.new_layer_id(), "One", patch_of(rng))))
        session.undo()
    session.push(AddLayer(Layer(session.document.new_layer_id(), "Last", patch_of(rng))))
    session.crash()
    [folder] = place.iterdir()
    assert len(list(folder.glob("*.array"))) == 2  # colours and alpha
    assert [layer.name for layer in recovered(place).document.layers] == ["Last"]


def test_a_damaged_array_costs_the_steps_from_there_on(photo_path, place, rng, recovered):
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    kept = snapshot(session.document)
    session.push(AddLayer(full_layer(session.document, rng)))
    session.paint(Box(3, 3, 20, 30), 8)
    session.crash()
    [folder] = place.iterdir()
    victim = sorted(folder.glob("*.array"))[0]
    victim.write_bytes(victim.read_bytes()[:-1])
    back = recovered(place)
    assert snapshot(back.document)[:5] == kept[:5]
    assert back.document.modified
    assert "2 steps" in back.note


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "bool"])
@pytest.mark.parametrize("shape", [(0, 3), (1,), (5, 7, 3), (700, 900, 3)])
@pytest.mark.parametrize("grain", [True, False])
def test_arrays_come_back_bit_for_bit(tmp_path, rng, dtype, shape, grain):
    array = (rng.integers(0, 256, shape) if grain else np.ones(shape)).astype(dtype)
    path = tmp_path / "one.array"
    with path.open("wb") as file:
        write_array(file, array)
    back = read_array(path)
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)
    assert not back.flags.writeable


def test_a_cut_array_is_never_taken_for_whole(tmp_path, rng):
    path = tmp_path / "one.array"
    with path.open("wb") as file:
        write_array(file, rng.integers(0, 256, (40, 3)).astype(np.uint8))
    data = path.read_bytes()
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        with pytest.raises(DamagedError):
            read_array(path)


def test_writing_happens_on_another_thread(photo_path, place, monkeypatch):
    """The window's thread does not touch the disk: it would wait for it."""
    import os
    import threading

    here, callers = threading.get_ident(), set()
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (callers.add(threading.get_ident()), real(fd))[1])
    session = Session(place, opened(photo_path))
    session.paint(Box(3, 3, 20, 30))
    session.crash()
    assert callers
    assert here not in callers


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc to name open files")
def test_the_disk_has_each_thing_before_what_names_it(photo_path, place, rng, monkeypatch):
    """A power cut leaves what was fsynced: arrays, then their names, then the record of a step."""
    synced, real = [], os.fsync

    def fsync(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    session = Session(place, opened(photo_path))
    monkeypatch.setattr(os, "fsync", fsync)
    session.paint(Box(3, 3, 20, 30))
    assert session.keeping.writer.settle()
    [folder] = place.iterdir()
    log, begun = folder / LOG, list(synced)
    # What was opened, its name, the log, its name, the journal's own name; then the step.
    assert begun == [folder / "base", folder, log, folder, place, folder, log]
    del synced[:]
    session.push(AddLayer(full_layer(session.document, rng)))
    assert session.keeping.writer.settle()
    *arrays, named, last = synced
    assert (named, last) == (folder, log)
    assert {path.suffix for path in arrays} == {".array"}
    assert set(arrays) == set(folder.glob("*.array"))
    session.crash()


def test_moves_and_saves_before_the_first_step_are_nothing(place):
    document = Document(Photo(np.zeros((5, 5, 3), np.uint8)))
    session = Session(place, document)
    session.keeping.writer.add(Moved(index=0))
    session.keeping.writer.add(Saved(index=0))
    session.crash()
    assert not Path(place).exists()
    assert isinstance(session.keeping.writer, JournalWriter)
