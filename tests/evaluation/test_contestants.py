"""Who takes part is read from a text; other programs run, fail and hang without harm."""

import sys
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inpaint_studio.errors import EngineError, UsageError, WeightsError
from inpaint_studio.evaluation import programs
from inpaint_studio.evaluation.contestants import Contestant, parse_contestants
from inpaint_studio.evaluation.jobs import Job, peak_bytes
from inpaint_studio.evaluation.programs import ServingProgram, run_program
from inpaint_studio.evaluation.worker import FillProcess
from inpaint_studio.weights.library import Library, open_library

PLACES = "{photo} {mask} {out}"
FILL_WHITE = """
import sys
import msgspec
import numpy as np
from PIL import Image
photo, mask, out = sys.argv[1:]
picture = np.array(Image.open(photo))
picture[np.array(Image.open(mask)) > 127] = 255
Image.fromarray(picture).save(out)
"""


@pytest.fixture
def program(tmp_path):
    """Make a contestant of a Python script."""

    def make(script: str) -> Contestant:
        path = tmp_path / "program.py"
        path.write_text(script)
        [made] = parse_contestants([f'mine="{sys.executable}" "{path}" {PLACES}'], open_library())
        return made

    return make


@pytest.fixture
def job(rgb):
    hole = np.zeros(rgb.shape[:2], np.bool_)
    hole[20:40, 30:60] = True
    return Job(rgb, hole)


def test_engines_and_programs_are_told_apart():
    texts = ["telea, navier-stokes", f"lama={sys.executable} -c 'a, b = 1' {PLACES}"]
    found = parse_contestants(texts, open_library())
    assert [one.label for one in found] == ["telea", "navier-stokes", "lama"]
    assert found[2].command == (sys.executable, "-c", "a, b = 1", "{photo}", "{mask}", "{out}")


def test_another_version_of_the_program_is_measured_anew(monkeypatch):
    [one] = parse_contestants(["telea"], open_library())
    monkeypatch.setattr("inpaint_studio.evaluation.contestants.__version__", "99")
    [other] = parse_contestants(["telea"], open_library())
    assert one.label == other.label
    assert one.identity != other.identity


def test_a_model_that_is_run_in_another_way_is_measured_anew(monkeypatch):
    library = open_library()
    [one] = parse_contestants(["pconv"], library)
    changed = msgspec.structs.replace(one.card, poses=1)
    monkeypatch.setattr(Library, "default_for", lambda *_: changed)
    [other] = parse_contestants(["pconv"], library)
    assert one.label == other.label
    assert one.identity != other.identity


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([","], "at least one"),
        (["no-such"], "no-such"),
        (["telea,telea"], "twice"),
        (["telea:card"], "takes no model"),
        ([f"a b=echo {PLACES}"], "no name"),
        (["x=echo {photo} {out}"], r"lacks \{mask\}"),
        ([f"x=no-such-program {PLACES}"], "no-such-program"),
        ([f"x=echo 'never closed {PLACES}"], "quote"),
        (["x=echo {stdin} {photo}"], "no other places"),
    ],
)
def test_nonsense_is_one_sentence(texts, told):
    with pytest.raises(UsageError, match=told):
        parse_contestants(texts, open_library())


def test_a_model_that_is_not_there_is_said():
    with pytest.raises(WeightsError, match="no-such-card"):
        parse_contestants(["pconv:no-such-card"], open_library())


def test_a_program_fills(program, job):
    fill = run_program(program(FILL_WHITE), job)
    assert (fill.picture[job.hole] == 255).all()
    assert (fill.picture[~job.hole] == job.picture[~job.hole]).all()
    assert fill.seconds > 0
    if sys.platform != "win32":
        assert fill.peak_bytes
        assert fill.peak_bytes > 1_000_000


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import sys; sys.exit('out of paint.')", r"mine ended with exit code 1: out of paint\.$"),
        ("", "wrote no picture"),
        (FILL_WHITE.replace("save(out)", "resize((9, 9)).save(out)"), r"\(9, 9, 3\)"),
        ("import time; time.sleep(60)", "was stopped after"),
    ],
    ids=["fails", "writes nothing", "writes another size", "hangs"],
)
def test_a_broken_program_is_one_sentence(program, job, monkeypatch, script, told):
    if "sleep" in script:
        monkeypatch.setattr(programs, "PATIENCE", 0.5)
    with pytest.raises(EngineError, match=told):
        run_program(program(script), job)


