from dataclasses import dataclass

import numpy as np
import pytest

from inpaint_studio.engines.api import EdgeMap, Preview, Progress
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.errors import MaskError, UsageError
from inpaint_studio.imaging.composite import count_changed, flatten
from inpaint_studio.imaging.geometry import Box, Point, Size, SizeRule
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo, full_scale

NETWORK = SizeRule(minimum=64, multiple_of=64, working=128)
DEPTHS = ["uint8", "uint16", "float32"]


def make_photo(rng, size=(150, 200), channels=3, dtype="uint8"):
    pixels = rng.random((*size, channels)) * full_scale(dtype)
    return Photo(pixels.astype(dtype))


def make_mask(size, *boxes):
    hole = np.zeros(size, bool)
    for box in boxes:
        hole[Box(*box).slices] = True
    return Mask.from_hole(hole)


@dataclass
class Case:
    size: tuple[int, int]
    boxes: tuple[tuple[int, int, int, int], ...]


CASES = {
    "inside": Case((150, 200), ((40, 50, 70, 90),)),
    "one pixel": Case((150, 200), ((7, 9, 8, 10),)),
    "in the corner": Case((150, 200), ((0, 0, 30, 30),)),
    "along all borders": Case(
        (150, 200), ((0, 0, 5, 200), (145, 0, 150, 200), (0, 0, 150, 5), (0, 195, 150, 200))
    ),
    "all but one pixel": Case((150, 200), ((0, 0, 149, 200), (149, 1, 150, 200))),
    "left half": Case((150, 200), ((0, 0, 150, 100),)),
    "many": Case((150, 200), tuple((y, x, y + 3, x + 3) for y in (5, 80) for x in (3, 100, 190))),
    "tiny photo": Case((3, 2), ((0, 0, 1, 1),)),
    "long scratch": Case((60, 900), ((30, 10, 33, 890),)),
}


