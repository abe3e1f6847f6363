import threading

import numpy as np
import pytest

from inpaint_studio.engines.api import EngineSetup, FillRequest, Preview, Progress
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo


@pytest.fixture
def fill(finish):
    def run(picture, hole, *, seed=0, asked=None, invented=None, **options):
        request = FillRequest(picture, hole, None, seed, options, asked=asked, invented=invented)
        engine = open_engine("patchmatch", EngineSetup())
        _, result = finish(engine.fill(request))
        return result.pixels, engine.notes

    return run


def woven(size=(120, 150), noise=0.05, seed=3):
    """Cloth with grain: a texture with a period and one without."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    weave = 0.5 + 0.15 * np.sin(rows * 0.9) * np.sin(columns * 0.7)
    picture = np.stack([weave, 0.8 * weave, 0.6 * weave], axis=-1)
    picture += np.random.default_rng(seed).normal(0, noise, picture.shape)
    return picture.clip(0, 1).astype(np.float32)


def box_hole(size, box):
    hole = np.zeros(size, bool)
    hole[box[0] : box[2], box[1] : box[3]] = True
    return hole


def fineness(picture, hole):
    """Energy of what a pixel differs from its neighbours by."""
    across = np.diff(picture.mean(axis=2), axis=1)
    return float(across[hole[:, 1:] & hole[:, :-1]].std())


HOLE = box_hole((120, 150), (40, 50, 80, 95))


def test_texture_is_continued_with_its_grain(fill):
    picture = woven()
    damaged = np.where(HOLE[:, :, None], np.float32(0), picture)
    filled, notes = fill(damaged, HOLE)
    ratio = fineness(filled, HOLE) / fineness(picture, HOLE)
    assert 0.8 < ratio < 1.25
    assert np.array_equal(filled[~HOLE], picture[~HOLE])
    assert notes == ()


def test_smooth_engines_lose_the_grain_that_patches_keep(finish):
    picture = woven()
    _, smooth = finish(open_engine("telea", EngineSetup()).fill(FillRequest(picture, HOLE)))
    assert fineness(smooth.pixels, HOLE) < 0.5 * fineness(picture, HOLE)


def test_a_weave_is_continued_in_step(fill):
    picture = woven(noise=0)
    filled, _ = fill(np.where(HOLE[:, :, None], np.float32(0), picture), HOLE)
    assert np.abs(filled - picture)[HOLE].mean() < 0.03  # out of step it would be 0.07 and more


def test_what_lies_under_the_mask_does_not_matter(fill):
    picture = woven()
    noise = np.random.default_rng(9).random(picture.shape, np.float32)
    one, _ = fill(np.where(HOLE[:, :, None], np.float32(0), picture), HOLE)
    other, _ = fill(np.where(HOLE[:, :, None], noise, picture), HOLE)
    assert np.array_equal(one, other)


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(fill, monkeypatch):
    picture = woven()
    fills = []
    for threads in (1, 2, 5):
        monkeypatch.setattr("inpaint_studio.engines.patchmatch.thread_count", lambda n=threads: n)
        fills.append(fill(picture, HOLE, seed=4)[0].tobytes())
    assert len(set(fills)) == 1


def test_another_seed_gives_another_fill(fill):
    picture = woven()
    assert not np.array_equal(fill(picture, HOLE, seed=1)[0], fill(picture, HOLE, seed=2)[0])


def test_without_offsets_every_filled_pixel_is_a_known_one(fill):
    picture = woven()
    picture[HOLE] = (1, 0, 1)
    filled, _ = fill(picture, HOLE, offsets=0)
    known = {pixel.tobytes() for pixel in picture[~HOLE]}
    assert all(pixel.tobytes() in known for pixel in filled[HOLE])


def test_nothing_is_taken_from_other_holes_or_earlier_fills(fill):
    picture = woven()
    other = box_hole(HOLE.shape, (5, 5, 35, 45))
    invented = box_hole(HOLE.shape, (85, 100, 115, 145))
    picture[other | invented] = (0, 1, 0)
    filled, _ = fill(picture, HOLE | other, asked=HOLE, invented=invented, offsets=0)
    pixels = filled[HOLE]
    assert not np.any(np.all(pixels == np.float32((0, 1, 0)), axis=1))


@pytest.mark.parametrize(
    ("sources", "allowed"), [("sides", (0.6, 0.0)), ("above-below", (0.0, 0.6))]
)
def test_sources_can_be_limited_to_two_sides(fill, sources, allowed):
    picture = np.full((120, 150, 3), 0.3, np.float32)
    picture[:, :, 1] = 0
    picture[:30], picture[90:] = (0.3, 0, 0.6), (0.3, 0, 0.6)
    picture[33:87, :40] = picture[33:87, 105:] = (0.3, 0.6, 0)
    filled, _ = fill(picture, HOLE, sources=sources, offsets=0)
    green, blue = filled[HOLE][:, 1].max(), filled[HOLE][:, 2].max()
    assert green >= allowed[0] or blue >= allowed[1]
    if sources == "sides":
        assert blue <= 0.3  # the strip above and below the box is in reach, what is beyond is not
    else:
        assert green == 0


@pytest.mark.parametrize(
    "box",
    [(0, 0, 30, 40), (90, 0, 120, 150), (60, 70, 61, 71), (0, 60, 120, 64), (119, 149, 120, 150)],
)
def test_holes_at_the_border_and_of_one_pixel_are_filled(fill, box):
    picture = woven()
    hole = box_hole(picture.shape[:2], box)
    picture[hole] = (1, 0, 1)
    filled, _ = fill(picture, hole)
    assert np.abs(filled[hole].mean(axis=0) - picture[~hole].mean(axis=0)).max() < 0.12
    assert np.array_equal(filled[~hole], picture[~hole])


@pytest.mark.parametrize("size", [(1, 2), (3, 3), (6, 40), (7, 7), (8, 9)])
def test_photos_too_small_for_a_patch_are_filled_smoothly_and_it_is_said(fill, size):
    picture = np.full((*size, 3), 0.4, np.float32)
    hole = np.zeros(size, bool)
    hole[size[0] // 2, size[1] // 2] = True
    picture[hole] = 1
    filled, notes = fill(picture, hole)
    assert np.allclose(filled, 0.4, atol=1e-5)
    assert any("smoothly" in note for note in notes)


def test_a_constant_photo_stays_constant(fill):
    picture = np.full((90, 100, 3), 0.25, np.float32)
    hole = box_hole((90, 100), (20, 20, 70, 80))
    filled, _ = fill(np.where(hole[:, :, None], np.float32(1), picture), hole)
    assert np.allclose(filled, 0.25, atol=1e-5)


def test_a_photo_that_is_almost_all_hole_is_filled(fill):
    picture = woven()
    hole = np.ones(picture.shape[:2], bool)
    hole[:9] = False
    filled, _ = fill(picture, hole)
    assert np.isfinite(filled).all()
    assert filled.min() >= 0
    assert filled.max() <= 1


def test_a_gradient_carries_no_step(fill):
    columns = np.linspace(0.2, 0.8, 200, dtype=np.float32)
    picture = np.repeat(np.repeat(columns[None, :, None], 120, axis=0), 3, axis=2)
    hole = box_hole((120, 200), (40, 70, 80, 120))
    filled, _ = fill(np.where(hole[:, :, None], np.float32(0), picture), hole)
    assert np.abs(filled - picture)[hole].max() < 0.03


def test_it_can_be_stopped_and_leaves_no_thread(monkeypatch):
    before = threading.active_count()
    run = open_engine("patchmatch", EngineSetup()).fill(FillRequest(woven(), HOLE))
    seen = [next(run) for _ in range(6)]
    run.close()
    assert threading.active_count() == before
    assert all(isinstance(event, Progress | Preview) for event in seen)


def test_progress_grows_and_previews_come_before_the_end(finish):
    engine = open_engine("patchmatch", EngineSetup())
    events, _ = finish(engine.fill(FillRequest(woven(), HOLE)))
    done = [event.done for event in events if isinstance(event, Progress)]
    previews = [event for event in events if isinstance(event, Preview)]
    assert done == sorted(done)
    assert 0 <= done[0] <= done[-1] < 1
    assert previews
    heights = [event.pixels.shape[0] for event in previews]
    assert heights == sorted(heights)
    assert heights[-1] == HOLE.shape[0]
    assert all(event.hole.shape == event.pixels.shape[:2] for event in previews)


@pytest.mark.parametrize(
    "options", [{"sources": "moon"}, {"offsets": "much"}, {"offsets": 2}, {"offsets": float("nan")}]
)
def test_options_that_make_no_sense_are_refused(options):
    request = FillRequest(woven(), HOLE, options=options)
    with pytest.raises(UsageError):
        list(open_engine("patchmatch", EngineSetup()).fill(request))


@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 3), (np.uint16, 3), (np.uint16, 1)])
def test_restored_photos_keep_every_known_pixel_and_the_grain(finish, dtype, channels):
    top = np.iinfo(dtype).max
    pixels = np.rint(woven()[:, :, :channels] * top).astype(dtype)
    photo = Photo(pixels)
    engine = open_engine("patchmatch", EngineSetup())
    mask = Mask.from_hole(HOLE)
    _, made = finish(restore(photo, mask, engine, options=RestoreOptions(seed=2)))
    flat = flatten(photo, [(made.patch, 1.0)])
    assert np.array_equal(flat[~HOLE], pixels[~HOLE])
    ratio = fineness(flat / top, HOLE) / fineness(pixels / top, HOLE)
    assert 0.8 < ratio < 1.25
