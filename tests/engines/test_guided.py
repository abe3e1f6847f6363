"""A network says what goes where; the photo's own patches say how it looks."""

import numpy as np
import pytest

from inpaint_studio.engines.api import EdgeMap, EngineSetup, FillRequest, Preview, Progress
from inpaint_studio.engines.guided import GuidedEngine
from inpaint_studio.engines.registry import engine_entry, open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.errors import UsageError, WeightsError
from inpaint_studio.imaging.composite import count_changed, flatten
from inpaint_studio.imaging.geometry import Box, SizeRule
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

NETWORK = SizeRule(minimum=64, multiple_of=64, working=64)
HOLE = np.zeros((160, 200), bool)
HOLE[50:110, 70:130] = True


def two_grounds():
    """Dark grain above, light grain below, and a hole in which either could go on."""
    picture = np.full((160, 200, 3), 0.25, np.float32)
    picture[80:] = 0.75
    grain = np.random.default_rng(1).normal(0, 0.06, picture.shape)
    return (picture + grain).clip(0, 1).astype(np.float32)


def all_light(request):
    """What a network might draw: smooth, and light all over."""
    return np.where(request.hole[:, :, None], np.float32(0.75), request.photo)


def fineness(picture):
    """What a pixel differs from its neighbour by."""
    return float(np.median(np.abs(np.diff(picture, axis=1))))


@pytest.fixture
def fill(fake_engine, finish):
    def run(picture=None, *, paint=all_light, **options):
        picture = two_grounds() if picture is None else picture
        network = fake_engine(paint, NETWORK)
        events, result = finish(
            GuidedEngine(network).fill(FillRequest(picture, HOLE, None, 3, options))
        )
        return result.pixels, events

    return run


def test_the_network_decides_what_and_the_photo_how(fill):
    picture = two_grounds()
    inside = np.s_[56:74, 80:120]  # the upper half of the hole, off its rim
    led = fill(picture, strength=1)[0][inside]
    alone = fill(picture, strength=0)[0][inside]
    assert led.mean() > 0.65  # light, as drawn
    assert alone.mean() < 0.45  # dark, as all around
    assert 0.7 < fineness(led) / fineness(picture[90:, :60]) < 1.4  # the drawing had none


def test_without_strength_it_is_patchmatch(fill, finish):
    picture = two_grounds()
    plain = open_engine("patchmatch", EngineSetup()).fill(FillRequest(picture, HOLE, None, 3))
    assert fill(picture, strength=0)[0].tobytes() == finish(plain)[1].pixels.tobytes()


def test_known_pixels_are_kept_and_the_same_seed_gives_the_same_bytes(fill):
    picture = two_grounds()
    one, other = fill(picture)[0], fill(picture)[0]
    assert np.array_equal(one[~HOLE], picture[~HOLE])
    assert one.tobytes() == other.tobytes()


def test_what_lies_under_the_mask_does_not_matter(fill):
    picture = two_grounds()
    noise = np.random.default_rng(2).random(picture.shape, np.float32)
    noisy = np.where(HOLE[:, :, None], noise, picture)
    assert fill(picture)[0].tobytes() == fill(noisy)[0].tobytes()


def test_edges_and_a_first_preview_come_at_the_networks_size(fill):
    _, events = fill()
    (edges,) = [event for event in events if isinstance(event, EdgeMap)]
    first = next(event for event in events if isinstance(event, Preview))
    assert max(edges.edges.shape) == max(first.pixels.shape[:2]) == 64
    assert edges.hole.shape == edges.edges.shape
    assert edges.box == (0, 0, 160, 200)
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)


def test_on_a_photo_the_edge_map_lies_where_its_crop_does(fake_engine, finish):
    rng = np.random.default_rng(4)
    photo = Photo(rng.integers(0, 65536, (300, 900, 3), np.uint16))
    hole = np.zeros((300, 900), bool)
    hole[100:140, 600:660] = True
    engine = GuidedEngine(fake_engine(size_rule=NETWORK))
    events, made = finish(restore(photo, Mask.from_hole(hole), engine))
    (edges,) = made.edges
    assert edges.box.contains(Box(100, 600, 140, 660))
    assert max(edges.edges.shape) == 64
    previews = [event for event in events if isinstance(event, Preview)]
    assert all(event.hole.shape == event.pixels.shape[:2] for event in previews)
    assert count_changed(photo, flatten(photo, [(made.patch, 1.0)]), hole * np.uint8(255)) == 0


@pytest.mark.parametrize("strength", ["much", -0.1, 1.01])
def test_a_strength_that_makes_no_sense_is_refused(fill, strength):
    with pytest.raises(UsageError, match="strength"):
        fill(strength=strength)


def test_a_restoration_hands_the_strength_on(fake_engine, finish):
    photo = Photo((two_grounds() * 255).astype(np.uint8))
    fills = []
    for strength in (0, 1):
        options = RestoreOptions(options={"strength": strength})
        engine = GuidedEngine(fake_engine(all_light, NETWORK))
        made = finish(restore(photo, Mask.from_hole(HOLE), engine, options=options))[1]
        fills.append(made.patch.pixels.mean())
    assert fills[1] > fills[0] + 20


@pytest.mark.parametrize("name", ["pconv+patchmatch", "edgeconnect+patchmatch"])
def test_they_use_the_models_of_their_network(name):
    entry = engine_entry(name)
    assert entry.needs_card
    assert entry.card_engine == name.removesuffix("+patchmatch")
    with pytest.raises(WeightsError, match="model"):
        open_engine(name, EngineSetup())
