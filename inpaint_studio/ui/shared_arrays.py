"""Values that hold large arrays, handed from one process to another through shared memory.

A value is pickled (protocol 5); the bytes of its large arrays are left out of the pickle and laid
side by side into one block of shared memory, where the receiver's arrays point straight at them:
one copy in all. Large arrays arrive read-only. Patches that are empty nearly everywhere travel, and
arrive, without what is empty.
"""

import io
import os
import pickle
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.photo import Patch
from inpaint_studio.imaging.sparse import packed_patch, unpacked_patch

LARGE = 1 << 20
"""Arrays of at least this many bytes travel in shared memory, smaller ones in the pickle."""

_ALIGNMENT = 64
_LINUX_BLOCKS = Path("/dev/shm")

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A value on its way through a pipe.

    `block` names the shared memory with the large arrays, "" where there are none; `spans` are
    the (start, end) bytes of each array in it.
    """

    pickled: bytes
    block: str = ""
    spans: tuple[tuple[int, int], ...] = ()


def pack(value: object, block: str) -> tuple[Parcel, SharedMemory | None]:
    """Pickle `value`, its large arrays in a new block of shared memory called `block`.

    The sender keeps the block open until the receiver has it (Windows drops blocks nobody holds).
    Where shared memory is too small (containers often have 64 MB) the arrays stay in the pickle.
    """
    large: list[Bytes] = []
    pickled = _dump(value, large)
    if not large:
        return Parcel(pickled), None
    spans = _lay_out([array.nbytes for array in large])
    memory = _reserve(block, spans[-1][1])
    if memory is None:
        return Parcel(_dump(value, None)), None
    for array, (start, end) in zip(large, spans, strict=True):
        # np.copyto lets other threads run meanwhile; assigning to the memoryview would not.
        np.copyto(_bytes_of(memory)[start:end], array)
    return Parcel(pickled, block, spans), memory


def unpack(parcel: Parcel, *, adopt: bool = False) -> Any:  # noqa: ANN401
    """The value. Its large arrays lie in the block, which is let go of with the last of them.

    With `adopt` the block's name is removed at once, so that nothing is left whatever happens.

    Raises:
        FileNotFoundError: the sender has taken the block back.
    """
    if not parcel.block:
        return pickle.loads(parcel.pickled)
    memory = SharedMemory(parcel.block)
    if adopt:
        memory.unlink()
    whole = np.asarray(_Mapping(memory))
    buffers = [whole[start:end] for start, end in parcel.spans]
    return pickle.loads(parcel.pickled, buffers=buffers)


def discard(memory: SharedMemory) -> None:
    """Close a block that was made here and remove its name."""
    memory.close()
    with suppress(FileNotFoundError):
        memory.unlink()


def discard_by_name(block: str) -> bool:
    """Remove the block somebody who is gone has left behind; whether there was one."""
    try:
        memory = SharedMemory(block)
    except FileNotFoundError:
        return False
    discard(memory)
    return True


class _Mapping:
    """Lends a block's bytes to numpy by address: the arrays keep this object, and with it the
    mapping, alive, and the block can be closed when the last of them has gone.
    """

    def __init__(self, memory: SharedMemory) -> None:
        self._memory = memory
        interface: dict[str, Any] = dict(_bytes_of(memory).__array_interface__)
        address, _ = interface["data"]
        self.__array_interface__ = interface | {"data": (address, True)}  # True = read-only


def _bytes_of(memory: SharedMemory) -> Bytes:
    """The block as an array; it must be let go of before the block is closed."""
    return np.frombuffer(cast("memoryview[int]", memory.buf), np.uint8)


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


class _Pickler(pickle.Pickler):
    """Pickles read-only mappings, and lays out strided arrays so that they can be shared too."""

    def reducer_override(self, obj: Any) -> Any:  # noqa: ANN401
        if isinstance(obj, MappingProxyType):
            return _read_only, (dict(cast("MappingProxyType[Any, Any]", obj)),)
        if isinstance(obj, np.ndarray) and not obj.flags.forc:
            return np.ascontiguousarray(cast("npt.NDArray[Any]", obj)).__reduce_ex__(5)
        packed = packed_patch(obj) if isinstance(obj, Patch) else None
        if packed is not None:  # holes far apart: what lies between them need not travel
            return unpacked_patch, (packed,)
        return NotImplemented


def _dump(value: object, large: list[Bytes] | None) -> bytes:
    """Pickle; the bytes of large arrays go to the end of `large` instead, where it is given."""

    def keep(buffer: pickle.PickleBuffer) -> bool:
        data = np.frombuffer(buffer.raw(), np.uint8)
        if large is None or data.nbytes < LARGE:
            return True
        large.append(data)
        return False

    stream = io.BytesIO()
    _Pickler(stream, 5, buffer_callback=keep).dump(value)
    return stream.getvalue()


def _lay_out(sizes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """One span per size, one after another, each on a fresh cache line."""
    spans: list[tuple[int, int]] = []
    start = 0
    for size in sizes:
        spans.append((start, start + size))
        start += -(-size // _ALIGNMENT) * _ALIGNMENT
    return tuple(spans)


def _reserve(block: str, size: int) -> SharedMemory | None:
    """New shared memory that is certain to be there, None where there is not enough.

    Raises:
        FileExistsError: somebody else has a block of that name.
    """
    _announce(block)
    try:
        memory = SharedMemory(block, create=True, size=size)
    except FileExistsError:
        raise
    except OSError:
        _renounce(block)
        return None
    try:
        _claim(block, size)
    except OSError:
        discard(memory)
        return None
    return memory


def _announce(block: str) -> None:
    """Have Python's resource tracker, a process that outlives us, remove the block in the end.

    SharedMemory says so too, but only once the block exists: killed in between, it would stay.
    """
    if os.name == "posix":
        resource_tracker.register(f"/{block}", "shared_memory")


def _renounce(block: str) -> None:
    if os.name == "posix":
        _announce(block)  # a failed SharedMemory may or may not have taken it back already
        resource_tracker.unregister(f"/{block}", "shared_memory")


def _claim(block: str, size: int) -> None:
    """On Linux a block is only a promise: writing to it when /dev/shm is full is a SIGBUS.

    Raises:
        OSError: there is not that much shared memory.
    """
    if not _LINUX_BLOCKS.is_dir():
        return
    descriptor = os.open(_LINUX_BLOCKS / block, os.O_RDWR)
    try:
        os.posix_fallocate(descriptor, 0, size)
    finally:
        os.close(descriptor)