@pytest.mark.parametrize("rule", [SizeRule(), NETWORK], ids=["any size", "network"])
@pytest.mark.parametrize("dtype", DEPTHS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_nothing_changes_outside_the_hole_and_all_of_it_is_filled(
    rng, fake_engine, finish, case, dtype, rule
):
    photo = make_photo(rng, case.size, dtype=dtype)
    mask = make_mask(case.size, *case.boxes)

    def paint(request):
        return np.where(request.hole[:, :, None], np.float32(2), request.photo)  # clipped to white

    _, restoration = finish(restore(photo, mask, fake_engine(paint, rule)))
    patch = restoration.patch
    restored = flatten(photo, [(patch, 1.0)])
    assert patch.pixels.dtype == photo.pixels.dtype
    assert count_changed(photo, restored, mask.coverage) == 0
    assert restored[mask.hole] == pytest.approx(full_scale(dtype), rel=1e-3)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_grey_and_alpha_photos_are_filled_in_their_own_channels(rng, fake_engine, finish, channels):
    photo = make_photo(rng, channels=channels, dtype="uint16")
    mask = make_mask(photo.size, (40, 50, 70, 90))
    _, restoration = finish(restore(photo, mask, fake_engine()))
    assert restoration.patch.pixels.shape == (30, 40, photo.color_channels)
    assert restoration.patch.at == Point(40, 50)
    assert (restoration.patch.alpha == 255).all()


def test_what_lies_under_the_hole_does_not_matter(rng, fake_engine, finish):
    photo = make_photo(rng)
    mask = make_mask(photo.size, (40, 50, 70, 90))
    other = photo.pixels.copy()
    other[mask.hole] = 255
    patches = [
        finish(restore(one, mask, fake_engine(size_rule=NETWORK)))[1].patch
        for one in (photo, Photo(other))
    ]
    assert np.array_equal(patches[0].pixels, patches[1].pixels)


def test_transparent_pixels_are_no_context_and_are_not_filled(rng, fake_engine, finish):
    pixels = make_photo(rng, channels=4).pixels.copy()
    pixels[:, :, 3] = 255
    pixels[30:80, 80:120, :] = (255, 0, 255, 0)
    mask = make_mask((150, 200), (40, 50, 70, 90))
    engine = fake_engine()
    _, restoration = finish(restore(Photo(pixels), mask, engine))
    (request,) = engine.requests
    known = request.photo[~request.hole]
    assert not (known == (1, 0, 1)).all(axis=1).any()
    assert restoration.patch.alpha.shape == (30, 40)


def test_a_hole_filled_first_is_context_for_the_next(rng, fake_engine, finish):
    photo = Photo(np.full((40, 2000, 3), 200, np.uint8))
    mask = make_mask(photo.size, (0, 0, 40, 1900))
    engine = fake_engine(size_rule=NETWORK)
    _, restoration = finish(restore(photo, mask, engine))
    assert len(engine.requests) > 3
    assert (restoration.patch.pixels == 200).all()


def test_events_are_placed_on_the_photo_and_progress_only_grows(rng, fake_engine, finish):
    photo = make_photo(rng, (300, 900))
    mask = make_mask(photo.size, (100, 100, 120, 120), (200, 800, 210, 820))
    events, restoration = finish(restore(photo, mask, fake_engine(size_rule=NETWORK)))
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done[0] == 0
    assert done[-1] == 1
    assert done == sorted(done)
    edges = [event for event in events if isinstance(event, EdgeMap)]
    previews = [event for event in events if isinstance(event, Preview)]
    assert restoration.edges == tuple(edges)
    assert len(edges) == 2
    assert len(previews) == 4  # one from the engine and one when it is in place, for each hole
    for event, box in zip(edges, [(100, 100, 120, 120), (200, 800, 210, 820)], strict=True):
        assert event.box.contains(Box(*box))
        assert event.edges.shape == event.hole.shape == event.box.size
        hole = np.argwhere(event.hole) + event.box.origin
        assert tuple(hole.min(axis=0)) == box[:2]
        assert tuple(hole.max(axis=0) + 1) == box[2:]


def test_edges_drawn_in_another_regions_part_of_a_hole_are_not_called_found(fake_engine, finish):
    photo = Photo(np.full((40, 2000, 3), 200, np.uint8))
    mask = make_mask(photo.size, (0, 0, 40, 1900))
    _, restoration = finish(restore(photo, mask, fake_engine(size_rule=NETWORK)))
    assert len(restoration.edges) > 3
    for part in restoration.edges:
        assert part.edges[part.hole].all()
        assert not part.edges[~part.hole].any()


def test_a_crop_larger_than_the_engine_works_at_is_scaled_down_and_back(rng, fake_engine, finish):
    rows, columns = np.mgrid[:600, :600]
    photo = Photo(np.stack([rows / 600, columns / 600, rows * 0 + 0.5], -1).astype(np.float32))
    mask = make_mask(photo.size, (200, 200, 400, 400))

    def continue_gradient(request):
        assert max(request.photo.shape) <= 128
        known = ~request.hole
        at = np.argwhere(known)
        a = np.column_stack([at, np.ones(len(at))])
        fit, *_ = np.linalg.lstsq(a, request.photo[known], rcond=None)
        everywhere = np.argwhere(request.hole | True)
        plane = np.column_stack([everywhere, np.ones(len(everywhere))]) @ fit
        return np.where(request.hole[:, :, None], plane.reshape(request.photo.shape), request.photo)

    _, restoration = finish(restore(photo, mask, fake_engine(continue_gradient, NETWORK)))
    truth = photo.pixels[200:400, 200:400]
    assert np.abs(restoration.patch.pixels - truth).max() < 0.005


def test_soft_coverage_and_feather_weaken_the_patch_only_inside(rng, fake_engine, finish):
    photo = make_photo(rng)
    coverage = make_mask(photo.size, (40, 50, 70, 90)).coverage.copy()
    coverage[40:70, 50:60] = 100
    options = RestoreOptions(feather=4)
    _, restoration = finish(restore(photo, Mask(coverage), fake_engine(), options=options))
    alpha = restoration.patch.alpha
    assert alpha[15, 30] == 255
    assert alpha[15, 9] == 100
    assert 0 < alpha[0, 30] < 255
    assert alpha[0, 30] < alpha[1, 30] < alpha[3, 30]


def test_grow_takes_in_the_rim(rng, fake_engine, finish):
    photo = make_photo(rng)
    mask = make_mask(photo.size, (40, 50, 70, 90))
    _, restoration = finish(restore(photo, mask, fake_engine(), options=RestoreOptions(grow=3)))
    assert restoration.patch.at == Point(37, 47)
    assert restoration.patch.alpha[15, 0] == 255


def test_drawn_edges_reach_the_engine_in_place(rng, fake_engine, finish):
    photo = make_photo(rng, (150, 200))
    edges = np.zeros(photo.size, np.float32)
    edges[55] = 1
    engine = fake_engine(size_rule=NETWORK)
    mask = make_mask(photo.size, (50, 60, 60, 70))
    events, _ = finish(
        restore(photo, mask, engine, options=RestoreOptions(edges=edges, seed=7, options={"a": 1}))
    )
    (request,) = engine.requests
    crop = next(event.box for event in events if isinstance(event, EdgeMap))
    rows = np.flatnonzero(request.edges.any(axis=1))
    assert rows.tolist() == [55 - crop.top]
    assert request.seed == 7
    assert request.options["a"] == 1


def test_stopping_closes_the_engine(rng, fake_engine):
    engine = fake_engine()
    run = restore(make_photo(rng), make_mask((150, 200), (40, 50, 70, 90)), engine)
    while not isinstance(next(run), EdgeMap):
        pass
    run.close()
    assert engine.closed == 1


def test_notes_of_the_engine_are_told_once(rng, fake_engine, finish):
    engine = fake_engine(notes=("Ran on the CPU.",))
    mask = make_mask((300, 900), (100, 100, 120, 120), (200, 800, 210, 820))
    _, restoration = finish(restore(make_photo(rng, (300, 900)), mask, engine))
    assert restoration.notes == ("Ran on the CPU.",)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (Mask.empty(Size(150, 200)), "empty"),
        (make_mask((150, 200), (0, 0, 150, 200)), "nothing of the photo"),
        (make_mask((150, 201), (0, 0, 5, 5)), "201 × 150"),
    ],
    ids=["empty", "whole photo", "other size"],
)
def test_masks_that_cannot_be_filled_are_refused_in_a_sentence(rng, fake_engine, mask, words):
    with pytest.raises(MaskError, match=words):
        list(restore(make_photo(rng), mask, fake_engine()))


