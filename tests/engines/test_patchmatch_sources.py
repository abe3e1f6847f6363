"""Where PatchMatch takes its patches from: sides, painted regions, mirrored and turned copies."""

import numpy as np
import pytest

from inpaint_studio.engines.api import EngineSetup, FillRequest, Preview
from inpaint_studio.engines.patchmatch import fill_with_patches
from inpaint_studio.engines.patchmatch_options import SOURCES, PatchOptions
from inpaint_studio.engines.patchmatch_sources import limit_sources, with_copies
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

SIZE = (90, 110)
HOLE = np.zeros(SIZE, bool)
HOLE[35:60, 40:70] = True


def grain(size=SIZE, seed=0):
    return np.random.default_rng(seed).random((*size, 3), np.float32)


def fill(finish, picture, hole=HOLE, **options):
    engine = open_engine("patchmatch", EngineSetup())
    _, result = finish(engine.fill(FillRequest(picture, hole, None, 0, {"offsets": 0, **options})))
    return result.pixels, engine.notes


def pixels_of(picture):
    return {pixel.tobytes() for pixel in picture.reshape(-1, 3)}


@pytest.mark.parametrize("sources", SOURCES)
def test_every_patch_comes_from_the_sides_asked_for(finish, sources):
    picture = grain()
    filled, notes = fill(finish, picture, sources=sources)
    window = limit_sources(~HOLE, HOLE, sources)
    known = pixels_of(picture[window])
    assert all(pixel.tobytes() in known for pixel in filled[HOLE])
    assert notes == ()
    assert window.sum() < (~HOLE).sum() or sources == "around"


def test_sides_are_told_apart():
    limited = {sources: limit_sources(~HOLE, HOLE, sources) for sources in SOURCES}
    assert limited["left"][47, 5]
    assert not limited["left"][47, 105]
    assert limited["right"][47, 105]
    assert limited["above"][5, 55]
    assert not limited["above"][85, 55]
    assert limited["below"][85, 55]
    assert np.array_equal(limited["sides"], limited["left"] | limited["right"])


def test_where_nothing_may_be_copied_patches_come_from_elsewhere_and_it_is_said(finish):
    run = fill_with_patches(FillRequest(grain(), HOLE), allowed=np.zeros(SIZE, bool))
    _, (result, notes) = finish(run)
    assert len(notes) == 1
    assert "all around" in notes[0]
    assert np.isfinite(result.pixels).all()


