"""Where a document is kept between runs of the program, and what others put there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Stamp(NamedTuple):
    """Tells a file that was written anew from the one that was read."""

    nbytes: int
    changed: int
    """Nanoseconds since 1970."""
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Stamp | None":
        """None for a file that cannot be looked at."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns, found.st_ino if os.name == "posix" else 0)


@dataclass(frozen=True, slots=True, eq=False)
class ProjectFile:
    """The project file a document was opened from, or saved to last."""

    path: Path
    stamp: Stamp | None = None
    """Of the file as it was read or written."""
    read_only: bool = False
    """It holds what only a newer version of the program knows, and must not be replaced."""
    entries: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """What other programs put into it, by name; written back."""
    attributes: Mapping[int, Mapping[str, str]] = field(
        default_factory=dict[int, Mapping[str, str]]
    )
    """By layer: what other programs say of it in the stack, and is written back."""
    pictures: Any = field(default=None, repr=False)
    """What is in the file already, for whoever saves it again in this run of the program."""
