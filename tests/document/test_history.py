"""Commands and their history: exact, atomic, within a budget."""

import dataclasses
import gc
import os
import weakref

import numpy as np
import pytest

from inpaint_studio.document.commands import (
    AddLayer,
    MoveLayer,
    PaintMask,
    RemoveLayer,
    ReplaceLayer,
)
from inpaint_studio.document.document import Document
from inpaint_studio.document.history import History
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pixels import StrokeRecorder
from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Point
from inpaint_studio.imaging.photo import Patch, Photo


def make_patch(value, *, shape=(10, 12)):
    colors = np.full((*shape, 3), value, np.uint8)
    return Patch(colors, np.full(shape, 255, np.uint8), Point(5, 5))


def add(document, value, name="Fill"):
    layer = Layer.from_patch(make_patch(value), id=document.new_layer_id(), name=name)
    document.history.push(document, AddLayer(layer))
    return layer


def paint(document, value, *, merge=False, title="Brush"):
    command = PaintMask.to(document, np.full(document.size, value, np.uint8), title=title)
    return document.history.push(document, command, merge=merge)


def noise(document, seed):
    wanted = np.random.default_rng(seed).integers(0, 256, document.size, dtype=np.uint8)
    document.history.push(document, PaintMask.to(document, wanted, title=f"Noise {seed}"))
    return wanted


@pytest.fixture
def make(tmp_path):
    documents = []

    def make(**budgets):
        photo = Photo(np.zeros((300, 400, 3), np.uint8))
        history = History(spill_dir=tmp_path / "undo", **budgets)
        documents.append(Document(photo, history=history))
        return documents[-1]

    yield make
    for document in documents:
        document.close()


def spilled(tmp_path):
    return list((tmp_path / "undo").rglob("*.undo"))


def test_each_layer_command_goes_back_exactly(make):
    document = make()
    history = document.history
    one, two = add(document, 10, "One"), add(document, 20, "Two")
    states = [((), 0), ((one,), 1), ((one, two), 2)]
    new = dataclasses.replace(one, opacity=0.5, name="Uno")
    for command in (ReplaceLayer(new, "Opacity"), MoveLayer(two.id, 0), RemoveLayer(one.id)):
        history.push(document, command)
        states.append((document.layers, history.index))
    assert [layer.name for layer in document.layers] == ["Two"]
    assert history.titles == ("Add One", "Add Two", "Opacity", "Move Two", "Delete Uno")
    for layers, index in reversed(states):
        history.jump(document, index)
        assert [(a.id, a.name, a.opacity) for a in document.layers] == [
            (b.id, b.name, b.opacity) for b in layers
        ]
    assert len(history.jump(document, 99)) == 5
    assert [layer.name for layer in document.layers] == ["Two"]


def test_changes_say_where_to_look(make):
    document = make()
    layer = add(document, 10)
    assert layer.box == Box(5, 5, 15, 17)
    push = document.history.push
    renamed = dataclasses.replace(layer, name="Sky")
    assert push(document, ReplaceLayer(renamed, "Rename")) == ("layers", EMPTY_BOX)
    hidden = dataclasses.replace(renamed, visible=False)
    assert push(document, ReplaceLayer(hidden, "Hide")) == ("layers", layer.box)
    assert document.history.undo(document) == ("layers", layer.box)
    assert paint(document, 255) == ("mask", Box(0, 0, 300, 400))


def test_a_stroke_already_drawn_is_not_drawn_again(make):
    document = make()
    recorder = StrokeRecorder(document.mask)
    recorder.touch(Box(0, 0, 50, 50))
    document.mask[:50, :50] = 99
    document.history.push(document, PaintMask(recorder.finish(), "Brush"))
    assert document.mask[10, 10] == 99
    document.history.undo(document)
    assert not document.mask.any()
    document.history.redo(document)
    assert document.mask[10, 10] == 99


