"""`finetune` as a user runs it: a model adapted to a folder of pictures, in the library at once."""

import os
import re
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch

from inpaint_studio.cli.finetune import told
from inpaint_studio.cli.main import main
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.training.held_out import Score, split
from inpaint_studio.weights.architectures import save_network
from inpaint_studio.weights.library import open_library


@pytest.fixture
def pictures(tmp_path, rng):
    folder = tmp_path / "My Pictures"
    folder.mkdir()
    for number in range(5):
        picture = np.full((80, 90, 3), rng.integers(0, 255, 3), np.uint8)
        picture[20:50, 30:60] = rng.integers(0, 255, 3)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


@pytest.fixture
def small(tmp_path):
    """Small models in the user's library, by engine."""
    torch.manual_seed(0)
    folder = tmp_path / "weights"
    save_network(
        PartialConvUNet(PartialConvConfig(width=4, levels=3)).eval(), folder / "p/p.safetensors"
    )
    sizes = EdgeConnectConfig(width=4, blocks=1)
    save_network(EdgeGenerator(sizes).eval(), folder / "e/edges.safetensors")
    save_network(CompletionGenerator(sizes).eval(), folder / "e/completion.safetensors")
    library = open_library()
    for name in ("p", "e"):
        arrival = library.recognise(folder / name, name=f"small-{name}")
        library.give_consent(arrival.card)
        library.install(arrival)
    return library


def run(pictures, *arguments):
    fixed = ["finetune", str(pictures), "--device", "cpu", "--minutes", "0.02"]
    return main([*fixed, *arguments])


@pytest.mark.parametrize("basis", ["small-p", "small-e"])
def test_the_new_model_fills_at_once(small, pictures, tmp_path, capsys, basis):
    assert run(pictures, "--from", basis, "--name", "mine") == 0
    shown = capsys.readouterr().out
    assert f"Adapting {basis} to 4 pictures for 0.02 minutes; 1 more are held out" in shown
    assert "hole L1" in shown
    assert "--model mine" in shown
    card, began = small.find("mine"), small.find(basis)
    assert small.status(card) == "ready"
    assert card.size_rule == began.size_rule
    assert "4 pictures of My Pictures" in card.trained_on
    mask = np.zeros((80, 90), np.uint8)
    mask[30:40, 40:50] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    fill = ["fill", str(pictures / "0.png"), "--mask", str(tmp_path / "mask.png")]
    assert main([*fill, "-o", str(tmp_path / "out.png"), "--model", "mine", "-q"]) == 0
    assert (tmp_path / "out.png").is_file()


def test_it_learns_and_names_what_it_could_not_read(small, pictures, tmp_path, capsys):
    out = tmp_path / "kept"
    for number in range(4):
        (pictures / f"broken{number}.png").write_bytes(b"no picture")
    assert run(pictures, "--from", "small-p", "-o", str(out), "--seed", "2") == 0
    assert re.search(r"Not readable, so skipped: broken\d.png, broken", capsys.readouterr().out)
    [name] = [card.name for card in small.cards() if card.name.startswith("small-p-")]
    assert name == "small-p-my-pictures"
    assert (out / f"{name}-generator.safetensors").is_file()
    files = [small.files(small.find(n))["generator"].read_bytes() for n in (name, "small-p")]
    assert files[0] != files[1]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--from", "none"], 1, "There is no model “none”"),
        (["--from", "small-p", "--name", "small-e"], 2, "There is a model “small-e” already"),
        (["--from", "small-p", "--minutes", "0"], 2, "not a number of minutes"),
        (["--from", "small-p", "--name", "Mine!"], 2, "is no name for a model"),
        (["--from", "lama"], 1, "There is no model"),
    ],
)
def test_bad_requests_are_one_sentence(small, pictures, capsys, arguments, code, sentence):
    assert main(["finetune", str(pictures), *arguments]) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_a_file_is_no_folder_to_keep_things_in(small, pictures, tmp_path, capsys):
    path = tmp_path / "out"
    path.write_bytes(b"")
    assert run(pictures, "--from", "small-p", "-o", str(path)) == 2
    assert "is a file" in capsys.readouterr().err


def test_an_empty_folder_and_none_at_all(small, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["finetune", str(tmp_path / "empty"), "--from", "small-p"]) == 1
    assert "There are no photos" in capsys.readouterr().err
    assert main(["finetune", str(tmp_path / "none"), "--from", "small-p"]) == 2
    assert "There is no folder of pictures" in capsys.readouterr().err


def test_pictures_held_out_are_never_learnt_from(tmp_path):
    paths = [tmp_path / f"{n}.png" for n in range(40)]
    parts = split(paths, seed=1)
    assert len(parts.held_out) == 8
    assert set(parts.learnt) | set(parts.held_out) == set(paths)
    assert not set(parts.learnt) & set(parts.held_out)
    assert split(paths, seed=1) == parts
    assert split(paths[:3], seed=1).held_out == ()


def test_the_verdict_is_honest():
    better, worse = Score(1.0, 0.4), Score(2.0, 0.5)
    assert "got better" in told(worse, better, "new", "old")[2]
    assert "did not get better" in told(better, worse, "new", "old")[2]
    assert "one measure" in told(Score(1.0, 0.5), Score(2.0, 0.4), "new", "old")[2]
    assert "not known" in told(None, None, "new", "old")[0]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_keeps_what_was_learnt(small, pictures):
    command = [sys.executable, "-m", "inpaint_studio", "finetune", str(pictures)]
    arguments = ["--from", "small-p", "--name", "mine", "--device", "cpu", "--minutes", "60"]
    process = subprocess.Popen(
        [*command, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("step "):
            break
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "--model mine" in rest
    assert small.status(small.find("mine")) == "ready"
