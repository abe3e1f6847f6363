"""Photos in webdataset's tar shards: indexed once, then read member by member where they lie.

A number leads to the same picture for ever, so that seeds, resuming and parts for several processes
work as with single files. Within an epoch a few shards at a time are gone through in random order:
what is read stays together on the disk, and in the system's cache.
"""

import re
import tarfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import TrainingError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.training.photos import SUFFIXES, Crop, crop_with_edges, decode_small

_BRACES = re.compile(r"\{(\d+)\.\.(\d+)\}")


@dataclass(frozen=True, slots=True, eq=False)
class ShardIndex:
    """Where every picture lies: which shard, from which byte, how many bytes, by which name."""

    shards: tuple[Path, ...]
    shard: npt.NDArray[np.int32]
    offset: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]
    name: npt.NDArray[np.bytes_]
    runs: tuple[int, ...]
    """How many pictures each shard holds."""

    def __len__(self) -> int:
        return len(self.shard)

    def told(self, index: int) -> str:
        """What a picture is called in a list of those that could not be read."""
        member = bytes(self.name[index]).decode("utf-8", "replace")
        return f"{self.shards[int(self.shard[index])]}/{member}"

    def read(self, index: int) -> bytes:
        """The bytes of one member; fewer, or none, where they cannot be read."""
        try:
            with self.shards[int(self.shard[index])].open("rb") as file:
                file.seek(int(self.offset[index]))
                return file.read(int(self.size[index]))
        except OSError:
            return b""


@dataclass(frozen=True, slots=True)
class ShardPhotos:
    """Photos decoded from their shards whenever one is needed: any number of them."""

    index: ShardIndex
    short_side: int
    skip_small: bool
    skipped: set[str] = field(default_factory=lambda: set[str]())
    """Those that could not be decoded so far."""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def runs(self) -> tuple[int, ...]:
        return self.index.runs

    def cut(self, index: int, rng: np.random.Generator, *, crop: int) -> Crop | None:
        picture = decode_small(self.index.read(index), side=self.short_side)
        if picture is None:
            self.skipped.add(self.index.told(index))
            return None
        return crop_with_edges(picture, rng, crop=crop, skip_small=self.skip_small)


def find_shards(patterns: Iterable[str]) -> tuple[Path, ...]:
    """The files that patterns such as `train-{0000..0099}.tar` or `*.tar` name, in order.

    Raises:
        TrainingError: a pattern names none.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        paths = [path for name in _unfolded(pattern) for path in _matching(Path(name))]
        if not paths:
            raise TrainingError(f"There are no shards at {pattern}.")
        found.update(dict.fromkeys(paths))
    return tuple(found)


def index_shards(shards: Sequence[Path], target: Path) -> Generator[int, None, tuple[str, ...]]:
    """Read every shard's table of contents and write them all to `target`.

    Yields how many shards are done; returns those that are damaged. Of a shard that breaks off, the
    pictures before the break are kept.

    Raises:
        TrainingError: no shard holds pictures, or the index cannot be written.
    """
    rows: list[tuple[int, int, int]] = []
    names: list[bytes] = []
    damaged: list[str] = []
    for number, shard in enumerate(shards):
        try:
            with closing(_members(shard)) as members:
                for member in members:
                    rows.append((number, member.offset_data, member.size))
                    names.append(member.name.encode("utf-8", "replace"))
        except (tarfile.TarError, OSError):
            damaged.append(str(shard))
        yield number + 1
    if not rows:
        raise TrainingError(
            f"None of the {len(shards)} shards holds pictures; they should be tar files that are "
            "not compressed."
        )
    _write(target, rows, names)
    return tuple(damaged)


def open_index(shards: tuple[Path, ...], target: Path) -> ShardIndex:
    """What `index_shards` wrote."""
    with np.load(target) as stored:
        rows, name = stored["rows"], stored["name"]
    runs = np.bincount(rows[:, 0], minlength=len(shards)).tolist()
    return ShardIndex(
        shards, rows[:, 0].astype(np.int32), rows[:, 1], rows[:, 2], name, tuple(runs)
    )


def _members(shard: Path) -> Generator[tarfile.TarInfo]:
    """Every picture's entry, found by jumping from header to header."""
    length = shard.stat().st_size
    with tarfile.open(shard, "r:") as tar:
        for member in tar:
            if member.isfile() and Path(member.name).suffix.lower() in SUFFIXES:
                if member.offset_data + member.size > length:
                    raise tarfile.ReadError("the last picture breaks off")
                yield member


def _write(target: Path, rows: Sequence[tuple[int, int, int]], names: Sequence[bytes]) -> None:
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez(file, rows=np.array(rows, np.int64), name=np.array(names))
        part.replace(target)
    except OSError as error:
        raise TrainingError(f"{target} could not be written: {reason(error)}.") from error
    finally:
        part.unlink(missing_ok=True)


def _matching(pattern: Path) -> list[Path]:
    if "*" not in pattern.name:
        return [pattern] if pattern.is_file() else []
    return sorted(pattern.parent.glob(pattern.name))


def _unfolded(pattern: str) -> Iterator[str]:
    """`a{00..02}` as a00, a01, a02."""
    braces = _BRACES.search(pattern)
    if braces is None:
        yield pattern
        return
    first, last = braces.groups()
    for number in range(int(first), int(last) + 1):
        middle = str(number).zfill(len(first))
        yield from _unfolded(pattern[: braces.start()] + middle + pattern[braces.end() :])
