"""The engine process by itself: it outlives no window, and leaves no shared memory."""

import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing.connection import wait
from pathlib import Path

import numpy as np
import pytest

from inpaint_studio.ui.engine_link import EngineGoneError, EngineLink, why_it_ended
from inpaint_studio.ui.engine_process import (
    LOG_LIMIT,
    Began,
    Call,
    Failed,
    Finished,
    Ready,
    Reported,
    _open_log,
    log_path,
)

HERE = Path(__file__).parent
FOLDERS = [str(HERE), str(HERE.parents[1])]

WINDOW = """
import sys
sys.path[:0] = {folders!r}
from PySide6.QtCore import QCoreApplication
from inpaint_studio.ui.worker import InferenceThread
import numpy as np
if __name__ == "__main__":
    app = QCoreApplication([])
    worker = InferenceThread()
    worker.reported.connect(lambda job, pid: print(pid, flush=True) if isinstance(pid, int) else 0)
    worker.call("scripted_engines:{target}", *{arguments})
    app.exec()
"""


@pytest.fixture
def link():
    link = EngineLink()
    yield link
    link.close()


def listen(link, last):
    """Every answer up to the first of type `last`."""
    heard = []
    while not (heard and isinstance(heard[-1].answer, last)):
        wait([link.connection, link.sentinel])
        heard.append(link.receive())
    return heard


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.02)
    return condition()


def blocks_of(pid):
    return [b.name for b in Path("/dev/shm").iterdir() if b.name.startswith(f"is{pid:x}-")]


def test_a_call_is_answered_in_order(link):
    link.send_job(7, Call("scripted_engines:counts", (2,)))
    heard = listen(link, Finished)
    assert [type(said.answer) for said in heard] == [Ready, Began, Reported, Reported, Finished]
    assert all(said.answer.number == 7 for said in heard[1:])
    assert heard[-1].value == 2


def test_a_process_starts_while_opencv_is_being_imported(tmp_path):
    (tmp_path / "typing.py").write_text("raise ImportError('not the right one')")
    sys.OpenCV_LOADER = True  # as its own loader does
    sys.path.insert(0, str(tmp_path))

    def finish():
        sys.path.remove(str(tmp_path))
        del sys.OpenCV_LOADER

    timer = threading.Timer(0.3, finish)
    timer.start()
    link = EngineLink()
    try:
        link.send_job(7, Call("scripted_engines:counts", (2,)))
        assert listen(link, Finished)[-1].value == 2
    finally:
        link.kill()
        link.close()
        timer.join()


def test_arguments_leave_shared_memory_as_soon_as_they_have_arrived(link):
    link.send_job(1, Call("scripted_engines:hangs_after", (np.ones((900, 900, 3), np.uint8),)))
    listen(link, Began)
    assert blocks_of(os.getpid()) == []


def test_what_a_killed_process_sent_but_nobody_read_is_removed(link):
    link.send_job(1, Call("scripted_engines:floods", (np.ones((900, 900, 3), np.uint8),)))
    assert wait_until(lambda: len(blocks_of(os.getpid())) >= 4)
    link.kill()
    assert link.close() == -signal.SIGKILL
    assert blocks_of(os.getpid()) == []


def test_the_process_ends_by_itself_when_the_pipe_closes(link):
    listen(link, Ready)
    link.connection.close()
    assert wait([link.sentinel], 30)
    assert link.close() == 0


def test_a_process_that_is_gone_says_so(link):
    listen(link, Ready)
    link.kill()
    wait([link.sentinel])
    with pytest.raises(EngineGoneError):
        link.receive()


def test_a_call_to_nowhere_fails_with_a_sentence(link):
    link.send_job(1, Call("no_such_module:run"))
    sentence = listen(link, Failed)[-1].answer.sentence
    assert "no_such_module" in sentence
    assert str(log_path()) in sentence


@pytest.mark.parametrize("target", ["pid_then_hangs", "pid_then_hangs_with_the_interpreter_lock"])
def test_the_process_dies_with_its_window(target, tmp_path):
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    arguments = "[np.ones((900, 900, 3), np.uint8)]"
    script = tmp_path / "window.py"
    script.write_text(WINDOW.format(folders=FOLDERS, target=target, arguments=arguments))
    window = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        engine = int(window.stdout.readline())
        assert is_running(engine)
    finally:
        window.kill()
        window.wait()
        window.stdout.close()
    assert wait_until(lambda: not is_running(engine))
    assert wait_until(lambda: blocks_of(window.pid) == [])


def test_the_window_side_loads_neither_torch_nor_picture_libraries():
    check = (
        "import sys, inpaint_studio.ui.worker, inpaint_studio.ui.engine_driver, "
        "inpaint_studio.ui.fill_controller; "
        "print([m for m in ('torch', 'numba', 'cv2', 'skimage', 'scipy', 'pyvips') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE.parents[1],
    )
    assert done.stdout.strip() == "[]"


def test_constructing_the_thread_loads_no_multiprocessing():
    check = (
        "import sys; from inpaint_studio.ui.worker import InferenceThread; InferenceThread(); "
        "print('multiprocessing' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE.parents[1],
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("exit_code", "words"), [(-9, "memory ran out"), (-11, "SIGSEGV"), (3, "code 3"), (-99, "-99")]
)
def test_an_end_is_explained_in_one_line(exit_code, words):
    sentence = why_it_ended(exit_code)
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_the_log_starts_afresh_when_it_has_grown_too_long():
    log_path().parent.mkdir(parents=True)
    log_path().write_text("x" * (LOG_LIMIT + 1))
    _open_log().close()
    assert log_path().read_text() == ""


def test_a_log_that_cannot_be_written_is_done_without(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("INPAINT_STUDIO_HOME", str(tmp_path / "file"))
    with _open_log() as log:
        log.write("lost")
