"""The engine that chooses engines: the right one for each hole, all in one patch."""

import cv2
import numpy as np
import pytest

from inpaint_studio.engines.api import EngineSetup, Preview, Progress
from inpaint_studio.engines.auto import PATCHES, SURFACE, THIN, choose_engine, describe
from inpaint_studio.engines.registry import DEFAULT_ENGINE, ENGINES, open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.engines.surroundings import Surroundings, look_around
from inpaint_studio.errors import MaskError
from inpaint_studio.imaging.composite import count_changed, flatten
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo, full_scale

SIZE = (160, 220)


def scene(dtype="uint8", channels=3):
    """Soft hills on the left, a coarse check on the right."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    soft = 0.5 + 0.2 * np.sin(rows / 40) + 0.1 * np.cos(columns / 30)
    check = 0.2 + 0.6 * ((rows // 6 + columns // 6) % 2)
    grey = np.where(columns < 110, soft, check)
    grain = np.random.default_rng(0).normal(0, 0.01, SIZE)
    pixels = np.repeat((grey + grain).clip(0, 1)[:, :, None], channels, axis=2)
    scale = full_scale(dtype)
    return Photo((pixels * scale).astype(dtype))


def holes(*boxes):
    hole = np.zeros(SIZE, bool)
    for top, left, bottom, right in boxes:
        hole[top:bottom, left:right] = True
    return hole


SCRATCH = (20, 5, 22, 90)
SOFT = (70, 25, 110, 70)
BUSY = (60, 150, 100, 195)


@pytest.fixture
def run(finish):
    def fill(photo, hole, **options):
        mask, engine = Mask.from_hole(hole), open_engine("auto", EngineSetup())
        return finish(restore(photo, mask, engine, options=RestoreOptions(**options)))

    return fill


CRACK = (20, 130, 150, 138)


def test_cracks_through_small_busy_photos_are_copied_in_large_ones_mended(run):
    _, made = run(scene(), holes(CRACK))
    assert THIN not in made.engines
    small, hole = scene(), holes(CRACK)
    wide = ((0, 0), (0, 6000 - SIZE[1]), (0, 0))
    _, made = run(Photo(np.pad(small.pixels, wide, mode="wrap")), np.pad(hole, wide[:2]))
    assert made.engines == (THIN,)


def test_it_is_the_default_and_needs_nothing():
    assert DEFAULT_ENGINE == "auto"
    assert not ENGINES["auto"].needs_card


def test_each_hole_gets_the_engine_that_suits_it_and_the_user_is_told_why(run):
    photo, hole = scene(), holes(SCRATCH, SOFT, BUSY)
    events, made = run(photo, hole)
    assert made.engines == (THIN, SURFACE, PATCHES)
    (note,) = made.notes
    assert note == (
        "1 thin line or speck: continued, with texture where it fits; "
        "1 hole, narrow or in calm surroundings: a smooth surface, then patches; "
        "1 hole in surroundings that are busy, repeat or cross it: patches."
    )
    assert (made.patch.alpha > 0).sum() == hole.sum()
    assert len({event.box for event in events if isinstance(event, Preview)}) == 3
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == 1


def test_every_part_is_filled_as_its_engine_alone_would(run, finish):
    photo, hole = scene(), holes(SCRATCH)
    alone = restore(photo, Mask.from_hole(hole), open_engine(THIN, EngineSetup()))
    patch = run(photo, hole)[1].patch
    assert patch.pixels.tobytes() == finish(alone)[1].patch.pixels.tobytes()


@pytest.mark.parametrize(
    ("around", "engine"),
    [
        (Surroundings(26, 0.004, 0.004, 0.1), THIN),  # a scratch in a large photo
        (Surroundings(26, 0.04, 0.04, 0.1), SURFACE),  # too wide to be continued
        (Surroundings(33, 0.001, 0.001), SURFACE),
        (Surroundings(60, 0.02, 0.02, -0.5), SURFACE),
        (Surroundings(60, 0.02, 0.02, 0.0), PATCHES),
        (Surroundings(60, 0.006, 0.006, 0.0), SURFACE),  # sky
        (Surroundings(900, 0.01, 0.09, -0.5), PATCHES),
    ],
)
def test_the_choice(around, engine):
    assert choose_engine(around) == engine


def test_many_are_counted_and_what_is_missing_is_not_mentioned():
    assert describe({THIN: 12}).startswith("12 thin lines and specks: continued, ")
    several = "2 holes in surroundings that are busy, repeat or cross them: patches."
    assert describe({PATCHES: 2}) == several


def test_a_net_of_scratches_with_a_blot_in_it_is_taken_apart(run):
    photo = Photo(np.tile(scene().pixels, (3, 2, 1)))
    hole = np.zeros(photo.size, bool)
    hole[30:33] = hole[:, 100:104] = hole[:, 300:305] = hole[400:404] = True
    hole[200:270, 270:340] = True
    _, made = run(photo, hole)
    assert made.engines[0] == THIN
    assert len(made.engines) == 2
    assert "1 hole" in made.notes[0]
    assert (made.patch.alpha == 255).sum() == hole.sum()


def test_arms_of_a_blot_are_not_looked_at_as_if_they_were_known():
    rng = np.random.default_rng(3)
    pixels, hole = np.full((200, 200, 3), 120, np.uint8), np.zeros((200, 200), bool)
    hole[80:120, 80:120] = hole[:, 99:102] = True
    arms = hole & ~holes_box(hole.shape, (50, 50, 150, 150))
    wild = np.where(hole[:, :, None], rng.integers(0, 256, pixels.shape), pixels)
    (around,) = look_around(Photo(wild.astype(np.uint8)), hole, of=hole & ~arms).around
    assert around.steepness == 0


def holes_box(shape, box):
    inside = np.zeros(shape, bool)
    inside[box[0] : box[2], box[1] : box[3]] = True
    return inside


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_nothing_outside_changes_at_any_depth(run, dtype, channels):
    photo, hole = scene(dtype, channels), holes(SCRATCH, SOFT)
    _, made = run(photo, hole)
    restored = flatten(photo, [(made.patch, 1.0)])
    assert count_changed(photo, restored, hole * np.uint8(255)) == 0
    truth = photo.pixels.astype(float)[hole] / full_scale(dtype)
    assert np.abs(restored.astype(float)[hole] / full_scale(dtype) - truth).mean() < 0.05


def test_what_lies_under_the_mask_does_not_matter_and_the_seed_decides(run):
    photo, hole = scene(), holes(SCRATCH, SOFT, BUSY)
    noise = np.random.default_rng(5).integers(0, 256, photo.pixels.shape, np.uint8)
    noisy = Photo(np.where(hole[:, :, None], noise, photo.pixels))
    one, other = run(photo, hole)[1], run(noisy, hole)[1]
    assert one.patch.pixels[one.patch.alpha > 0].tobytes() == (
        other.patch.pixels[other.patch.alpha > 0].tobytes()
    )
    assert one.notes == other.notes
    third = run(photo, hole, seed=1)[1]
    assert one.patch.pixels.tobytes() != third.patch.pixels.tobytes()


@pytest.mark.parametrize(
    "box",
    [(80, 100, 81, 101), (0, 0, 1, 1), (0, 0, 30, 220), (0, 0, 160, 219), (159, 0, 160, 220)],
    ids=["one pixel", "corner", "upper border", "all but a column", "last row"],
)
def test_odd_holes_are_filled(run, box):
    photo, hole = scene(), holes(box)
    _, made = run(photo, hole)
    assert (made.patch.alpha == 255).sum() == hole.sum()


def awkward(kind):
    pixels = scene("float32").pixels.copy()
    if kind == "a hole in the transparent part":
        alpha = np.ones(SIZE, np.float32)
        alpha[:, :60] = 0
        return Photo(np.dstack([pixels, alpha]))
    if kind == "not a number":
        pixels[:20] = np.nan
        return Photo(pixels)
    return Photo(pixels * 12)


@pytest.mark.parametrize("kind", ["a hole in the transparent part", "not a number", "brighter"])
def test_odd_photos_are_filled(run, kind):
    photo, hole = awkward(kind), holes((30, 40, 70, 90), (100, 20, 103, 200))
    restored = flatten(photo, [(run(photo, hole)[1].patch, 1.0)])
    assert np.isfinite(restored[hole]).all()
    assert count_changed(photo, restored, hole * np.uint8(255)) == 0


def test_a_photo_of_one_row_is_filled(run):
    photo, hole = Photo(scene().pixels[:1]), holes((0, 100, 1, 160))[:1]
    assert (run(photo, hole)[1].patch.alpha == 255).sum() == hole.sum()


def test_no_hole_and_nothing_but_hole_are_refused_in_a_sentence(run):
    with pytest.raises(MaskError, match="empty"):
        run(scene(), holes())
    with pytest.raises(MaskError, match="leaves nothing"):
        run(scene(), ~holes())


def test_widths_and_steepness_are_measured_hole_by_hole():
    photo, hole = scene(), holes(SCRATCH, SOFT, BUSY)
    looked = look_around(photo, hole)
    scratch, busy, soft = looked.around  # in reading order
    assert (scratch.width, soft.width) == (
        pytest.approx(2, abs=1.1),
        pytest.approx(40, abs=3),
    )
    assert scratch.steepness < 0.02
    assert soft.steepness < 0.02
    assert busy.steepness > 0.06
    assert np.array_equal(looked.of(np.array([False, True, False])), holes(BUSY))


def test_what_repeats_is_told_from_what_does_not():
    rows, columns = np.mgrid[:300, :400]
    lattice = 0.2 + 0.6 * ((rows // 9 + columns // 9) % 2)
    noise = np.random.default_rng(0).normal(0, 1, (300, 400)).astype(np.float32)
    clouds = 0.5 + 0.7 * cv2.GaussianBlur(noise, (0, 0), 3)
    hole = np.zeros((300, 400), bool)
    hole[100:180, 150:220] = True  # wide: seen from afar
    hole[30:34, 40:360] = True  # narrow: looked at where it is
    for picture, low, high in ((lattice, 0.1, 2.0), (clouds, -2.0, -0.2)):
        photo = Photo((np.dstack([picture] * 3).clip(0, 1) * 255).astype(np.uint8))
        for around in look_around(photo, hole).around:
            assert low < around.repeats <= high


def test_where_nothing_can_be_tried_nothing_repeats():
    flat = Photo(np.full((60, 60, 3), 99, np.uint8))
    hole = np.zeros((60, 60), bool)
    hole[20:40, 20:40] = True
    (around,) = look_around(flat, hole).around
    assert around.repeats == -1


def test_a_wide_hole_is_judged_from_afar():
    rows, columns = np.mgrid[:600, :600]
    grain = 127 + 100 * np.sin(rows / 0.7) * np.sin(columns / 0.7)
    hole = np.zeros((600, 600), bool)
    hole[100:500, 100:500] = True
    photo = Photo(np.repeat(grain[:, :, None], 3, axis=2).astype(np.uint8))
    (around,) = look_around(photo, hole).around
    assert around.steepness > 0.05
    assert around.busyness < around.steepness / 2  # from afar such grain is grey


def test_transparent_surroundings_are_not_looked_at():
    pixels = np.dstack([scene().pixels, np.full(SIZE, 255, np.uint8)])
    hole = holes(SOFT)
    pixels[60:120, 15:24] = (255, 0, 255, 0)
    (around,) = look_around(Photo(pixels), hole).around
    assert around.steepness < 0.02
