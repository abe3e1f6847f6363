"""Windows as a person has them: opened, with a photo, with engines that do what a test says."""

from pathlib import Path

import pytest
from driving import open_path
from shiboken6 import isValid

from inpaint_studio.document.document import Document
from inpaint_studio.imaging.files import write_photo
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.main_window import MainWindow
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.ui.worker import InferenceThread


@pytest.fixture
def open_window(qtbot):
    """Opens a window, as often as it is called; at the end each closes without a question."""
    windows = []

    def open_window(width=1200, height=800, *, worker=None):
        window = MainWindow(SettingsStore(), worker=worker)
        window.resize(width, height)
        window.show()
        windows.append(window)
        return window

    yield open_window
    for window in windows:
        if isValid(window):
            window._leaving = True
            window.close()


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.fixture
def scripted_window(open_window, rgb):
    """A window on a photo, in whose engine process `scripted_engines.py` fills."""
    worker = InferenceThread(fill="scripted_engines:fills", shelf="scripted_engines:Shelf")
    window = open_window(worker=worker)
    window.workspace.set_document(Document(Photo(rgb), Path("photo.png")))
    return window


@pytest.fixture
def photo_path(tmp_path, rgb):
    path = tmp_path / "photo.png"
    write_photo(path, Photo(rgb))
    return path


@pytest.fixture
def opened(qtbot, window, photo_path):
    open_path(qtbot, window, photo_path)
    return window
