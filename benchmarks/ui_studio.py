"""The window as `ui.py` measures it: what is shown, what a hand does, how long it took."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

os.environ.setdefault("INPAINT_STUDIO_HOME", tempfile.mkdtemp(prefix="inpaint-studio-bench-"))
if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.main_window import MainWindow
from inpaint_studio.ui.settings_store import SettingsStore

HEIGHT, WIDTH = 4000, 6000
WINDOW = (1600, 1000)
SEGMENTS = 200
XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, what is asked for, what was found."""

    what: str
    asked: str
    found: str
    note: str = ""


class Times:
    """What something took again and again, by the clock and by the work of the window's thread."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.thread: list[float] = []

    def add(self, act: Callable[[], object]) -> None:
        clock, thread = time.perf_counter(), time.thread_time()
        act()
        self.clock.append((time.perf_counter() - clock) * 1000)
        self.thread.append((time.thread_time() - thread) * 1000)

    @property
    def found(self) -> str:
        return f"{statistics.median(self.clock):.1f} / {_p99(self.clock):.1f} ms"

    @property
    def note(self) -> str:
        return f"thread {statistics.median(self.thread):.1f} / {_p99(self.thread):.1f} ms"

    def row(self, what: str, asked: str) -> Row:
        return Row(what, asked, self.found, self.note)


def _p99(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, round(len(times) * 0.99))]


def made_up(height: int, width: int, seed: int, *, dtype: str = "uint16") -> np.ndarray:
    """(H, W, 3) gradients with grain, made in strips so that making it needs no extra memory."""
    rng = np.random.default_rng(seed)
    pixels = np.empty((height, width, 3), dtype)
    full = np.iinfo(dtype).max
    grain = rng.integers(0, full // 12, (256, width, 3), dtype=dtype)
    for top in range(0, height, 256):
        strip = pixels[top : top + 256]
        strip[...] = grain[: strip.shape[0]] + np.asarray(full * 0.8 * top / height, dtype)
    return pixels


def soft_alpha(number: int) -> np.ndarray:
    """(H, W) uint8, 40 to 250: soft everywhere, and different for each layer."""
    rows = 1 + np.sin(np.arange(HEIGHT) / (180 + 20 * number))[:, None]
    columns = 1 + np.cos(np.arange(WIDTH) / (210 + 30 * number))[None, :]
    return (40 + 52.5 * rows * columns).astype(np.uint8)


def ten_layers() -> Document:
    """The photo with ten soft layers of its size; they share three pictures to save memory."""
    pictures = [made_up(HEIGHT, WIDTH, seed) for seed in (1, 2, 3)]
    document = Document(Photo(made_up(HEIGHT, WIDTH, 0)))
    layers = []
    for number in range(10):
        patch = Patch(pictures[number % 3], soft_alpha(number), Point(0, 0))
        layers.append(Layer(number + 1, f"Fill {number + 1}", patch, opacity=0.6))
    layers[7] = replace(layers[7], blend="luminosity")
    for place in (1, 8):
        layers[place] = replace(layers[place], keep=soft_alpha(place + 20))
    layers[3:6] = [replace(layer, group=20) for layer in layers[3:6]]
    document.adopt(layers, [Group(20, "Group", opacity=0.8)])
    return document


class Studio(QObject):
    """The window, and what a person waits for in it."""

    def __init__(self) -> None:
        super().__init__()
        self.window = MainWindow(SettingsStore())
        self.canvas = self.window.canvas
        self.window.parts.comfort.tour.end()
        # No engine process beside what is measured.
        self.canvas.stroke_finished.disconnect(self.window.filling.warm_up)
        self._painted = False
        self.canvas.installEventFilter(self)
        self.window.resize(*WINDOW)
        self.window.show()
        self.window.activateWindow()
        self.window.load_icons()
        self.settle()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self._painted = self._painted or event.type() == QEvent.Type.Paint
        return False

    def show(self, document: Document) -> None:
        self.window.workspace.set_document(document)
        self.settle()
        self.complete()

    def frame(self, act: Callable[[], object]) -> None:
        """`act`, and all that comes of it until the canvas is painted."""
        self._painted = False
        act()
        start = time.perf_counter()
        while not self._painted:
            QApplication.processEvents()
            if time.perf_counter() - start > 5:
                raise RuntimeError("nothing was painted within five seconds")

    def complete(self) -> None:
        """Wait until everything that shows is drawn as it is now, asleep as the program is."""
        awaken = QTimer(interval=50)  # should nothing else do so
        awaken.start()
        while not self.canvas.scene.is_complete(self.canvas.navigation.viewport):
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        QApplication.processEvents()

    def settle(self, seconds: float = 0.4) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            QApplication.processEvents()
            time.sleep(0.005)

    def zoom(self, zoom: float | None) -> None:
        self.canvas.zoom_fit() if zoom is None else self.canvas.zoom_to(zoom)
        self.complete()

    def mouse(self, kind: QEvent.Type, x: float, y: float) -> None:
        at, left = QPointF(x, y), Qt.MouseButton.LeftButton
        none = Qt.MouseButton.NoButton
        button = none if kind == QEvent.Type.MouseMove else left
        held = none if kind == QEvent.Type.MouseButtonRelease else left
        keys = Qt.KeyboardModifier.NoModifier
        moved = QMouseEvent(kind, at, self.canvas.mapToGlobal(at), button, held, keys)
        QApplication.sendEvent(self.canvas, moved)

    def drag(self, path: list[XY], times: Times) -> None:
        """Press, move along a path and let go; each move is timed to the paint it causes."""
        self.mouse(QEvent.Type.MouseButtonPress, *path[0])
        QApplication.processEvents()
        for at in path[1:]:
            times.add(lambda at=at: self._move(at))
        self.mouse(QEvent.Type.MouseButtonRelease, *path[-1])
        QApplication.processEvents()

    def _move(self, at: XY) -> None:
        """A movement need not change anything, as with the wand: what is to do is done."""
        self.mouse(QEvent.Type.MouseMove, *at)
        QApplication.processEvents()

    def close(self) -> None:
        self.window._leaving = True
        self.window.close()
        QApplication.processEvents()


def spiral(studio: Studio) -> list[XY]:
    """Over the canvas, about 12 logical pixels a step."""
    height, width = studio.canvas.height(), studio.canvas.width()
    turns = np.arange(SEGMENTS) * 0.06
    radii = 100 + np.arange(SEGMENTS)
    across = (width / 2 + radii * np.cos(turns)).clip(1, width - 2)
    down = (height / 2 + radii * 0.7 * np.sin(turns)).clip(1, height - 2)
    return list(zip(across.tolist(), down.tolist(), strict=True))
