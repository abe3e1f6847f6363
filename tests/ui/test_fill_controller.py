"""From Fill to a new layer, with scripted engines in a real engine process."""

from pathlib import Path

import numpy as np
import pytest

from inpaint_studio.document.document import Document
from inpaint_studio.engines.restore import RestoreOptions
from inpaint_studio.engines.task import FillTask, run_fill
from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.geometry import Box, SizeRule
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.fill_controller import FillChoice, FillController
from inpaint_studio.ui.worker import FILL, SHELF, InferenceThread
from inpaint_studio.ui.workspace import Workspace
from inpaint_studio.weights.card import ModelCard, WeightsFile

pytestmark = pytest.mark.gui

START = 30_000
HOLE = Box(20, 30, 50, 70)


def make_card(name="fake", commercial_use="yes"):
    return ModelCard(
        name=name,
        title="Fake model",
        engine="edgeconnect",
        files={"edges": WeightsFile(file="e.safetensors", sha256="ab")},
        licence="CC BY-NC 4.0",
        commercial_use=commercial_use,
        origin="tests",
        trained_on="nothing",
        good_at="tests",
        size_rule=SizeRule(),
    )


class FakeLibrary:
    def __init__(self, card, *, consent=True, broken=False):
        self.card, self.consent, self.broken = card, consent, broken

    def find(self, name):
        if name != self.card.name:
            raise WeightsError(f"There is no model “{name}”.")
        return self.card

    def default_for(self, engine):
        return self.card

    def needs_consent(self, card):
        return not self.consent

    def files(self, card):
        if self.broken:
            raise WeightsError("The weights are damaged: fetch them again.")
        return {"edges": Path("e.safetensors")}


class FakeCanvas:
    def __init__(self):
        self.previews = []
        self.showing = False

    def set_preview(self, pixels, hole, box):
        self.previews.append((pixels.shape, hole.shape, box))
        self.showing = True

    def clear_preview(self):
        self.showing = False


class Studio:
    """A controller with everything it talks to, and all it said."""

    def __init__(self, library):
        self.workspace = Workspace()
        self.canvas = FakeCanvas()
        self.worker = InferenceThread(fill="scripted_engines:fills", shelf="scripted_engines:Shelf")
        self.controller = FillController(
            self.workspace, self.canvas, self.worker, library=lambda: library
        )
        self.messages, self.edges, self.stages, self.running, self.landed = [], [], [], [], []
        self.problems = []
        self.controller.message.connect(self.messages.append)
        self.workspace.problem.connect(self.problems.append)
        self.controller.edge_map.connect(self.edges.append)
        self.controller.progress.connect(lambda stage, done: self.stages.append(stage))
        self.controller.running_changed.connect(self.running.append)
        self.controller.landed.connect(self.landed.append)

    @property
    def document(self):
        return self.workspace.document


@pytest.fixture
def library():
    return FakeLibrary(make_card())


@pytest.fixture
def studio(qtbot, rgb, library):
    studio = Studio(library)
    studio.workspace.set_document(Document(Photo(rgb, b"icc"), Path("photo.tif")))
    studio.document.mask[HOLE.slices] = 255
    yield studio
    studio.controller.shut_down()
    studio.workspace.shut_down()
    assert not studio.worker.isRunning()


def wait_until_idle(qtbot, studio):
    qtbot.waitUntil(lambda: not studio.controller.running, timeout=START)


def fill(qtbot, studio, engine="edgeconnect", **choice):
    studio.controller.start(FillChoice(engine, **choice))
    assert studio.controller.running
    wait_until_idle(qtbot, studio)


def test_a_fill_becomes_a_layer_with_its_record(qtbot, studio):
    fill(qtbot, studio, seed=7)
    (layer,) = studio.document.layers
    assert studio.landed == [layer]
    assert layer.name == "EdgeConnect fill"
    assert layer.box == HOLE
    record = layer.provenance
    assert (record.engine, record.card, record.title) == ("edgeconnect", "fake", "Fake model")
    assert (record.seed, record.weights, record.device) == (7, "ab", "abacus")
    assert record.notes == ("Shelf:",)
    assert len(record.digest) == 64
    assert record.seconds > 0
    assert studio.running == [True, False]
    assert "EdgeConnect" in studio.messages[-1]
    assert "Shelf:" in studio.messages[-1]


