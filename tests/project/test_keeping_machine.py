"""Any sequence of edits, undos, saves and crashes: the document is always what a plain model says.

The model keeps a full copy of everything after every step. A crash cuts the log anywhere after the
opening; a project is saved and opened again in between.
"""

import copy
import dataclasses
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inpaint_studio.document.change import CANVASES
from inpaint_studio.document.commands import (
    AddLayer,
    MoveLayer,
    PaintMask,
    RemoveLayer,
    ReplaceLayer,
)
from inpaint_studio.document.document import Document
from inpaint_studio.document.history import History
from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.document.named_masks import KeepMasks, NamedMask
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.project.journal import LOG, records
from inpaint_studio.project.journal_folder import JournalFolder
from inpaint_studio.project.keeping import Keeping
from inpaint_studio.project.reading import open_project
from inpaint_studio.project.recovery import find_leftovers, recover
from inpaint_studio.project.writing import Snapshot, save_project

HEIGHT, WIDTH = 140, 150
choice = st.integers(0, 99)


def finish(run):
    try:
        while True:
            next(run)
    except StopIteration as end:
        return end.value


def copied(document):
    """What a person would notice of a document."""
    layers = tuple(
        (
            x.id,
            x.name,
            x.opacity,
            x.visible,
            x.blend,
            x.provenance,
            x.patch.at,
            x.patch.pixels.tobytes(),
            x.coverage.tobytes(),
        )
        for x in document.layers
    )
    canvases = tuple(document.canvas(name).tobytes() for name in CANVASES)
    named = tuple((mask.name, mask.coverage.tobytes()) for mask in document.named_masks)
    return canvases, named, layers


