"""Whether a file may be written, asked before the work is done instead of after it."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from inpaint_studio.errors import PhotoError, UsageError
from inpaint_studio.imaging.atomic import reason


def check_outputs(
    out: Path, extras: Iterable[Path], *, photo: Path, others: Iterable[Path], overwrite: bool
) -> None:
    """Make sure that `out` and each of the `extras` can be written and nothing is lost by it.

    `overwrite` allows `out` to replace the photo, and any output a file that is not read: a mask
    or an edge map is never replaced.

    Raises:
        UsageError: two outputs are one file, one would replace a file that is read, it is a
            folder, or it exists and `overwrite` was not asked for.
        PhotoError: a folder is missing or does not let us write.
    """
    sources = tuple(source for source in (photo, *others) if source.exists())
    taken: set[Path] = set()
    for output in (out, *extras):
        if output.resolve() in taken:
            raise UsageError(f"{output} is named for two different outputs. Give each its own.")
        taken.add(output.resolve())
        if output.is_dir():
            raise UsageError(f"{output} is a folder. Name the file to write in it.")
        read = [source for source in sources if output.exists() and output.samefile(source)]
        if read and not (output is out and read == [photo]):
            raise UsageError(f"{output} is being read and cannot be written. Choose another name.")
        if not overwrite:
            _refuse_existing(output, is_photo=bool(read))
        _check_folder(output)


def _refuse_existing(output: Path, *, is_photo: bool) -> None:
    if is_photo:
        raise UsageError(
            f"{output} is the file being read. Save under another name, "
            "or add --overwrite to replace it."
        )
    if output.exists():
        raise UsageError(f"{output} exists already. Add --overwrite to replace it.")


def _check_folder(output: Path) -> None:
    folder = output.absolute().parent
    if not folder.is_dir():
        raise PhotoError(f"{output} cannot be saved: there is no folder {folder}. Make it first.")
    if output.exists() and not os.access(output, os.W_OK):
        raise PhotoError(f"{output} cannot be saved: it is write-protected.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PhotoError(f"{output} cannot be saved: {reason(error)}.") from error
