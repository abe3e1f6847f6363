"""The whole document under any sequence of what a person can do, against a plain model of it.

The model is nested lists of numbers, a dictionary of what each number is, and arrays that are
copied at every step; it is drawn with float64 formulas written down once more. The document has
so small a budget at times that nearly all of its history is on disk. It is saved and opened again,
and its program crashes: its journal is cut at any byte, and all that was whole is back.
"""

import copy
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch as patched

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inpaint_studio.document import arrange
from inpaint_studio.document.change import CANVASES
from inpaint_studio.document.commands import (
    AddLayer,
    MoveLayer,
    PaintKeep,
    PaintMask,
    RemoveLayer,
    ReplaceLayer,
)
from inpaint_studio.document.document import Document
from inpaint_studio.document.export import layer_coverage
from inpaint_studio.document.history import History
from inpaint_studio.document.layer import FillRecipe, Group, Layer, Provenance
from inpaint_studio.document.merging import Merging, merged_provenance
from inpaint_studio.document.named_masks import KeepMasks, NamedMask
from inpaint_studio.document.pile import Branch, is_shown, tree
from inpaint_studio.document.pixels import TileDelta
from inpaint_studio.imaging.composite import count_changed, flatten
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.photo import Patch, Photo, full_scale
from inpaint_studio.project.journal import LOG, records
from inpaint_studio.project.journal_folder import JournalFolder
from inpaint_studio.project.keeping import Keeping
from inpaint_studio.project.reading import open_project
from inpaint_studio.project.recovery import find_leftovers, recover
from inpaint_studio.project.writing import Snapshot, save_project
from inpaint_studio.steps import exhausted

HEIGHT, WIDTH = 40, 48
SIZE = Size(HEIGHT, WIDTH)
number = st.integers(0, 99)
share = st.sampled_from([0.0, 0.3, 1.0])
boxes = st.builds(
    lambda top, left, height, width: Box(top, left, top + height, left + width),
    *(st.integers(-8, 34), st.integers(-8, 40), st.integers(1, 24), st.integers(1, 24)),
)


@dataclass
class Model:
    """What a document is, as plain as can be. A node is a number, or [number, members]."""

    canvases: dict
    nodes: list
    facts: dict
    named: dict

    def numbers(self, nodes=None):
        found = []
        for node in self.nodes if nodes is None else nodes:
            found += [node[0], *self.numbers(node[1])] if isinstance(node, list) else [node]
        return found

    def layers(self, nodes=None):
        return [id for id in self.numbers(nodes) if "pixels" in self.facts[id]]

    def around(self, id, nodes=None):
        """The list that holds a node, and its place in it."""
        nodes = self.nodes if nodes is None else nodes
        for place, node in enumerate(nodes):
            if id == (node[0] if isinstance(node, list) else node):
                return nodes, place
            found = self.around(id, node[1]) if isinstance(node, list) else None
            if found:
                return found
        return None

    def take(self, id):
        nodes, place = self.around(id)
        return nodes.pop(place)

    def tidy(self, nodes=None):
        """Groups with nothing in them are none."""
        nodes = self.nodes if nodes is None else nodes
        for node in [node for node in nodes if isinstance(node, list)]:
            self.tidy(node[1])
            if not node[1]:
                nodes.remove(node)

    def inside(self, id):
        """The numbers of a node: its own, and those of all that lies in it."""
        nodes, place = self.around(id)
        return self.numbers([nodes[place]])


def drawn(photo, model, nodes=None, below=None):
    """The picture in float64, 0 to 1, by the definitions; (H, W, 3 | 1)."""
    picture = photo.pixels / full_scale(photo.pixels.dtype) if below is None else below.copy()
    for node in model.nodes if nodes is None else nodes:
        group = isinstance(node, list)
        fact = model.facts[node[0] if group else node]
        if not fact["visible"]:
            continue
        if group:
            made = drawn(photo, model, node[1], picture)
            picture += (made - picture) * fact["opacity"]
            continue
        box = fact["box"]
        shared = box.clip(SIZE)
        if shared.is_empty:
            continue
        cut = shared.relative_to(box.origin).slices
        weight = fact["alpha"][cut] / 255 * fact["opacity"]
        if fact["keep"] is not None:
            weight = np.rint(fact["alpha"][cut] * (fact["keep"][cut] / 255)) / 255 * fact["opacity"]
        here = picture[shared.slices]
        above = fact["pixels"][cut] / full_scale(photo.pixels.dtype)
        here += (met(here, above, fact["blend"]) - here) * weight[:, :, None]
    return picture


