"""The inference thread and its process: order, stopping, crashing, closing."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from inpaint_studio.engines.api import EdgeMap, Preview, Progress
from inpaint_studio.ui.worker import InferenceThread

pytestmark = pytest.mark.gui

START = 30_000
"""Milliseconds a process may take to start on a busy machine before a test gives up."""


@pytest.fixture
def worker(qapp):
    worker = InferenceThread(fill="scripted_engines:echoes", shelf="scripted_engines:Shelf")
    worker.heard = []
    for name in ("began", "reported", "done", "failed", "stopped"):
        getattr(worker, name).connect(lambda *words, name=name: worker.heard.append((name, *words)))
    yield worker
    worker.shutdown()
    assert not worker.isRunning()


def run(qtbot, worker, target, *arguments, warm=False):
    """Run one job to its end; what was heard of it, the job's number left out."""
    job = worker.call(f"scripted_engines:{target}", *arguments, warm=warm)
    wait_for_end(qtbot, worker, job)
    return [(name, *words) for name, number, *words in worker.heard if number == job]


def ends(worker, job):
    return [h for h in worker.heard if h[0] in ("done", "failed", "stopped") and h[1] == job]


def wait_for_end(qtbot, worker, job):
    qtbot.waitUntil(lambda: bool(ends(worker, job)), timeout=START)


def wait_for_report(qtbot, worker, job):
    qtbot.waitUntil(lambda: any(h[:2] == ("reported", job) for h in worker.heard), timeout=START)


def blocks():
    folder = Path("/dev/shm")
    ours = f"is{os.getpid():x}-"
    return [b.name for b in folder.iterdir() if b.name.startswith(ours)] if folder.is_dir() else []


def children():
    tasks = Path(f"/proc/{os.getpid()}/task")
    if not tasks.is_dir():
        pytest.skip("needs /proc")
    found = {int(p) for t in tasks.iterdir() for p in (t / "children").read_text().split()}
    return {p for p in found if b"resource_tracker" not in Path(f"/proc/{p}/cmdline").read_bytes()}


def test_a_job_is_heard_of_in_order(qtbot, worker):
    heard = run(qtbot, worker, "counts", 3)
    assert [h[0] for h in heard] == ["began", "reported", "reported", "reported", "done"]
    assert [h[1].stage for h in heard[1:4]] == ["Step 1", "Step 2", "Step 3"]
    assert heard[-1] == ("done", 3)


def test_pictures_come_and_go_bit_for_bit(qtbot, worker, rng):
    array = rng.integers(0, 65535, (900, 1200, 3), dtype=np.uint16)
    heard = run(qtbot, worker, "shows", array)
    progress, edges, preview = (event for _, event in heard[1:4])
    assert isinstance(progress, Progress)
    assert isinstance(edges, EdgeMap)
    assert isinstance(preview, Preview)
    assert (preview.pixels == 0.25).all()
    assert heard[-1][1].tobytes() == array.tobytes()
    assert blocks() == []


def test_jobs_wait_for_each_other_and_share_a_process_and_what_is_on_its_shelf(qtbot, worker):
    jobs = [worker.call("scripted_engines:visits", warm=True) for _ in range(3)]
    wait_for_end(qtbot, worker, jobs[-1])
    order = [h[1] for h in worker.heard if h[0] == "done"]
    visits = [h[2] for h in worker.heard if h[0] == "done"]
    assert order == jobs
    assert [count for count, _ in visits] == [1, 2, 3]
    assert len({pid for _, pid in visits}) == 1


def test_submit_runs_the_fill_it_was_made_for(qtbot, worker):
    worker._fill, worker._shelf = "scripted_engines:echoes", ""
    job = worker.submit({"any": "task"})
    wait_for_end(qtbot, worker, job)
    assert ends(worker, job)[0][2] == {"any": "task"}


def test_the_process_loads_no_qt(qtbot, worker):
    pid, modules = run(qtbot, worker, "tells_what_is_loaded")[-1][1]
    assert pid != os.getpid()
    assert not [m for m in modules if m.startswith(("PySide6", "qtawesome"))]


