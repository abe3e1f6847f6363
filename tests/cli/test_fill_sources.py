"""Where the command line lets texture be copied from."""

import numpy as np
import pytest

from inpaint_studio.cli.main import main
from inpaint_studio.imaging.files import read_photo, write_mask, write_photo
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

HEIGHT, WIDTH, MIDDLE = 64, 120, 60


@pytest.fixture
def files(tmp_path, rng):
    """A photo that is red on the left and blue on the right, and a hole across both."""
    pixels = rng.integers(0, 40, (HEIGHT, WIDTH, 3), np.uint8)
    pixels[:, :MIDDLE, 0] += 180
    pixels[:, MIDDLE:, 2] += 180
    hole = np.zeros((HEIGHT, WIDTH), bool)
    hole[24:40, MIDDLE - 8 : MIDDLE + 8] = True
    right = np.zeros((HEIGHT, WIDTH), bool)
    right[:, MIDDLE:] = True
    write_photo(tmp_path / "photo.png", Photo(pixels))
    write_mask(tmp_path / "mask.png", Mask.from_hole(hole))
    write_mask(tmp_path / "right.png", Mask.from_hole(right))

    def fill(*options, engine="patchmatch"):
        out = tmp_path / "out.png"
        out.unlink(missing_ok=True)
        paths = [tmp_path / "photo.png", "--mask", tmp_path / "mask.png", "-o", out]
        given = ["fill", *paths, "--engine", engine, "--quiet", *options]
        code = main([str(word) for word in given])
        return code, read_photo(out).pixels[hole] if out.exists() else None

    return fill, tmp_path


def test_sides_mirrors_and_turns_reach_the_engine(files):
    fill, _ = files
    fills = [
        fill(*options)
        for options in ((), ("--copy-from", "left"), ("--mirrored",), ("--mirrored", "--turned"))
    ]
    assert [code for code, _ in fills] == [0] * 4
    assert len({filled.tobytes() for _, filled in fills}) == 4


def test_texture_comes_from_the_painted_area_only(files):
    fill, folder = files
    code, filled = fill("--source", folder / "right.png")
    assert code == 0
    assert (filled[:, 2] > filled[:, 0]).mean() > 0.9


def test_texture_never_comes_from_the_area_to_avoid(files):
    fill, folder = files
    code, filled = fill("--avoid", folder / "right.png")
    assert code == 0
    assert (filled[:, 0] > filled[:, 2]).mean() > 0.9


@pytest.mark.parametrize("option", ["--copy-from=left", "--mirrored", "--turned"])
def test_an_engine_that_copies_nothing_says_so(files, capsys, option):
    fill, _ = files
    code, filled = fill(option, engine="telea")
    assert (code, filled) == (2, None)
    assert "copies no texture" in capsys.readouterr().err


def test_an_area_of_another_size_is_refused(files, capsys):
    fill, folder = files
    write_mask(folder / "small.png", Mask.from_hole(np.ones((8, 8), bool)))
    code, filled = fill("--source", folder / "small.png")
    assert (code, filled) == (1, None)
    assert "small.png" in capsys.readouterr().err


def test_the_area_to_copy_from_is_never_replaced(files, capsys):
    _, folder = files
    area = folder / "right.png"
    before = area.read_bytes()
    given = ["fill", folder / "photo.png", "--mask", folder / "mask.png", "-o", area]
    assert main([str(word) for word in (*given, "--source", area, "--overwrite")]) == 2
    assert "is being read" in capsys.readouterr().err
    assert area.read_bytes() == before
