"""The command line as a program of its own: the demo of `make run`, and Ctrl-C in mid-fill."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell and signals"),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    """The program as one word, however it is installed."""
    script = tmp_path_factory.mktemp("bin") / "inpaint-studio"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m inpaint_studio "$@"\n')
    script.chmod(0o755)
    return script


@pytest.fixture
def samples(repository) -> Path:
    return repository / "resources" / "samples"


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_the_demo_fills_the_samples_as_a_user_would_and_with_both_networks(
    program, samples, repository, tmp_path
):
    command = [repository / "packaging" / "demo.sh", program, tmp_path]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=900)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("0 pixels changed outside the mask (checked") == 6
    for name in ("photo", "painting"):
        before = pixels(samples / f"{name}.jpg")
        hole = pixels(samples / f"{name}-mask.png")[..., 0] > 127
        engines = ("auto", "edgeconnect", "pconv")
        after = {engine: tmp_path / f"{name}-{engine}.png" for engine in engines}
        for path in (*after.values(), tmp_path / f"{name}-edgeconnect-edges.png"):
            assert str(path) in run.stdout
        for engine, path in after.items():
            assert np.array_equal(pixels(path)[~hole], before[~hole])
            assert (pixels(path)[hole] != before[hole]).any(axis=1).mean() > 0.9
            assert pixels(tmp_path / f"{name}-{engine}-sheet.jpg").shape[1] > before.shape[1]
        assert pixels(tmp_path / f"{name}-edgeconnect-edges.png").shape == before.shape


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_scheduler_leave_nothing_behind(program, samples, tmp_path, stop):
    for name in ("painting.jpg", "painting-mask.png"):  # large, so that there is time to stop
        with Image.open(samples / name) as picture:
            enlarged = picture.resize(
                (5 * picture.width, 5 * picture.height), Image.Resampling.NEAREST
            )
            enlarged.save(tmp_path / name)
    given = {path.name for path in tmp_path.iterdir()}
    command = [
        *(program, "fill", tmp_path / "painting.jpg", "--mask", tmp_path / "painting-mask.png"),
        *("--engine", "patchmatch", "--json", "-o", tmp_path / "out.png"),
    ]
    fill = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # What a shell runs in the background, tests too, has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert fill.stdout
    assert json.loads(fill.stdout.readline())["event"] == "progress"
    fill.send_signal(stop)
    said, error = fill.communicate(timeout=300)
    assert fill.returncode == 130
    assert error == "inpaint-studio: Stopped.\n"
    assert json.loads(said.splitlines()[-1])["event"] == "error"
    assert {path.name for path in tmp_path.iterdir()} == given