@pytest.mark.parametrize(
    ("target", "arguments", "words"),
    [
        ("refuses", (), ["The hole is too odd for this engine. Choose another."]),
        ("breaks", (), ["ValueError: no such luck", "engine.log"]),
        ("runs_out_of_memory", (), ["ran out of memory", "smaller mask"]),
        ("no_such_function", (), ["no_such_function", "engine.log"]),
        ("returns_what_cannot_travel", (), ["engine.log"]),
    ],
)
def test_an_error_is_one_sentence_and_the_process_goes_on(qtbot, worker, target, arguments, words):
    pid = run(qtbot, worker, "tells_what_is_loaded")[-1][1][0]
    name, sentence = run(qtbot, worker, target, *arguments)[-1]
    assert name == "failed"
    assert all(word in sentence for word in words)
    assert "\n" not in sentence
    assert sentence.endswith(".") or sentence.endswith(".log.")
    assert run(qtbot, worker, "tells_what_is_loaded")[-1][1][0] == pid


def test_the_log_keeps_the_traceback_of_what_nobody_foresaw(qtbot, worker):
    from inpaint_studio.ui.engine_process import log_path

    run(qtbot, worker, "breaks")
    assert "in breaks" in log_path().read_text()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("leaves", "with code 3"),
        ("is_killed", "memory ran out"),
        ("faults", "SIGSEGV"),
    ],
)
def test_a_process_that_dies_fails_its_job_and_another_takes_over(qtbot, worker, target, words):
    arguments = {"leaves": (3,), "is_killed": (np.ones((700, 900, 3), np.float32),)}
    before = run(qtbot, worker, "tells_what_is_loaded")[-1][1][0]
    heard = run(qtbot, worker, target, *arguments.get(target, ()))
    assert heard[-1][0] == "failed"
    assert words in heard[-1][1]
    assert run(qtbot, worker, "counts", 2)[-1] == ("done", 2)
    after = run(qtbot, worker, "tells_what_is_loaded")[-1][1][0]
    assert after != before
    assert blocks() == []


def test_a_process_killed_while_idle_is_replaced_without_a_word(qtbot, worker):
    before = run(qtbot, worker, "tells_what_is_loaded")[-1][1][0]
    heard = len(worker.heard)
    os.kill(before, signal.SIGKILL)
    qtbot.waitUntil(lambda: children() and before not in children(), timeout=START)
    assert len(worker.heard) == heard
    assert run(qtbot, worker, "counts", 1)[-1] == ("done", 1)


def test_a_process_that_never_comes_up_is_not_tried_for_ever(qtbot, worker, monkeypatch):
    from scripted_engines import dies_at_once

    from inpaint_studio.ui import engine_link

    monkeypatch.setattr(engine_link, "serve", dies_at_once)
    assert "code 4" in run(qtbot, worker, "counts", 1)[-1][1]
    assert children() == set()
    monkeypatch.undo()


def test_a_process_that_cannot_be_started_is_said_so(qtbot, worker, monkeypatch):
    from inpaint_studio.ui import engine_driver

    def refuse():
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(engine_driver, "EngineLink", refuse)
    name, sentence = run(qtbot, worker, "counts", 1)[-1]
    assert name == "failed"
    assert "Resource temporarily unavailable" in sentence
    monkeypatch.undo()
    assert run(qtbot, worker, "counts", 1)[-1] == ("done", 1)


def test_what_cannot_be_sent_fails_its_job_only(qtbot, worker):
    assert run(qtbot, worker, "echoes", lambda: None)[-1][0] == "failed"
    assert run(qtbot, worker, "echoes", 5)[-1] == ("done", 5)


def test_too_little_memory_to_send_is_a_sentence(qtbot, worker, monkeypatch):
    from inpaint_studio.ui import engine_link

    def out_of_memory(*_):
        raise MemoryError

    monkeypatch.setattr(engine_link, "pack", out_of_memory)
    assert "not enough memory" in run(qtbot, worker, "echoes", 5)[-1][1]


def test_closing_while_the_process_does_not_even_get_time(qtbot, worker):
    job = worker.call("scripted_engines:hangs")
    wait_for_report(qtbot, worker, job)
    (pid,) = children()
    os.kill(pid, signal.SIGSTOP)
    worker.shutdown()
    assert children() == set()


