"""One journal on disk. Slow; used from the writer's thread and, at the next start, to recover.

What is on disk before what, so that a power cut at any moment leaves a journal that can be used:

1. the base (photo or pixels) and the arrays a step refers to are written and fsynced,
2. then the folder, which makes their names last,
3. then the step's record is appended to the log, which is fsynced,
4. and, when the journal is begun, the folder that holds its folder.

A record never names what is not there. A torn record at the log's end counts for nothing.
"""

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy.typing as npt

from inpaint_studio import __version__
from inpaint_studio.document.project_file import Stamp
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.project.array_files import write_array
from inpaint_studio.project.journal import BASE, LOCK, LOG, MAGIC, Opened, Record, Stepped, frame
from inpaint_studio.project.locks import FolderLock
from inpaint_studio.project.opening import Opening, PhotoFacts, packed_tiles, plain_project
from inpaint_studio.project.values import to_plain

_COPY_BYTES = 1 << 20
_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
Array = npt.NDArray[Any]


class JournalFolder:
    """Appends records, and keeps the arrays they name as long as a step needs them."""

    def __init__(
        self, folder: Path, lock: FolderLock, *, length: int = 0, known: Mapping[str, Array]
    ) -> None:
        self.folder = folder
        self._lock = lock
        self._length = length
        self._next = 1 + max((_number(path) for path in folder.glob("*.array")), default=0)
        self._names: dict[int, tuple[weakref.ref[Array], str]] = {}
        self._log: IO[bytes] | None = None
        for name, array in known.items():
            self._remember(array, name)

    @classmethod
    def create(cls, parent: Path, opening: Opening) -> "JournalFolder":
        """A new journal in `parent`, begun with what was opened.

        Raises:
            OSError: the disk is full or cannot be written; nothing is left behind.
        """
        parent.mkdir(parents=True, exist_ok=True)
        folder = parent / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        folder.mkdir()
        lock = FolderLock.take(folder / LOCK)
        if lock is None:
            raise OSError(f"{folder} is locked")
        journal = cls(folder, lock, known={})
        try:
            journal.append([journal._begin(opening)])
            _sync_folder(folder)  # the log's name
            _sync_folder(parent)
        except BaseException:
            journal.remove()
            raise
        return journal

    @property
    def names(self) -> set[str]:
        """Of all arrays that are kept."""
        return {name for _, name in self._names.values()}

    def put(self, array: Array) -> str:
        """Keep an array, once, and return its name.

        Raises:
            OSError: it could not be written; nothing is left of it.
        """
        entry = self._names.get(id(array))
        if entry is not None and entry[0]() is array:
            return entry[1]
        name = f"{self._next:06}.array"
        self._next += 1
        path = self.folder / name
        try:
            with path.open("wb") as file:
                write_array(file, array)
                _sync(file)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        self._remember(array, name)
        return name

    def append(self, records: Sequence[Record]) -> None:
        """Add records to the log, all of them or none, and wait until they are on the disk.

        Raises:
            OSError: the disk is full or cannot be written; the log is as it was.
        """
        if not records:
            return
        if any(isinstance(record, Stepped | Opened) for record in records):
            _sync_folder(self.folder)
        data = b"".join(map(frame, records))
        try:
            log = self._open_log()
            log.seek(self._length)
            log.write(data)
            _sync(log)
        except OSError:
            self._close_log()
            with contextlib.suppress(OSError):
                os.truncate(self.folder / LOG, self._length)
            raise
        self._length += len(data)

    def forget(self, names: set[str]) -> None:
        """Remove arrays no step needs any more."""
        self._names = {key: entry for key, entry in self._names.items() if entry[1] not in names}
        for name in names:
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()

    def remove(self) -> None:
        """The document is saved or given up: nothing of it stays."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of the files, which stay."""
        self._close_log()
        self._lock.release()

    def _begin(self, opening: Opening) -> Opened:
        copied = self._copy_photo(opening)
        digest = copied or self._keep_pixels(opening.photo)
        facts = PhotoFacts(opening.photo.profile, opening.photo.metadata)
        return Opened(
            name=opening.name,
            path=str(opening.path) if opening.path is not None else None,
            base="photo" if copied else "pixels",
            digest=digest,
            facts=to_plain(facts, self.put),
            pile=None if opening.pile is None else to_plain(opening.pile, self.put),
            mask=packed_tiles(opening.mask),
            allowed=packed_tiles(opening.allowed),
            forbidden=packed_tiles(opening.forbidden),
            named=opening.named,
            project=plain_project(opening.project, self.put),
            program=__version__,
            when=time.time(),
        )

    def _copy_photo(self, opening: Opening) -> str | None:
        """Copy the photo's file unless it is not the one that was read; its sha256.

        A copy and not only the name: the photo may be replaced, by an export too, or be on a disk
        that is gone when it is wanted back.
        """
        path = opening.path
        if path is None or opening.stamp is None or Stamp.of(path) != opening.stamp:
            return None
        digest = hashlib.sha256()
        target = self.folder / BASE
        with target.open("wb") as file:
            try:
                with path.open("rb") as source:
                    while piece := source.read(_COPY_BYTES):
                        digest.update(piece)
                        file.write(piece)
            except OSError:
                if not path.exists():
                    return None
                raise
            _sync(file)
        return digest.hexdigest() if Stamp.of(path) == opening.stamp else None

    def _keep_pixels(self, photo: Photo) -> str:
        with (self.folder / BASE).open("wb") as file:
            write_array(file, photo.pixels)
            _sync(file)
        return ""

    def _remember(self, array: Array, name: str) -> None:
        self._names[id(array)] = weakref.ref(array), name

    def _open_log(self) -> IO[bytes]:
        if self._log is None:
            self._log = (self.folder / LOG).open("r+b" if self._length else "w+b")
            if not self._length:
                self._log.write(MAGIC)
                self._length = len(MAGIC)
            self._log.truncate(self._length)
        return self._log

    def _close_log(self) -> None:
        if self._log is not None:
            with contextlib.suppress(OSError):
                self._log.close()
            self._log = None


def is_journal(folder: Path) -> bool:
    """Whether a `JournalFolder` made it: no other folder may be locked, let alone removed.

    One that has no log yet, as it was given up while it was begun, is known by its name and by
    holding nothing but a journal's files.
    """
    with contextlib.suppress(OSError), (folder / LOG).open("rb") as log:
        if log.read(len(MAGIC)) == MAGIC:
            return True
    if not _NAME.fullmatch(folder.name) or not (folder / LOCK).is_file():
        return False
    return all(
        path.name in (LOCK, LOG, BASE) or path.suffix == ".array" for path in folder.iterdir()
    )


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows keeps names by itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
