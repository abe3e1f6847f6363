"""The command line: `main` reads the arguments, runs one verb and turns what goes wrong into words.

Nothing heavy is imported here: help, lists and bad arguments answer without torch, Qt or libvips.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from io import TextIOWrapper
from pathlib import Path

from inpaint_studio import __version__
from inpaint_studio.cli import engines, evaluate, export, fill, finetune, models, train
from inpaint_studio.cli.parser import INTERRUPTED, Parser
from inpaint_studio.cli.unexpected import unexpected
from inpaint_studio.errors import StudioError, UsageError

EXAMPLES = """\
examples:
  inpaint-studio                                       open the window
  inpaint-studio open photo.tif                        open the window with a photo
  inpaint-studio fill photo.tif --mask mask.png -o restored.tif
  inpaint-studio fill photo.jpg --mask mask.png -o restored.png --engine pconv --grow 4
  inpaint-studio fill photos --mask masks -o restored  a folder of photos, each with its mask
  inpaint-studio export restored.ora -o restored.tif --layers
  inpaint-studio engines                               what there is to fill with
  inpaint-studio models list                           which weights are here, on what terms
  inpaint-studio evaluate --engines pconv,telea --photos photos --out comparison
  inpaint-studio finetune paintings --from studio-pconv    adapt a model to your pictures
  inpaint-studio train pconv.toml                      train a network from the beginning
"""

CODES = """
exit codes: 0 done, 1 failed, 2 bad arguments, 130 stopped with Ctrl-C; what went wrong is one
sentence. Each command has a --help of its own: inpaint-studio fill --help
"""

WINDOW_EXAMPLES = """\
examples:
  inpaint-studio open photo.tif
  inpaint-studio open restored.ora          a project saved with File > Save Project
  inpaint-studio open --recover             what a crash interrupted
  inpaint-studio photo.tif                  the same as “open photo.tif”
"""

WindowOpener = Callable[[Sequence[str]], int]
"""Opens the window with the arguments after `open` and returns the exit code when it closes."""


def build_parser() -> Parser:
    """Every verb and its options."""
    parser = Parser(
        prog="inpaint-studio",
        description="Restore pictures with PatchMatch, EdgeConnect and partial convolution. "
        "Without arguments the window opens.",
        epilog=EXAMPLES + CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    verbs = parser.add_subparsers(title="commands", dest="verb", metavar="COMMAND", required=True)
    window = verbs.add_parser(
        "open",
        help="open the window, with a photo if one is named",
        description="Open the window, empty, with a photo or a project, or with unsaved work.",
        epilog=WINDOW_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    window.add_argument("photo", nargs="?", metavar="PHOTO", help="the photo or project to open")
    window.add_argument("--recover", action="store_true",
                        help="open what was open when the program ended unexpectedly")  # fmt: skip
    for verb in (fill, export, engines, models, evaluate, train, finetune):
        verb.add_parser(verbs)
    parser.verbs = tuple(verbs.choices)
    return parser


def main(argv: list[str] | None = None, *, open_window: WindowOpener | None = None) -> int:
    """Run the command line and return its exit code.

    0 = done, 1 = failed, 2 = the arguments make no sense, 130 = stopped with Ctrl-C. What went
    wrong is one sentence on stderr and, with `--json`, an "error" line on stdout; never a
    traceback. `open_window` is given by the layer above, which alone knows the window.
    """
    words = sys.argv[1:] if argv is None else argv
    _print_whatever_the_console()
    try:
        code = _run(words, open_window)
        sys.stdout.flush()  # here, where a reader that has left is an error that can be caught
        return code
    except StudioError as error:
        return _report(str(error), error.exit_code, words)
    except KeyboardInterrupt:
        return _report("Stopped.", INTERRUPTED, words)
    except BrokenPipeError:
        return _leave_quietly()
    except Exception as error:
        return _report(unexpected(error), 1, words)


def _print_whatever_the_console() -> None:
    """No console at all, or one that has no “quotes” and shows question marks, is no failure."""
    if sys.stdout is None or sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _run(words: Sequence[str], open_window: WindowOpener | None) -> int:
    if not words and open_window is not None:
        return open_window([])
    parser = build_parser()
    _check_verb(words, parser)
    try:
        arguments = parser.parse_args(words)
    except SystemExit as leaving:  # --help and --version print and leave
        return int(leaving.code or 0)
    if arguments.verb == "open":
        return _open(words, open_window)
    run: Callable[[argparse.Namespace], int | None] = arguments.run
    return run(arguments) or 0


def _check_verb(words: Sequence[str], parser: Parser) -> None:
    """A photo that is not there, and a slip of the pen, are told in words of their own.

    Raises:
        UsageError: the first word is neither a verb nor an option.
    """
    word, known = words[0] if words else "-", parser.verbs
    if word.startswith("-") or word in known:
        return
    if Path(word).exists():
        raise UsageError(
            f"Say first what to do with {word}: “inpaint-studio open {word}” opens it, "
            f"“inpaint-studio fill {word} --mask MASK -o OUT” fills it."
        )
    if Path(word).suffix:
        raise UsageError(f"There is no file {word} to open. Check its name and folder.")
    close = get_close_matches(word, known, n=1)
    hint = f"Did you mean “{close[0]}”? " if close else ""
    raise UsageError(f"There is no command “{word}”. {hint}See “inpaint-studio --help”.")


def _open(words: Sequence[str], open_window: WindowOpener | None) -> int:
    if open_window is None:
        raise UsageError("The window cannot be opened from here. Start “inpaint-studio open”.")
    rest = list(words)
    rest.remove("open")
    return open_window(rest)


def _report(sentence: str, exit_code: int, words: Sequence[str]) -> int:
    """Say what went wrong, to the person and, where asked for, to the program that called."""
    print(f"inpaint-studio: {sentence}", file=sys.stderr)  # noqa: T201
    if "--json" in words:
        line = {"event": "error", "message": sentence, "exit_code": exit_code}
        print(json.dumps(line), flush=True)  # noqa: T201
    return exit_code


def _leave_quietly() -> int:
    """Whoever read our output has gone (`| head`): not an error, and nothing left to say it to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
