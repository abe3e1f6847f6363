"""What is empty takes no memory, and what is not comes back bit for bit."""

from pathlib import Path

import numpy as np
import pytest

from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch
from inpaint_studio.imaging.sparse import packed_patch, sparse_copy, unpacked_patch


def scattered(rng, dtype, channels):
    """A patch of 3 x 4 thousand pixels with a spot in each corner."""
    alpha = np.zeros((3000, 4000), np.uint8)
    for top, left in ((0, 0), (0, 3960), (2960, 0), (2960, 3960)):
        alpha[top : top + 40, left : left + 40] = rng.integers(0, 256, (40, 40))
    pixels = np.zeros((3000, 4000, channels), dtype)
    pixels[alpha > 0] = rng.integers(1, 200, (np.count_nonzero(alpha), channels))
    return Patch(pixels, alpha, Point(-3, 7))


@pytest.mark.parametrize(("dtype", "channels"), [("uint8", 1), ("uint16", 3), ("float32", 3)])
def test_a_scattered_patch_comes_back_bit_for_bit(rng, dtype, channels):
    patch = scattered(rng, dtype, channels)
    packed = packed_patch(patch)
    assert packed.pixels.nbytes < patch.pixels.nbytes / 100
    back = unpacked_patch(packed)
    assert back.at == patch.at
    assert back.pixels.dtype == patch.pixels.dtype
    assert np.array_equal(back.pixels, patch.pixels)
    assert np.array_equal(back.alpha, patch.alpha)


def test_a_patch_that_shows_nothing_at_all_is_empty(rng):
    patch = scattered(rng, "uint8", 3)
    back = unpacked_patch(packed_patch(Patch(patch.pixels, np.zeros_like(patch.alpha), patch.at)))
    assert not back.alpha.any()
    assert not back.pixels.any()


def test_small_and_full_patches_stay_as_they_are(rng):
    alpha = np.full((1000, 1000), 255, np.uint8)
    assert packed_patch(Patch(np.zeros((1000, 1000, 3), np.uint8), alpha, Point(0, 0))) is None
    assert packed_patch(Patch(np.zeros((9, 9, 3), np.uint8), alpha[:9, :9], Point(0, 0))) is None


def resident():
    """Bytes of memory of its own that the process really takes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="needs /proc to count memory")
def test_empty_parts_take_no_memory(rng):
    array = np.zeros((8000, 8000), np.uint8)
    array[5:50, 5:50] = 3
    array[7000:7100, 6000:6100] = 4
    before = resident()
    copy = sparse_copy(array)
    assert resident() - before < 24 << 20  # of 64 MB; huge pages round up
    assert np.array_equal(copy, array)
