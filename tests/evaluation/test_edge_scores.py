"""EdgeConnect's edges reach the table through its process; its weights here are random."""

import numpy as np
import pytest
import torch

from inpaint_studio.evaluation.contestants import Contestant
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
