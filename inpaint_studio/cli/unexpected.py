"""One sentence for an error nobody foresaw; its details go to a log file."""

import errno
import traceback
from datetime import datetime
from pathlib import Path

from inpaint_studio import __version__
from inpaint_studio.imaging.atomic import reason

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
SCARCE = (
    "There is not enough memory for this. Close other programs, or work on a smaller copy of the "
    "picture."
)


def unexpected(error: Exception) -> str:
    """What to say of it while it is being handled."""
    if isinstance(error, MemoryError):
        return SCARCE
    if isinstance(error, OSError) and error.errno in _DISK:
        what = error.filename or "What was to be printed"
        return f"{what} could not be written: {reason(error)}."
    summary = f"Something went wrong that should not have ({type(error).__name__}: {error})"
    log = _write_log()
    return f"{summary}. Details are in {log}." if log else f"{summary}."


def _write_log() -> Path | None:
    from inpaint_studio.paths import cache_dir

    log = cache_dir() / "command-line.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as stream:
            stream.write(f"--- {datetime.now().astimezone().isoformat()} {__version__}\n")
            stream.write(traceback.format_exc())
    except OSError:
        return None
    return log
