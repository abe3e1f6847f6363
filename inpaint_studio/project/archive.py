"""The zip file an OpenRaster project is: written in the order the specification asks for, read
with the mistrust any file from elsewhere deserves.
"""

import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from inpaint_studio.imaging.decoded import UnreadableError

MIMETYPE = "image/openraster"
STACK = "stack.xml"
MERGED = "mergedimage.png"
THUMBNAIL = "Thumbnails/thumbnail.png"
OWN = "inpaint-studio/"
"""Where the program's own entries are."""
PROJECT = OWN + "project.json"

_MOST_ENTRIES = 20_000
_MOST_TEXT = 64 << 20
_MOST_PICTURE = 16 << 30
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class ArchiveWriter:
    """Adds entries; `mimetype` is first and unpacked already."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._add("mimetype", MIMETYPE.encode(), zipfile.ZIP_STORED)

    def add(self, name: str, data: bytes) -> tuple[int, int]:
        """Add an entry; its CRC-32 and length, by which it is known again.

        PNGs and arrays are packed already and are stored as they are.
        """
        packed = name.endswith((".png", ".array"))
        return self._add(name, data, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)

    def _add(self, name: str, data: bytes, method: int) -> tuple[int, int]:
        info = zipfile.ZipInfo(name, _EARLIEST)
        info.compress_type = method
        info.external_attr = 0o644 << 16
        self._archive.writestr(info, data)
        return info.CRC, info.file_size


class ArchiveReader:
    """The entries of a zip file, each read whole, none trusted."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        _check_names(archive)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def mark(self, name: str) -> tuple[int, int] | None:
        """The CRC-32 and length an entry says it has; None where there is none."""
        info = self._entries.get(name)
        return None if info is None else (info.CRC, info.file_size)

    def text(self, name: str) -> bytes:
        """An entry that must be small. UnreadableError when it is missing, damaged or huge."""
        return self._read(name, _MOST_TEXT)

    def picture(self, name: str) -> bytes:
        """An entry that may be large. UnreadableError when it is missing or damaged."""
        return self._read(name, _MOST_PICTURE)

    def _read(self, name: str, most: int) -> bytes:
        info = self._entries.get(name)
        if info is None:
            raise UnreadableError(f"“{_short(name)}” is missing in it")
        if info.flag_bits & 1:
            raise UnreadableError("it is locked with a password")
        # Nothing packs better than about 1 : 1030 with deflate; a claim of more is a lie.
        if info.file_size > min(most, 1100 * info.compress_size + 64):
            raise UnreadableError(f"“{_short(name)}” in it is larger than anything real")
        try:
            data = self._archive.read(info)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, zlib.error):
            raise UnreadableError(f"“{_short(name)}” in it is damaged") from None
        if len(data) != info.file_size:
            raise UnreadableError(f"“{_short(name)}” in it is damaged")
        return data


@contextmanager
def open_archive(path: Path) -> Generator[ArchiveReader]:
    """The entries of an OpenRaster file.

    Raises:
        UnreadableError: it is no zip file, is cut off, or names its entries dangerously.
        OSError: it cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError):
        raise UnreadableError(
            "it is cut off or damaged; copy it again from where it came"
        ) from None
    with archive:
        yield ArchiveReader(archive)


def is_project(path: Path) -> bool:
    """Whether a file is an OpenRaster file, by its first bytes, or at least is called one."""
    try:
        with path.open("rb") as file:
            head = file.read(96)
    except OSError:
        return False
    named = path.suffix.lower() == ".ora"
    return head.startswith(b"PK\3\4") and (named or MIMETYPE.encode() in head)


def _check_names(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(names) > _MOST_ENTRIES or len(set(names)) != len(names):
        raise UnreadableError("its list of files is not one a real project has")
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            raise UnreadableError("it names files outside itself, which no project does")


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:28]}…{name[-28:]}"
