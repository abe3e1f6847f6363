"""Every stage learns, on generated pictures, in a few steps; training resumes where it stopped."""

from itertools import islice

import cv2
import numpy as np
import pytest
import torch

from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.training.loop import Schedule, train
from inpaint_studio.training.masks import random_hole
from inpaint_studio.training.photos import batches, build_store, open_store
from inpaint_studio.training.stages import CompletionStage, EdgeStage, PartialConvStage


@pytest.fixture
def store(tmp_path, rng):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(4):
        picture = np.full((70, 90, 3), rng.integers(0, 255, 3), np.uint8)
        picture[20:50, 30:60] = rng.integers(0, 255, 3)
        cv2.imwrite(str(photos / f"{number}.png"), picture)
    (photos / "broken.png").write_bytes(b"not a picture")
    target = tmp_path / "photos.bin"
    assert build_store(photos, target, side=64) == 1
    return open_store(target)


def test_store_holds_pictures_and_their_edges(store):
    picture = store.picture(1)
    assert len(store) == 4
    assert picture.shape[0] == 64
    assert picture.shape[2] == 4
    assert 0 < (picture[..., 3] > 0).mean() < 0.3


def test_random_holes_leave_something_to_learn_from(rng):
    shares = [random_hole(48, rng).mean() for _ in range(60)]
    assert min(shares) > 0
    assert max(shares) <= 0.6


def _stage(name):
    torch.manual_seed(0)
    small = EdgeConnectConfig(width=4, blocks=1)
    if name == "pconv":
        return PartialConvStage(PartialConvUNet(PartialConvConfig(width=4, levels=4)), None)
    if name == "edges":
        return EdgeStage(EdgeGenerator(small))
    return CompletionStage(
        CompletionGenerator(small), edge_network=EdgeGenerator(small).eval(), vgg=None
    )


@pytest.mark.parametrize("name", ["pconv", "edges", "completion"])
def test_a_stage_learns_one_batch(store, name):
    stage = _stage(name)
    batch = next(batches(store, size=4, crop=48, rng=np.random.default_rng(1)))
    optimizer = torch.optim.Adam(stage.network.parameters(), lr=3e-3)
    seen = []
    for _ in range(40):
        loss = torch.stack(list(stage.losses(batch, 1).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(float(loss.detach()))
    assert np.mean(seen[-5:]) < 0.8 * np.mean(seen[:5])


def test_training_stops_on_time_and_resumes(store, tmp_path):
    feed = batches(store, size=2, crop=32, rng=np.random.default_rng(2))
    checkpoint = tmp_path / "run.ckpt"
    run = train(
        _stage("pconv"),
        islice(feed, 3),
        schedule=Schedule(minutes=5, rate=1e-3),
        checkpoint=checkpoint,
    )
    list(run)
    before = torch.load(checkpoint, weights_only=True)["progress"]
    assert before[0] == 3
    run = train(
        _stage("pconv"),
        islice(feed, 2),
        schedule=Schedule(minutes=5, rate=1e-3),
        checkpoint=checkpoint,
    )
    list(run)
    after = torch.load(checkpoint, weights_only=True)["progress"]
    assert after[0] == 5
    assert after[2] > before[2]


def test_a_loss_that_is_not_finite_stops_training(store, tmp_path):
    stage = _stage("pconv")
    with torch.no_grad():
        next(iter(stage.network.parameters())).fill_(float("nan"))
    feed = batches(store, size=2, crop=32, rng=np.random.default_rng(2))
    with pytest.raises(FloatingPointError, match="step 0"):
        list(train(stage, feed, schedule=Schedule(1, 1e-3), checkpoint=tmp_path / "x.ckpt"))
