"""What the program imports before anybody asked it to do anything."""

import json
import os
import subprocess
import sys

import pytest

HEAVY_FOR_THE_COMMAND_LINE = {"torch", "PySide6", "pyvips", "cv2", "skimage", "numba", "scipy"}
HEAVY_FOR_THE_WINDOW = {"torch", "numba", "cv2", "skimage", "pyvips", "scipy"}

COMMAND_LINE = """
import json, sys
from inpaint_studio.__main__ import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""

WINDOW = """
import json, sys
from inpaint_studio.ui.app import main
code = main(["--temp-home", "--exit-after-paint"])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def run_fresh(script: str, *arguments: str) -> tuple[int, set[str]]:
    """Run `script` in a new interpreter: its exit code and the packages it loaded."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    code, modules = json.loads(run.stdout.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["fill", "--help"], 0),
        (["engines"], 0),
        (["models", "list"], 0),
        (["evaluate", "--help"], 0),
        (["evaluate", "--engines", "telea", "--photos", "nowhere", "--out", "out"], 2),
        (["evaluate", "--engines", "no-such", "--photos", ".", "--out", "out"], 2),
        (["evaluate", "--engines", "telea", "--photos", ".", "--out", "out", "--masks", "no"], 2),
        (["fill"], 2),
        (["fill", "photo.png", "--mask", "mask.png", "-o", "out.png", "--seed", "minus"], 2),
        (["no-such-verb"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_command_line_answers_without_the_heavy_libraries(arguments, exit_code):
    code, modules = run_fresh(COMMAND_LINE, *arguments)
    assert code == exit_code
    assert modules & HEAVY_FOR_THE_COMMAND_LINE == set()


@pytest.mark.gui
def test_a_temporary_home_is_gone_when_the_program_ends(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run_fresh(WINDOW)
    assert not list(tmp_path.glob("inpaint-studio-home-*"))


@pytest.mark.gui
def test_the_window_opens_without_the_heavy_libraries():
    code, modules = run_fresh(WINDOW)
    assert code == 0
    assert "PySide6" in modules
    assert modules & HEAVY_FOR_THE_WINDOW == set()
