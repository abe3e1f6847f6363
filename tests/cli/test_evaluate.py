"""`inpaint-studio evaluate` from its arguments to its report."""

import errno
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_studio.cli.main import main

BROKEN = (
    f"broken={Path(sys.executable).as_posix()} -c 'raise SystemExit(3)' {{photo}} {{mask}} {{out}}"
)


@pytest.fixture
def desk(tmp_path, rng, monkeypatch):
    monkeypatch.delenv("INPAINT_STUDIO_DATA", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "photos").mkdir()
    (tmp_path / "empty").mkdir()
    for name in "ab":
        picture = np.kron(rng.integers(0, 255, (8, 8, 3)), np.ones((9, 9, 1)))
        Image.fromarray(picture.astype(np.uint8)).save(tmp_path / "photos" / f"{name}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def evaluate(*words):
    return main(["evaluate", "--photos", "photos", "--out", "out", "--size", "64", *words])


def test_a_report_is_made_and_a_broken_program_is_not_fatal(desk, capsys):
    (desk / "photos" / "c.jpg").write_bytes(b"broken")
    words = ("--engines", "telea", "--engines", BROKEN, "--masks", "boxes")
    assert evaluate(*words) == 0
    said = capsys.readouterr()
    assert "left out c.jpg" in said.err
    assert "0 (2 failed)" in said.out
    assert "exit code 3" in said.out
    assert {"index.html", "table.csv", "items.csv", "results.json"} <= {
        path.name for path in (desk / "out").iterdir()
    }
    assert evaluate(*words) == 0
    assert "6 fills, 2 of them measured before" in capsys.readouterr().err


def test_json_lines(desk, capsys):
    assert evaluate("--engines", "telea", "--masks", "scratches", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["began", "measured", "measured", "done"]
    assert lines[1]["record"]["values"]["changed"] == 0
    assert Path(lines[-1]["page"]).is_file()


def test_photos_that_are_all_too_small_are_said_and_no_success(desk, capsys):
    assert evaluate("--engines", "telea", "--masks", "boxes", "--size", "128") == 1
    said = capsys.readouterr()
    assert said.err.count("smaller than 128 × 128") == 2
    assert "Left out: 2 photos" in said.out


def test_a_full_disk_is_one_sentence(desk, capsys, monkeypatch):
    def full(path, data, **how):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("inpaint_studio.evaluation.report.write_bytes_atomically", full)
    assert evaluate("--engines", "telea", "--masks", "boxes") == 1
    assert "cannot be saved: " in capsys.readouterr().err


def test_nothing_measured_is_a_failure(desk, capsys):
    assert evaluate("--engines", BROKEN, "--masks", "boxes") == 1


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["--engines", "telea", "--photos", "nowhere"], 2, "nowhere"),
        (["--engines", "telea", "--photos", "empty"], 2, "no photos"),
        (["--engines", "telea", "--masks", "empty"], 2, "no masks"),
        (["--engines", "telea", "--masks", "strokes:0.95-0.99"], 2, "up to 0.9"),
        (["--engines", "telea", "--seed", "-1"], 2, "--seed"),
        (["--engines", "telea", "--device", "toaster"], 2, "toaster"),
        (["--engines", "x=python {photo}"], 2, "lacks"),
        (["--engines", "telea", "--masks", "hails"], 2, "hails"),
        (["--engines", "telea", "--size", "8"], 2, "--size"),
        (["--engines", "telea", "--limit", "0"], 2, "--limit"),
        (["--engines", "telea", "--features", "none.pth"], 2, "none.pth"),
        (["--engines", "telea", "--out", "photos/a.png"], 2, "is a file"),
        (["--engines", "telea", "--out", "photos"], 2, "other files"),
        (["--engines", "pconv:none"], 1, "none"),
        ([], 2, "--engines"),
    ],
)
def test_bad_arguments_are_one_sentence(desk, capsys, words, code, named):
    assert evaluate(*words) == code
    said = capsys.readouterr().err
    assert named in said
    assert said.count("\n") == 1
    assert not (desk / "out").exists()
