"""Files and folders that others made, or made up: nothing of theirs is touched or believed."""

import zlib
from io import BytesIO

import numpy as np
import pytest

from inpaint_studio.document.packed import PackedMask
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.project.array_files import DamagedError, array_of, write_array
from inpaint_studio.project.journal import LOCK, LOG
from inpaint_studio.project.recovery import find_leftovers

OURS = "20260102-030405-0a1b2c3d"


@pytest.mark.parametrize("name", ["thesis", OURS])
def test_a_folder_of_another_program_is_left_as_it_is(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    for file in (LOCK, LOG, "chapter-1.tex"):
        (folder / file).write_bytes(b"mine")
    assert find_leftovers(tmp_path) == []
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        LOCK: b"mine",
        LOG: b"mine",
        "chapter-1.tex": b"mine",
    }


def test_a_lock_alone_makes_no_journal(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / LOCK).write_bytes(b"mine")
    assert find_leftovers(tmp_path) == []
    assert (tmp_path / "thesis" / LOCK).read_bytes() == b"mine"


def test_a_journal_that_was_never_begun_is_removed(tmp_path):
    folder = tmp_path / OURS
    folder.mkdir()
    for file in (LOCK, "base", "000001.array"):
        (folder / file).write_bytes(b"")
    assert find_leftovers(tmp_path) == []
    assert not folder.exists()


def bomb(size):
    """Packed twice, as masks are: a few bytes for many."""
    return zlib.compress(zlib.compress(bytes(size), 9), 9)


def test_a_packed_mask_never_unpacks_to_more_than_its_size():
    for size in (20, 1 << 24):
        assert PackedMask(Size(4, 5), bomb(size)).coverage.nbytes == 20
    with pytest.raises(ValueError, match="reshape"):
        _ = PackedMask(Size(4, 5), bomb(19)).coverage
    with pytest.raises(ValueError, match="damaged"):
        _ = PackedMask(Size(4, 5), b"nothing packed").coverage


def test_every_mask_packs_and_unpacks(rng):
    noise = rng.integers(0, 256, (301, 47), np.uint8)
    for mask in (noise, np.zeros((1, 1), np.uint8), np.full((700, 900), 255, np.uint8)):
        assert np.array_equal(PackedMask.of(mask).coverage, mask)


def test_an_array_never_unpacks_to_more_than_its_header_says():
    kept = BytesIO()
    write_array(kept, np.zeros((1 << 20,), np.uint8))
    whole = kept.getvalue()
    head = whole[: whole.index(b"uint8") + len(b"uint8")]
    packed = zlib.compress(bytes(1 << 28), 9)
    piece = len(packed).to_bytes(4, "little") + zlib.crc32(packed).to_bytes(4, "little") + b"\1"
    assert array_of(whole).shape == (1 << 20,)
    assert array_of(head + piece + packed).shape == (1 << 20,)  # cut off where it had to end
    with pytest.raises(DamagedError):
        array_of(head + (piece + packed) * 2)
