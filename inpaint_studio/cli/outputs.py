"""Whether a file may be written, asked before the work is done instead of after it."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from inpaint_studio.errors import PhotoError, UsageError
from inpaint_studio.imaging.atomic import reason


def check_outputs(
    out: Path, extras: Iterable[Path], *, inputs: Iterable[Path], overwrite: bool
) -> None:
    """Make sure that `out` and each of the `extras` can be written and nothing is lost by it.

    Raises:
        UsageError: two outputs are one file, an extra would replace an input, or a file exists and
            `overwrite` was not asked for.
        PhotoError: a folder is missing or does not let us write.
    """
    sources = tuple(source for source in inputs if source.exists())
    taken: set[Path] = set()
    for output in (out, *extras):
        if output.resolve() in taken:
            raise UsageError(f"{output} is named for two different outputs. Give each its own.")
        taken.add(output.resolve())
        is_input = output.exists() and any(output.samefile(source) for source in sources)
        if is_input and output is not out:
            raise UsageError(f"{output} is being read and cannot be written. Choose another name.")
        if not overwrite:
            _refuse_existing(output, is_input=is_input)
        _check_folder(output)


def _refuse_existing(output: Path, *, is_input: bool) -> None:
    if is_input:
        raise UsageError(
            f"{output} is the file being read. Save under another name, "
            "or add --overwrite to replace it."
        )
    if output.exists():
        raise UsageError(f"{output} exists already. Add --overwrite to replace it.")


def _check_folder(output: Path) -> None:
    if output.is_dir():
        raise UsageError(f"{output} is a folder. Name the file to write in it.")
    folder = output.absolute().parent
    if not folder.is_dir():
        raise PhotoError(f"{output} cannot be saved: there is no folder {folder}.")
    if output.exists() and not os.access(output, os.W_OK):
        raise PhotoError(f"{output} cannot be saved: it is write-protected.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PhotoError(f"{output} cannot be saved: {reason(error)}.") from error