def test_the_mask_stays_and_outside_of_it_nothing_changes(qtbot, studio, rgb):
    fill(qtbot, studio)
    outside = np.ones(rgb.shape[:2], bool)
    outside[HOLE.slices] = False
    assert np.array_equal(studio.document.flatten()[outside], rgb[outside])
    assert not np.array_equal(studio.document.flatten(), rgb)
    assert np.array_equal(studio.document.mask > 0, ~outside)


def test_edges_and_previews_are_shown_while_it_runs(qtbot, studio):
    fill(qtbot, studio)
    (edges,) = studio.edges
    assert edges.box == HOLE
    assert studio.canvas.previews == [((30, 40, 3), (30, 40), HOLE)]
    assert not studio.canvas.showing
    assert studio.stages == ["Preparing", "Loading the engine", "Finding edges"]


def test_a_second_fill_continues_what_is_seen(qtbot, studio, rgb):
    fill(qtbot, studio)
    fill(qtbot, studio, engine="telea")
    first, second = studio.document.layers
    inside = rgb[HOLE.slices].astype(int)
    once = np.minimum(inside, 250) + 5
    assert np.array_equal(second.patch.pixels, np.minimum(once, 250) + 5)
    assert second.name == "Telea fill"
    assert second.provenance.card == ""
    assert first.provenance.digest != second.provenance.digest


def test_the_same_request_has_the_same_digest_and_another_seed_another(qtbot, studio):
    fill(qtbot, studio)
    studio.workspace.undo()
    fill(qtbot, studio)
    studio.workspace.undo()
    assert studio.landed[0].provenance.digest == studio.landed[1].provenance.digest
    fill(qtbot, studio, seed=1)
    assert studio.landed[2].provenance.digest != studio.landed[1].provenance.digest


def test_the_window_and_the_command_line_fill_with_the_same_bytes(qtbot, studio):
    photo, mask = studio.document.photo, studio.document.snapshot_mask()
    studio.worker._fill, studio.worker._shelf = FILL, SHELF
    fill(qtbot, studio, engine="telea", grow=2)
    task = FillTask(photo, mask, "telea", restore_options=RestoreOptions(grow=2))
    expected = result_of(run_fill(task)).patch
    patch = studio.document.layers[0].patch
    assert patch.at == expected.at
    assert np.array_equal(patch.alpha, expected.alpha)
    assert np.array_equal(patch.pixels, expected.pixels)


def result_of(run):
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def test_undo_and_redo_take_the_layer_away_and_bring_it_back(qtbot, studio, rgb):
    fill(qtbot, studio)
    filled = studio.document.flatten()
    studio.workspace.undo()
    assert np.array_equal(studio.document.flatten(), rgb)
    studio.workspace.redo()
    assert np.array_equal(studio.document.flatten(), filled)


def test_strokes_painted_while_it_runs_are_not_part_of_it(qtbot, studio):
    studio.controller.start(FillChoice("telea"))
    studio.document.mask[:] = 255
    wait_until_idle(qtbot, studio)
    assert studio.document.layers[0].box == HOLE


def test_an_empty_mask_starts_nothing(qtbot, studio):
    studio.document.mask[:] = 0
    studio.controller.start(FillChoice("telea"))
    assert not studio.controller.running
    assert studio.messages == ["Paint over what should go first, then press Fill."]


def test_without_a_photo_nothing_starts(qtbot, studio):
    studio.workspace.close_document()
    studio.controller.start(FillChoice("telea"))
    assert studio.messages == ["Open a photo first."]


def test_a_second_start_is_refused_while_one_runs(qtbot, studio):
    studio.controller.start(FillChoice("telea"))
    studio.controller.start(FillChoice("telea"))
    assert "running" in studio.messages[0]
    wait_until_idle(qtbot, studio)
    assert len(studio.document.layers) == 1


