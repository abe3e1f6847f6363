"""Thousands of random things done in the window: no leak, no warning, no lost pixel.

INPAINT_STUDIO_SOAK says how many (1000 unless it is set; 10,000 take some ten minutes on an idle
machine), INPAINT_STUDIO_SOAK_SEED which.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ACTIONS = int(os.environ.get("INPAINT_STUDIO_SOAK", "1000"))
SEED = os.environ.get("INPAINT_STUDIO_SOAK_SEED", "1")
ROUNDS = 6
"""How often it is looked what the process holds; the first third is for warming up."""
MEGABYTES, WIDGETS, OBJECTS, FILES = 120, 60, 900, 12
"""By how much that may still grow: caches fill, and every dialog is made once."""


@pytest.fixture(scope="module")
def report(display, tmp_path_factory):
    """What a soak of that length and seed found."""
    folder = tmp_path_factory.mktemp("soak")
    here = Path(__file__).parent
    words = [sys.executable, str(here / "soaking.py"), "--seed", SEED, str(folder)]
    every = max(1, ACTIONS // ROUNDS)
    done = subprocess.run(
        [*words, "--actions", str(ACTIONS), "--every", str(every)],
        env={
            **os.environ,
            **{"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "OMP_NUM_THREADS": "1"},
            "INPAINT_STUDIO_HOME": str(folder / "home"),
            "PYTHONPATH": str(here.parent / "ui"),  # for the scripted engines
        },
        capture_output=True,
        text=True,
        timeout=60 + 4 * ACTIONS,
        check=False,
    )
    assert done.returncode == 0, f"the window crashed:\n{done.stderr[-6000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def test_nothing_is_lost(report):
    assert report["lost"] == ""
    assert sum(report["done"].values()) >= ACTIONS


def test_nothing_is_said_that_should_not_be(report):
    assert report["heard"] == {}


def test_nothing_is_left_behind(report):
    held = report["held"]
    warm, last = held[len(held) // 3], held[-1]
    grown = {name: last[name] - warm[name] for name in ("mb", "widgets", "children", "files")}
    assert grown["mb"] < MEGABYTES, held
    assert grown["widgets"] < WIDGETS, held
    assert grown["children"] < OBJECTS, held
    assert grown["files"] < FILES, held
    assert report["threads"] == []
