"""A file that holds what the history has no room for in memory."""

import contextlib
import os
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inpaint_studio.errors import StudioError


@dataclass(frozen=True, slots=True)
class SpillFile:
    """`nbytes` bytes at `path`, written once and removed when no longer needed."""

    path: Path
    nbytes: int
    checksum: int
    """CRC-32 of all of them."""

    @classmethod
    def write(cls, folder: Path, chunks: Iterable[bytes | memoryview]) -> "SpillFile":
        """Write `chunks` one after the other to a new file in `folder`, which must exist.

        Raises:
            OSError: the disk is full or cannot be written; no file is left behind.
        """
        handle, name = tempfile.mkstemp(suffix=".undo", dir=folder)
        path = Path(name)
        try:
            nbytes, checksum = 0, 0
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    nbytes += file.write(chunk)
                    checksum = zlib.crc32(chunk, checksum)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return cls(path, nbytes, checksum)

    def read(self) -> bytes:
        """All of it.

        Raises:
            StudioError: the file is gone or not the one that was written.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise self.lost() from error
        if zlib.crc32(data) != self.checksum:
            raise self.lost()
        return data

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()

    def lost(self) -> StudioError:
        """What to tell a user who wants this step back."""
        return StudioError(
            f"This step cannot be undone or redone because its file {self.path} is missing or "
            "damaged; nothing was changed, export the picture to keep your work."
        )
