"""The comparison with other programs runs with one command, whoever of them is installed."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from inpaint_studio.evaluation.photos import list_photos


@pytest.fixture
def ask(repository, tmp_path):
    """Run `peers.py` where no other program can be found."""

    def run(*words, python=(sys.executable,)):
        script = repository / "benchmarks" / "peers.py"
        environment = {"PATH": str(tmp_path), "PYTHONPATH": str(repository)}
        return subprocess.run(
            [*python, str(script), *words],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    return run


def test_it_measures_who_is_here_and_says_how_to_get_the_others(ask):
    done = ask("--sizes", "0.01", "--who", "opencv-telea", "gmic-pde", "nobody")
    assert done.returncode == 0, done.stderr
    assert "| | 0.01 MP |" in done.stdout
    assert "| opencv-telea | 0." in done.stdout
    assert "gmic-pde was left out: apt-get install gmic." in done.stdout
    assert "nobody was left out: there is no such engine in this version." in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--who", "gmic-pde"], "nobody of these is here"),
        (["--quality", "2", "--photos", "no such folder"], "there is no folder no such folder"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_measured(ask, words, said):
    done = ask(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_program_itself_it_says_where_to_run_it(ask):
    done = ask(python=(sys.executable, "-S", "-E", "-s"))
    assert done.returncode == 1
    assert "make app" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def tables(repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    import peers_quality

    return peers_quality


def test_photos_too_small_to_fill_do_not_count(tables, tmp_path):
    for number in range(6):
        side = 512 if number % 2 else 300
        Image.new("RGB", (600, side)).save(tmp_path / f"{number}.png")
    order = list_photos(tmp_path, seed=0, limit=None)
    limit = tables.limit_for(2, tmp_path)
    large = [name for name in order[:limit] if int(name[0]) % 2]
    assert len(large) == 2
    assert order[limit - 1] == large[-1]
    assert tables.limit_for(9, tmp_path) == 6


def test_the_tables_mark_the_best_and_say_how_ours_stand(tables, tmp_path, capsys):
    def row(engine, masks, vgg11, l1):
        return {"engine": engine, "masks": masks, "pictures": 3, "vgg11": vgg11, "hole_l1": l1}

    rows = [
        row("auto", "blobs", 0.5, 8.0),
        row("telea", "blobs", 0.625, 10.0),
        row("gmic", "blobs", 0.75, 4.0),
        row("auto", "0.1-0.3", 0.6, 8.0),
        row("gmic", "0.1-0.3", 0.6, 16.0),
    ]
    (tmp_path / "results.json").write_text(json.dumps({"rows": rows}))
    tables.print_tables(tmp_path, ["auto"])
    printed = capsys.readouterr().out
    assert "**VGG-11 distance in the hole**, 3 photos" in printed
    assert "| | blobs | strokes 0.1-0.3 |" in printed
    assert "| auto | **0.5000** | **0.6000** |" in printed
    assert "| telea | 0.6250 | – |" in printed
    assert "| auto, VGG-11 | 0.800 (telea) | 1.000 (gmic) |" in printed
    assert "| auto, L1 | 2.000 (gmic) | 0.500 (gmic) |" in printed
    assert "PSNR in the hole, dB: not measured" in printed
