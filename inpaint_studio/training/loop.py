"""The training loop: optimise, average, save, resume."""

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inpaint_studio.training.photos import Batch
from inpaint_studio.training.stages import Stage


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast: the rate falls along a cosine over `minutes` of running time."""

    minutes: float
    rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    save_every: float = 300.0
    """Seconds between checkpoints."""


@dataclass(frozen=True, slots=True)
class Report:
    """Where training stands: after `steps` steps on `pictures` crops."""

    steps: int
    pictures: int
    minutes: float
    losses: dict[str, float]


class Average:
    """Exponential moving average of a network's weights (what is shipped is the average)."""

    def __init__(self, network: nn.Module, decay: float = 0.998) -> None:
        self._decay = decay
        self.state = {key: value.detach().clone() for key, value in network.state_dict().items()}

    def update(self, network: nn.Module, steps: int) -> None:
        """Move towards the network; faster at first, when there is little to average."""
        decay = min(self._decay, (1 + steps) / (10 + steps))
        for key, value in network.state_dict().items():
            if value.is_floating_point():
                self.state[key].lerp_(value.detach(), 1 - decay)
            else:
                self.state[key].copy_(value)


def train(
    stage: Stage, feed: Iterator[Batch], *, schedule: Schedule, checkpoint: Path
) -> Generator[Report, None, dict[str, Tensor]]:
    """Train until the schedule's time is used, resuming from `checkpoint` where it exists.

    Yields a report every 50 steps; returns the averaged weights, which the checkpoint holds too.

    Raises:
        FloatingPointError: when a loss is no longer finite; the last checkpoint is still good.
    """
    network = stage.network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=schedule.rate, betas=schedule.betas)
    average = Average(network)
    steps, pictures, spent = _resume(checkpoint, network, optimizer, average)
    started = saved = time.monotonic() - spent
    saved += spent
    running: dict[str, float] = {}
    for batch in feed:
        spent = time.monotonic() - started
        if spent >= schedule.minutes * 60:
            break
        _set_rate(optimizer, schedule, spent)
        losses = _step(stage, batch, steps, optimizer)
        average.update(network, steps)
        steps, pictures = steps + 1, pictures + len(batch.photo)
        running = {
            key: 0.98 * running.get(key, value) + 0.02 * value for key, value in losses.items()
        } | {key: value for key, value in running.items() if key not in losses}
        if steps % 50 == 0:
            yield Report(steps, pictures, spent / 60, dict(running))
        if time.monotonic() - saved > schedule.save_every:
            saved = time.monotonic()
            _save(checkpoint, network, optimizer, average, (steps, pictures, spent))
    _save(checkpoint, network, optimizer, average, (steps, pictures, spent))
    return average.state


def _step(
    stage: Stage, batch: Batch, number: int, optimizer: torch.optim.Optimizer
) -> dict[str, float]:
    losses = stage.losses(batch, number)
    total = torch.stack(list(losses.values())).sum()
    if not torch.isfinite(total):
        raise FloatingPointError(f"the loss is not finite at step {number}: {losses}")
    optimizer.zero_grad(set_to_none=True)
    total.backward()
    nn.utils.clip_grad_norm_(stage.network.parameters(), 1.0)
    optimizer.step()
    return {key: float(value.detach()) for key, value in losses.items()}


def _set_rate(optimizer: torch.optim.Optimizer, schedule: Schedule, spent: float) -> None:
    part = spent / (schedule.minutes * 60)
    warm = min(1.0, spent / 20)
    for group in optimizer.param_groups:
        group["lr"] = schedule.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part)))


def _save(
    path: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: Average,
    progress: tuple[int, int, float],
) -> None:
    part = path.with_suffix(".part")
    torch.save(
        {
            "network": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "average": average.state,
            "progress": progress,
        },
        part,
    )
    part.replace(path)


def _resume(
    path: Path, network: nn.Module, optimizer: torch.optim.Optimizer, average: Average
) -> tuple[int, int, float]:
    if not path.is_file():
        return 0, 0, 0.0
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    average.state = state["average"]
    return state["progress"]
