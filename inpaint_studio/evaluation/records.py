"""What an evaluation has measured, one JSON object to a line, so that it can go on after a stop."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec
import numpy as np

from inpaint_studio.errors import PhotoError, UsageError
from inpaint_studio.evaluation.edge_scores import EdgeCounts
from inpaint_studio.evaluation.perceptual import Vectors
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically


class PhotoRecord(msgspec.Struct, frozen=True, kw_only=True, tag="photo"):
    """One original: its features, which the fills of it are compared with."""

    photo: str
    features: bytes = b""
    """256 float32, see `perceptual.Features.mean`; empty without VGG-11."""
    inception: bytes = b""
    """2048 float32; empty without FID's network."""


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True, tag="item"):
    """One fill and what was measured of it."""

    photo: str
    mask: str
    group: str
    engine: str
    identity: str
    """Which weights, or which command; with others the fill has to be made again."""
    share: float
    """Of the picture that is hole."""
    border: bool
    """Whether the hole touches the border."""
    values: dict[str, float] = {}
    """See `metrics.distances`; also vgg11, lpips and seconds where there are any."""
    edges: EdgeCounts | None = None
    peak_bytes: int | None = None
    gpu_bytes: int | None = None
    features: bytes = b""
    inception: bytes = b""
    problem: str = ""
    """One sentence where there is no fill to measure."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What is measured once."""
        return self.photo, self.mask, self.engine, self.identity


Record = PhotoRecord | ItemRecord

_decoder = msgspec.json.Decoder(Record)


def packed(vector: Vectors | None) -> bytes:
    """A feature vector as the bytes of little-endian float32."""
    return b"" if vector is None else vector.astype("<f4").tobytes()


def unpacked(data: bytes) -> Vectors:
    """What `packed` packed."""
    return np.frombuffer(data, "<f4").astype(np.float32)


class Setup(msgspec.Struct, frozen=True):
    """What must be the same for two runs to belong together."""

    photos: str
    masks: str
    size: int
    seed: int
    features: str = ""
    """Name of the file of VGG-11; empty without."""


class Journal:
    """The records of an evaluation in its folder; a line cut off by a crash is dropped."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        """Open or begin.

        Raises:
            UsageError: the folder holds another evaluation, or other files.
            PhotoError: it cannot be written.
        """
        self._path = folder / "items.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _claim(folder, setup)
            self._file = _open_at_line_end(self._path)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def records(self) -> Iterator[Record]:
        """All there are, oldest first.

        Raises:
            UsageError: a line is damaged; names it.
        """
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield _decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise UsageError(
                        f"Line {number} of {self._path} is damaged ({error}). Delete the line to "
                        "measure it again."
                    ) from None

    def add(self, record: Record) -> None:
        """Write one down; it is on its way to the disk when this returns.

        Raises:
            PhotoError: the disk is full, or gone.
        """
        try:
            self._file.write(msgspec.json.encode(record) + b"\n")
            self._file.flush()
        except OSError as error:
            raise _unwritable(self._path.parent, error) from error


def _claim(folder: Path, setup: Setup) -> None:
    """Write the setup into a new folder, or find the same one there."""
    path = folder / "setup.json"
    if not path.exists():
        if any(folder.iterdir()):
            raise UsageError(
                f"{folder} holds other files. Choose an empty folder, or one that an evaluation "
                "was begun in."
            )
        text = msgspec.json.format(msgspec.json.encode(setup))
        write_bytes_atomically(path, text)
        return
    found = _read_setup(path)
    if found != setup:
        raise UsageError(
            f"{folder} holds an evaluation with {_difference(found, setup)}. Choose another "
            "folder, or the same photos, masks, size and seed to go on with it."
        )


def _read_setup(path: Path) -> Setup | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Setup)
    except msgspec.MsgspecError:
        return None


def _difference(found: Setup | None, asked: Setup) -> str:
    if found is None:
        return "a damaged setup.json"
    for field in Setup.__struct_fields__:
        if getattr(found, field) != getattr(asked, field):
            return f"{field} {getattr(found, field)!r}, not {getattr(asked, field)!r}"
    return "the same setup"


def _open_at_line_end(path: Path) -> IO[bytes]:
    file = path.open("a+b")
    file.seek(0)
    content = file.read()
    if not content.endswith(b"\n"):
        file.truncate(content.rfind(b"\n") + 1)
    file.seek(0, 2)
    return file


def _unwritable(folder: Path, error: OSError) -> PhotoError:
    return PhotoError(f"{folder} cannot be written: {reason(error)}.")