class KeepingMachine(RuleBasedStateMachine):
    @initialize(budget=st.sampled_from([400, 10**9]), dtype=st.sampled_from(["uint8", "uint16"]))
    def open(self, budget, dtype):
        self.folder = Path(tempfile.mkdtemp())
        self.place = self.folder / "journals"
        self.budget = budget
        self.dtype = dtype
        rng = np.random.default_rng(3)
        photo = Photo(rng.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(dtype))
        self.reopen = lambda: Document(photo, history=self.history())
        self.document = self.reopen()
        self.patched = (
            patch("os.fsync"),  # the disk of the test machine is not what is tested
            # A log is on the disk before arrays are removed that only forgotten steps needed: no
            # crash leaves a log from before that, but a cut may.
            patch.object(JournalFolder, "forget"),
        )
        for patched in self.patched:
            patched.start()
        self.begin()

    def history(self):
        return History(budget_bytes=self.budget, spill_dir=self.folder / "undo")

    def begin(self):
        """A journal for a document that was just opened: its history begins here."""
        self.keeping = Keeping.begin(self.place, self.document, name="a", on_problem=self.fail)
        self.states = [copied(self.document)]
        self.titles = []
        self.now = 0
        self.log = [([], 0, list(self.states))]
        """(titles, index, states) after each record of the log."""

    def fail(self, sentence):
        raise AssertionError(sentence)

    def teardown(self):
        if hasattr(self, "document"):
            for patched in self.patched:
                patched.stop()
            self.keeping.close(remove=True)
            self.keeping.writer.join()
            self.document.close()
            assert not self.place.exists() or not list(self.place.iterdir())
            shutil.rmtree(self.folder)

    def push(self, command):
        change = self.document.history.push(self.document, command)
        self.keeping.follow([change])
        del self.states[self.now + 1 :], self.titles[self.now :]
        self.states.append(copied(self.document))
        self.titles.append(command.title)
        self.now += 1
        self.log.append((list(self.titles), self.now, list(self.states)))

    @rule(
        top=st.integers(0, HEIGHT),
        left=st.integers(0, WIDTH),
        value=st.integers(0, 255),
        on=st.sampled_from(CANVASES),
    )
    def paint(self, top, left, value, on):
        canvas = self.document.canvas(on).copy()
        canvas[top : top + 40, left : left + 30] = value
        self.push(PaintMask.to(self.document, canvas, title=f"Paint {value}", on=on))

    @rule(number=choice)
    def store_mask(self, number):
        others = [mask for mask in self.document.named_masks if mask.name != f"{number % 3}"]
        new = NamedMask.of(f"{number % 3}", self.document.mask)
        self.push(KeepMasks.to((*others, new), title="Store"))

    @precondition(lambda self: bool(self.document.named_masks))
    @rule(number=choice)
    def delete_mask(self, number):
        masks = list(self.document.named_masks)
        del masks[number % len(masks)]
        self.push(KeepMasks.to(masks, title="Delete"))

    @rule(seed=choice, top=st.integers(-20, HEIGHT), left=st.integers(-20, WIDTH))
    def fill(self, seed, top, left):
        """As an engine would: a patch with a record of how it was made."""
        rng = np.random.default_rng(seed)
        colors = rng.integers(0, 256, (12, 17, 3)).astype(self.dtype)
        alpha = rng.choice(np.array([0, 90, 255], np.uint8), (12, 17))
        made = Provenance(engine="fake", seed=seed)
        layer = Layer.from_patch(
            Patch(colors, alpha, Point(top, left)),
            id=self.document.new_layer_id(),
            provenance=made,
        )
        self.push(AddLayer(layer))

    has_layers = precondition(lambda self: bool(self.document.layers))

    def pick(self, number):
        return self.document.layers[number % len(self.document.layers)]

    @has_layers
    @rule(number=choice, opacity=st.floats(0, 1), blend=st.sampled_from(["normal", "color"]))
    def change(self, number, opacity, blend):
        new = dataclasses.replace(self.pick(number), opacity=opacity, blend=blend)
        self.push(ReplaceLayer(new, "Opacity"))

    @has_layers
    @rule(number=choice)
    def mask_layer(self, number):
        layer = self.pick(number)
        keep = np.full(layer.patch.alpha.shape, number, np.uint8)
        self.push(ReplaceLayer(dataclasses.replace(layer, keep=keep), "Mask layer"))

    @has_layers
    @rule(number=choice, to=st.integers(0, 4))
    def move(self, number, to):
        self.push(MoveLayer(self.pick(number).id, to))

    @has_layers
    @rule(number=choice)
    def remove(self, number):
        self.push(RemoveLayer(self.pick(number).id))

    @rule(number=choice)
    def jump(self, number):
        index = number % len(self.states)
        changes = self.document.history.jump(self.document, index)
        if changes:
            self.keeping.follow(changes)
            self.log.append((list(self.titles), index, list(self.states)))
        self.now = index

    @rule(cut=st.floats(0, 1))
    def crash(self, cut):
        """End without warning; the log is cut somewhere, and the document recovered from it."""
        if len(self.log) == 1:
            return
        assert self.keeping.writer.settle()
        self.keeping.close(remove=False)
        self.keeping.writer.join()
        self.document.close()
        [folder] = self.place.iterdir()
        log = (folder / LOG).read_bytes()
        ends = [end for _, end in records(log)]
        at = ends[0] + round(cut * (len(log) - ends[0]))
        (folder / LOG).write_bytes(log[:at])
        del self.log[sum(end <= at for end in ends) :]
        found = find_leftovers(self.place)
        if self.log[-1][1] == 0:  # nothing is lost with it
            assert found == []
            self.document = self.reopen()
            self.begin()
            return
        back = finish(recover(found[0], history=self.history()))
        self.document = back.document
        self.keeping = Keeping.resume(self.place, back, on_problem=self.fail)
        self.titles, self.now, self.states = (copy.copy(part) for part in self.log[-1])
        self.walk_the_history()

    def walk_the_history(self):
        """Every state is back, not only the last."""
        history = self.document.history
        history.jump(self.document, 0)
        for state in self.states:
            assert copied(self.document) == state
            history.redo(self.document)
        history.jump(self.document, self.now)

    @rule()
    def save_and_open(self):
        """A project holds all but the history."""
        path = self.folder / "project.ora"
        before = copied(self.document)
        self.document.project = finish(
            save_project(Snapshot.of(self.document), path, overwrite=True)
        )
        opened = self.open_again(path)
        assert opened.notes == ()
        assert copied(opened.document) == before
        self.keeping.close(remove=True)
        self.keeping.writer.join()
        self.document.close()
        self.document = opened.document
        self.reopen = lambda: self.open_again(path).document
        self.begin()

    def open_again(self, path):
        return open_project(path, history=self.history())

    @invariant()
    def the_document_is_what_the_model_says(self):
        if hasattr(self, "document"):
            assert copied(self.document) == self.states[self.now]
            assert list(self.document.history.titles) == self.titles
            assert self.document.history.index == self.now


TestKeepingMachine = KeepingMachine.TestCase
TestKeepingMachine.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
