"""`python -m inpaint_studio.training pconv|edges|completion`: how the bundled weights were made."""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.networks.vgg import NormalisedVGG19
from inpaint_studio.training.loop import Schedule, train
from inpaint_studio.training.photos import batches, build_store, open_store
from inpaint_studio.training.stages import CompletionStage, EdgeStage, PartialConvStage, Stage
from inpaint_studio.weights.architectures import load_network, save_network
from inpaint_studio.weights.checkpoint import read_state_dict


def main() -> int:
    arguments = _parser().parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    if not arguments.store.is_file():
        unreadable = build_store(arguments.photos, arguments.store, side=160)
        _say(f"{unreadable} photos could not be read")
    feed = batches(
        open_store(arguments.store),
        size=arguments.batch,
        crop=arguments.crop,
        rng=np.random.default_rng([arguments.seed, os.getpid()]),
    )
    stage = _stage(arguments)
    if arguments.stage == "pconv":  # twice as fast on a CPU; the generators are not
        _channels_last(stage.network)
    schedule = Schedule(arguments.minutes, arguments.rate)
    run = train(stage, feed, schedule=schedule, checkpoint=arguments.out.with_suffix(".ckpt"))
    while True:
        try:
            report = next(run)
        except StopIteration as done:
            stage.network.load_state_dict(done.value)
            save_network(stage.network.eval(), arguments.out, half=True)
            return 0
        losses = " ".join(f"{key} {value:.4f}" for key, value in report.losses.items())
        _say(f"{report.minutes:.1f} min, {report.steps} steps, {report.pictures} crops: {losses}")


def _stage(arguments: argparse.Namespace) -> Stage:
    vgg = NormalisedVGG19(read_state_dict(arguments.vgg)) if arguments.vgg else None
    config = EdgeConnectConfig(width=arguments.width, blocks=arguments.blocks)
    if arguments.stage == "pconv":
        return PartialConvStage(PartialConvUNet(PartialConvConfig(width=arguments.width)), vgg)
    if arguments.stage == "edges":
        return EdgeStage(EdgeGenerator(config))
    return CompletionStage(
        CompletionGenerator(config), edge_network=_edge_network(arguments.edges), vgg=vgg
    )


def _edge_network(path: Path | None) -> EdgeGenerator | None:
    if path is None:
        return None
    network = load_network(path)
    if not isinstance(network, EdgeGenerator):
        raise SystemExit(f"{path} holds no edge generator")
    return network.requires_grad_(False)


def _channels_last(network: nn.Module) -> None:
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inpaint_studio.training", description=__doc__)
    parser.add_argument("stage", choices=("pconv", "edges", "completion"))
    parser.add_argument("--photos", type=Path, help="folder of photos")
    parser.add_argument("--store", type=Path, required=True, help="file the small photos go to")
    parser.add_argument("--out", type=Path, required=True, help="safetensors file to write")
    parser.add_argument("--vgg", type=Path, help="normalised VGG-19 for the feature losses")
    parser.add_argument("--edges", type=Path, help="edge generator, for the completion stage")
    parser.add_argument("--width", type=int, default=24)
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
