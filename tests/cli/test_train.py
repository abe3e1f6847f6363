"""`train` as a program: it trains, stops on Ctrl-C without loss, says what is wrong."""

import json
import os
import re
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

from inpaint_studio.cli.main import main
from inpaint_studio.errors import TrainingError

CONFIG = """\
stage = "edges"
out = "run"

[photos]
folders = ["photos"]
short_side = 64

[network]
width = 4
blocks = 1
discriminator_width = 4

[run]
steps = {steps}
batch = 2
crop = 32
report_every = 1
sheet_every = 0
"""


@pytest.fixture
def folder(tmp_path, rng):
    (tmp_path / "photos").mkdir()
    for number in range(3):
        picture = rng.integers(0, 255, (70, 80, 3), np.uint8)
        cv2.imwrite(str(tmp_path / "photos" / f"{number}.png"), cv2.blur(picture, (9, 9)))
    (tmp_path / "photos" / "broken.png").write_bytes(b"not a picture")
    return tmp_path


def write(folder, steps):
    path = folder / "edges.toml"
    path.write_text(CONFIG.format(steps=steps), "utf-8")
    return path


def test_a_run_says_its_losses_and_what_it_wrote(folder, capsys):
    assert main(["train", str(write(folder, 3)), "--device", "cpu"]) == 0
    told = capsys.readouterr().out
    assert "step 1 " in told
    assert "adversarial" in told
    assert "Trained 3 steps." in told
    assert "1 photos could not be read" in told
    assert (folder / "run" / "skipped.txt").read_text().strip().endswith("broken.png")
    assert (folder / "run" / "my-model-edges.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["train"], 2, "required"),
        (["train", "x.yaml"], 2, "should end with .toml"),
        (["train", "none.toml"], 2, "There is no config none.toml"),
        (["train", "none.toml", "--device", "gpu"], 2, "is not one of"),
    ],
)
def test_bad_arguments_are_one_sentence_without_torch(arguments, code, sentence):
    script = (
        "import json, sys; from inpaint_studio.cli.main import main;"
        "print(json.dumps([main(sys.argv[1:]), 'torch' in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60
    )
    assert json.loads(run.stdout) == [code, False]
    assert sentence in run.stderr
    assert run.stderr.count("\n") == 1


def test_what_goes_wrong_while_training_is_one_sentence(folder, capsys, monkeypatch):
    config = write(folder, 2)
    assert main(["train", str(config), "--device", "cpu", "--resume"]) == 1
    assert "There is nothing to resume" in capsys.readouterr().err

    def full(*_):
        raise TrainingError("The checkpoint x could not be written: the disk is full.")

    monkeypatch.setattr("inpaint_studio.training.session.save_checkpoint", full)
    assert main(["train", str(config), "--device", "cpu"]) == 1
    assert "the disk is full" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
@pytest.mark.parametrize(
    ("pack", "sentence"),
    [("true", r"photos-\w+.bin could not be written"), ("false", "checkpoint .* could not be")],
)
def test_a_file_that_cannot_grow_is_one_sentence_and_leaves_no_half_of_it(folder, pack, sentence):
    config = write(folder, 1)
    told = config.read_text("utf-8").replace("short_side = 64", f"short_side = 64\npack = {pack}")
    config.write_text(told, "utf-8")
    script = (  # a limit on the size of files is met as a full disk is: in the midst of writing
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000));"
        "from inpaint_studio.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, "train", str(config), "--device", "cpu"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 1
    assert re.search(sentence, run.stderr)
    assert "Traceback" not in run.stderr
    files = [path for path in (folder / "run").rglob("*") if path.is_file()]
    left = [path for path in files if path.stat().st_size > 1000]
    assert left == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_saves_and_the_run_goes_on_from_there(folder, capsys, number):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "inpaint_studio", "train", write(folder, 100_000)]
    run = subprocess.Popen(
        [*command, "--device", "cpu"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = [run.stdout.readline() for _ in range(3)]
    run.send_signal(number)
    rest, errors = run.communicate(timeout=120)
    assert told[0].startswith("step 1 ")
    assert run.returncode == 130
    assert "Stopped; go on with --resume." in errors
    assert "Traceback" not in errors
    assert (folder / "run" / "my-model-edges.safetensors").is_file()
    last = int((told + rest.splitlines())[-1].split()[1])
    assert main(["train", str(write(folder, last + 1)), "--device", "cpu", "--resume"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"step {last + 1} ")
    assert f"Trained {last + 1} steps." in lines


def test_tensorboard_gets_the_losses_where_it_is_installed(folder):
    pytest.importorskip("tensorboard")
    assert main(["train", str(write(folder, 2)), "--device", "cpu"]) == 0
    assert list((folder / "run" / "tensorboard").glob("events.*"))