@pytest.mark.parametrize(
    "command",
    [
        RemoveLayer(77),
        MoveLayer(77, 0),
        ReplaceLayer(Layer(77, "x", make_patch(1)), "Opacity"),
    ],
)
def test_a_command_that_raises_changes_nothing(make, command):
    document = make()
    add(document, 10)
    add(document, 20)
    document.history.undo(document)
    before = (document.layers, document.history.titles, document.history.index)
    with pytest.raises(KeyError):
        document.history.push(document, command)
    assert (document.layers, document.history.titles, document.history.index) == before


def test_a_merge_that_raises_restores_what_it_took_back(make):
    document = make()
    layer = add(document, 10)
    faint = dataclasses.replace(layer, opacity=0.5)
    document.history.push(document, ReplaceLayer(faint, "Opacity"))
    other = dataclasses.replace(layer, id=77)
    with pytest.raises(KeyError):
        document.history.push(document, ReplaceLayer(other, "Opacity"), merge=True)
    assert document.layers[0].opacity == 0.5
    assert document.history.index == 2


def test_a_new_command_forgets_what_was_undone(make):
    document = make()
    paint(document, 1)
    paint(document, 2)
    document.history.undo(document)
    paint(document, 3, title="Third")
    assert document.history.titles == ("Brush", "Third")
    assert not document.history.can_redo
    assert document.history.redo(document) is None
    document.history.jump(document, 0)
    assert not document.mask.any()
    assert document.history.undo(document) is None


def test_dragging_a_slider_is_one_step(make):
    document = make()
    layer = add(document, 10)
    for percent in (90, 60, 30):
        version = dataclasses.replace(layer, opacity=percent / 100)
        document.history.push(document, ReplaceLayer(version, "Opacity"), merge=True)
    assert document.history.titles == ("Add Fill", "Opacity")
    document.history.undo(document)
    assert [(x.id, x.opacity, x.patch) for x in document.layers] == [(1, 1.0, layer.patch)]
    document.history.redo(document)
    assert document.layers[0].opacity == 0.3


def test_modified_follows_the_saved_state_not_the_count(make):
    document = make()
    assert not document.modified
    paint(document, 1)
    document.saved()
    assert not document.modified
    document.history.undo(document)
    assert document.modified
    document.history.redo(document)
    assert not document.modified
    document.history.undo(document)
    paint(document, 2)
    assert document.modified
    document.history.undo(document)
    assert document.modified


def test_beyond_the_budget_steps_wait_on_disk_and_come_back(make, tmp_path):
    document = make(budget_bytes=150_000)
    masks = [document.mask.copy()] + [noise(document, seed) for seed in range(6)]
    history = document.history
    assert history.nbytes <= 150_000
    assert history.disk_bytes > 450_000
    assert sum(file.stat().st_size for file in spilled(tmp_path)) == history.disk_bytes
    for index in (5, 0, 6, 2, 3):
        history.jump(document, index)
        assert np.array_equal(document.mask, masks[index])
        assert history.nbytes <= 150_000
    assert len(history.titles) == 6
    document.close()
    assert not spilled(tmp_path)
    assert not list((tmp_path / "undo").iterdir())


def test_removed_layers_count_and_are_spilled_too(make, tmp_path):
    document = make(budget_bytes=1_000)
    layer = Layer.from_patch(make_patch(77, shape=(90, 90)), id=document.new_layer_id())
    history = document.history
    history.push(document, AddLayer(layer))
    assert history.nbytes == 0
    history.push(document, RemoveLayer(layer.id))
    assert history.nbytes == 0
    assert history.disk_bytes == layer.nbytes == 90 * 90 * 4
    history.undo(document)
    (back,) = document.layers
    assert (back.id, back.name, back.patch.at) == (layer.id, layer.name, layer.patch.at)
    assert np.array_equal(back.patch.pixels, layer.patch.pixels)
    assert np.array_equal(back.patch.alpha, layer.patch.alpha)
    assert not spilled(tmp_path)
    history.undo(document)
    assert len(spilled(tmp_path)) == 1
    history.redo(document)
    assert np.array_equal(document.layers[0].patch.pixels, layer.patch.pixels)


