"""The settings of the fill panel as a command, which the command line takes for the same."""

import shlex

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from inpaint_studio.cli.fill import parse
from inpaint_studio.cli.fill_options import engine_options
from inpaint_studio.cli.main import build_parser
from inpaint_studio.engines.registry import engine_entry
from inpaint_studio.ui.copy_command import command_of
from inpaint_studio.ui.fill_request import FillChoice


@pytest.mark.parametrize(
    "choice",
    [
        FillChoice("auto"),
        FillChoice("pconv", card="studio-pconv", device="cpu", grow=4, feather=0, context=90),
        FillChoice("patchmatch", seed=7, options={"sources": "above-below", "turned": "yes"}),
        FillChoice("thin+patchmatch", options={"strength": 0.25, "mirrored": "yes"}),
    ],
    ids=lambda choice: choice.engine,
)
def test_the_command_line_takes_it_for_what_the_panel_says(choice):
    order = parse(build_parser().parse_args(shlex.split(command_of(choice))[1:]))
    assert (order.engine, order.model or "") == (choice.engine, choice.card)
    told = (order.device, order.grow, order.feather, order.context, order.seed)
    assert told == (choice.device, choice.grow, choice.feather, choice.context, choice.seed)
    assert engine_options(order, engine_entry(choice.engine)) == choice.options


def test_it_goes_to_the_clipboard_and_the_window_says_what_to_do(window):
    window.column.fill.choose("patchmatch")
    window.commands["copy_command"].trigger()
    command = QGuiApplication.clipboard().text()
    assert command == "inpaint-studio fill PHOTOS --mask MASKS -o OUT --engine patchmatch"
    assert "PHOTOS, MASKS and OUT" in window.messages.text


def test_painted_areas_are_said_to_be_missing(window, rgb, monkeypatch):
    area = np.ones(rgb.shape[:2], bool)
    monkeypatch.setattr(
        type(window.filling), "choice", property(lambda self: FillChoice("auto", allowed=area))
    )
    window.commands["copy_command"].trigger()
    assert "are not part of it" in window.messages.text
