"""What a warm fill costs beyond its network passes: at most 1.25 times their time.

    python benchmarks/fill_overhead.py [--width 32] [--repeat 5] [--profile]

Networks with made-up weights of the given width (64 as published, 32 as bundled) fill an ordinary
photo, and 5 % of one of 24 megapixels. The same passes are then timed bare, on tensors of the sizes
the fill used, in the same process, turn by turn; medians are compared.
"""

import argparse
import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from inpaint_studio.engines.api import Engine
from inpaint_studio.engines.device import choose_device, settle, settled_on
from inpaint_studio.engines.edge_connect import EdgeConnectEngine
from inpaint_studio.engines.partial_conv import COLOURS, PartialConvEngine
from inpaint_studio.engines.restore import restore
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet

LIMIT = 1.25


@dataclass
class Passes:
    """Remembers what a network was given, to run exactly that again."""

    networks: list[torch.nn.Module]
    inputs: list[tuple[torch.nn.Module, tuple[torch.Tensor, ...]]] = field(default_factory=list)

    def record(self) -> None:
        for network in self.networks:
            network.register_forward_pre_hook(self._keep)

    def _keep(self, network: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if self.inputs is not None:
            self.inputs.append((network, given))

    def again(self) -> None:
        with torch.inference_mode():
            for network, given in self.inputs:
                network.forward(*given)


def pconv(width: int, device: torch.device) -> tuple[Engine, Passes]:
    network = settled_on(PartialConvUNet(PartialConvConfig(width=width)).eval(), device)
    engine = PartialConvEngine(network, COLOURS["rgb-unit"], SizeRule(128, 128, 512), device)
    return engine, Passes([network])


def edge_connect(width: int, device: torch.device) -> tuple[Engine, Passes]:
    config = EdgeConnectConfig(width=width)
    edges, completion = (
        settled_on(kind(config).eval(), device) for kind in (EdgeGenerator, CompletionGenerator)
    )
    engine = EdgeConnectEngine(edges, completion, SizeRule(64, 4, 256), device)
    return engine, Passes([edges, completion])


def ordinary(rng: np.random.Generator) -> tuple[Photo, Mask]:
    """A 1024 x 768 photo with a hole of 160 x 160."""
    hole = np.zeros((768, 1024), bool)
    hole[300:460, 400:560] = True
    return Photo(rng.integers(0, 256, (768, 1024, 3), np.uint8)), Mask.from_hole(hole)


def large(rng: np.random.Generator) -> tuple[Photo, Mask]:
    """24 megapixels, 5 % of it a hole."""
    hole = np.zeros((4000, 6000), bool)
    hole[1500:2500, 2000:3200] = True
    return Photo(rng.integers(0, 256, (4000, 6000, 3), np.uint8)), Mask.from_hole(hole)


def seconds(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def measure(
    engine: Engine, passes: Passes, photo: Photo, mask: Mask, *, repeat: int
) -> tuple[float, float, list[tuple[int, ...]]]:
    """Median seconds of a fill and of its passes, and the sizes of the passes."""

    def fill() -> None:
        list(restore(photo, mask, engine))

    fill()  # warm
    passes.inputs.clear()
    passes.record()
    fill()
    for network in passes.networks:
        network._forward_pre_hooks.clear()
    pairs = [(seconds(fill), seconds(passes.again)) for _ in range(repeat)]
    whole, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    return whole, bare, [tuple(given[0].shape[2:]) for _, given in passes.inputs]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=32, help="channels of the first layer")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    wanted = parser.parse_args()
    device = choose_device(wanted.device)
    settle(device)
    rng = np.random.default_rng(0)
    worst = 0.0
    for picture in (ordinary, large):
        photo, mask = picture(rng)
        for make in (pconv, edge_connect):
            engine, passes = make(wanted.width, device)
            whole, bare, sizes = measure(engine, passes, photo, mask, repeat=wanted.repeat)
            worst = max(worst, whole / bare)
            print(
                f"{picture.__name__:<9} {make.__name__:<13} fill {whole * 1000:7.0f} ms, "
                f"passes {bare * 1000:7.0f} ms {sizes}, ratio {whole / bare:.2f}"
            )
            if wanted.profile:
                profile(engine, photo, mask)
    print(f"worst ratio {worst:.2f} (at most {LIMIT}), {torch.get_num_threads()} threads, {device}")
    return 0 if worst <= LIMIT else 1


def profile(engine: Engine, photo: Photo, mask: Mask) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(lambda: list(restore(photo, mask, engine)))
    pstats.Stats(profiler).sort_stats("tottime").print_stats(14)


if __name__ == "__main__":
    sys.exit(main())
