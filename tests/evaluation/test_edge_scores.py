"""EdgeConnect's edges reach the table through its process; its weights here are random."""

import numpy as np
import pytest
import torch

from inpaint_studio.evaluation.contestants import Contestant
from inpaint_studio.evaluation.edge_scores import EdgeCounts, count_edges
from inpaint_studio.evaluation.masks import parse_masks
from inpaint_studio.evaluation.report import sum_up
from inpaint_studio.evaluation.run import Evaluation, evaluate
from inpaint_studio.evaluation.worker import Job, open_filler
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.weights.architectures import save_network
from inpaint_studio.weights.card import ModelCard, WeightsFile


@pytest.fixture
def edgeconnect(tmp_path):
    torch.manual_seed(0)
    config = EdgeConnectConfig(width=4, blocks=1)
    networks = {"edges": EdgeGenerator(config), "completion": CompletionGenerator(config)}
    files = {role: tmp_path / f"{role}.safetensors" for role in networks}
    for role, network in networks.items():
        save_network(network.eval(), files[role])
    card = ModelCard(
        name="random",
        title="Random",
        engine="edgeconnect",
        files={role: WeightsFile(file=path.name) for role, path in files.items()},
        licence="none",
        commercial_use="yes",
        origin="this test",
        trained_on="nothing",
        good_at="nothing",
        size_rule=SizeRule(minimum=32, multiple_of=4),
    )
    return Contestant("random", "1", "edgeconnect", card, files)


def test_generated_edges_are_compared_inside_the_hole(edgeconnect, photos, tmp_path):
    order = Evaluation(
        contestants=(edgeconnect,),
        photos=photos,
        masks=parse_masks("halves"),
        out=tmp_path / "out",
        size=64,
        device="cpu",
        limit=1,
    )
    run = evaluate(order)
    while True:
        try:
            next(run)
        except StopIteration as end:
            outcome = end.value
            break
    [item] = outcome.items
    assert item.problem == ""
    assert item.edges is not None
    assert item.edges.true > 0
    assert item.values["changed"] == 0
    assert sum_up(order, outcome).rows[0].values["recall"] == item.edges.recall


def test_edges_are_those_of_the_picture_in_its_own_size(edgeconnect, rgb):
    hole = np.zeros(rgb.shape[:2], np.bool_)
    hole[30:60, 40:80] = True
    fill = open_filler(edgeconnect, "cpu")(Job(rgb, hole))
    assert fill.edges is not None
    assert fill.edges.shape == hole.shape
    assert 0 <= fill.edges.min() <= fill.edges[hole].max() <= 1


def test_edges_agree_within_a_pixel_and_only_in_the_hole():
    true, drawn = np.zeros((2, 20, 20), np.float32)
    hole = np.zeros((20, 20), np.bool_)
    hole[:10] = True
    true[:, 5] = 1
    drawn[:, 6] = 0.6  # one beside: agrees
    drawn[3, 12:16] = 0.9  # nothing there
    drawn[5, 5] = 0.4  # no edge yet
    counts = count_edges(drawn, true, hole)
    assert counts[:4] == (14, 10, 10, 10)
    assert counts.precision == pytest.approx(10 / 14)
    assert counts.recall == 1
    assert counts.plus(counts) == EdgeCounts(*(2 * count for count in counts))
    further = count_edges(np.roll(drawn, 1, axis=1), true, hole)
    assert further.recall == 0


def test_to_the_pixel_is_stricter_and_chance_is_told():
    true, drawn = np.zeros((2, 20, 20), np.float32)
    hole = np.ones((20, 20), np.bool_)
    true[:, [5, 12]] = 1
    drawn[:, 5] = 1  # to the pixel
    drawn[:, 13] = 1  # one beside
    shares = count_edges(drawn, true, hole).shares()
    assert (shares["precision"], shares["recall"]) == (1, 1)
    assert (shares["exact_precision"], shares["exact_recall"]) == (0.5, 0.5)
    assert shares["chance_precision"] == shares["chance_recall"] == pytest.approx(6 / 20)


def test_a_haze_that_is_everywhere_finds_all_by_chance_alone():
    true = np.zeros((20, 20), np.float32)
    true[::4] = 1
    hole = np.ones((20, 20), np.bool_)
    shares = count_edges(np.ones_like(true), true, hole).shares()
    assert shares["recall"] == shares["chance_recall"] == 1
    assert shares["precision"] == shares["chance_precision"]


def test_no_edges_have_no_precision():
    assert EdgeCounts().precision is None
    assert EdgeCounts().recall is None
    assert EdgeCounts().shares() == {}