def test_a_polite_engine_is_closed_and_stays_warm(qtbot, worker, tmp_path):
    pid = run(qtbot, worker, "tells_what_is_loaded")[-1][1][0]
    job = worker.call("scripted_engines:runs_until_closed", tmp_path / "closed")
    wait_for_report(qtbot, worker, job)
    worker.stop()
    wait_for_end(qtbot, worker, job)
    assert ends(worker, job) == [("stopped", job)]
    assert (tmp_path / "closed").read_text() == "closed"
    assert run(qtbot, worker, "tells_what_is_loaded")[-1][1][0] == pid


@pytest.mark.parametrize("target", ["hangs", "hangs_with_the_interpreter_lock"])
def test_an_engine_that_hangs_is_ended_and_the_next_job_runs(qtbot, worker, target):
    job = worker.call(f"scripted_engines:{target}")
    wait_for_report(qtbot, worker, job)
    worker.stop()
    wait_for_end(qtbot, worker, job)
    assert ends(worker, job) == [("stopped", job)]
    assert run(qtbot, worker, "counts", 1)[-1] == ("done", 1)
    assert len(children()) == 1


def test_stopping_one_job_leaves_the_others(qtbot, worker):
    first = worker.call("scripted_engines:hangs")
    second = worker.call("scripted_engines:counts", 1)
    third = worker.call("scripted_engines:counts", 1)
    worker.stop(second)
    wait_for_report(qtbot, worker, first)
    worker.stop(first)
    wait_for_end(qtbot, worker, third)
    assert ends(worker, second) == [("stopped", second)]
    assert ends(worker, third) == [("done", third, 1)]


def test_stopping_a_job_ends_what_hangs_ahead_of_it(qtbot, worker):
    ahead = worker.call("scripted_engines:hangs", ahead=True)
    waiting = worker.call("scripted_engines:counts", 1)
    wait_for_report(qtbot, worker, ahead)
    worker.stop(waiting)
    wait_for_end(qtbot, worker, ahead)
    assert ends(worker, waiting) == [("stopped", waiting)]
    assert run(qtbot, worker, "counts", 1)[-1] == ("done", 1)


def test_stopping_everything_ends_waiting_jobs_too(qtbot, worker):
    jobs = [worker.call("scripted_engines:hangs") for _ in range(3)]
    wait_for_report(qtbot, worker, jobs[0])
    worker.stop()
    for job in jobs:
        wait_for_end(qtbot, worker, job)
        assert ends(worker, job) == [("stopped", job)]


def test_stopping_nothing_is_no_harm(qtbot, worker):
    worker.stop()
    run(qtbot, worker, "counts", 1)
    worker.stop()
    assert run(qtbot, worker, "counts", 1)[-1] == ("done", 1)


@pytest.mark.parametrize("target", ["hangs", "hangs_with_the_interpreter_lock"])
def test_closing_while_a_job_runs_leaves_no_process_thread_or_word(qtbot, worker, target):
    job = worker.call(f"scripted_engines:{target}")
    wait_for_report(qtbot, worker, job)
    worker.shutdown()
    qtbot.wait(50)
    assert not worker.isRunning()
    assert children() == set()
    assert blocks() == []
    assert ends(worker, job) == []


def test_closing_twice_and_asking_afterwards_is_no_harm(qtbot, worker):
    worker.call("scripted_engines:counts", 1)
    worker.shutdown()
    worker.shutdown()
    worker.stop()
    worker.call("scripted_engines:counts", 1)
    assert not worker.isRunning()


def test_two_hundred_jobs_leave_nothing_behind(qtbot, worker):
    array = np.ones((600, 600, 3), np.uint8)
    run(qtbot, worker, "shows", array)
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    jobs = [worker.call("scripted_engines:shows", array) for _ in range(200)]
    wait_for_end(qtbot, worker, jobs[-1])
    assert sum(h[0] == "done" for h in worker.heard) == 201
    worker.heard.clear()
    assert blocks() == []
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors + 3
    assert len(children()) == 1
