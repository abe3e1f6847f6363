"""Garbage is collected on the window's thread, whoever made it."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication

from inpaint_studio.ui.garbage import Garbage

pytestmark = pytest.mark.gui


class Cycle:
    def __init__(self, log):
        self.itself = self
        self._log = log

    def __del__(self):
        self._log.append(threading.current_thread())


@pytest.fixture
def garbage(qtbot):
    parent = QObject()
    gc.collect()
    yield Garbage(parent)
    gc.unfreeze()
    gc.enable()


def litter(log):
    for _ in range(3000):
        Cycle(log)


def test_a_thread_that_makes_garbage_does_not_collect_it(garbage, qtbot):
    log = []
    thread = threading.Thread(target=litter, args=(log,))
    thread.start()
    thread.join()
    assert log == []
    qtbot.waitUntil(lambda: len(log) == 3000)
    assert set(log) == {threading.main_thread()}


def test_without_it_the_thread_would(qtbot):
    log = []
    thread = threading.Thread(target=litter, args=(log,))
    thread.start()
    thread.join()
    assert thread in log


def test_nothing_is_collected_under_a_stroke(garbage, qtbot, monkeypatch):
    log, held = [], [Qt.MouseButton.LeftButton]
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: held[0])
    litter(log)
    garbage.collect()
    assert log == []
    held[0] = Qt.MouseButton.NoButton
    garbage.collect()
    assert len(log) == 3000
