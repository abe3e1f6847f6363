"""`inpaint-studio fill` of many photos: folders, names, failures, and going on after a stop."""

import json
from pathlib import Path

import numpy as np
import pytest

from inpaint_studio.cli import fill_steps
from inpaint_studio.cli.main import main
from inpaint_studio.imaging.files import read_photo, write_photo
from inpaint_studio.imaging.photo import Photo

HOLE = (slice(20, 30), slice(30, 42))


class Folders:
    """Photos and masks in two folders, and the program to run on them."""

    def __init__(self, root: Path, rgb: np.ndarray, capsys) -> None:
        self.photos, self.masks, self.out = root / "photos", root / "masks", root / "out"
        self.photos.mkdir()
        self.masks.mkdir()
        self._rgb, self._capsys = rgb, capsys

    def photo(self, name: str) -> Path:
        write_photo(self.photos / name, Photo(self._rgb))
        return self.photos / name

    def mask(self, name: str, *, folder: Path | None = None, empty: bool = False) -> Path:
        levels = np.zeros((*self._rgb.shape[:2], 1), np.uint8)
        levels[HOLE] = 0 if empty else 255
        path = (folder or self.masks) / name
        write_photo(path, Photo(levels))
        return path

    def fill(self, *options: object, photos=None, mask=None, out=None):
        """Run `fill`; returns the exit code, stdout and stderr."""
        named = photos or [self.photos]
        words = ["fill", *named, "--mask", mask or self.masks, "-o", out or self.out]
        code = main([str(word) for word in (*words, "--engine", "telea", *options)])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def saved(self) -> set[str]:
        return {path.name for path in self.out.iterdir()} if self.out.exists() else set()

    def is_filled(self, name: str) -> bool:
        """Inside the mask, and nowhere else."""
        changed = (read_photo(self.out / name).pixels != self._rgb).any(axis=2)
        inside = changed[HOLE].any()
        changed[HOLE] = False
        return bool(inside and not changed.any())


@pytest.fixture
def folders(tmp_path, rgb, capsys):
    return Folders(tmp_path, rgb, capsys)


def test_a_folder_is_filled_with_masks_of_the_same_names(folders):
    for name in ("one.png", "two words ü.tif", "three.PNG"):
        folders.photo(name)
    for name in ("one.png", "two words ü-mask.png", "three_mask.tif"):
        folders.mask(name)
    (folders.photos / "notes.txt").write_text("no photo")
    (folders.photos / "._one.png").write_bytes(b"what macOS leaves")
    code, said, error = folders.fill()
    assert (code, error) == (0, "")
    assert folders.saved() == {"one.png", "two words ü.tif", "three.PNG"}
    assert all(map(folders.is_filled, folders.saved()))
    assert said.splitlines()[-1] == "3 photos: 3 filled."
    assert said.count("0 pixels changed outside the mask (checked in the file)") == 3


def test_one_that_fails_does_not_stop_the_others(folders):
    for name in ("a.png", "b.png", "c.png"):
        folders.mask(folders.photo(name).name)
    whole = (folders.photos / "b.png").read_bytes()
    (folders.photos / "b.png").write_bytes(whole[:200])
    code, said, error = folders.fill()
    assert code == 1
    assert folders.saved() == {"a.png", "c.png"}
    assert error.startswith("[2/3] ")
    assert error.count("\n") == 1
    assert said.splitlines()[-2:] == ["3 photos: 2 filled, 1 failed.", "Failed: b.png."]


def test_what_nobody_foresaw_does_not_stop_the_others_either(folders, monkeypatch):
    for name in ("a.png", "b.png"):
        folders.mask(folders.photo(name).name)
    run_fill, calls = fill_steps.run_fill, []

    def once_broken(task, shelf):
        calls.append(task)
        if len(calls) == 1:
            raise ZeroDivisionError("by zero")
        return run_fill(task, shelf)

    monkeypatch.setattr(fill_steps, "run_fill", once_broken)
    code, _, error = folders.fill()
    assert code == 1
    assert "should not have (ZeroDivisionError: by zero)" in error
    assert folders.saved() == {"b.png"}