SERVE_WHITE = """
import json
import sys
import msgspec
import numpy as np
from PIL import Image
assert sys.argv[1:] == ["-"]
for number, line in enumerate(sys.stdin):
    photo, mask, out = json.loads(line)
    picture = np.array(Image.open(photo))
    picture[np.array(Image.open(mask)) > 127] = number
    Image.fromarray(picture).save(out)
    print("ok", flush=True)
"""


@pytest.fixture
def server(tmp_path):
    """Make a contestant of a Python script that is started once."""

    def make(script: str) -> Contestant:
        path = tmp_path / "server.py"
        path.write_text(script)
        [made] = parse_contestants([f'mine="{sys.executable}" "{path}" {{stdin}}'], open_library())
        return made

    return make


def test_a_program_that_serves_is_started_once(server, job):
    with closing(ServingProgram(server(SERVE_WHITE))) as serving:
        fills = [serving.fill(job) for _ in range(3)]
    assert [int(fill.picture[job.hole].max()) for fill in fills] == [0, 1, 2]
    assert all((fill.picture[~job.hole] == job.picture[~job.hole]).all() for fill in fills)
    if sys.platform == "linux":
        assert fills[0].peak_bytes
        assert fills[0].peak_bytes > 1_000_000


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import sys; sys.exit('out of paint.')", r"mine ended with exit code 1: out of paint\.$"),
        (SERVE_WHITE.replace('"ok"', '"no red left."'), r"mine failed: no red left\.$"),
        (SERVE_WHITE.replace("    Image", "    #"), "wrote no picture"),
        ("import time; time.sleep(60)", "was stopped after"),
    ],
    ids=["ends", "complains", "writes nothing", "hangs"],
)
def test_a_broken_server_is_one_sentence(server, job, monkeypatch, script, told):
    if "sleep" in script:
        monkeypatch.setattr(programs, "PATIENCE", 0.5)
    serving = ServingProgram(server(script))
    with closing(serving), pytest.raises(EngineError, match=told):
        serving.fill(job)


def test_a_server_that_died_is_started_again(server, job):
    dies = SERVE_WHITE.replace('    print("ok"', '    print("ok" if number else exit(3)')
    serving = ServingProgram(server(dies))
    for _ in range(2):
        with pytest.raises(EngineError, match="exit code 3"):
            serving.fill(job)
    serving.close()


def test_an_engine_fills_in_its_own_process(job):
    process = FillProcess(Contestant("telea", "telea", "telea"), "cpu")
    try:
        first, second = process.fill(job), process.fill(job)
    finally:
        process.close()
    assert (first.picture[~job.hole] == job.picture[~job.hole]).all()
    np.testing.assert_array_equal(first.picture, second.picture)
    process.close()  # twice does no harm


def test_a_process_that_dies_fails_one_job_and_is_started_again(program, job):
    process = FillProcess(program(FILL_WHITE), "cpu")
    try:
        process.fill(job)
        assert process._process
        process._process.kill()
        process._process.join()
        with pytest.raises(EngineError, match="mine ended with its process"):
            process.fill(job)
        assert (process.fill(job).picture[job.hole] == 255).all()
    finally:
        process.close()


def test_what_an_engine_says_crosses_the_process(job):
    whole = Job(job.picture, np.ones_like(job.hole))
    process = FillProcess(Contestant("telea", "telea", "telea"), "cpu")
    try:
        with pytest.raises(EngineError, match="leaves nothing"):
            process.fill(whole)
    finally:
        process.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells it")
def test_peak_memory_counts_what_was_freed():
    before = peak_bytes()
    block = np.ones(60_000_000, np.uint8)
    del block
    after = peak_bytes()
    assert before is not None
    assert after is not None
    assert after - before > 20_000_000 or after > 400_000_000
