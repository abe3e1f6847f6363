"""Background jobs: results on the window's thread, stopping, and never a thread left behind."""

import threading

import pytest
from PySide6.QtCore import QObject, QThread

from inpaint_studio.errors import PhotoError
from inpaint_studio.ui.jobs import join_jobs, run_in_background

pytestmark = pytest.mark.gui


@pytest.fixture
def owner(qapp):
    parent = QObject()
    yield parent
    join_jobs(parent)


def test_function_result_arrives_on_the_calling_thread(qtbot, owner):
    seen = []
    run_in_background(
        owner,
        lambda: threading.current_thread() is threading.main_thread(),
        on_done=lambda on_main: seen.append((on_main, QThread.currentThread() is owner.thread())),
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(False, True)]


def test_generator_steps_arrive_in_order_before_the_result(qtbot, owner):
    seen = []

    def count():
        yield from range(3)
        return "end"

    run_in_background(owner, count, on_progress=seen.append, on_done=seen.append)
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert seen == [0, 1, 2, "end"]


def test_a_studio_error_comes_as_its_sentence(qtbot, owner):
    seen = []

    def fail():
        raise PhotoError("The file a.jpg is empty.")

    run_in_background(owner, fail, on_problem=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["The file a.jpg is empty."]


def test_an_unexpected_error_names_itself_and_is_logged(qtbot, owner, caplog):
    seen = []
    run_in_background(owner, lambda: 1 / 0, on_problem=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert "division by zero" in seen[0]
    assert "ZeroDivisionError" in caplog.text


def test_stopping_closes_the_generator_and_silences_the_job(qtbot, owner):
    closed = threading.Event()
    seen = []

    def endless():
        try:
            while True:
                yield 1
                threading.Event().wait(0.001)
        finally:
            closed.set()

    job = run_in_background(owner, endless, on_progress=seen.append, on_done=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    job.stop()
    known = len(seen)
    assert closed.wait(5)
    qtbot.wait(20)
    assert len(seen) == known


def test_destroying_the_owner_ends_its_threads(qtbot, qapp):
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    parent = QObject()
    seen = []
    run_in_background(parent, endless, on_progress=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    parent.deleteLater()
    qtbot.waitUntil(closed.is_set)