def test_photos_without_a_mask_and_masks_without_a_photo_are_named(folders):
    for name in ("a.png", "plain.png", "blank.png"):
        folders.photo(name)
    folders.mask("a.png")
    folders.mask("stray.png")
    folders.mask("blank.png", empty=True)
    code, said, error = folders.fill()
    assert (code, error) == (0, "")
    assert "3 photos: 1 filled, 2 left out." in said
    assert "without a mask of their name: plain.png." in said
    assert "their masks mark nothing: blank.png." in said
    assert "Masks that belong to no photo: stray.png." in said


def test_the_same_command_goes_on_where_it_was_stopped(folders, monkeypatch):
    for name in ("a.png", "b.png", "c.png"):
        folders.mask(folders.photo(name).name)
    run_fill, calls = fill_steps.run_fill, []

    def stopped(task, shelf):
        calls.append(task)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return run_fill(task, shelf)

    monkeypatch.setattr(fill_steps, "run_fill", stopped)
    code, said, error = folders.fill()
    assert code == 130
    assert said.endswith("3 photos: 1 filled, 2 not begun.\n")
    assert error == "inpaint-studio: Stopped.\n"
    assert folders.saved() == {"a.png"}
    before = (folders.out / "a.png").stat().st_mtime_ns
    code, said, _ = folders.fill()
    assert code == 0
    assert "3 photos: 2 filled, 1 left out." in said
    assert "saved before: --overwrite fills them again: a.png." in said
    assert (folders.out / "a.png").stat().st_mtime_ns == before
    assert folders.fill()[0] == 0  # nothing left to do is no failure
    code, said, _ = folders.fill("--overwrite")
    assert (code, said.splitlines()[-1]) == (0, "3 photos: 3 filled.")


