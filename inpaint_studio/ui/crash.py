"""What happens to errors nobody foresaw: a log file, and a sentence for the user."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication

from inpaint_studio import __version__
from inpaint_studio.errors import StudioError
from inpaint_studio.paths import cache_dir

LOG_BYTES = 2**20

_log = logging.getLogger(__name__)


def log_path() -> Path:
    return cache_dir() / "inpaint-studio.log"


def start_log() -> None:
    """Write warnings and errors to a file that never grows beyond a megabyte."""
    # Not at the top: it brings sockets along, and the start is short of time.
    from logging.handlers import RotatingFileHandler

    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        return
    handler.setFormatter(logging.Formatter(f"%(asctime)s {__version__} %(levelname)s %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)


def report_crashes(show: Callable[[str], object]) -> None:
    """From now on errors that nobody catches are logged and shown; the program goes on."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        _log.error("Unexpected error", exc_info=(kind, error, trace))
        show(sentence_for(error))

    sys.excepthook = report


def sentence_for(error: BaseException) -> str:
    """What to tell the user; a StudioError says it itself."""
    if isinstance(error, StudioError):
        return str(error)
    sentence = QCoreApplication.translate(
        "crash",
        "Something went wrong that should not have ({0}). "
        "Your work is still here; the details are in {1}.",
    )
    return sentence.format(f"{type(error).__name__}: {error}", log_path())
