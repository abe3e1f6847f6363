"""One program at a time: a lock on a folder that ends with the process that holds it."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(_BYTE)  # the text in front of it stays readable for others
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


_BYTE = 1 << 20


class FolderLock:
    """Held until `release`, or until the process ends however it ends.

    The system's own lock, not the file, says whether somebody holds it: a file left behind by a
    program that was killed locks nothing, and a process number used again deceives nobody. The
    number in the file is for people.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    @classmethod
    def take(cls, path: Path) -> "FolderLock | None":
        """The lock that the file `path` stands for; None while another window holds it.

        Raises:
            OSError: the file cannot be made.
        """
        file = path.open("a+b")
        try:
            _lock(file)
        except OSError:
            file.close()
            return None
        with contextlib.suppress(OSError):
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
        return cls(file)

    def release(self) -> None:
        """Let others have it. The file stays."""
        self._file.close()