def test_only_transparent_pixels_around_the_hole_leave_nothing_to_fill_from(fake_engine):
    photo = Photo(np.zeros((20, 30, 4), np.uint8))
    with pytest.raises(MaskError, match="nothing of the photo"):
        list(restore(photo, make_mask(photo.size, (5, 5, 9, 9)), fake_engine()))


def test_edges_of_another_size_are_refused(rng, fake_engine):
    options = RestoreOptions(edges=np.zeros((10, 10), np.float32))
    with pytest.raises(UsageError, match="10 × 10"):
        list(
            restore(
                make_photo(rng),
                make_mask((150, 200), (40, 50, 70, 90)),
                fake_engine(),
                options=options,
            )
        )


def test_a_panorama_thirty_thousand_pixels_wide(rng, fake_engine, finish):
    photo = make_photo(rng, (200, 30_000))
    mask = make_mask(photo.size, (0, 29_000, 200, 29_040), (90, 5, 92, 15_000))
    engine = fake_engine(size_rule=SizeRule(128, 128, 512))
    _, restoration = finish(restore(photo, mask, engine))
    restored = flatten(photo, [(restoration.patch, 1.0)])
    assert count_changed(photo, restored, mask.coverage) == 0
    assert max(max(request.hole.shape) for request in engine.requests) <= 512


def test_a_hole_in_the_middle_of_another_unfilled_one_waits_for_its_neighbours(fake_engine, finish):
    photo = Photo(np.full((50, 3000, 3), 90, np.uint8))
    mask = make_mask(photo.size, (0, 0, 50, 2990))  # the first pieces see nothing known
    engine = fake_engine(size_rule=NETWORK)
    _, restoration = finish(restore(photo, mask, engine))
    assert not any(request.hole.all() for request in engine.requests)
    assert (restoration.patch.pixels == 90).all()
