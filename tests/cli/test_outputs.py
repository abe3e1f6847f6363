"""Outputs are checked before the work, so that no work and no file is lost."""

import os
import sys
from pathlib import Path

import pytest

from inpaint_studio.cli.outputs import check_outputs
from inpaint_studio.errors import PhotoError, UsageError


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(b"photo")
    return path


def test_a_new_file_may_be_written_and_nothing_is_left_behind(tmp_path, photo):
    check_outputs(tmp_path / "out.png", [], photo=photo, others=[], overwrite=False)
    assert sorted(tmp_path.iterdir()) == [photo]


def test_the_photo_is_only_replaced_on_request(photo):
    with pytest.raises(UsageError, match=r"being read.*--overwrite"):
        check_outputs(photo, [], photo=photo, others=[], overwrite=False)
    check_outputs(photo, [], photo=photo, others=[], overwrite=True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_the_photo_is_recognised_behind_a_link(tmp_path, photo):
    link = tmp_path / "link.png"
    link.symlink_to(photo)
    with pytest.raises(UsageError, match="being read"):
        check_outputs(link, [], photo=photo, others=[], overwrite=False)


def test_another_file_is_only_replaced_on_request(tmp_path, photo):
    other = tmp_path / "other.png"
    other.write_bytes(b"other")
    with pytest.raises(UsageError, match=r"other\.png exists already"):
        check_outputs(other, [], photo=photo, others=[], overwrite=False)
    check_outputs(other, [], photo=photo, others=[], overwrite=True)
    assert other.read_bytes() == b"other"


def test_an_extra_never_replaces_an_input(tmp_path, photo):
    with pytest.raises(UsageError, match="being read"):
        check_outputs(tmp_path / "out.png", [photo], photo=photo, others=[], overwrite=True)


def test_a_mask_is_never_replaced(tmp_path, photo):
    mask = tmp_path / "mask.png"
    mask.write_bytes(b"mask")
    with pytest.raises(UsageError, match="being read"):
        check_outputs(mask, [], photo=photo, others=[mask], overwrite=True)


def test_two_outputs_are_two_files(tmp_path, photo):
    out = tmp_path / "out.png"
    with pytest.raises(UsageError, match="two different outputs"):
        check_outputs(
            out, [tmp_path / "x" / ".." / "out.png"], photo=photo, others=[], overwrite=True
        )


def test_a_folder_is_not_a_file(tmp_path, photo):
    for overwrite in (True, False):
        with pytest.raises(UsageError, match="is a folder"):
            check_outputs(tmp_path, [], photo=photo, others=[], overwrite=overwrite)


def test_a_missing_folder_is_named(tmp_path, photo):
    with pytest.raises(PhotoError, match=r"no folder.*nowhere"):
        check_outputs(tmp_path / "nowhere" / "out.png", [], photo=photo, others=[], overwrite=False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_folder_is_named(tmp_path, photo):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(PhotoError, match="locked"):
        check_outputs(folder / "out.png", [], photo=photo, others=[], overwrite=False)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a disk nobody may write to")
def test_a_disk_that_refuses_is_named(photo):
    with pytest.raises(PhotoError, match="cannot be saved"):
        check_outputs(Path("/proc/self/out.png"), [], photo=photo, others=[], overwrite=False)
