"""One program at a time: a lock on a folder that ends with the process that holds it."""

import contextlib
import os
from pathlib import Path
from typing import IO

from inpaint_studio.locks import try_lock


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
        if not try_lock(file):
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
