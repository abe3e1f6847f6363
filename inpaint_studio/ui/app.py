"""Starts the window."""

import argparse
import gc
import logging
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from inpaint_studio.errors import UsageError
from inpaint_studio.paths import APP, HOME_VARIABLE

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from inpaint_studio.ui.main_window import MainWindow

NO_QT = (
    "The window needs PySide6, which could not be loaded ({0}). Install it with "
    "“pip install 'inpaint-studio[gui]'”; on Debian or Ubuntu it also needs “sudo apt install "
    "libegl1 libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3”. The command line works without it: "
    "see “inpaint-studio --help”."
)

BEFORE_QT = ("hashlib", "json", "msgspec", "numpy", "platformdirs")
"""Modules the window needs anyway. PySide6 reads the source of every module imported after it, in
search of its own name: whatever is large is imported before it."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"The window could not be opened: {message}.")


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and return the exit code when it closes.

    Raises:
        UsageError: the arguments make no sense, or Qt cannot be loaded.
    """
    options = _arguments(sys.argv[1:] if argv is None else argv)
    gc.disable()  # nothing made so early is garbage; see `Garbage` for what comes later
    if options.temp_home:
        _use_temporary_home()
    application = _application()
    from inpaint_studio.ui.crash import report_crashes
    from inpaint_studio.ui.main_window import MainWindow
    from inpaint_studio.ui.settings_store import SettingsStore
    from inpaint_studio.ui.theme import apply_style_sheet

    store = SettingsStore()
    window = MainWindow(store)
    apply_style_sheet(application)
    report_crashes(window.messages.show_problem)
    if options.status_file is not None:
        from inpaint_studio.ui.status_file import StatusFile

        StatusFile(window, options.status_file)
    window.first_painted.connect(lambda: _after_first_paint(application, window, options))
    window.show()
    code = application.exec()
    store.save()
    return code


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog=APP, add_help=False)
    parser.add_argument("photo", nargs="?", type=Path)
    parser.add_argument("--temp-home", action="store_true")
    parser.add_argument("--exit-after-paint", action="store_true")
    parser.add_argument("--status-file", type=Path)
    parser.add_argument("--recover", action="store_true")
    return parser.parse_args(list(argv))


def _use_temporary_home() -> None:
    """Keep everything the program writes for itself in a folder that goes when the program ends."""
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="inpaint-studio-home-")
    os.environ[HOME_VARIABLE] = folder

    def remove() -> None:
        logging.shutdown()  # Windows keeps a folder while the log in it is open
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


def _application() -> "QApplication":
    for name in BEFORE_QT:
        import_module(name)
    try:
        from PySide6.QtGui import QIcon
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        raise UsageError(NO_QT.format(error)) from error
    from inpaint_studio.paths import resources_dir
    from inpaint_studio.ui.theme import STYLE, apply_theme

    _require_display()
    _scale_interface()
    application = QApplication([APP, *STYLE])
    application.setApplicationName(APP)
    application.setApplicationDisplayName("")
    application.setDesktopFileName(APP)
    application.setWindowIcon(QIcon(str(resources_dir() / "icons" / "inpaint-studio.svg")))
    apply_theme(application)
    return application


def _scale_interface() -> None:
    """Draw everything as large as the preferences say; Qt asks for it before it starts."""
    from inpaint_studio.settings import saved_scale

    scale = saved_scale()
    if scale != 1.0:
        os.environ.setdefault("QT_SCALE_FACTOR", str(scale))


def _require_display() -> None:
    """Qt aborts the process where there is no display: say so instead.

    Raises:
        UsageError: on Linux without X11 or Wayland.
    """
    variables = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in variables):
        raise UsageError(
            "There is no display to open a window on. Set DISPLAY, or use the command line: "
            "see “inpaint-studio --help”."
        )


def _after_first_paint(
    application: "QApplication", window: "MainWindow", options: argparse.Namespace
) -> None:
    """What would have delayed the first paint."""
    if options.exit_after_paint:
        print(f"{_milliseconds_since_start():.0f}")  # noqa: T201
        application.quit()
        return
    from inpaint_studio.ui.crash import start_log
    from inpaint_studio.ui.garbage import Garbage

    start_log()
    Garbage(application)
    if options.photo is not None:
        window.photos.open_path(options.photo)
    window.recovery.look(open_newest=options.recover and options.photo is None)
    window.load_icons()
    window.filling.load_models()
    if window.store.first_problem:
        window.messages.show_problem(window.store.first_problem)


def _milliseconds_since_start() -> float:
    """Since this process was started, the interpreter's own start included where that is known."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return time.process_time() * 1000
    ticks = int(stat.read_text().rpartition(")")[2].split()[19])
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return (uptime - ticks / os.sysconf("SC_CLK_TCK")) * 1000
