"""Take the pictures of the window that README and the guide show: the real program, real fills.

usage: xvfb-run -a -s "-screen 0 1600x1000x24" .venv/bin/python packaging/screenshots.py [FOLDER]
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["INPAINT_STUDIO_HOME"] = tempfile.mkdtemp(prefix="inpaint-studio-screenshots-")

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from inpaint_studio.imaging.mask import hole_bounds
from inpaint_studio.ui.app import _application
from inpaint_studio.ui.main_window import MainWindow
from inpaint_studio.ui.palette import Palette
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.ui.theme import apply_style_sheet

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLES = REPOSITORY / "resources" / "samples"
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


def pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(holds: Callable[[], bool], seconds: int = 900) -> None:
    for _ in range(seconds * 20):
        if holds():
            return
        pause(50)
    raise TimeoutError("the window did not get there")


class Studio:
    """The window with what a person would do in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.window = MainWindow(SettingsStore())
        self.window.parts.comfort.tour.end()
        self.window.resize(1440, 900)
        self.window.show()
        pause(300)
        self.window.load_icons()
        self.window.filling.load_models()
        pause(500)

    def open(self, photo: Path, mask: Path, *, zoom: float) -> None:
        window = self.window
        window.workspace.open(photo)  # not through the menu, which would ask about unsaved fills
        wait_until(lambda: _path(window) == photo)
        window.masks.read(mask)
        wait_until(lambda: bool(window.workspace.document.mask.any()))
        window.canvas.zoom_to(zoom)
        pause(800)

    def fill(self, engine: str) -> None:
        window = self.window
        layers = len(window.workspace.document.layers)
        window.column.fill.choose(engine)
        window.filling.start()
        wait_until(lambda: len(window.workspace.document.layers) > layers)
        pause(800)

    def do(self, action: str) -> None:
        self.window.commands[action].trigger()
        pause(600)

    def draw_edges(self) -> None:
        """Two lines across the hole, as a person draws them; one is filled from at once."""
        self.do("edit_edges")
        board, viewport = self.window.parts.edges.board, self.window.canvas.navigation.viewport
        box = hole_bounds(self.window.workspace.document.mask)
        middle = (box.top + box.bottom) / 2
        scale = self.window.canvas.device_scale()
        for down in (-0.2, 0.2):
            ends = [(edge, middle + down * box.height) for edge in (box.left, box.right)]
            first, last = (viewport.to_screen(*end) for end in ends)
            places = [QPoint(*(round(value / scale) for value in at)) for at in (first, last)]
            QTest.mousePress(board, LEFT, SHIFT, places[0])
            QTest.mouseMove(board, places[1])
            QTest.mouseRelease(board, LEFT, SHIFT, places[1])
            pause(200)
        wait_until(lambda: not self.window.controller.running)
        pause(1500)
        wait_until(lambda: not self.window.controller.running)

    def paint_area(self) -> None:
        """A stroke of green over what may be copied."""
        self.do("sources")
        canvas = self.window.canvas
        canvas.brush_size = 60
        height, width = self.window.workspace.document.size
        viewport, scale = canvas.navigation.viewport, canvas.device_scale()
        ends = [viewport.to_screen(share * width, 0.82 * height) for share in (0.15, 0.85)]
        places = [QPoint(*(round(value / scale) for value in at)) for at in ends]
        QTest.mousePress(canvas, LEFT, pos=places[0])
        QTest.mouseMove(canvas, places[1])
        QTest.mouseRelease(canvas, LEFT, pos=places[1])
        pause(400)

    def find(self, letters: str) -> None:
        """The palette with some letters typed."""
        self.do("palette")
        palette = self.window.findChild(Palette)
        QTest.keyClicks(palette.field, letters)
        pause(300)

    def shoot(self, name: str, window: QWidget | None = None) -> None:
        """The window, or a dialog of it."""
        pause(300 if window is None else 1200)
        path = self.folder / f"{name}.png"
        shown = self.window if window is None else window
        QGuiApplication.primaryScreen().grabWindow(shown.winId()).save(str(path))
        print(path)


def _path(window: MainWindow) -> Path | None:
    document = window.workspace.document
    return document.path if document is not None else None


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    application: QApplication = _application()
    apply_style_sheet(application)
    studio = Studio(folder)
    studio.open(SAMPLES / "photo.jpg", SAMPLES / "photo-mask.png", zoom=1.5)
    studio.fill("edgeconnect+patchmatch")
    studio.shoot("edges")
    studio.draw_edges()
    studio.shoot("edit-edges")
    studio.window.parts.edges.leave()
    studio.fill("patchmatch")
    studio.fill("telea")
    studio.find("fill")
    studio.shoot("palette")
    studio.window.findChild(Palette).leave()
    studio.paint_area()
    studio.shoot("sources")
    studio.window.parts.sources.leave()
    studio.window.parts.sources.clear()
    studio.do("compare_fills")
    studio.shoot("compare", studio.window.parts.fill_comparing.grid)
    studio.window.parts.fill_comparing.grid.reject()
    studio.open(SAMPLES / "painting.jpg", SAMPLES / "painting-mask.png", zoom=1.5)
    studio.window.column.fill.choose("auto")
    pause(300)
    studio.shoot("mask")
    studio.fill("auto")
    studio.shoot("window")
    os._exit(0)  # the fills are unsaved on purpose: no question, no engine left behind


if __name__ == "__main__":
    main()
