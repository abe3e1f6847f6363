"""`python -m inpaint_studio`: no arguments, or a picture, open the window; else the CLI runs."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from inpaint_studio.errors import StudioError

WINDOW_OPTIONS = ("--temp-home", "--exit-after-paint", "--status-file", "--recover")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if _means_window(words):
        return _open_window(words[1:] if words[:1] == ["open"] else words)
    try:
        # A scheduler that ends the program is answered like Ctrl-C: nothing is left half done.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        from inpaint_studio.cli.main import main as run_command
    except KeyboardInterrupt:  # pressed before anything had begun
        print("inpaint-studio: Stopped.", file=sys.stderr)  # noqa: T201
        return 130
    return run_command(words, open_window=_open_window)


def _means_window(words: Sequence[str]) -> bool:
    """Whether nothing was asked, a picture was dropped on the program, or a window option given."""
    if not words or words[0] == "open":
        return "-h" not in words and "--help" not in words
    return words[0].startswith(WINDOW_OPTIONS) or (len(words) == 1 and Path(words[0]).is_file())


def _open_window(words: Sequence[str]) -> int:
    """The window, or one sentence on stderr where it cannot be opened.

    The command line is left out of it: importing that takes a quarter of the time to the window.
    """
    from inpaint_studio.ui.app import main as open_window

    try:
        return open_window(words)
    except StudioError as error:
        print(f"inpaint-studio: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
