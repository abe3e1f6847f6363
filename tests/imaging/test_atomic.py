import errno
import os
from pathlib import Path

import pytest

from inpaint_studio.imaging.atomic import (
    clear_unfinished,
    reason,
    write_atomically,
    write_bytes_atomically,
)


def test_new_file_is_there_whole_and_nothing_else(tmp_path):
    write_bytes_atomically(tmp_path / "a.txt", b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.txt", b"new")]


def test_existing_file_is_kept_unless_told_otherwise(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_bytes_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    write_bytes_atomically(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"


def test_file_that_appears_meanwhile_is_kept(tmp_path):
    path = tmp_path / "a.txt"

    def slow(temporary: Path) -> None:
        temporary.write_bytes(b"mine")
        path.write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        write_atomically(path, slow)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.txt", b"theirs")]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_failure_half_way_leaves_the_old_file_and_no_litter(tmp_path, failure):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def fail(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise failure

    with pytest.raises(type(failure)):
        write_atomically(path, fail, overwrite=True)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.txt", b"old")]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
def test_links_and_permissions_survive_a_replacement(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_bytes_atomically(link, b"new", overwrite=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_folder_in_the_way(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_bytes_atomically(tmp_path, b"x", overwrite=True)


def test_what_a_killed_program_left_is_cleared_and_nothing_else(tmp_path):
    left, fresh, other = (tmp_path / f for f in (".inpaint-1a.part", ".inpaint-2b.part", "b.part"))
    for path in (left, fresh, other):
        path.write_bytes(b"half")
    for path in (left, other):
        os.utime(path, (1e9, 1e9))
    clear_unfinished(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {fresh.name, other.name}
    clear_unfinished(tmp_path / "no such folder")


def test_reasons_are_words():
    assert reason(OSError(errno.ENOSPC, "x")) == "the disk is full"
    assert reason(OSError(9999, "Strange Thing")) == "strange thing"
