import numpy as np
import pytest
import torch

from inpaint_studio.engines.api import EngineSetup, FillRequest, Progress
from inpaint_studio.engines.partial_conv import COLOURS, open_engine
from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.weights.architectures import save_network
from inpaint_studio.weights.card import ModelCard, WeightsFile


def card(engine="pconv", **more):
    return ModelCard(
        name="tiny",
        title="Tiny",
        engine=engine,
        files={"generator": WeightsFile("generator.safetensors")},
        licence="CC0",
        commercial_use="yes",
        origin="a test",
        trained_on="nothing",
        good_at="nothing",
        size_rule=SizeRule(8, 8, 128),
        **more,
    )


@pytest.fixture
def setup(tmp_path):
    def make(*, levels=4, **more):
        torch.manual_seed(4)
        network = PartialConvUNet(PartialConvConfig(width=4, levels=levels)).eval()
        path = tmp_path / f"generator{levels}.safetensors"
        save_network(network, path)
        return EngineSetup(card(**more), {"generator": path}, "cpu")

    return make


def make_request(rgb, box=(20, 30, 40, 60)):
    hole = np.zeros((96, 128), bool)
    hole[box[0] : box[2], box[1] : box[3]] = True
    photo = rgb.astype(np.float32) / 255
    photo[hole] = 0
    return FillRequest(photo, hole)


def test_it_fills_and_reports(setup, rgb, finish):
    events, result = finish(open_engine(setup()).fill(make_request(rgb)))
    assert result.pixels.shape == (96, 128, 3)
    assert result.pixels.dtype == np.float32
    assert 0 <= result.pixels.min() <= result.pixels.max() <= 1
    assert [type(event) for event in events] == [Progress, Progress]


def test_a_card_may_ask_for_four_poses(setup, rgb, finish):
    request = make_request(rgb)
    _, once = finish(open_engine(setup()).fill(request))
    _, averaged = finish(open_engine(setup(poses=4)).fill(request))
    assert averaged.pixels.shape == once.pixels.shape
    assert not np.array_equal(averaged.pixels, once.pixels)


def test_the_same_request_gives_the_same_bytes_and_sees_nothing_in_the_hole(setup, rgb, finish):
    engine, request = open_engine(setup()), make_request(rgb)
    _, once = finish(engine.fill(request))
    painted = FillRequest(
        np.where(request.hole[:, :, None], np.float32(0.9), request.photo), request.hole
    )
    _, twice = finish(open_engine(setup()).fill(painted))
    assert np.array_equal(once.pixels, twice.pixels)


@pytest.mark.parametrize("dialect", COLOURS)
def test_colours_are_encoded_and_decoded_alike(dialect, rgb):
    photo = rgb.astype(np.float32) / 255
    hole = np.zeros(rgb.shape[:2], bool)
    hole[:4] = True
    colours = COLOURS[dialect]
    encoded = colours.encode(photo, hole)
    assert not encoded[:, :, :4].any()
    assert colours.decode(encoded)[4:] == pytest.approx(photo[4:], abs=1e-6)


def test_a_network_that_cannot_see_across_a_hole_continues_it_smoothly_and_says_so(
    setup, rgb, finish
):
    engine = open_engine(setup(levels=2))
    _, result = finish(engine.fill(make_request(rgb, (0, 0, 96, 100))))
    assert any("further from its rim" in note for note in engine.notes)
    assert result.pixels[48, 10].max() > 0  # not the black that the network leaves there
    finish(engine.fill(make_request(rgb, (20, 30, 24, 34))))
    assert engine.notes == ()


def test_sizes_obey_the_network_even_where_the_card_does_not(setup):
    assert open_engine(setup(levels=5)).size_rule.multiple_of == 32


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda good: EngineSetup(None, good.files), "choose one of its models"),
        (lambda good: EngineSetup(card(engine="edgeconnect"), good.files), "edgeconnect"),
        (lambda good: EngineSetup(good.card, {}), "missing"),
    ],
)
def test_a_setup_without_the_right_weights_is_refused(setup, broken, words):
    with pytest.raises(WeightsError, match=words):
        open_engine(broken(setup()))
