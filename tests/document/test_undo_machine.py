"""Any sequence of edits, undos and jumps, with a budget so small that nearly all is on disk.

The model keeps a full copy of everything after every step.
"""

import dataclasses
import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.imaging.strokes import Brush, fill_polygon, stamp_line

HEIGHT, WIDTH = 150, 180
xy = st.tuples(st.integers(-20, WIDTH + 20), st.integers(-20, HEIGHT + 20))
choice = st.integers(0, 99)


class UndoMachine(RuleBasedStateMachine):
    @initialize(budget=st.sampled_from([1, 400, 5_000, 10**9]), channels=st.sampled_from([3, 4]))
    def open(self, budget, channels):
        self.folder = Path(tempfile.mkdtemp())
        rng = np.random.default_rng(3)
        photo = Photo(rng.integers(0, 65536, (HEIGHT, WIDTH, channels)).astype(np.uint16))
        history = History(budget_bytes=budget, spill_dir=self.folder / "undo")
        self.document = Document(photo, history=history)
        self.states = [self.snapshot()]
        self.titles = []
        self.now = 0

    def teardown(self):
        if hasattr(self, "document"):
            self.document.close()
            assert not list(self.folder.rglob("*.undo"))
            shutil.rmtree(self.folder)

    def snapshot(self):
        layers = [
            (
                x.id,
                x.name,
                x.opacity,
                x.visible,
                x.patch.pixels.copy(),
                x.patch.alpha.copy(),
                x.patch.at,
            )
            for x in self.document.layers
        ]
        return self.document.mask.copy(), layers, self.document.flatten()

    def push(self, command):
        before = self.snapshot()
        change = self.document.history.push(self.document, command)
        del self.states[self.now + 1 :], self.titles[self.now :]
        self.states.append(self.snapshot())
        self.titles.append(command.title)
        self.now += 1
        self.check_change(before, change)

    def check_change(self, before, change):
        """What looks different lies in the box the change names."""
        mask, _, picture = self.snapshot()
        outside = np.ones((HEIGHT, WIDTH), bool)
        outside[change.box.clip(self.document.size).slices] = False
        assert np.array_equal(mask[outside], before[0][outside])
        assert np.array_equal(picture[outside], before[2][outside])

    @rule(a=xy, b=xy, diameter=st.integers(1, 60), hardness=st.floats(0, 1), erase=st.booleans())
    def paint(self, a, b, diameter, hardness, erase):
        recorder = StrokeRecorder(self.document.mask)
        scratch = self.document.mask.copy()
        box = stamp_line(scratch, a, b, Brush(diameter, hardness), erase=erase)
        recorder.touch(box)
        stamp_line(self.document.mask, a, b, Brush(diameter, hardness), erase=erase)
        self.push_stroke(recorder)

    @rule(outline=st.lists(xy, min_size=3, max_size=7), erase=st.booleans())
    def lasso(self, outline, erase):
        recorder = StrokeRecorder(self.document.mask)
        recorder.touch(Box(0, 0, HEIGHT, WIDTH))
        fill_polygon(self.document.mask, outline, erase=erase)
        self.push_stroke(recorder)

    def push_stroke(self, recorder):
        drawn = self.document.mask.copy()
        self.push(PaintMask(recorder.finish(), f"Stroke {self.now}"))
        assert np.array_equal(self.document.mask, drawn)

    @rule()
    def invert(self):
        self.push(PaintMask.to(self.document, np.invert(self.document.mask), title="Invert"))

    @rule(seed=st.integers(0, 99), at=xy, height=st.integers(1, 90), width=st.integers(1, 90))
    def add_layer(self, seed, at, height, width):
        rng = np.random.default_rng(seed)
        colors = rng.integers(0, 65536, (height, width, 3)).astype(np.uint16)
        alpha = rng.choice(np.array([0, 90, 255], np.uint8), (height, width))
        patch = Patch(colors, alpha, Point(at[1], at[0]))
        layer = Layer.from_patch(patch, id=self.document.new_layer_id(), name=f"Layer {seed}")
        self.push(AddLayer(layer))

    def pick(self, number):
        layers = self.document.layers
        return layers[number % len(layers)]

    has_layers = precondition(lambda self: bool(self.document.layers))

    @has_layers
    @rule(number=choice)
    def remove_layer(self, number):
        gone = self.pick(number)
        self.push(RemoveLayer(gone.id))
        assert gone.id not in [layer.id for layer in self.document.layers]

    @has_layers
    @rule(number=choice, to=st.integers(0, 6))
    def move_layer(self, number, to):
        layer = self.pick(number)
        self.push(MoveLayer(layer.id, to))
        assert self.document.layers.index(layer) == min(to, len(self.document.layers) - 1)

    @has_layers
    @rule(number=choice, opacity=st.floats(0, 1), visible=st.booleans())
    def change_layer(self, number, opacity, visible):
        new = dataclasses.replace(self.pick(number), opacity=opacity, visible=visible)
        self.push(ReplaceLayer(new, "Opacity"))

    @has_layers
    @rule(number=choice, name=st.sampled_from(["Sky", "Wall", "Crack"]))
    def rename_layer(self, number, name):
        self.push(ReplaceLayer(dataclasses.replace(self.pick(number), name=name), "Rename"))

    @rule()
    def undo(self):
        before = self.snapshot()
        change = self.document.history.undo(self.document)
        assert (change is None) == (self.now == 0)
        if change is not None:
            self.now -= 1
            self.check_change(before, change)

    @rule()
    def redo(self):
        before = self.snapshot()
        change = self.document.history.redo(self.document)
        assert (change is None) == (self.now == len(self.states) - 1)
        if change is not None:
            self.now += 1
            self.check_change(before, change)

    @rule(number=choice)
    def jump(self, number):
        index = number % len(self.states)
        changes = self.document.history.jump(self.document, index)
        assert len(changes) == abs(index - self.now)
        self.now = index

    @invariant()
    def document_is_what_the_model_remembers(self):
        if not hasattr(self, "document"):
            return
        history = self.document.history
        assert history.index == self.now
        assert history.titles == tuple(self.titles)
        assert history.nbytes <= history.budget_bytes
        mask, layers, picture = self.states[self.now]
        assert np.array_equal(self.document.mask, mask)
        for layer, (id, name, opacity, visible, colors, alpha, at) in zip(
            self.document.layers, layers, strict=True
        ):
            assert (layer.id, layer.name, layer.opacity) == (id, name, opacity)
            assert (layer.visible, layer.patch.at) == (visible, at)
            assert np.array_equal(layer.patch.pixels, colors)
            assert np.array_equal(layer.patch.alpha, alpha)
        assert np.array_equal(self.document.flatten(), picture)
        assert np.array_equal(
            flatten(self.document.photo, self.document.overlays(), Box(20, 30, 90, 110)),
            picture[20:90, 30:110],
        )


TestUndoMachine = UndoMachine.TestCase
TestUndoMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
