"""Arrays through shared memory: same bytes, one copy, nothing left behind."""

import gc
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui import shared_arrays
from inpaint_studio.ui.shared_arrays import LARGE, discard, discard_by_name, pack, unpack


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    photo: Photo
    mask: Mask
    options: MappingProxyType


@pytest.fixture
def block(request):
    name = f"is-test-{abs(hash(request.node.name)) % 10**9}"
    yield name
    discard_by_name(name)


@pytest.fixture
def large(rng):
    return rng.integers(0, 65535, (700, 900, 3), dtype=np.uint16)


def exists(block):
    try:
        SharedMemory(block).close()
    except FileNotFoundError:
        return False
    return True


def test_small_values_travel_in_the_pickle(block):
    parcel, memory = pack({"a": np.arange(10)}, block)
    assert memory is None
    assert not exists(block)
    assert np.array_equal(unpack(parcel)["a"], np.arange(10))


def test_large_arrays_arrive_bit_for_bit_and_read_only(block, large):
    coverage = np.full(large.shape[:2], 255, np.uint8)
    load = Load(Photo(large, b"icc"), Mask(coverage), MappingProxyType({"grow": 4}))
    parcel, memory = pack(load, block)
    assert len(parcel.pickled) < LARGE
    arrived = unpack(parcel, adopt=True)
    memory.close()
    assert arrived.photo.pixels.tobytes() == large.tobytes()
    assert arrived.photo.profile == b"icc"
    assert arrived.options == {"grow": 4}
    assert not arrived.photo.pixels.flags.writeable
    assert not exists(block)


def test_several_arrays_share_one_block_on_aligned_addresses(block, large):
    odd = np.arange(LARGE + 13, dtype=np.uint8)
    parcel, memory = pack([odd, large], block)
    first, second = unpack(parcel, adopt=True)
    memory.close()
    assert np.array_equal(first, odd)
    assert np.array_equal(second, large)
    assert second.__array_interface__["data"][0] % 64 == 0


def test_the_mapping_ends_with_the_last_array(block, large):
    parcel, memory = pack([large], block)
    (array,) = unpack(parcel, adopt=True)
    memory.close()
    corner = array[:2, :2]
    del array
    gc.collect()
    assert np.array_equal(corner, large[:2, :2])  # a view alone still keeps the memory
    mapped = mappings(block)
    del corner
    gc.collect()
    assert mapped > mappings(block)


def mappings(block):
    """How many mappings of `block` this process holds (Linux)."""
    try:
        with Path("/proc/self/maps").open(encoding="utf-8") as maps:
            return sum(block in line for line in maps)
    except FileNotFoundError:
        pytest.skip("needs /proc")


def test_strided_and_column_major_arrays_keep_their_values(block, large):
    strided, column_major = large[::2, ::3], np.asfortranarray(large)
    parcel, memory = pack((strided, column_major), block)
    assert len(parcel.spans) == 2 or strided.nbytes < LARGE
    first, second = unpack(parcel, adopt=True)
    memory.close()
    assert np.array_equal(first, strided)
    assert np.array_equal(second, large)


def test_full_shared_memory_falls_back_to_the_pipe(block, large, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared_arrays, "_claim", full)
    parcel, memory = pack([large], block)
    assert memory is None
    assert not exists(block)
    assert np.array_equal(unpack(parcel)[0], large)


def test_more_than_the_machine_has_is_refused_before_it_is_touched(block, monkeypatch):
    if not shared_arrays._LINUX_BLOCKS.is_dir():
        pytest.skip("needs /dev/shm")
    assert shared_arrays._reserve(block, 1 << 50) is None
    assert not exists(block)


DIES_WHILE_CREATING = """
import os, sys
from multiprocessing import resource_tracker
import numpy as np
from inpaint_studio.ui.shared_arrays import pack

register = resource_tracker.register

def die(name, kind):
    if os.path.exists("/dev/shm" + name):  # SharedMemory is about to tell the tracker of it
        os._exit(7)
    register(name, kind)

resource_tracker.register = die
pack([np.ones(1 << 21, np.uint8)], sys.argv[1])
"""


def test_a_block_whose_maker_dies_while_making_it_is_removed(block, repository):
    if not shared_arrays._LINUX_BLOCKS.is_dir():
        pytest.skip("needs /dev/shm")
    done = subprocess.run(
        [sys.executable, "-c", DIES_WHILE_CREATING, block],
        cwd=repository,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 7
    end = time.monotonic() + 30
    while exists(block) and time.monotonic() < end:
        time.sleep(0.05)
    assert not exists(block)


def test_discarding_removes_the_name(block, large):
    _, memory = pack([large], block)
    assert exists(block)
    discard(memory)
    assert not exists(block)
    assert not discard_by_name(block)
