"""Thin damage in texture: what repeats comes back, what does not is left to the surface."""

import numpy as np
import pytest

from inpaint_studio.engines.api import EngineSetup, Preview
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.imaging.composite import count_changed, flatten
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo, full_scale

SIZE = (300, 340)


def stripes(size=SIZE):
    """A weave of slanted lines whose brightness drifts: it repeats, but never at the same level."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float64)
    weave = 0.5 + 0.2 * np.sin((rows + 2 * columns) / 3) + 0.1 * np.sin((2 * rows - columns) / 4)
    return weave + columns / 1700


def noise(size=SIZE):
    return np.random.default_rng(4).normal(0.5, 0.15, size).clip(0, 1)


def scratches(size=SIZE, width=7):
    """Two that cross and meet the border, and dust."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    hole = np.abs(rows - columns * 0.6 - 20) < width / 2
    hole |= np.abs(columns - 0.2 * rows - 120) < width / 2
    hole[50:53, 300:304] = hole[0, 0] = hole[299, 100] = True
    return hole


def photo_of(grey, dtype="uint8", channels=3):
    pixels = np.repeat((grey.clip(0, 1) * full_scale(dtype))[:, :, None], channels, axis=2)
    if channels == 4:
        pixels[:, :, 3] = full_scale(dtype)
    return Photo(pixels.astype(dtype))


@pytest.fixture
def run(finish):
    def mend(photo, hole, engine="thin+texture", **options):
        opened = open_engine(engine, EngineSetup())
        mask = Mask.from_hole(hole)
        events, made = finish(restore(photo, mask, opened, options=RestoreOptions(**options)))
        return events, flatten(photo, [(made.patch, 1.0)])

    return mend


def error(filled, photo, hole):
    return np.abs(filled.astype(float) - photo.pixels)[hole].mean()


def test_what_repeats_comes_back(run):
    photo, hole = photo_of(stripes()), scratches()
    smooth, textured = run(photo, hole, "thin")[1], run(photo, hole)[1]
    assert error(textured, photo, hole) < 0.5 * error(smooth, photo, hole)


def test_what_nothing_explains_is_left_smooth(run):
    photo, hole = photo_of(noise()), scratches()
    smooth, textured = run(photo, hole, "thin")[1], run(photo, hole)[1]
    assert error(textured, photo, hole) < 1.03 * error(smooth, photo, hole)


def test_calm_surroundings_are_filled_as_thin_damage_is(run):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    photo, hole = photo_of(0.3 + rows / 20000 + columns / 20000), scratches()
    assert np.array_equal(run(photo, hole)[1], run(photo, hole, "thin")[1])


@pytest.mark.parametrize("engine", ["thin", "thin+texture"])
@pytest.mark.parametrize(("dtype", "channels"), [("uint8", 1), ("uint16", 3), ("float32", 4)])
def test_nothing_outside_changes_at_any_depth(run, engine, dtype, channels):
    photo, hole = photo_of(stripes(), dtype, channels), scratches()
    _, filled = run(photo, hole, engine)
    assert count_changed(photo, filled, hole * np.uint8(255)) == 0
    assert error(filled, photo, hole) < 0.12 * full_scale(dtype)


def test_what_lies_under_the_mask_does_not_matter(run):
    photo, hole = photo_of(stripes()), scratches()
    wild = np.random.default_rng(1).integers(0, 256, photo.pixels.shape, np.uint8)
    other = Photo(np.where(hole[:, :, None], wild, photo.pixels))
    assert np.array_equal(run(photo, hole)[1], run(other, hole)[1])


@pytest.mark.parametrize("engine", ["thin", "thin+texture"])
def test_what_is_in_view_comes_first_and_the_fill_is_the_same(run, engine, monkeypatch):
    size = (600, 700)
    photo, hole = photo_of(stripes(size)), scratches(size)
    view = Box(520, 100, 600, 300)
    events, seen = run(photo, hole, engine, first=view)
    monkeypatch.setattr("inpaint_studio.engines.thin_photo.thread_count", lambda: 1)
    all_events, whole = run(photo, hole, engine)
    assert np.array_equal(seen, whole)
    shown = [event.box for event in events if isinstance(event, Preview)]
    assert shown
    assert not any(box.intersect(view).is_empty for box in shown)  # the rest nobody would see
    assert len(shown) < sum(isinstance(event, Preview) for event in all_events)
    assert any("part 2 of" in getattr(event, "stage", "") for event in events)


def test_the_seed_decides_and_decides_alone(run):
    photo, hole = photo_of(stripes() + noise() / 8), scratches()
    one, again, other = (run(photo, hole, seed=seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("area", ["allowed", "forbidden"])
def test_texture_comes_only_from_where_it_may(run, area):
    photo, hole = photo_of(stripes()), scratches()
    nothing = np.full(SIZE, area == "forbidden")
    kept = run(photo, hole, **{area: nothing})[1]
    assert np.array_equal(kept, run(photo, hole, "thin")[1])


@pytest.mark.parametrize("engine", ["thin", "thin+texture"])
def test_an_arm_is_mended_and_the_blot_it_leads_to_filled_too(run, engine):
    photo, hole = photo_of(stripes()), scratches()
    hole[180:260, 40:130] = True
    _, filled = run(photo, hole, engine)
    arms = scratches()
    arms[150:, 10:160] = False
    assert error(filled, photo, arms) < 25
    assert count_changed(photo, filled, hole * np.uint8(255)) == 0
    assert error(filled, photo, hole) < 50


def test_transparent_pixels_are_neither_copied_nor_joined(run):
    pixels = np.dstack([photo_of(stripes()).pixels, np.full(SIZE, 255, np.uint8)])
    pixels[140:, :, :3], pixels[140:, :, 3] = (255, 0, 255), 0
    hole = scratches()
    hole[140:] = False
    filled = run(Photo(pixels), hole)[1].astype(int)
    assert np.abs(filled[..., 0] - filled[..., 1])[hole].max() < 3  # no magenta comes in


def test_stopping_in_the_midst_ends_all_threads():
    photo, hole = photo_of(stripes((600, 700))), scratches((600, 700))
    fill = restore(photo, Mask.from_hole(hole), open_engine("thin+texture", EngineSetup()))
    for _ in range(6):
        next(fill)
    fill.close()  # the test run fails on threads that are left
