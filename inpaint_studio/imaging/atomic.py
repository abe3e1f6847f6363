"""Write a file so that it is either there whole or not there at all."""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_UNFINISHED = ".inpaint-{}.part"
_HOUR = 3600
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file would be larger than this disk allows",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "the folder does not exist",
    errno.EISDIR: "there is a folder of that name",
    errno.EEXIST: "a file of that name exists already",
    errno.ENAMETOOLONG: "the file name is too long",
    errno.EIO: "the disk reported an error",
}


def write_atomically(path: Path, write: Callable[[Path], None], *, overwrite: bool = False) -> None:
    """Let `write` fill a temporary file beside `path`, then give it the name `path` in one step.

    The data reaches the disk before the name does, so a crash or a full disk leaves the old file
    (or none), never half of the new one; the temporary file is gone whatever happens. A symbolic
    link keeps pointing where it did, and a replaced file keeps its permissions.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false, even if it appeared meanwhile.
        OSError: as the system gave it; `reason` turns it into words.
    """
    target = path.resolve() if path.is_symlink() else path
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if target.exists() and not overwrite:
        raise _exists(path)
    temporary = _create_beside(target)
    try:
        write(temporary)
        if target.exists():
            shutil.copymode(target, temporary)
        _sync(temporary)
        _give_name(temporary, target, overwrite=overwrite)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":
        with suppress(OSError):  # some network disks cannot sync a folder; the file itself is safe
            _sync(target.parent)


def write_bytes_atomically(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """`write_atomically` for data that is at hand."""
    write_atomically(path, lambda temporary: _write(temporary, data), overwrite=overwrite)


def clear_unfinished(folder: Path) -> None:
    """Take away what programs that were killed while they wrote into a folder have left there.

    What was written to within the last hour may still be finished by somebody.
    """
    before = time.time() - _HOUR
    with suppress(OSError):
        for path in folder.glob(_UNFINISHED.format("*")):
            with suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()


def reason(error: OSError) -> str:
    """Why the system refused, as a clause to put after a colon ("the disk is full")."""
    known = _REASONS.get(error.errno or 0)
    return known or (error.strerror or str(error)).lower()


def reason_in(message: str) -> str | None:
    """The reason hidden in another library's error text, None when the text names none."""
    lowered = message.lower()
    for number, words in _REASONS.items():
        if os.strerror(number).lower() in lowered:
            return words
    return None


def _exists(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _create_beside(target: Path) -> Path:
    """An empty file in the folder of `target`, with the permissions any new file gets."""
    temporary = target.with_name(_UNFINISHED.format(secrets.token_hex(6)))
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return temporary


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _sync(path: Path) -> None:
    # Windows wants a writable handle for fsync, POSIX folders open only for reading.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_name(temporary: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(target)
        return
    if os.name == "nt":
        temporary.rename(target)  # refuses to replace on Windows
        return
    try:
        os.link(temporary, target)  # unlike rename, refuses to replace a file that just appeared
    except FileExistsError:
        raise
    except OSError:  # disks without hard links
        if target.exists():
            raise _exists(target) from None
        temporary.rename(target)
