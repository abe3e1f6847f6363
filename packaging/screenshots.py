"""Take the pictures of the window that README and the guide show: the real program, real fills.

usage: xvfb-run -a -s "-screen 0 1600x1000x24" .venv/bin/python packaging/screenshots.py [FOLDER]
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["INPAINT_STUDIO_HOME"] = tempfile.mkdtemp(prefix="inpaint-studio-screenshots-")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from inpaint_studio.ui.app import _application
from inpaint_studio.ui.main_window import MainWindow
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.ui.theme import apply_style_sheet

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLES = REPOSITORY / "resources" / "samples"


def pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(holds: Callable[[], bool], seconds: int = 180) -> None:
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

    def shoot(self, name: str) -> None:
        pause(300)
        path = self.folder / f"{name}.png"
        QGuiApplication.primaryScreen().grabWindow(self.window.winId()).save(str(path))
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
    studio.fill("edgeconnect")
    studio.shoot("edges")
    studio.open(SAMPLES / "painting.jpg", SAMPLES / "painting-mask.png", zoom=1.5)
    studio.shoot("mask")
    studio.fill("patchmatch")
    studio.shoot("window")
    os._exit(0)  # the fills are unsaved on purpose: no question, no engine left behind


if __name__ == "__main__":
    main()
