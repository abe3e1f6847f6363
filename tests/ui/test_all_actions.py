"""Every action works or is disabled with a reason, without a photo and with one."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog, QFileDialog

from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.actions import ACTIONS, MENUS

pytestmark = pytest.mark.gui

LEAVES = ("quit", "close")
"""Tried in tests of their own: nothing is left to try the others on."""


def with_photo(window, rgb):
    window.workspace.set_document(Document(Photo(rgb), Path("photo.png")))


def with_layer(window, rgb):
    with_photo(window, rgb)
    alpha = np.full((20, 30), 255, np.uint8)
    patch = Patch(np.full((20, 30, 3), 90, np.uint8), alpha, Point(5, 5))
    number = window.workspace.document.new_layer_id()
    window.workspace.push(AddLayer(Layer.from_patch(patch, id=number)))


STATES = {"no photo": None, "photo": with_photo, "layer": with_layer}


@pytest.fixture(params=STATES, ids=STATES)
def state(request, window, rgb):
    if STATES[request.param] is not None:
        STATES[request.param](window, rgb)
    return window


def test_whoever_is_disabled_says_why(state):
    silent = [
        spec.id
        for spec, action in state.commands
        if not action.isEnabled()
        and (
            state.commands.reason(spec.id) == "This cannot be done now."
            or state.commands.reason(spec.id) not in action.toolTip()
        )
    ]
    assert silent == []


def test_reasons_are_sentences_and_only_for_what_is_disabled(state):
    for spec, action in state.commands:
        reason = state.commands.reason(spec.id)
        assert bool(reason) != action.isEnabled(), spec.id
        if reason:
            assert reason[0].isupper(), spec.id
            assert reason.endswith((".", "?")), spec.id


def test_whoever_is_enabled_can_be_triggered(state, qtbot, monkeypatch):
    monkeypatch.setattr(QDialog, "open", QDialog.show)
    problems = []
    state.workspace.problem.connect(problems.append)
    for spec, action in state.commands:
        if spec.id in LEAVES or not action.isEnabled():
            continue
        action.trigger()
        qtbot.wait(1)
        for dialog in state.findChildren(QDialog):
            dialog.close()
        for dialog in state.findChildren(QFileDialog):
            dialog.close()
        if state.isFullScreen():
            state.showNormal()
    assert problems == []


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
