"""An error in the middle of painting is reported; it does not end the program."""

import ast
import os
import subprocess
import sys

import numpy as np
import pytest

from inpaint_studio.engines.api import EdgeMap
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.panels.edge_view import EdgeView

pytestmark = pytest.mark.gui

PAINTS_BADLY = """
import sys
from PySide6.QtWidgets import QApplication
from inpaint_studio.ui.crash import report_crashes
from {module} import {name}

application, said = QApplication([]), []
report_crashes(said.append)
class Bad({name}):
    def paintEvent(self, event):
        1 / 0
widget = Bad()
widget.show()
for _ in range(20):
    application.processEvents()
print(said[0])
import os
os._exit(0)
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("inpaint_studio.ui.canvas.view", "CanvasView"),
        ("inpaint_studio.ui.panels.edge_view", "EdgeView"),
        ("inpaint_studio.ui.panels.fields", "ElidedCombo"),
    ],
)
def test_an_error_while_painting_is_told(module, name):
    done = subprocess.run(
        [sys.executable, "-c", PAINTS_BADLY.format(module=module, name=name)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "ZeroDivisionError" in done.stdout
    assert "Your work is still here" in done.stdout


def test_no_widget_overrides_event(repository):
    """Qt's own `event` calls `paintEvent` and its like. Where Python called it first, and one of
    those fails in C code ("division by zero"), PySide6 on Python 3.11 ends the process instead of
    reporting the error. An event filter, installed on the widget itself, can do the same."""
    found = [
        f"{path.name}:{node.lineno}"
        for path in (repository / "inpaint_studio" / "ui").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "event"
    ]
    assert found == []


def test_an_edge_map_of_nothing_shows_nothing(qtbot):
    view = EdgeView()
    qtbot.addWidget(view)
    view.show_map(
        EdgeMap(np.ones((40, 50), np.float32), np.ones((40, 50), bool), Box(0, 0, 40, 50))
    )
    some = view.grab().toImage()
    view.show_map(EdgeMap(np.zeros((0, 0), np.float32), np.zeros((0, 0), bool), Box(0, 0, 0, 0)))
    nothing = view.grab().toImage()
    view.show_map(None)
    assert nothing == view.grab().toImage() != some
