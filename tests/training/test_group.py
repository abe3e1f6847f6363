"""Two processes that train together compute what one computes with a batch twice as large."""

import os
import subprocess
import sys
from multiprocessing import get_context

import pytest
import torch
import torch.distributed as dist

from inpaint_studio.training.build import build_stage
from inpaint_studio.training.feed import Feed, PhotoFiles
from inpaint_studio.training.group import Group
from inpaint_studio.training.photos import find_photos
from inpaint_studio.training.stage import Machine
from inpaint_studio.training.trainer import Trainer

STAGES = ("pconv", "edges", "completion")
SIZE = 2


def _steps(config, group, *, size):
    """The gradients of the first step, and the weights after three, of every network."""
    on = Machine(torch.device("cpu"), group=group)
    torch.manual_seed(1)
    trainer = Trainer(build_stage(config, on=on).stage, config, group=group)
    from pathlib import Path

    photos = PhotoFiles(find_photos([Path(config.photos.folders[0])], []), 64, skip_small=False)
    feed = Feed(photos, config.masks, config.seed, config.run.crop)
    part = size * group.rank
    told, gradients = [], {}
    for step in range(3):
        batch = feed.batch(step * size * group.size + part, size)
        told.append(trainer.advance(on.sample(batch)))
        if step == 0:
            gradients = {
                f"{learner.name} {name} {key}": parameter.grad.clone()
                for learner in trainer.stage.learners
                for name, network in learner.networks.items()
                for key, parameter in network.named_parameters()
                if parameter.grad is not None
            }
    return told, gradients, trainer.state()["networks"]


def _process(rank, configs, folder):
    torch.set_num_threads(1)
    meeting = f"file://{folder}/meeting"
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
    for config in configs:
        found = _steps(config, Group(rank, 2, "cpu"), size=SIZE)
        torch.save(found, f"{folder}/{config.stage}-{rank}.pt")
    dist.destroy_process_group()


@pytest.fixture
def configs(config_for):
    """Of three stages, with losses that look at the whole batch: norms, shares of holes, edges."""
    return [config_for(stage, edges={"cross_entropy": 1.0}) for stage in STAGES]


def test_two_processes_have_the_gradients_and_weights_of_one(configs, tmp_path):
    context = get_context("spawn")
    processes = [
        context.Process(target=_process, args=(rank, configs, str(tmp_path))) for rank in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(600)
        assert process.exitcode == 0
    for config in configs:
        one = _steps(config, Group(), size=2 * SIZE)
        for rank in range(2):
            found = torch.load(tmp_path / f"{config.stage}-{rank}.pt", weights_only=True)
            _compare(found, one)


def _compare(found, wanted):
    for mine, one in zip(found[0], wanted[0], strict=True):
        assert mine == pytest.approx(one, rel=2e-3)
    assert found[1].keys() == wanted[1].keys()
    largest = max(float(gradient.abs().max()) for gradient in wanted[1].values())
    for key, gradient in wanted[1].items():
        # That of a bias before a norm is nothing but rounding.
        atol = 2e-4 * float(gradient.abs().max()) + 1e-6 * largest
        torch.testing.assert_close(found[1][key], gradient, rtol=0, atol=atol)
    for name, state in wanted[2].items():
        _assert_near(found[2][name], state)


def _assert_near(found, wanted):
    """Adam moves a weight by the rate (3e-3) wherever a gradient of next to nothing has another
    sign; few weights may be such."""
    apart = [(found[key].double() - weights.double()).abs() for key, weights in wanted.items()]
    assert float(torch.cat([tensor.reshape(-1) for tensor in apart]).mean()) < 3e-4


def test_a_process_alone_is_asked_nothing(config_for):
    group = Group()
    assert group.leads
    assert group.of_first(3.5) == 3.5
    assert group.any(True)
    assert not group.any(False)
    values = torch.ones(2, requires_grad=True)
    assert torch.equal(group.mean(values), torch.ones(2))
    assert not group.mean(values).requires_grad


def test_parts_of_a_batch_are_the_batch(config_for, photos):
    from inpaint_studio.training.feed import Part

    config = config_for("pconv")
    files = PhotoFiles(find_photos([photos], []), 64, skip_small=False)
    feed = Feed(files, config.masks, 3, 32)
    whole = feed.batches(7, size=4, workers=1)
    parts = [feed.batches(7, size=2, workers=1, part=Part(n, 2)) for n in range(2)]
    for _ in range(2):
        joint = next(whole)
        halves = [next(part) for part in parts]
        for name in ("photo", "hole"):
            both = torch.cat([torch.from_numpy(getattr(half, name)) for half in halves])
            assert torch.equal(both, torch.from_numpy(getattr(joint, name)))
    for run in (whole, *parts):
        run.close()


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun needs libuv there")
def test_the_same_command_under_torchrun(config_for, photos, tmp_path):
    text = f"""\
stage = "pconv"
out = "run"
[photos]
folders = ["{photos}"]
short_side = 64
[network]
width = 4
levels = 3
[run]
steps = 2
batch = {{}}
crop = 32
sheet_every = 0
report_every = 1
"""
    folders = {}
    for name, batch, launcher in (
        ("two", 2, ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]),
        ("one", 4, []),
    ):
        folders[name] = tmp_path / name
        folders[name].mkdir()
        (folders[name] / "c.toml").write_text(text.format(batch), "utf-8")
        run = subprocess.run(
            [sys.executable, *launcher, "-m", "inpaint_studio", "train",
             str(folders[name] / "c.toml"), "--device", "cpu"],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert run.stdout.count("Trained 2 steps.") == 1
        assert run.stdout.count("step 1 ") == 1
    a, b = (
        torch.load(folders[name] / "run/checkpoint.pt", weights_only=True)
        for name in ("two", "one")
    )
    assert a["standing"][:2] == b["standing"][:2]
    _assert_near(a["networks"]["generator"], b["networks"]["generator"])
