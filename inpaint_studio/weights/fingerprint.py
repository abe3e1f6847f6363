"""What a file is by its content: checksums, computed in one reading, remembered while unchanged."""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically
from inpaint_studio.weights.card import WeightsFile

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Size, sha256, and the id git gives the same bytes."""

    bytes: int
    sha256: str
    git_blob: str

    def agrees_with(self, described: WeightsFile) -> bool | None:
        """Whether these are the bytes a card describes; None where it does not say."""
        checks: list[bool] = []
        if described.sha256:
            checks.append(self.sha256.startswith(described.sha256))
        if described.git_blob:
            checks.append(self.git_blob == described.git_blob)
        if checks and described.bytes:
            checks.append(self.bytes == described.bytes)
        return all(checks) if checks else None


def fingerprint(path: Path) -> Fingerprint:
    """Read the whole file once.

    Raises:
        WeightsError: it cannot be read.
    """
    sha256 = hashlib.sha256()
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
            while piece := file.read(_PIECE):
                sha256.update(piece)
                blob.update(piece)
    except OSError as error:
        raise WeightsError(f"{path} could not be read: {reason(error)}.") from error
    return Fingerprint(size, sha256.hexdigest(), blob.hexdigest())


class _Known(msgspec.Struct, frozen=True):
    bytes: int
    modified: int
    """Nanoseconds."""
    sha256: str


class ChecksumCache:
    """The sha256 of files, computed anew only when size or time of change differ.

    Kept in a file that may be deleted at any time, and is ignored where it makes no sense.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, _Known] | None = None

    def sha256(self, path: Path, *, anew: bool = False) -> str:
        """The checksum of `path`; `anew` reads the file whatever is remembered.

        Raises:
            WeightsError: it cannot be read.
        """
        known = None if anew else self.remembered(path)
        return known or self._compute(path)

    def remembered(self, path: Path) -> str | None:
        """The checksum if it is known without reading the file."""
        known = self._entries().get(str(path))
        with suppress(OSError):
            state = path.stat()
            if known and (known.bytes, known.modified) == (state.st_size, state.st_mtime_ns):
                return known.sha256
        return None

    def _compute(self, path: Path) -> str:
        try:
            modified = path.stat().st_mtime_ns
        except OSError as error:
            raise WeightsError(f"{path} could not be read: {reason(error)}.") from error
        found = fingerprint(path)
        self._known = {
            **self._entries(),
            str(path): _Known(found.bytes, modified, found.sha256),
        }
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes_atomically(self._path, msgspec.json.encode(self._known), overwrite=True)
        return found.sha256

    def _entries(self) -> Mapping[str, _Known]:
        if self._known is None:
            self._known = {}
            with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
                self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[str, _Known])
        return self._known
