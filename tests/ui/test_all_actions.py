"""Every action works or is disabled with a reason, in every state a person can bring it to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import WAIT, add_layer, paint_mask
from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from inpaint_studio.document import arrange
from inpaint_studio.document.commands import AddLayer, ReplaceLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import FillRecipe, Layer
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.actions import ACTIONS, MENUS
from inpaint_studio.ui.fill_request import FillChoice
from inpaint_studio.ui.palette import Palette

pytestmark = pytest.mark.gui

LEAVES = ("quit", "close")
"""Tried in tests of their own: nothing is left to try the others on."""
QUIET = 10_000
"""Milliseconds after which an action that changed nothing to be seen counts as silent."""
HOLE = Box(20, 30, 70, 90)


def nothing(window):
    window.workspace.close_document()


def photo(window):
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 256, (96, 128, 3)).astype(np.uint8)
    window.workspace.set_document(Document(Photo(pixels), Path("photo.png")))


def mask(window):
    photo(window)
    paint_mask(window)


def layer(window):
    mask(window)
    add_layer(window)


def fill(window):
    """A fill as EdgeConnect leaves it: with a recipe and edges."""
    mask(window)
    sheet = np.zeros((24, 32), bool)
    sheet[5:18, 7:23] = True
    edges = EdgeDrawing((EdgeSheet(np.zeros((24, 32), np.uint8), sheet, Box(0, 0, 96, 128)),))
    hole = np.full(HOLE.size, 255, np.uint8)
    recipe = FillRecipe(hole=hole, box=HOLE, engine="patchmatch", seed=7)
    patch = Patch(np.zeros((*HOLE.size, 3), np.uint8), hole, Point(HOLE.top, HOLE.left))
    number = window.workspace.document.new_layer_id()
    made = Layer.from_patch(patch, id=number, name="Fill", recipe=recipe, edges=edges)
    window.workspace.push(AddLayer(made))


def two_fills(window):
    fill(window)
    document = window.workspace.document
    command, [copy] = arrange.duplicate(
        document, (document.layers[-1].id,), name=lambda _: "Another"
    )
    window.workspace.push(command)
    window.workspace.set_active_layer(copy)


def locked(window):
    two_fills(window)
    window.commands["layer_lock"].trigger()


def hidden(window):
    two_fills(window)
    window.commands["layer_toggle"].trigger()


def group(window):
    two_fills(window)
    window.column.layers.list.selectAll()
    window.commands["layer_group"].trigger()


def in_a_group(window):
    group(window)
    window.workspace.set_active_layer(window.workspace.document.layers[0].id)


def several(window):
    two_fills(window)
    window.column.layers.list.selectAll()


def masked(window):
    fill(window)
    found = window.workspace.active_layer
    keep = np.full(found.patch.alpha.shape, 255, np.uint8)
    keep[:9] = 0
    window.workspace.push(ReplaceLayer(replace(found, keep=keep), "Hide part"))


def painting_a_layer_mask(window):
    two_fills(window)
    window.commands["layer_mask"].trigger()
    assert window.mode_bar.is_on


def editing_a_fill(window):
    two_fills(window)
    window.commands["fill_edit"].trigger()
    assert window.mode_bar.is_on


def editing_edges(window):
    two_fills(window)
    window.commands["edges_auto"].setChecked(False)
    window.commands["edit_edges"].trigger()


def painting_sources(window):
    two_fills(window)
    window.commands["sources"].trigger()


def comparing(window):
    two_fills(window)
    window.commands["compare"].trigger()


def filling(window):
    """One fill that never ends, and one that waits."""
    fill(window)
    hole = np.full((10, 10), 255, np.uint8)
    queue = window.parts.queueing.queue
    for _ in range(2):
        queue.add(FillChoice("telea", options={"script": "hang"}), hole, Box(2, 2, 12, 12))
    assert window.controller.running


def undone(window):
    two_fills(window)
    window.undo()


STATES = (
    *(nothing, photo, mask, layer, fill, two_fills, locked, hidden, group, in_a_group, several),
    *(masked, painting_a_layer_mask, editing_a_fill, editing_edges, painting_sources, comparing),
    *(filling, undone),
)


TRIED = (nothing, mask, two_fills, group, several, painting_a_layer_mask, editing_edges, filling)
"""States that differ in what most actions do there: each takes every action."""


def in_states(*states):
    return pytest.mark.parametrize("bring", states, ids=lambda state: state.__name__, indirect=True)


@pytest.fixture
def bring(request, scripted_window, monkeypatch):
    """Brings the window to a state, as often as it is called."""
    monkeypatch.setattr(QDialog, "open", QDialog.show)
    window = scripted_window

    def again():
        close_dialogs(window)
        window.parts.queueing.queue.cancel_all()
        window.mode_bar.leave()
        for checkable in ("compare", "show_original", "mask_alone", "full_screen"):
            if window.commands[checkable].isChecked():
                window.commands[checkable].trigger()
        request.param(window)
        return window

    yield again
    if isValid(window):
        window.parts.queueing.queue.cancel_all()


@pytest.fixture
def project(scripted_window, qtbot, tmp_path):
    """A project that was saved and is open again."""
    two_fills(scripted_window)
    path = tmp_path / "work.ora"
    scripted_window.parts.projects.save_to(path)
    qtbot.waitUntil(lambda: path.exists() and not scripted_window.isWindowModified(), timeout=WAIT)
    with qtbot.waitSignal(scripted_window.workspace.opened, timeout=WAIT):
        scripted_window.workspace.open(path)
    return scripted_window


def close_dialogs(window):
    for kind in (QDialog, Palette):
        for dialog in window.findChildren(kind):
            dialog.close()


def check_reasons(commands):
    for spec, action in commands:
        reason = commands.reason(spec.id)
        assert bool(reason) != action.isEnabled(), spec.id
        if reason:
            assert reason != "This cannot be done now.", spec.id
            assert reason in action.toolTip(), spec.id
            assert reason[0].isupper(), spec.id
            assert reason.endswith((".", "?")), spec.id


@in_states(*STATES)
def test_whoever_is_disabled_says_why_in_a_sentence(bring):
    check_reasons(bring().commands)


def test_in_an_opened_project_whoever_is_disabled_says_why(project):
    check_reasons(project.commands)


def seen(window, said):
    """All that a person can see or hear of the window that an action may change."""
    document, canvas = window.workspace.document, window.canvas
    viewport = canvas.navigation.viewport
    return (
        None if document is None else (id(document), document.history.state),
        (canvas.tool, canvas.brush_size, canvas.hardness, canvas.mask_visible, canvas.mask_style),
        viewport and (viewport.zoom, viewport.visible),
        [action.isChecked() for _, action in window.commands],
        [id(dialog) for dialog in window.findChildren(QDialog) if dialog.isVisible()],
        [id(palette) for palette in window.findChildren(Palette) if palette.isVisible()],
        (window.mode_bar.text, window.messages.text, window.controller.running),
        (window.isFullScreen()),
        (len(said), window.focusWidget(), window.column.isVisible()),
        len(window.parts.queueing.queue.waiting),
        (window.parts.comfort.tour.step, window.parts.comparing.bar.chosen_mode),
        window.column.layers.list.state(),
    )


def elsewhere(window, action):
    """Have neither the tool nor the zoom be what the action asks for."""
    window.canvas.set_tool("brush" if action == "hand" else "hand")
    window.canvas.brush_size, window.canvas.hardness = 33, 0.5
    window.canvas.zoom_to(0.73)


@in_states(*TRIED)
def test_whoever_is_enabled_does_something_that_is_seen(bring, qtbot):
    """Each action from the state itself, not from what the one before it has left."""
    silent, said, problems = [], [], []
    window = bring()
    for signal in (window.workspace.status, window.controller.message, window.workspace.problem):
        signal.connect(said.append)
    window.workspace.problem.connect(problems.append)
    for spec, action in window.commands:
        if spec.id in (*LEAVES, "next_pane"):  # the keyboard of a window that is not active
            continue
        bring()
        if not action.isEnabled():
            continue
        elsewhere(window, spec.id)
        before = seen(window, said)
        action.trigger()
        try:
            qtbot.waitUntil(lambda before=before: seen(window, said) != before, timeout=QUIET)
        except qtbot.TimeoutError:
            silent.append(spec.id)
    assert silent == []
    assert problems == []


@in_states(*TRIED)
def test_one_after_the_other_none_of_them_fails(bring, qtbot):
    problems = []
    window = bring()
    window.workspace.problem.connect(problems.append)
    for spec, action in window.commands:
        if spec.id in LEAVES or not action.isEnabled():
            continue
        action.trigger()
        qtbot.wait(1)
        close_dialogs(window)
        if window.isFullScreen():
            window.showNormal()
    # Actions that follow each other faster than any hand may find the mask changed: that is said.
    assert [problem for problem in problems if "painted on meanwhile" not in problem] == []


def test_every_action_does_something(window):
    idle = [
        spec.id
        for spec, action in window.commands
        if action.receivers("2triggered(bool)") == 0 and action.receivers("2toggled(bool)") == 0
    ]
    assert idle == []


def test_every_action_is_in_a_menu_or_has_a_key():
    listed = {action_id for _, ids in MENUS for action_id in ids}
    assert [spec.id for spec in ACTIONS if spec.id not in listed and not spec.keys] == []
