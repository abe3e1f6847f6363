"""Thin damage: the smoothest continuation, in tiles that do not show."""

import numpy as np
import pytest

from inpaint_studio.engines import thin
from inpaint_studio.engines.api import EngineSetup, FillRequest
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import restore
from inpaint_studio.engines.thin_solver import DEEPEST, continue_surface
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo


def hills(size=(90, 110)):
    """Waves, slopes and a bend: nothing a plane could pass for."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float64)
    red = 0.5 + 0.2 * np.sin(rows / 9 + columns / 17) + columns / 700
    green = 0.3 + rows / 400 + (columns / 300) ** 2
    blue = 0.6 - 0.15 * np.cos(columns / 11)
    return np.stack([red, green, blue], axis=-1).astype(np.float32)


def scratch(size=(90, 110), width=4):
    """A slanted line from border to border, a crossing one, and dust."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    hole = np.abs(rows - columns * 0.7 - 5) < width / 2
    hole |= np.abs(columns - size[1] // 2) < width / 2
    hole[10:13, 80:83] = True
    hole[0, 0] = True
    return hole


@pytest.fixture
def fill(finish):
    def run(picture, hole):
        engine = open_engine("thin", EngineSetup())
        _, result = finish(engine.fill(FillRequest(picture, hole)))
        return result.pixels, engine.notes

    return run


def test_slopes_are_continued_and_known_pixels_kept(fill):
    picture, hole = hills(), scratch()
    filled, notes = fill(np.where(hole[:, :, None], np.float32(0), picture), hole)
    assert np.array_equal(filled[~hole], picture[~hole])
    assert np.abs(filled - picture)[hole].max() < 0.02
    assert notes == ()


def test_without_tension_it_is_biharmonic_inpainting():
    from skimage.restoration import inpaint_biharmonic

    picture = np.random.default_rng(3).random((60, 70, 3), np.float32)
    hole = np.zeros((60, 70), bool)
    hole[20:24, 10:50] = hole[15:40, 30:33] = True  # off the border, where the two differ
    wanted = inpaint_biharmonic(picture.astype(np.float64), hole, channel_axis=-1)
    filled = continue_surface(picture, hole, tension=0)
    known = picture[~hole]
    clipped = filled.clip(known.min(axis=0), known.max(axis=0))  # as that one does
    assert clipped[hole] == pytest.approx(wanted[hole], abs=1e-5)


def test_a_wide_hole_is_filled_as_if_it_had_been_solved_whole(monkeypatch):
    picture, hole = hills((150, 170)), np.zeros((150, 170), bool)
    hole[30:110, 40:140] = hole[100:, 60:75] = True
    assert DEEPEST < 40
    quick = continue_surface(picture, hole)
    for limit in ("DEEPEST", "_MANY"):
        monkeypatch.setattr(f"inpaint_studio.engines.thin_solver.{limit}", 10**6)
    whole = continue_surface(picture, hole)
    assert np.abs(quick - whole)[hole].max() < 0.02
    assert np.abs(quick - whole)[hole].mean() < 0.003
    assert np.abs(whole - picture)[hole].mean() > 0.02  # it is not the picture that is so easy


def test_what_lies_under_the_mask_does_not_matter(fill):
    picture, hole = hills(), scratch()
    noisy = np.where(hole[:, :, None], np.random.default_rng(1).random(picture.shape), picture)
    one, other = fill(picture, hole)[0], fill(noisy.astype(np.float32), hole)[0]
    assert one.tobytes() == other.tobytes()


def test_tiles_of_a_long_scratch_meet_without_a_joint(finish, monkeypatch):
    size = (700, 900)
    grain = np.random.default_rng(5).normal(0, 0.05, (*size, 3))
    pixels = ((hills(size) + grain).clip(0, 1) * 65535).astype(np.uint16)
    photo, mask = Photo(pixels), Mask.from_hole(scratch(size, width=7))

    def filled():
        _, made = finish(restore(photo, mask, open_engine("thin", EngineSetup())))
        return flatten(photo, [(made.patch, 1.0)]).astype(np.int64)

    monkeypatch.setattr(thin, "_TILE", 200)
    tiled = filled()
    monkeypatch.setattr(thin, "_TILE", 0)
    whole = filled()
    apart = np.abs(tiled - whole)
    assert apart.max() <= 655  # 1 %, under a grain of 5 %
    assert apart[mask.hole].mean() < 20
    assert not apart[~mask.hole].any()


@pytest.mark.parametrize(
    "box", [(0, 0, 1, 1), (89, 0, 90, 110), (0, 50, 90, 53), (5, 5, 6, 6)], ids=str
)
def test_specks_and_borders_are_filled_smoothly(fill, box):
    picture, hole = hills(), np.zeros((90, 110), bool)
    hole[box[0] : box[2], box[1] : box[3]] = True
    filled, _ = fill(picture, hole)
    assert np.isfinite(filled).all()
    assert np.abs(filled - picture)[hole].max() < 0.02


def test_one_known_pixel_is_enough(fill):
    picture, hole = np.full((40, 50, 3), 0.25, np.float32), np.ones((40, 50), bool)
    hole[20, 20] = False
    filled, notes = fill(picture, hole)
    assert filled == pytest.approx(0.25, abs=1e-5)
    assert "PatchMatch" in notes[0]  # so wide a hole is not thin damage


def test_constant_photos_stay_constant(fill):
    picture = np.full((90, 110, 3), 0.7, np.float32)
    assert fill(picture, scratch())[0] == pytest.approx(0.7, abs=1e-6)


def test_colours_stay_between_black_and_white(fill):
    picture = np.random.default_rng(2).integers(0, 2, (90, 110, 3)).astype(np.float32)
    filled, _ = fill(picture, scratch(width=9))
    assert filled.min() >= 0
    assert filled.max() <= 1