def test_json_tells_of_each_photo_and_sums_up(folders):
    folders.mask(folders.photo("a.png").name)
    folders.photo("plain.png")
    (folders.photos / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    folders.mask("bad.png")
    code, said, error = folders.fill("--json")
    assert (code, error) == (1, "")
    events = [json.loads(line) for line in said.splitlines()]
    kinds = [event["event"] for event in events if event["event"] != "progress"]
    assert kinds == ["photo", "done", "photo", "failed", "photo", "left_out", "summary"]
    done = next(event for event in events if event["event"] == "done")
    assert (Path(done["photo"]).name, done["changed_outside"]) == ("a.png", 0)
    assert events[-1] == {
        "event": "summary",
        "total": 3,
        "filled": 1,
        "failed": 1,
        "left_out": {"no mask": 1},
        "unused_masks": [],
    }


def test_one_mask_serves_all_and_each_may_have_a_sheet_and_variants(folders, tmp_path):
    photos = [folders.photo("a.png"), folders.photo("b.png")]
    mask = folders.mask("dust.png")
    options = ("--engine", "patchmatch", "--variants", "2", "--sheet", tmp_path / "sheets")
    code, _, error = folders.fill(*options, photos=photos, mask=mask)
    assert (code, error) == (0, "")
    assert folders.saved() == {"a-1.png", "a-2.png", "b-1.png", "b-2.png"}
    sheets = {path.name for path in (tmp_path / "sheets").iterdir()}
    assert sheets == {"a-1.jpg", "a-2.jpg", "b-1.jpg", "b-2.jpg"}


def test_photos_and_their_masks_may_lie_in_one_folder(folders):
    for name in ("a.png", "b.png"):
        folders.photo(name)
    folders.mask("a-mask.png", folder=folders.photos)
    folders.mask("b_mask.png", folder=folders.photos)
    code, said, _ = folders.fill(mask=folders.photos)
    assert (code, folders.saved()) == (0, {"a.png", "b.png"})
    assert "Masks that belong" not in said


def test_a_format_may_be_asked_for_and_jpegs_are_told_of(folders):
    folders.mask(folders.photo("a.jpg").with_suffix(".png").name)
    code, said, _ = folders.fill()
    assert (code, folders.saved()) == (0, {"a.jpg"})
    assert "1 saved as JPG, which encodes every pixel anew: --format png or tif" in said
    code, said, _ = folders.fill("--format", "png")
    assert (code, folders.saved()) == (0, {"a.jpg", "a.png"})
    assert "encodes" not in said


def test_a_pattern_that_no_shell_expanded_means_the_files_it_fits(folders):
    for name in ("a.png", "b.png", "other.png"):
        folders.mask(folders.photo(name).name)
    code, said, _ = folders.fill(photos=[folders.photos / "[ab].*"])
    assert (code, folders.saved()) == (0, {"a.png", "b.png"})
    assert "Masks that belong" not in said


def test_transparency_may_be_the_mask_of_each(folders, tmp_path, rgb, capsys):
    alpha = np.full(rgb.shape[:2], 255, np.uint8)
    alpha[HOLE] = 0
    write_photo(folders.photos / "a.png", Photo(np.dstack([rgb, alpha])))
    folders.photo("opaque.png")
    words = ["fill", folders.photos, "--mask-from-alpha", "-o", folders.out, "--engine", "telea"]
    assert main([str(word) for word in words]) == 1
    said = capsys.readouterr()
    assert folders.saved() == {"a.png"}
    assert (read_photo(folders.out / "a.png").pixels[..., 3] == 255).all()
    assert "opaque.png: The photo has no transparency" in said.err


def test_a_single_photo_is_saved_in_a_folder_that_exists(folders):
    photo, mask = folders.photo("a.png"), folders.mask("mask.png")
    folders.out.mkdir()
    assert folders.fill(photos=[photo], mask=mask)[0] == 0
    assert folders.is_filled("a.png")


def test_photos_are_replaced_by_their_own_fills_on_request_only(folders):
    before = folders.mask(folders.photo("a.png").name) and (folders.photos / "a.png").read_bytes()
    code, _, error = folders.fill(out=folders.photos)
    assert (code, (folders.photos / "a.png").read_bytes()) == (2, before)
    assert "would replace the photo a.png" in error
    assert folders.fill("--overwrite", out=folders.photos)[0] == 0
    assert (folders.photos / "a.png").read_bytes() != before


@pytest.mark.parametrize(
    ("names", "masks", "options", "told"),
    [
        (["a.png", "a.tif"], ["a.png"], ("--format", "png"), "would both be saved as"),
        (["a.png"], ["b.png"], (), "No photo has a mask in"),
        (["a.png"], ["a.png", "a-mask.tif"], (), "more than one mask: a.png and a-mask.tif"),
        ([], ["a.png"], (), "There is no photo in"),
        (["a.png"], ["a.png"], ("--edges-in", "edges.png"), "--edges-in is for a single photo"),
        (["a.png"], ["a.png"], ("--strength", "1"), "has no strength"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_made(folders, names, masks, options, told):
    for name in names:
        folders.photo(name)
    for name in masks:
        folders.mask(name)
    code, said, error = folders.fill(*options)
    assert (code, said, folders.saved()) == (2, "", set())
    assert told in error
    assert not folders.out.exists()


def test_a_missing_folder_of_masks_and_a_file_for_a_folder_are_told(folders, tmp_path):
    photo = folders.photo("a.png")
    code, _, error = folders.fill(mask=tmp_path / "nowhere")
    assert code == 2
    assert "nowhere" in error
    code, _, error = folders.fill(out=photo, mask=folders.mask("a.png"))
    assert code == 2
    assert "is a file" in error


def test_a_format_is_for_several_photos(folders):
    photo, mask = folders.photo("a.png"), folders.mask("a.png")
    out = folders.photos / "new.png"
    code, _, error = folders.fill("--format", "tif", photos=[photo], mask=mask, out=out)
    assert code == 2
    assert "--format is for several photos" in error


def test_a_terminal_gets_a_bar_over_all_photos_that_goes_away(folders, monkeypatch):
    for name in ("a.png", "b.png"):
        folders.mask(folders.photo(name).name)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    code, said, _ = folders.fill()
    assert code == 0
    assert said.splitlines()[-1] == "2 photos: 2 filled."
