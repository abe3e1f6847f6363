"""What training costs: pictures per second of each stage, time spent waiting for data, and PConv's
mask arithmetic against its convolutions.

    python benchmarks/training.py [--steps 8] [--crop 128] [--batch 4]

Photos are made up. Stages run as `inpaint-studio train` runs them, at the widths of the bundled
networks, without feature losses; medians over the steps after the first. Waiting: at most 10 % of
the time. Mask arithmetic: a pass forwards and backwards of the whole U-Net, the same one with plain
convolutions in place of partial ones, and its convolutions alone, turn by turn, in seconds of CPU;
what the first has over the second is at most 10 % of the third.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import cv2
import msgspec
import numpy as np
import torch
from torch import Tensor

from inpaint_studio.engines.device import choose_device, settle
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConv2d, PartialConvConfig, PartialConvUNet
from inpaint_studio.training.config import Config
from inpaint_studio.training.session import Step, run_training
from inpaint_studio.weights.architectures import save_network

STAGES = ("pconv", "pconv-finetune", "edges", "completion", "completion-on-generated", "joint")
LIMIT = 0.10
WIDTH = {"pconv": 24, "edgeconnect": 16}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument("--batch", type=int, default=4)
    arguments = parser.parse_args()
    settle(choose_device("cpu"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_photos(folder / "photos")
        start = make_networks(folder)
        for stage in STAGES:
            print_stage(config_of(stage, folder, start, arguments))
    print_mask_arithmetic(arguments.crop, arguments.batch)


def print_stage(config: Config) -> None:
    """Pictures per second in the median step, and the share of time that data were waited for."""
    seconds, waiting, before = [], 0.0, time.perf_counter()
    for event in run_training(config, device="cpu"):
        now = time.perf_counter()
        if isinstance(event, Step):
            seconds.append(now - before)
            waiting = event.waiting
        before = now
    speed = config.run.batch / statistics.median(seconds[1:])
    verdict = "ok" if waiting <= LIMIT else f"more than {LIMIT:.0%}"
    print(
        f"{config.stage:24} {speed:6.1f} pictures/s  waiting for data {waiting:5.1%}  ({verdict})"
    )
    sys.stdout.flush()


def config_of(stage: str, folder: Path, start: dict[str, str], arguments: Any) -> Config:  # noqa: ANN401
    kind = "pconv" if stage.startswith("pconv") else "edgeconnect"
    network: dict[str, object] = {"width": WIDTH[kind], "discriminator_width": 32}
    if stage == "pconv-finetune":
        network["start"] = start["pconv"]
    elif stage in ("completion-on-generated", "joint"):
        network |= {"start": start["completion"], "edges": start["edges"]}
    run = {"steps": arguments.steps, "batch": arguments.batch, "crop": arguments.crop}
    described = {
        "stage": stage,
        "out": str(folder / stage),
        "photos": {"folders": [str(folder / "photos")], "short_side": 256, "store": str(folder)},
        "network": network,
        "run": {**run, "sheet_every": 0},
    }
    return msgspec.convert(described, Config)


def make_photos(folder: Path) -> None:
    rng = np.random.default_rng(1)
    folder.mkdir()
    for number in range(24):
        noise = rng.integers(0, 255, (300, 400, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number}.jpg"), cv2.GaussianBlur(noise, (0, 0), 3 + number % 5))


def make_networks(folder: Path) -> dict[str, str]:
    torch.manual_seed(1)
    sizes = EdgeConnectConfig(WIDTH["edgeconnect"])
    networks = {
        "pconv": PartialConvUNet(PartialConvConfig(width=WIDTH["pconv"])),
        "edges": EdgeGenerator(sizes),
        "completion": CompletionGenerator(sizes),
    }
    paths = {name: folder / f"{name}.safetensors" for name in networks}
    for name, network in networks.items():
        save_network(network.eval(), paths[name])
    return {name: str(path) for name, path in paths.items()}


def print_mask_arithmetic(crop: int, batch: int) -> None:
    """The share that partial convolution adds to plain ones."""
    torch.manual_seed(1)
    network = PartialConvUNet(PartialConvConfig(width=WIDTH["pconv"])).train()
    network.to(memory_format=torch.channels_last)
    picture = torch.rand(batch, 3, crop, crop)
    valid = (torch.rand(batch, 1, crop // 16, crop // 16) > 0.25).float()
    valid = torch.nn.functional.interpolate(valid, scale_factor=16)

    def whole() -> None:
        network(picture * valid, valid)[0].sum().backward()

    def plain() -> None:
        with patch.object(PartialConv2d, "forward", forward_plainly):
            whole()

    inputs = recorded(network, whole)
    times = by_turns((whole, plain, lambda: convolve(inputs)), turns=7)
    full, without, convolutions = (statistics.median(found) for found in times)
    share = (full - without) / convolutions
    verdict = "ok" if share <= LIMIT else f"more than {LIMIT:.0%}"
    print(
        f"mask arithmetic {1000 * (full - without):.0f} ms of CPU, convolutions "
        f"{1000 * convolutions:.0f} ms: {share:.1%}  ({verdict})"
    )


def forward_plainly(layer: PartialConv2d, parts: Sequence[tuple[Tensor, Tensor]]) -> Any:  # noqa: ANN401
    """A convolution as any other: no mask is looked at; the shape of the new one is right."""
    out = layer.conv(torch.cat([features for features, _ in parts], dim=1))
    out = out if layer.bias is None else out + layer.bias[:, None, None]
    return out, out[:, :1].detach()


def recorded(network: PartialConvUNet, run: Callable[[], None]) -> list[tuple[Any, Tensor]]:
    """Every convolution with the input it is given."""
    found: list[tuple[Any, Tensor]] = []
    convolutions = [m.conv for m in network.modules() if isinstance(m, PartialConv2d)]
    hooks = [
        conv.register_forward_pre_hook(lambda conv, given: found.append((conv, given[0].detach())))
        for conv in convolutions
    ]
    run()
    for hook in hooks:
        hook.remove()
    return found


def convolve(inputs: list[tuple[Any, Tensor]]) -> None:
    for conv, given in inputs:
        conv(given.clone().requires_grad_(True)).sum().backward()


def by_turns(runs: Sequence[Callable[[], None]], *, turns: int) -> list[list[float]]:
    """Seconds of CPU of each, one after the other, the first turn thrown away."""
    found: list[list[float]] = [[] for _ in runs]
    for _ in range(turns + 1):
        for run, times in zip(runs, found, strict=True):
            began = time.process_time()
            run()
            times.append(time.process_time() - began)
    return [times[1:] for times in found]


if __name__ == "__main__":
    main()