def met(below, above, blend):
    if blend == "normal" or below.shape[2] == 1:
        return below if blend == "color" else above
    shape, light = (below, above) if blend == "luminosity" else (above, below)
    lum = np.array([0.3, 0.59, 0.11])
    wanted = light @ lum
    made = shape + (wanted - shape @ lum)[:, :, None]
    low, high = made.min(axis=2), made.max(axis=2)
    factor = np.ones_like(wanted)
    factor = np.where(low < 0, wanted / np.where(low < 0, wanted - low, 1), factor)
    over = high > 1
    factor = np.where(over, (1 - wanted) / np.where(over, high - wanted, 1), factor)
    return wanted[:, :, None] + (made - wanted[:, :, None]) * factor[:, :, None]


class DocumentMachine(RuleBasedStateMachine):
    @initialize(
        budget=st.sampled_from([1, 3_000, 10**9]),
        depth=st.sampled_from(["uint8", "uint16", "float32"]),
        channels=st.sampled_from([1, 3]),
        grouped=st.sampled_from([None, 0.4, 1.0]),
        seed=number,
    )
    def open(self, budget, depth, channels, grouped, seed):
        self.folder = Path(tempfile.mkdtemp())
        self.budget = budget
        self.rng = np.random.default_rng(seed)
        photo = Photo(self.pixels(SIZE, depth, channels))
        self.document = Document(photo, history=self.history())
        blank = {name: np.zeros(SIZE, np.uint8) for name in CANVASES}
        self.states = [Model(blank, [], {}, {})]
        self.now = 0
        self.begin_with_layers()
        if grouped is not None:
            self.begin_with_a_group(grouped)
        self.patched = (
            patched("os.fsync"),  # the disk of the test machine is not what is tested
            # A log is on the disk before arrays are removed that only forgotten steps needed: no
            # crash leaves a log from before that, but a cut may.
            patched.object(JournalFolder, "forget"),
        )
        for one in self.patched:
            one.start()
        self.begin_journal()

    def begin_with_layers(self):
        """As a document does that was read from a file."""
        for id, box in ((1, Box(3, 4, 20, 30)), (2, Box(-2, 20, 15, 50)), (3, Box(10, 0, 40, 25))):
            alpha = self.rng.choice(np.array([0, 140, 255], np.uint8), box.size)
            patch = Patch(self.pixels(box.size), alpha, box.origin)
            self.document.adopt((*self.document.layers, Layer(id, f"Layer {id}", patch)))
            self.model.nodes.append(id)
            self.model.facts[id] = self.fact_of(patch)

    def begin_with_a_group(self, opacity):
        """Of the lower two layers."""
        layers = [replace(layer, group=4) for layer in self.document.layers[:2]]
        group = Group(4, "Group", opacity=opacity)
        self.document.adopt((*layers, self.document.layers[2]), (group,))
        self.model.nodes = [[4, [1, 2]], 3]
        self.model.facts[4] = {"opacity": opacity, "visible": True}

    def history(self):
        return History(budget_bytes=self.budget, spill_dir=self.folder / "undo")

    def begin_journal(self):
        """For a document that was just opened: its history begins here."""
        place = self.folder / "journals"
        self.keeping = Keeping.begin(place, self.document, name="a", on_problem=self.fail)
        self.log = [(0, list(self.states))]
        """Place in the history, and all states of it, after each record of the journal."""

    def follow(self, changes):
        self.keeping.follow(changes)
        self.log.append((self.now, list(self.states)))

    def fail(self, sentence):
        raise AssertionError(sentence)

    def teardown(self):
        if hasattr(self, "document"):
            for one in self.patched:
                one.stop()
            self.end_journal(remove=True)
            self.document.close()
            assert not list(self.folder.rglob("*.undo"))
            shutil.rmtree(self.folder)

    # What both are told

    @property
    def model(self):
        return self.states[self.now]

    def pixels(self, size, depth=None, channels=None):
        depth = depth or self.document.photo.pixels.dtype.name
        channels = channels or self.document.photo.color_channels
        return (self.rng.uniform(0.1, 0.9, (*size, channels)) * full_scale(depth)).astype(depth)

    def push(self, command, change):
        """Do it in the document, and `change` a copy of the model as it should be then."""
        before, mask = self.document.flatten(), self.document.mask.copy()
        told = self.document.history.push(self.document, command)
        del self.states[self.now + 1 :]
        self.states.append(copy.deepcopy(self.model))
        self.now += 1
        change(self.model)
        self.model.tidy()
        self.follow([told])
        self.look_outside(told.box, before, mask)

    def look_outside(self, box, before, mask):
        """Nothing looks different but in the box the change names."""
        outside = np.ones(SIZE, bool)
        outside[box.clip(SIZE).slices] = False
        assert np.array_equal(self.document.flatten()[outside], before[outside])
        assert np.array_equal(self.document.mask[outside], mask[outside])

    def pick(self, chosen, among):
        return among[chosen % len(among)]

    def layer(self, chosen):
        return self.document.layer(self.pick(chosen, self.model.layers()))

    has_layers = precondition(lambda self: bool(self.model.layers()))
    has_groups = precondition(lambda self: bool(self.document.groups))

    def set_facts(self, id, **facts):
        return lambda model: model.facts[id].update(facts)

    def fact_of(self, patch, recipe=None):
        size = Size(*patch.alpha.shape)
        return {
            "pixels": patch.pixels.copy(),
            "alpha": patch.alpha.copy(),
            "box": size.box.shift(patch.at),
            "keep": None,
            "opacity": 1.0,
            "visible": True,
            "blend": "normal",
            "locked": False,
            "hole": None if recipe is None else recipe.coverage(SIZE),
        }

    # Mask and fills

    @rule(
        box=boxes,
        value=st.sampled_from([0, 120, 255]),
        on=st.sampled_from(("mask", *CANVASES)),
    )
    def paint(self, box, value, on):
        canvas = self.document.canvas(on).copy()
        canvas[box.clip(SIZE).slices] = value

        def change(model):
            model.canvases[on] = canvas.copy()

        self.push(PaintMask.to(self.document, canvas, title="Paint", on=on), change)

    @rule(name=st.sampled_from(["Sky", "Wall"]))
    def store_mask(self, name):
        kept = [mask for mask in self.document.named_masks if mask.name != name]
        new = NamedMask.of(name, self.document.mask)

        def change(model):
            model.named.pop(name, None)
            model.named[name] = model.canvases["mask"].copy()

        self.push(KeepMasks.to((*kept, new), title="Store"), change)

    @precondition(lambda self: bool(self.model.named))
    @rule(chosen=number)
    def delete_mask(self, chosen):
        name = self.pick(chosen, list(self.model.named))
        kept = [mask for mask in self.document.named_masks if mask.name != name]
        self.push(KeepMasks.to(kept, title="Delete"), lambda model: model.named.pop(name))

    def fake_fill(self, below=None):
        """What an engine would make of the mask: the mean of what is seen, and a little noise."""
        hole, box = FillRecipe.hole_of(self.document.mask)
        photo = self.document.photo
        seen = flatten(photo, self.document.overlays(below=below))
        color = seen.mean(axis=(0, 1)) * self.rng.uniform(0.7, 1.0, (*box.size, 1))
        patch = Patch(color.astype(seen.dtype), hole, box.origin)
        return patch, FillRecipe(hole=hole, box=box, engine="fake", options={"passes": 3})

    @precondition(lambda self: self.model.canvases["mask"].any())
    @rule()
    def fill(self):
        patch, recipe = self.fake_fill()
        id = self.document.new_layer_id()
        made = Provenance(engine="fake", seed=id)
        layer = Layer.from_patch(patch, id=id, name=f"Fill {id}", provenance=made, recipe=recipe)

        def change(model):
            model.nodes.append(id)
            model.facts[id] = self.fact_of(patch, recipe)

        self.push(AddLayer(layer), change)

    @precondition(lambda self: self.model.canvases["mask"].any() and self.model.layers())
    @rule(chosen=number)
    def fill_again(self, chosen):
        layer = self.layer(chosen)
        patch, recipe = self.fake_fill(below=layer.id)
        new = replace(layer, patch=patch, recipe=recipe, keep=None)
        fact = self.fact_of(patch, recipe)
        kept = {name: self.model.facts[layer.id][name] for name in ("opacity", "visible", "blend")}
        kept["locked"] = layer.locked
        self.push(ReplaceLayer(new, "Fill again"), self.set_facts(layer.id, **fact | kept))

    @has_layers
    @rule(chosen=number, box=boxes, value=st.sampled_from([0, 90, 255]))
    def paint_keep(self, chosen, box, value):
        layer = self.layer(chosen)
        if layer.keep is None:
            whole = np.full(layer.box.size, 255, np.uint8)
            new = replace(layer, keep=whole)
            self.push(ReplaceLayer(new, "Add mask"), self.set_facts(layer.id, keep=whole.copy()))
            layer = self.document.layer(layer.id)
        keep = layer.keep.copy()
        keep[box.clip(layer.box.size).slices] = value
        delta = TileDelta.capture(layer.keep, keep, within=box)
        if not delta.is_empty:
            self.push(PaintKeep(layer.id, delta), self.set_facts(layer.id, keep=keep.copy()))

    # What a layer is like

    @has_layers
    @rule(
        chosen=number,
        opacity=share,
        visible=st.booleans(),
        blend=st.sampled_from(["normal", "luminosity", "color"]),
        locked=st.booleans(),
    )
    def change_layer(self, chosen, opacity, visible, blend, locked):
        layer = self.layer(chosen)
        facts = {"opacity": opacity, "visible": visible, "blend": blend, "locked": locked}
        self.push(
            ReplaceLayer(replace(layer, **facts), "Change"), self.set_facts(layer.id, **facts)
        )

    @has_groups
    @rule(chosen=number, opacity=share, visible=st.booleans())
    def change_group(self, chosen, opacity, visible):
        group = self.pick(chosen, self.document.groups)
        new = replace(group, opacity=opacity, visible=visible)
        facts = {"opacity": opacity, "visible": visible}
        command = arrange.change_group(self.document, new, "Change group")
        self.push(command, self.set_facts(group.id, **facts))

    @has_layers
    @rule(chosen=number)
    def make_plain(self, chosen):
        layer = self.layer(chosen)
        patch = replace(layer.patch, alpha=layer.coverage)
        plain = replace(layer, patch=patch, keep=None, recipe=None, edges=None)
        facts = {"alpha": layer.coverage.copy(), "keep": None, "hole": None}
        self.push(ReplaceLayer(plain, "Plain"), self.set_facts(layer.id, **facts))

    # Where it lies

    @has_layers
    @rule(chosen=number)
    def remove(self, chosen):
        id = self.pick(chosen, self.model.layers())
        self.push(RemoveLayer(id), lambda model: model.take(id))

    @has_layers
    @rule(first=number, second=number)
    def remove_several(self, first, second):
        ids = {self.pick(first, self.model.numbers()), self.pick(second, self.model.numbers())}

        def change(model):
            for id in ids:
                if model.around(id):
                    model.take(id)

        self.push(arrange.remove(self.document, ids), change)

    @has_layers
    @rule(first=number, second=number)
    def group(self, first, second):
        ids = [self.pick(first, self.model.numbers()), self.pick(second, self.model.numbers())]
        if ids[1] in self.model.inside(ids[0]) or ids[0] in self.model.inside(ids[1]):
            ids = [ids[0] if ids[1] in self.model.inside(ids[0]) else ids[1]]
        number = self.document.new_layer_id()
        command = arrange.group(self.document, ids, id=number, name=f"Group {number}")

        def change(model):
            ordered = [id for id in model.numbers() if id in ids]
            nodes, place = model.around(ordered[-1])
            top = nodes[place]
            members = [model.take(id) for id in ordered[:-1]]
            place = nodes.index(top)
            nodes[place] = [number, [*members, top]]
            model.facts[number] = {"opacity": 1.0, "visible": True}

        self.push(command, change)

    @has_groups
    @rule(chosen=number)
    def ungroup(self, chosen):
        id = self.pick(chosen, self.document.groups).id

        def change(model):
            nodes, place = model.around(id)
            nodes[place : place + 1] = nodes[place][1]

        self.push(arrange.ungroup(self.document, id), change)

    @has_layers
    @rule(chosen=number, to=number, place=st.integers(0, 5))
    def move(self, chosen, to, place):
        id = self.pick(chosen, self.model.numbers())
        free = [group.id for group in self.document.groups if group.id not in self.model.inside(id)]
        parent = self.pick(to, [None, *free])

        def change(model):
            taken = model.take(id)
            nodes = model.nodes
            if parent is not None:
                around, spot = model.around(parent)
                nodes = around[spot][1]
            nodes.insert(place, taken)

        self.push(arrange.move(self.document, id, parent=parent, place=place), change)

    @has_layers
    @rule(chosen=number, by=st.sampled_from([-1, 1]))
    def step(self, chosen, by):
        id = self.pick(chosen, self.model.numbers())
        command = arrange.step(self.document, id, by)
        nodes, place = self.model.around(id)
        if command is None:
            assert nodes is self.model.nodes
            assert not 0 <= place + by < len(nodes)
            return

        def change(model):
            nodes, place = model.around(id)
            if 0 <= place + by < len(nodes):
                nodes.insert(place + by, nodes.pop(place))
                return
            holder = next(g for g in model.numbers() if _members(model, g) is nodes)
            outer, spot = model.around(holder)
            outer.insert(spot + (by > 0), nodes.pop(place))

        self.push(command, change)

    @precondition(lambda self: not self.document.groups and self.model.layers())
    @rule(chosen=number, to=st.integers(0, 6))
    def move_by_place(self, chosen, to):
        id = self.pick(chosen, self.model.layers())
        self.push(MoveLayer(id, to), lambda model: model.nodes.insert(to, model.take(id)))

    @has_layers
    @rule(chosen=number)
    def duplicate(self, chosen):
        id = self.pick(chosen, self.model.numbers())
        command, _ = arrange.duplicate(self.document, (id,), name=lambda _: "Copy")
        fresh = iter(sorted(self.new_ids(command)))

        def change(model):
            nodes, place = model.around(id)
            nodes.insert(place + 1, _copied(nodes[place], model.facts, fresh))

        self.push(command, change)

    def new_ids(self, command):
        """Of all that the command brings, in the order in which they were given out."""
        edit = command.held.planned(self.document)
        brought = {layer.id for layer in edit.layers} | {group.id for group in edit.groups}
        return brought - set(self.model.numbers())

    # Merging

    @precondition(lambda self: len(self.model.layers()) > 1)
    @rule()
    def merge_visible(self):
        document = self.document
        shown = [layer for layer in document.layers if is_shown(layer, document.groups)]
        patch = Merging(document.photo, (), document.overlays()).patch()
        if not shown or patch is None:
            return
        id = document.new_layer_id()
        layer = Layer(id, "Merged", patch, provenance=merged_provenance(shown))
        ids = [layer.id for layer in shown]
        before = document.flatten()

        def change(model):
            top = next(n for n in model.nodes if ids[-1] in model.numbers([n]))
            model.nodes.insert(model.nodes.index(top) + 1, id)
            for gone in ids:
                model.take(gone)
            model.facts[id] = self.fact_of(patch)

        self.push(arrange.exchange_on_photo(document, ids, layer, title="Merge"), change)
        assert np.array_equal(document.flatten(), before)
        assert list(layer.provenance.sources() if layer.provenance else []) == [
            source for one in shown if one.provenance for source in one.provenance.sources()
        ]

    # History, and files

    @rule()
    def undo(self):
        before, mask = self.document.flatten(), self.document.mask.copy()
        change = self.document.history.undo(self.document)
        assert (change is None) == (self.now == 0)
        if change is not None:
            self.now -= 1
            self.follow([change])
            self.look_outside(change.box, before, mask)

    @rule()
    def redo(self):
        before, mask = self.document.flatten(), self.document.mask.copy()
        change = self.document.history.redo(self.document)
        assert (change is None) == (self.now == len(self.states) - 1)
        if change is not None:
            self.now += 1
            self.follow([change])
            self.look_outside(change.box, before, mask)

    @rule(chosen=number)
    def jump(self, chosen):
        index = chosen % len(self.states)
        changes = self.document.history.jump(self.document, index)
        assert len(changes) == abs(index - self.now)
        self.now = index
        if changes:
            self.follow(changes)

    @rule()
    def save_and_open_again(self):
        path = self.folder / "project.ora"
        for _ in save_project(Snapshot.of(self.document), path, overwrite=True):
            pass
        opened = open_project(path, history=self.history())
        assert opened.notes == ()
        self.document.close()
        self.document = opened.document
        self.states, self.now = [self.model], 0
        self.end_journal(remove=True)
        self.begin_journal()

    @precondition(lambda self: len(self.log) > 1)
    @rule(cut=st.floats(0, 1))
    def crash(self, cut):
        """End without warning; the log is cut somewhere, and the document recovered from it."""
        assert self.keeping.writer.settle()
        self.end_journal(remove=False)
        [folder] = (self.folder / "journals").iterdir()
        log = (folder / LOG).read_bytes()
        ends = [end for _, end in records(log)]
        at = ends[0] + round(cut * (len(log) - ends[0]))
        (folder / LOG).write_bytes(log[:at])
        del self.log[sum(end <= at for end in ends) :]
        self.now, self.states = self.log[-1][0], list(self.log[-1][1])
        found = find_leftovers(self.folder / "journals")
        if not self.now:  # nothing is lost with it
            assert found == []
            self.open_afresh()
            return
        self.document.close()
        back = exhausted(recover(found[0], history=self.history()))
        assert back.note == ""
        self.document = back.document
        self.keeping = Keeping.resume(self.folder / "journals", back, on_problem=self.fail)
        self.walk_the_history()

    def end_journal(self, *, remove):
        self.keeping.close(remove=remove)
        self.keeping.writer.join()

    def open_afresh(self):
        """As it was when it was opened."""
        before = self.document
        before.history.jump(before, 0)
        self.document = Document(before.photo, history=self.history())
        self.document.adopt(before.layers, before.groups)
        for name in CANVASES:
            self.document.canvas(name)[:] = before.canvas(name)
        self.document.named_masks = before.named_masks
        before.close()
        del self.states[1:]
        self.begin_journal()

    def walk_the_history(self):
        """Every state is back, not only the last."""
        now = self.now
        for index in range(len(self.states)):
            self.now = index
            self.document.history.jump(self.document, index)
            self.the_document_is_what_the_model_says()
        self.now = now
        self.document.history.jump(self.document, now)

    # What must hold

    @invariant()
    def the_document_is_what_the_model_says(self):
        if not hasattr(self, "document"):
            return
        document, model = self.document, self.model
        assert document.history.index == self.now
        assert document.history.nbytes <= max(self.budget, 1)
        for name, canvas in model.canvases.items():
            assert np.array_equal(document.canvas(name), canvas), name
        assert [mask.name for mask in document.named_masks] == list(model.named)
        for mask in document.named_masks:
            assert np.array_equal(mask.coverage, model.named[mask.name])
        assert _shape(tree(document.layers, document.groups)) == model.nodes
        assert {group.id for group in document.groups} == set(model.numbers()) - set(model.layers())
        for group in document.groups:
            fact = model.facts[group.id]
            assert (group.opacity, group.visible) == (fact["opacity"], fact["visible"])
        for layer in document.layers:
            self.compare(layer, model.facts[layer.id])

    def compare(self, layer, fact):
        for name in ("opacity", "visible", "blend", "locked", "box"):
            assert getattr(layer, name) == fact[name], name
        assert np.array_equal(layer.patch.pixels, fact["pixels"])
        assert np.array_equal(layer.patch.alpha, fact["alpha"])
        assert (layer.keep is None) == (fact["keep"] is None)
        assert layer.keep is None or np.array_equal(layer.keep, fact["keep"])
        assert (layer.recipe is None) == (fact["hole"] is None)
        if layer.recipe is not None:
            assert np.array_equal(layer.recipe.coverage(SIZE), fact["hole"])
            assert layer.recipe.options == {"passes": 3}

    @invariant()
    def the_picture_is_what_the_definitions_say(self):
        if not hasattr(self, "document"):
            return
        document = self.document
        seen = document.flatten()
        step = 1 / full_scale(seen.dtype) if seen.dtype.kind == "u" else 2e-6
        rounded = 1 + len(document.layers) + len(document.groups)
        wanted = drawn(document.photo, self.model)
        apart = np.abs(seen / full_scale(seen.dtype) - wanted).max()
        # Soft alpha of a mask has 255 steps, and a rounded step may go either way.
        assert apart <= step * rounded + rounded / 255 / 255
        assert count_changed(document.photo, seen, layer_coverage(document)) == 0
        box = Box(7, 9, 30, 33)
        assert np.array_equal(flatten(document.photo, document.overlays(), box), seen[box.slices])


def _members(model, id):
    nodes, place = model.around(id)
    return nodes[place][1] if isinstance(nodes[place], list) else None


def _copied(node, facts, fresh):
    """The copy of a node with what the model knows of it. Layers get their numbers before the group
    that holds them."""
    if isinstance(node, list):
        members = [_copied(member, facts, fresh) for member in node[1]]
        id = next(fresh)
        facts[id] = dict(facts[node[0]])
        return [id, members]
    id = next(fresh)
    facts[id] = dict(facts[node])
    return id


def _shape(nodes):
    return [
        [node.id, _shape(node.members)] if isinstance(node, Branch) else node.id for node in nodes
    ]


TestDocumentMachine = DocumentMachine.TestCase
TestDocumentMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
