import msgspec
import numpy as np
import pytest
import torch

from inpaint_studio.engines.api import EdgeMap, EngineSetup, FillRequest, Progress
from inpaint_studio.engines.edge_connect import open_engine
from inpaint_studio.engines.restore import RestoreOptions, restore
from inpaint_studio.errors import UsageError, WeightsError
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.edges import canny, rgb_to_grey
from inpaint_studio.imaging.geometry import Box, SizeRule
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.weights.architectures import save_network
from inpaint_studio.weights.card import ModelCard, WeightsFile


@pytest.fixture
def setup(tmp_path):
    torch.manual_seed(4)
    config = EdgeConnectConfig(width=4, blocks=1)
    files = {}
    for role, network in (
        ("edges", EdgeGenerator(config)),
        ("completion", CompletionGenerator(config)),
    ):
        files[role] = tmp_path / f"{role}.safetensors"
        save_network(network.eval(), files[role])
    card = ModelCard(
        name="tiny",
        title="Tiny",
        engine="edgeconnect",
        files={role: WeightsFile(path.name) for role, path in files.items()},
        licence="CC0",
        commercial_use="yes",
        origin="a test",
        trained_on="nothing",
        good_at="nothing",
        size_rule=SizeRule(8, 2, 128),
    )
    return EngineSetup(card, files, "cpu")


@pytest.fixture
def engine(setup):
    return open_engine(setup)


def make_request(rgb, **more):
    hole = np.zeros((96, 128), bool)
    hole[20:50, 30:70] = True
    photo = rgb.astype(np.float32) / 255
    photo[hole] = 0
    return FillRequest(photo, hole, **more)


def test_edges_come_before_colour(engine, rgb, finish):
    request = make_request(rgb)
    events, result = finish(engine.fill(request))
    kinds = [event.stage if isinstance(event, Progress) else "edge map" for event in events]
    assert kinds == ["Finding edges", "edge map", "Filling in colour", "Filling in colour"]
    shown = next(event for event in events if isinstance(event, EdgeMap))
    assert shown.box == Box(0, 0, 96, 128)
    assert np.array_equal(shown.hole, request.hole)
    assert np.array_equal(shown.edges, result.edges)
    assert result.pixels.shape == (96, 128, 3)


def test_known_edges_outside_the_hole_invented_ones_inside(engine, rgb, finish):
    request = make_request(rgb)
    _, result = finish(engine.fill(request))
    known = canny(rgb_to_grey(request.photo), request.hole)
    assert np.array_equal(result.edges[~request.hole], known[~request.hole])
    inside = result.edges[request.hole]
    assert ((inside > 0) & (inside < 1)).all()  # the generator's probabilities


def test_the_raw_map_is_the_generators_everywhere(engine, rgb, finish):
    request = make_request(rgb, options={"edge_merge": "raw"})
    _, result = finish(engine.fill(request))
    assert len(np.unique(result.edges[~request.hole])) > 2
    merged = engine.find_edges(make_request(rgb))
    assert np.array_equal(result.edges[request.hole], merged[request.hole])


def test_drawn_edges_count_inside_the_hole_and_need_no_generator(engine, rgb, finish, monkeypatch):
    drawn = np.zeros((96, 128), np.float32)
    drawn[35] = 1
    request = make_request(rgb, edges=drawn)
    monkeypatch.setattr(engine.edges, "forward", None)
    events, result = finish(engine.fill(request))
    assert {event.stage for event in events if isinstance(event, Progress)} == {"Filling in colour"}
    assert (result.edges[35, 30:70] == 1).all()
    assert result.edges[request.hole].sum() == 40
    known = canny(rgb_to_grey(request.photo), request.hole)
    assert np.array_equal(result.edges[~request.hole], known[~request.hole])


def test_a_drawing_nobody_touched_gives_the_same_fill_again(engine, rgb, finish, monkeypatch):
    rng = np.random.default_rng(5)
    photo = Photo(
        np.kron(rgb, np.ones((5, 5, 1), np.uint8)) + rng.integers(0, 2, (480, 640, 3), np.uint8)
    )
    hole = np.zeros((480, 640), bool)
    hole[100:260, 150:380] = True
    hole[440:450, 20:30] = True
    mask = Mask.from_hole(hole)
    _, first = finish(restore(photo, mask, engine))
    drawing = EdgeDrawing(tuple(EdgeSheet.of(e.edges, e.hole, e.box) for e in first.edges))
    assert len(drawing.sheets) == 2
    monkeypatch.setattr(engine.edges, "forward", None)
    _, again = finish(restore(photo, mask, engine, options=RestoreOptions(edges=drawing)))
    # The drawing holds 256 steps of likelihood.
    assert np.abs(again.patch.pixels.astype(int) - first.patch.pixels).max() <= 2
    empty = EdgeDrawing(tuple(EdgeSheet(0 * s.lines, s.hole, s.box) for s in drawing.sheets))
    _, other = finish(restore(photo, mask, engine, options=RestoreOptions(edges=empty)))
    assert np.abs(other.patch.pixels.astype(int) - first.patch.pixels).max() > 4


def test_colours_follow_the_edges(engine, rgb):
    request = make_request(rgb)
    edges = engine.find_edges(request)
    other = edges.copy()
    other[30:40, 40:60] = 1
    assert not np.array_equal(engine.colour(request, edges), engine.colour(request, other))


def test_the_same_request_gives_the_same_bytes_and_sees_nothing_in_the_hole(
    engine, setup, rgb, finish
):
    request = make_request(rgb)
    painted = FillRequest(
        np.where(request.hole[:, :, None], np.float32(0.9), request.photo), request.hole
    )
    _, once = finish(engine.fill(request))
    _, twice = finish(open_engine(setup).fill(painted))
    assert np.array_equal(once.pixels, twice.pixels)
    assert np.array_equal(once.edges, twice.edges)


def test_sides_are_multiples_of_four(engine):
    assert engine.size_rule.multiple_of == 4


def test_an_unknown_way_to_merge_is_refused_before_anything_runs(engine, rgb):
    with pytest.raises(UsageError, match="merged or raw"):
        next(engine.fill(make_request(rgb, options={"edge_merge": "both"})))


def test_a_card_may_ask_for_four_poses(setup, rgb, finish):
    card = msgspec.structs.replace(setup.card, poses=4)
    engine = open_engine(EngineSetup(card, setup.files, "cpu"))
    _, once = finish(open_engine(setup).fill(make_request(rgb)))
    _, averaged = finish(engine.fill(make_request(rgb)))
    _, again = finish(engine.fill(make_request(rgb)))
    assert np.array_equal(averaged.edges, once.edges)  # only the colours are averaged
    assert not np.array_equal(averaged.pixels, once.pixels)
    assert np.array_equal(averaged.pixels, again.pixels)


def test_swapped_files_are_told_apart(setup):
    swapped = dict(zip(setup.files, reversed(setup.files.values()), strict=True))
    with pytest.raises(WeightsError, match="EdgeGenerator is needed"):
        open_engine(EngineSetup(setup.card, swapped, "cpu"))