def test_an_undone_layer_is_not_kept_alive_by_its_command(make):
    document = make(budget_bytes=100)
    add(document, 10)
    pixels = weakref.ref(document.layers[0].patch.pixels)
    assert pixels() is not None
    document.history.undo(document)
    gc.collect()
    assert pixels() is None
    document.history.redo(document)
    assert (document.layers[0].patch.pixels == 10).all()


def test_dropping_starts_only_when_the_disk_budget_is_used_up(make):
    document = make(budget_bytes=100, disk_budget_bytes=300_000)
    masks = [noise(document, seed) for seed in range(8)]
    history = document.history
    assert history.disk_bytes <= 300_000
    assert 1 <= len(history.titles) < 8
    assert history.titles[-1] == "Noise 7"
    assert document.modified
    kept = history.index
    history.jump(document, 0)
    assert np.array_equal(document.mask, masks[7 - kept])
    history.jump(document, 99)
    assert np.array_equal(document.mask, masks[7])


def test_with_no_disk_at_all_the_last_undo_stays(make, tmp_path):
    (tmp_path / "undo").write_text("a file where the folder should be")
    document = make(budget_bytes=100)
    masks = [noise(document, seed) for seed in range(3)]
    assert document.history.titles == ("Noise 2",)
    assert document.history.disk_full
    document.history.undo(document)
    assert np.array_equal(document.mask, masks[1])
    (tmp_path / "undo").unlink()


def test_with_no_disk_at_all_one_undo_and_one_redo_stay(make, tmp_path):
    (tmp_path / "undo").write_text("a file where the folder should be")
    document = make()
    masks = [noise(document, seed) for seed in range(4)]
    history = document.history
    history.jump(document, 1)
    history.budget_bytes = 100
    history.redo(document)
    assert history.titles == ("Noise 1", "Noise 2")
    history.undo(document)
    assert np.array_equal(document.mask, masks[0])
    assert history.titles == ("Noise 1",)
    history.redo(document)
    assert np.array_equal(document.mask, masks[1])
    (tmp_path / "undo").unlink()


def test_a_full_disk_is_told_before_any_step_is_dropped(make, tmp_path):
    (tmp_path / "undo").write_text("a file where the folder should be")
    document = make(budget_bytes=150_000)
    noise(document, 0)
    masks = [noise(document, seed) for seed in range(1, 3)]
    assert document.history.disk_full
    assert len(document.history.titles) == 3
    (tmp_path / "undo").unlink()  # room was made
    masks.append(noise(document, 3))
    assert not document.history.disk_full
    assert document.history.nbytes <= document.history.budget_bytes
    assert len(document.history.titles) == 4
    document.history.jump(document, 2)
    assert np.array_equal(document.mask, masks[0])


def test_a_step_lost_on_disk_stops_the_jump_where_it_began(make, tmp_path):
    document = make(budget_bytes=150_000)
    masks = [document.mask.copy()] + [noise(document, seed) for seed in range(6)]
    oldest = min(spilled(tmp_path), key=lambda file: file.stat().st_mtime_ns)
    oldest.unlink()
    with pytest.raises(StudioError, match="missing or damaged"):
        document.history.jump(document, 0)
    assert document.history.index == 6
    assert np.array_equal(document.mask, masks[6])


def test_a_layer_damaged_on_disk_is_said_and_nothing_is_shown_wrong(make, tmp_path):
    document = make(budget_bytes=10)
    layer = add(document, 10)
    document.history.push(document, RemoveLayer(layer.id))
    (file,) = spilled(tmp_path)
    file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(StudioError, match="missing or damaged"):
        document.history.undo(document)
    assert document.layers == ()
    assert document.history.index == 2


def test_the_folder_is_made_only_when_needed_and_old_ones_are_cleared(make, tmp_path):
    document = make(budget_bytes=10)
    assert not (tmp_path / "undo").exists()
    stale, recent = tmp_path / "undo" / "steps-stale", tmp_path / "undo" / "steps-recent"
    for folder in (stale, recent):
        folder.mkdir(parents=True)
    os.utime(stale, (0, 0))
    noise(document, 1)
    assert not stale.exists()
    assert recent.exists()