def stripes(slant):
    """Lines that fall to the right for slant 1, to the left for -1, on uneven ground."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    bright = 0.5 + 0.3 * np.sin((rows - slant * columns) * 0.5)
    return np.repeat(bright[:, :, None], 3, axis=2).astype(np.float32)


def test_mirrored_patches_are_found_when_they_are_asked_for(finish):
    truth = stripes(1)
    picture = truth.copy()
    picture[:, 80:] = stripes(-1)[:, 80:]
    picture[HOLE] = 0
    around = np.zeros(SIZE, bool)
    around[:, 80:] = True
    errors = {}
    for mirrored in ("no", "yes"):
        options = {"mirrored": mirrored, "offsets": 0}
        run = fill_with_patches(FillRequest(picture, HOLE, None, 0, options), allowed=around)
        _, (result, _) = finish(run)
        errors[mirrored] = np.abs(result.pixels - truth)[HOLE].mean()
    assert errors["yes"] < 0.6 * errors["no"]


@pytest.mark.parametrize(("mirrored", "turned", "copies"), [(1, 0, 1), (0, 1, 3), (1, 1, 7)])
def test_copies_lie_beside_the_crop_and_hold_nothing_of_the_hole(mirrored, turned, copies):
    picture = grain()
    canvas = with_copies(picture, HOLE, ~HOLE, mirrored=bool(mirrored), turned=bool(turned))
    assert canvas.sources.sum() == (copies + 1) * (~HOLE).sum()
    assert np.array_equal(canvas.photo[: SIZE[0], : SIZE[1]], picture)
    assert canvas.hole.sum() == HOLE.sum()
    assert not (canvas.hole & canvas.sources).any()
    assert pixels_of(canvas.photo[canvas.sources]) == pixels_of(picture[~HOLE])


@pytest.mark.parametrize("way", ["mirrored", "turned"])
def test_copies_change_nothing_outside_and_what_is_under_the_mask_does_not_matter(finish, way):
    picture = grain()
    other = np.where(HOLE[:, :, None], grain(seed=5), picture)
    one, _ = fill(finish, picture, **{way: "yes"})
    two, _ = fill(finish, other, **{way: "yes"})
    assert np.array_equal(one, two)
    assert np.array_equal(one[~HOLE], picture[~HOLE])
    known = pixels_of(picture[~HOLE])
    assert all(pixel.tobytes() in known for pixel in one[HOLE])


def test_holes_at_the_right_and_lower_border_are_filled_beside_copies(finish):
    hole = np.zeros(SIZE, bool)
    hole[60:, 80:] = True
    picture = np.full((*SIZE, 3), 0.4, np.float32)
    filled, _ = fill(finish, np.where(hole[:, :, None], np.float32(1), picture), hole, turned="yes")
    assert np.allclose(filled, 0.4, atol=1e-5)


@pytest.fixture
def far_cloth():
    """A large red photo, a hole at the left, and green cloth far away at the right."""
    pixels = np.zeros((120, 900, 3), np.uint8)
    pixels[:, :, 0] = 120
    green = np.random.default_rng(1).integers(100, 140, (60, 60), np.uint8)
    pixels[30:90, 820:880] = green[:, :, None] * np.array([0, 1, 0], np.uint8)
    hole = np.zeros((120, 900), bool)
    hole[50:70, 20:40] = True
    area = np.zeros((120, 900), bool)
    area[30:90, 820:880] = True
    return Photo(pixels), Mask.from_hole(hole), area


def test_a_painted_area_far_from_the_hole_is_copied_from(finish, far_cloth):
    photo, mask, area = far_cloth
    engine = open_engine("patchmatch", EngineSetup())
    options = RestoreOptions(options={"offsets": 0}, allowed=area)
    events, made = finish(restore(photo, mask, engine, options=options))
    filled = made.patch.pixels[made.patch.alpha > 0]
    assert (filled[:, 1] >= 100).all()
    assert (filled[:, 0] == 0).all()
    assert any(isinstance(event, Preview) for event in events)


def test_a_forbidden_area_is_never_copied_from_even_where_it_is_allowed(finish):
    """A hole between blue and red: the red is forbidden, though it is the nearer of the two."""
    pixels = np.zeros((80, 200, 3), np.uint8)
    pixels[:, :60, 2] = 200
    pixels[:, 60:, 0] = 200
    hole = np.zeros((80, 200), bool)
    hole[30:50, 80:100] = True
    red = np.zeros((80, 200), bool)
    red[:, 60:] = True
    everywhere = np.ones((80, 200), bool)
    for allowed in (None, everywhere):
        engine = open_engine("patchmatch", EngineSetup())
        options = RestoreOptions(options={"offsets": 0}, allowed=allowed, forbidden=red)
        _, made = finish(restore(Photo(pixels), Mask.from_hole(hole), engine, options=options))
        filled = made.patch.pixels[made.patch.alpha > 0]
        assert (filled[:, 0] == 0).all()
        assert (filled[:, 2] == 200).all()


def test_an_area_of_another_size_is_refused(far_cloth):
    photo, mask, _ = far_cloth
    engine = open_engine("patchmatch", EngineSetup())
    with pytest.raises(UsageError, match="area to copy from"):
        list(restore(photo, mask, engine, options=RestoreOptions(allowed=np.ones((9, 9), bool))))
    with pytest.raises(UsageError, match="area to keep out of"):
        list(restore(photo, mask, engine, options=RestoreOptions(forbidden=np.ones((9, 9), bool))))


def test_options_are_read_from_words():
    options = PatchOptions.read({"mirrored": "Yes", "turned": False, "radius": 3})
    assert options == PatchOptions(mirrored=True)


@pytest.mark.parametrize("options", [{"mirrored": "perhaps"}, {"turned": 2}, {"sources": "far"}])
def test_other_words_are_refused(options):
    with pytest.raises(UsageError):
        PatchOptions.read(options)
