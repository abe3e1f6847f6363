"""Every stage trains from its config; runs resume exactly, stop without loss, refuse nonsense."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from inpaint_studio.errors import TrainingError, UsageError
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.training.build import build_stage
from inpaint_studio.training.session import run_training
from inpaint_studio.training.stage import Machine, choose_machine
from inpaint_studio.training.trainer import Average, NotFiniteError, Trainer
from inpaint_studio.weights.architectures import load_network, save_network
from inpaint_studio.weights.card import read_card

STAGES = ("pconv", "pconv-finetune", "edges", "completion", "completion-on-generated", "joint")
CPU = Machine(torch.device("cpu"))


@pytest.fixture
def begun(tmp_path):
    """Files of networks that stages begin with."""
    torch.manual_seed(0)
    small = EdgeConnectConfig(width=4, blocks=1)
    networks = {
        "pconv": PartialConvUNet(PartialConvConfig(width=4, levels=3)),
        "edges": EdgeGenerator(small),
        "completion": CompletionGenerator(small),
    }
    for name, network in networks.items():
        save_network(network.eval(), tmp_path / f"{name}.safetensors")
    return {name: str(tmp_path / f"{name}.safetensors") for name in networks}


@pytest.fixture
def stage_config(config_for, begun):
    def make(stage, **tables):
        network = dict(tables.pop("network", {}))
        if stage == "pconv-finetune":
            network["start"] = begun["pconv"]
        elif stage in ("completion-on-generated", "joint"):
            network |= {"start": begun["completion"], "edges": begun["edges"]}
        return config_for(stage, network=network, **tables)

    return make


def sample_of(config):
    from inpaint_studio.training.feed import Feed, PhotoFiles
    from inpaint_studio.training.photos import find_photos

    paths = find_photos([Path(config.photos.folders[0])], [])
    feed = Feed(PhotoFiles(paths, 64, skip_small=False), config.masks, config.seed, config.run.crop)
    return CPU.sample(feed.batch(0, 2))


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_learns_one_batch(stage_config, stage):
    config = stage_config(stage, edges={"cross_entropy": 1.0}, optimiser={"rate": 6e-3})
    torch.manual_seed(1)
    trainer = Trainer(build_stage(config, on=CPU).stage, config)
    sample = sample_of(config)
    told = [trainer.advance(sample) for _ in range(24)]
    name = {"pconv": "hole", "pconv-finetune": "hole", "edges": "entropy"}.get(stage, "l1")
    seen = [losses[name] for losses in told]
    assert np.mean(seen[-4:]) < 0.9 * np.mean(seen[:4])
    if not stage.startswith("pconv"):
        assert {"discriminator", "adversarial"} <= set(told[0])


@pytest.mark.parametrize("stage", STAGES)
def test_a_resumed_run_gives_the_losses_of_an_uninterrupted_one(
    stage_config, trained, tmp_path, stage
):
    whole = stage_config(stage, out=str(tmp_path / "whole"))
    at_once, _ = trained(run_training(whole, device="cpu"))
    parts = stage_config(stage, out=str(tmp_path / "parts"))
    run = run_training(parts, device="cpu")
    first = [dict(e.losses) for e in islice((e for e in run if hasattr(e, "losses")), 3)]
    run.close()
    second, outcome = trained(run_training(parts, device="cpu", resume=True))
    assert len(at_once) == 6
    assert first + second == at_once  # bit for bit
    assert outcome.steps == 6
    for name in ("whole", "parts"):
        assert (tmp_path / name / "checkpoint.pt").is_file()
    a, b = (
        torch.load(tmp_path / n / "checkpoint.pt", weights_only=True) for n in ("whole", "parts")
    )
    assert str(a["averages"]) == str(b["averages"])


def test_another_seed_gives_another_run(config_for, trained, tmp_path):
    one, _ = trained(run_training(config_for("pconv", out=str(tmp_path / "1")), device="cpu"))
    two = config_for("pconv", out=str(tmp_path / "2"), seed=2)
    assert one != trained(run_training(two, device="cpu"))[0]


def test_a_run_leaves_weights_that_load_and_a_card(config_for, trained, tmp_path):
    config = config_for("pconv", card={"name": "mine", "licence": "CC0-1.0"})
    _, outcome = trained(run_training(config, device="cpu"))
    weights, card = outcome.written
    assert isinstance(load_network(weights), PartialConvUNet)
    described = read_card(card)
    assert described.licence == "CC0-1.0"
    assert described.size_rule.multiple_of == 8
    assert "no feature losses" in described.notes


def test_completion_on_generated_edges_makes_a_whole_model(stage_config, trained):
    _, outcome = trained(run_training(stage_config("completion-on-generated"), device="cpu"))
    assert set(read_card(outcome.written[-1]).files) == {"edges", "completion"}


def test_completion_learns_from_lines_where_the_config_says_so(stage_config, trained):
    config = stage_config("completion-on-generated")
    asked = replace(config, completion=replace(config.completion, lines=(0.1, 0.2)))
    hazy, thin = (
        build_stage(each, on=CPU).stage.preview(sample_of(config))[1] for each in (config, asked)
    )
    assert not torch.isin(hazy, torch.tensor([0.0, 1.0])).all()
    assert torch.isin(thin, torch.tensor([0.0, 1.0])).all()
    _, outcome = trained(run_training(asked, device="cpu"))
    assert read_card(outcome.written[-1]).line_thresholds == (0.1, 0.2)


def test_an_edge_generator_alone_has_no_card(config_for, trained):
    _, outcome = trained(run_training(config_for("edges"), device="cpu"))
    [weights] = outcome.written
    assert isinstance(load_network(weights), EdgeGenerator)


@pytest.mark.parametrize("dialect", ["rgb-imagenet", "bgr-symmetric"])
def test_colours_of_other_dialects_are_what_the_engine_gives_the_network(config_for, dialect):
    from inpaint_studio.engines.device import to_batch
    from inpaint_studio.engines.partial_conv import COLOURS
    from inpaint_studio.training.partial_conv_stage import Palette

    rng = np.random.default_rng(1)
    picture = rng.random((8, 9, 3), np.float32)
    hole = rng.random((8, 9)) < 0.3
    colours = COLOURS[dialect]
    palette = Palette.of(colours, torch.device("cpu"))
    encoded = palette.encode(to_batch(picture))
    shown = encoded * ~torch.from_numpy(hole)
    torch.testing.assert_close(shown, colours.encode(picture, hole))
    torch.testing.assert_close(palette.decode(encoded), to_batch(picture))
    config = config_for("pconv", network={"dialect": dialect})
    trainer = Trainer(build_stage(config, on=CPU).stage, config)
    sample = sample_of(config)
    told = [trainer.advance(sample)["hole"] for _ in range(16)]
    assert told[-1] < told[0]


def test_the_frozen_batch_norm_stands_still(stage_config):
    config = stage_config("pconv-finetune")
    stage = build_stage(config, on=CPU).stage
    trainer = Trainer(stage, config)
    network = stage.learners[0].networks["generator"]
    before = {k: v.clone() for k, v in network.state_dict().items()}
    trainer.advance(sample_of(config))
    stage.preview(sample_of(config))
    stage.begin()
    trainer.advance(sample_of(config))
    after = network.state_dict()
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert not [key for key in changed if key.startswith("encoder") and ".norm." in key]
    assert [key for key in changed if key.startswith("decoder") and "running_mean" in key]


def test_only_the_stage_that_is_joint_changes_the_edge_generator(stage_config):
    for name, learns in (("completion-on-generated", False), ("joint", True)):
        config = stage_config(name, network={"spectral": False})
        stage = build_stage(config, on=CPU).stage
        edges = stage._edge_network
        before = [p.detach().clone() for p in edges.parameters()]
        trainer = Trainer(stage, config)
        trainer.advance(sample_of(config))
        same = all(torch.equal(a, b) for a, b in zip(before, edges.parameters(), strict=True))
        assert same is not learns


def test_an_edge_generator_keeps_what_it_draws_when_its_weights_are_constrained_again(
    config_for, trained, stage_config
):
    config = config_for("edges")
    _, outcome = trained(run_training(config, device="cpu"))
    finished = load_network(outcome.written[0])
    again = build_stage(config_for("edges", network={"start": str(outcome.written[0])}), on=CPU)
    network = again.stage.learners[0].networks["edges"].eval()
    x = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(x), finished(x), rtol=0, atol=0.02)


def test_the_critic_joins_in_at_its_step(config_for):
    config = config_for("edges", edges={"adversarial_from": 1})
    trainer = Trainer(build_stage(config, on=CPU).stage, config)
    first, second = (set(trainer.advance(sample_of(config))) for _ in range(2))
    assert first == {"entropy"}
    assert second == {"discriminator", "adversarial", "matching"}


def test_the_critic_learns_slower(config_for):
    config = config_for("edges", optimiser={"rate": 1e-3})
    rates = {a.name: a.rate for a in build_stage(config, on=CPU).stage.learners}
    assert rates == pytest.approx({"generator": 1e-3, "discriminator": 1e-4})


def test_a_sheet_shows_samples_and_changes_nothing(config_for, trained, tmp_path):
    import cv2

    plain, _ = trained(run_training(config_for("edges", out=str(tmp_path / "a")), device="cpu"))
    shown = config_for("edges", out=str(tmp_path / "b"), run={"sheet_every": 2})
    assert trained(run_training(shown, device="cpu"))[0] == plain
    sheets = sorted(path.name for path in (tmp_path / "b" / "sheets").iterdir())
    assert sheets == ["0000002.png", "0000004.png", "0000006.png"]
    assert cv2.imread(str(tmp_path / "b" / "sheets" / sheets[0])).shape == (4 * 36, 4 * 36, 3)


def test_a_loss_that_is_not_finite_names_step_and_checkpoint(config_for, tmp_path):
    config = config_for("pconv", run={"steps": 50})
    run = run_training(config, device="cpu")
    steps = (event for event in run if hasattr(event, "losses"))
    next(islice(steps, 2, None))
    run.close()
    checkpoint = tmp_path / "pconv" / "checkpoint.pt"
    state = torch.load(checkpoint, weights_only=True)
    next(iter(state["networks"]["generator"].values())).fill_(float("nan"))
    torch.save(state, checkpoint)
    before = checkpoint.read_bytes()
    with pytest.raises(NotFiniteError, match=r"step 3: \w+ is no longer.*checkpoint.pt, of step 3"):
        list(run_training(config, device="cpu", resume=True))
    assert checkpoint.read_bytes() == before


def test_a_checkpoint_of_another_stage_is_refused(config_for, trained, stage_config):
    trained(run_training(config_for("pconv"), device="cpu"))
    other = config_for("edges", out=config_for("pconv").out)
    with pytest.raises(TrainingError, match="of the stage pconv, the config asks for edges"):
        list(run_training(other, device="cpu", resume=True))


def test_a_checkpoint_of_another_size_is_refused(config_for, trained):
    trained(run_training(config_for("pconv"), device="cpu"))
    with pytest.raises(TrainingError, match="other sizes"):
        list(run_training(config_for("pconv", network={"width": 8}), device="cpu", resume=True))


def test_an_earlier_run_is_not_overwritten(config_for, trained):
    trained(run_training(config_for("pconv"), device="cpu"))
    with pytest.raises(TrainingError, match="--resume"):
        list(run_training(config_for("pconv"), device="cpu"))


@pytest.mark.parametrize("content", [None, b"", b"not a checkpoint"])
def test_nothing_to_resume_is_one_sentence(config_for, tmp_path, content):
    if content is not None:
        (tmp_path / "pconv").mkdir()
        (tmp_path / "pconv" / "checkpoint.pt").write_bytes(content)
    with pytest.raises(TrainingError, match=r"nothing to resume|damaged"):
        list(run_training(config_for("pconv"), device="cpu", resume=True))


def test_weights_of_another_kind_are_refused(config_for, begun):
    with pytest.raises(UsageError, match="holds no edge generator"):
        build_stage(config_for("edges", network={"start": begun["pconv"]}), on=CPU)


def test_bfloat16_is_used_only_where_it_is_computed_in(config_for, monkeypatch):
    import inpaint_studio.training.stage as module

    cpu = torch.device("cpu")
    monkeypatch.setattr(module, "computes_bfloat16", lambda device: False)
    assert not choose_machine(cpu, config_for("pconv")).half
    with pytest.raises(UsageError, match="bfloat16"):
        choose_machine(cpu, config_for("pconv", run={"precision": "bfloat16"}))
    monkeypatch.setattr(module, "computes_bfloat16", lambda device: True)
    assert choose_machine(cpu, config_for("pconv")).half
    assert not choose_machine(cpu, config_for("pconv", run={"precision": "float32"})).half


@pytest.mark.parametrize("stage", ["pconv", "edges", "joint"])
def test_passes_in_bfloat16_give_finite_losses(stage_config, stage):
    config = stage_config(stage)
    on = Machine(torch.device("cpu"), half=True)
    losses = Trainer(build_stage(config, on=on).stage, config).advance(sample_of(config))
    assert all(np.isfinite(value) for value in losses.values())


def test_the_average_keeps_singular_vectors_whole():
    network = EdgeGenerator(EdgeConnectConfig(width=4, blocks=1, spectral=True))
    average = Average(network, 0.9)
    for step in range(5):
        network(torch.rand(1, 3, 32, 32))
        average.update(network, step)
    norms = [v.norm() for k, v in average.state.items() if k.endswith("._u")]
    assert norms
    torch.testing.assert_close(torch.stack(norms), torch.ones(len(norms)))