@pytest.mark.parametrize(
    ("script", "words"), [("refuse", "too odd for this engine"), ("leave", "your work is safe")]
)
def test_a_failure_is_a_sentence_and_the_next_fill_works(qtbot, studio, script, words):
    fill(qtbot, studio, options={"script": script})
    assert words in studio.problems[-1]
    assert studio.messages[-1] == "The fill failed; nothing was changed."
    assert studio.document.layers == ()
    assert studio.document.mask.any()
    assert not studio.canvas.showing
    fill(qtbot, studio)
    assert len(studio.document.layers) == 1


def test_stop_answers_at_once_and_nothing_lands(qtbot, studio):
    studio.controller.start(FillChoice("telea", options={"script": "hang"}))
    qtbot.waitUntil(lambda: studio.canvas.showing, timeout=START)
    with qtbot.waitSignal(studio.worker.stopped, timeout=START):
        studio.controller.stop()
        assert not studio.controller.running
        assert not studio.canvas.showing
    fill(qtbot, studio)
    assert len(studio.document.layers) == 1


def test_stop_before_the_engine_was_asked(qtbot, studio):
    studio.controller.start(FillChoice("telea"))
    studio.controller.stop()
    assert studio.running == [True, False]
    studio.controller.stop()
    fill(qtbot, studio)
    assert len(studio.document.layers) == 1


@pytest.mark.parametrize("moment", ["preparing", "running"])
def test_a_fill_of_a_document_that_was_closed_is_dropped(qtbot, studio, rgb, moment):
    old = studio.document
    studio.controller.start(FillChoice("telea", options={"script": "hang"}))
    if moment == "running":
        qtbot.waitUntil(lambda: studio.canvas.showing, timeout=START)
    studio.workspace.set_document(Document(Photo(rgb), None))
    assert not studio.controller.running
    assert not studio.canvas.showing
    studio.document.mask[HOLE.slices] = 255
    fill(qtbot, studio)
    assert old.layers == ()
    assert len(studio.document.layers) == 1


def test_damaged_weights_are_said_so(qtbot, studio, library):
    library.broken = True
    fill(qtbot, studio)
    assert studio.problems == ["The weights are damaged: fetch them again."]


def test_an_unknown_model_is_said_so(qtbot, studio):
    fill(qtbot, studio, card="gone")
    assert studio.problems == ["There is no model “gone”."]


def test_a_licence_that_was_not_accepted_stops_the_fill(qtbot, studio, library):
    library.consent = False
    fill(qtbot, studio)
    assert "CC BY-NC 4.0" in studio.problems[0]
    assert studio.document.layers == ()


def test_warming_up_loads_the_engine_the_fill_then_finds(qtbot, studio):
    with qtbot.waitSignal(studio.worker.done, timeout=START):
        studio.controller.warm_up(FillChoice("edgeconnect"))
    fill(qtbot, studio)
    assert studio.document.layers[0].provenance.notes == ("Shelf: edgeconnect",)


def test_warming_up_with_damaged_weights_says_nothing(qtbot, studio, library):
    library.broken = True
    studio.controller.warm_up(FillChoice("edgeconnect"))
    qtbot.wait(100)
    assert studio.messages == studio.problems == []


def test_warming_up_is_not_repeated_while_the_choice_and_the_engine_last(qtbot, studio):
    jobs = []
    studio.worker.began.connect(jobs.append)
    for _ in range(3):
        studio.controller.warm_up(FillChoice("edgeconnect"))
    qtbot.waitUntil(lambda: jobs == [1], timeout=START)
    fill(qtbot, studio, options={"script": "leave"})
    studio.controller.warm_up(FillChoice("edgeconnect"))
    qtbot.waitUntil(lambda: jobs == [1, 2, 3], timeout=START)


def test_closing_while_a_fill_runs_leaves_nothing(qtbot, studio):
    studio.controller.start(FillChoice("telea", options={"script": "hang"}))
    qtbot.waitUntil(lambda: studio.canvas.showing, timeout=START)
    studio.controller.shut_down()
    assert not studio.worker.isRunning()
    assert not studio.controller.running
