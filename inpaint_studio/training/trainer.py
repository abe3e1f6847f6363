"""Steps of training: each learner's turn, its optimiser, the average of its weights."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from inpaint_studio.errors import TrainingError
from inpaint_studio.training.config import Config
from inpaint_studio.training.group import ALONE, Group
from inpaint_studio.training.stage import Learner, Sample, Stage, Turn

FORMAT = 1
"""Of checkpoints; another one is refused."""


class NotFiniteError(TrainingError):
    """A loss or gradient is no longer a number; nothing was changed by it."""


class Average:
    """Exponential moving average of a network's weights (what is kept in the end)."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self.state = {key: value.detach().clone() for key, value in network.state_dict().items()}

    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network; faster at first, when there is little to average."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for key, value in network.state_dict().items():
            if value.is_floating_point() and not _is_direction(key):
                self.state[key].lerp_(value.detach(), 1 - decay)
            else:
                self.state[key].copy_(value)


@dataclass(slots=True)
class Standing:
    """How far a run is."""

    step: int = 0
    pictures: int = 0
    seconds: float = 0.0


class Trainer:
    """A stage, the optimiser of each of its learners, and how far they are."""

    def __init__(self, stage: Stage, config: Config, *, group: Group | None = None) -> None:
        self.stage = stage
        self.standing = Standing()
        self._group = group or ALONE
        self._config = config
        self._optimisers = {
            learner.name: torch.optim.Adam(
                learner.parameters(), lr=learner.rate, betas=learner.betas
            )
            for learner in stage.learners
        }
        self.averages = {
            name: Average(network, config.optimiser.average)
            for learner in stage.learners
            if learner.kept
            for name, network in learner.networks.items()
        }

    @property
    def done(self) -> float:
        """How much of the run is over, from 0 to 1."""
        run, at = self._config.run, self.standing
        parts = (
            at.step / run.steps if run.steps else 0.0,
            at.seconds / (60 * run.minutes) if run.minutes else 0.0,
        )
        return min(1.0, max(parts))

    def advance(self, sample: Sample) -> dict[str, float]:
        """One step of every learner; returns the weighted losses.

        Raises:
            NotFiniteError: before anything was changed by what is not finite.
        """
        at, told = self.standing, dict[str, float]()
        for turn in self.stage.turns(sample, at.step):
            told |= self._take(turn)
        for learner in self.stage.learners:
            for name, network in learner.networks.items():
                if name in self.averages:
                    self.averages[name].update(network, at.step)
        at.step += 1
        at.pictures += len(sample.photo) * self._group.size
        return told

    def _take(self, turn: Turn) -> dict[str, float]:
        optimiser = self._optimisers[turn.learner.name]
        losses = torch.stack(list(turn.losses.values()))
        shared = self._group.mean(losses)
        told = {name: float(loss) for name, loss in zip(turn.losses, shared, strict=True)}
        _check(told, self.standing.step)
        optimiser.zero_grad(set_to_none=True)
        losses.sum().backward()
        self._group.share_gradients(turn.learner.parameters())
        norm = _clip(turn.learner, self._config.optimiser.clip)
        _check({f"gradient of the {turn.learner.name}": float(norm)}, self.standing.step)
        for group in optimiser.param_groups:
            group["lr"] = turn.learner.rate * self._factor()
        optimiser.step()
        return told

    def _factor(self) -> float:
        """What the rate is multiplied by at this point of the run."""
        warm_up = self._config.optimiser.warm_up
        warm = min(1.0, (self.standing.step + 1) / warm_up) if warm_up else 1.0
        if self._config.optimiser.schedule == "constant":
            return warm
        return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.done)))

    def state(self) -> dict[str, Any]:
        """All there is to know to go on exactly from here."""
        at = self.standing
        return {
            "format": FORMAT,
            "stage": self._config.stage,
            "standing": (at.step, at.pictures, at.seconds),
            "networks": {name: net.state_dict() for name, net in self._networks().items()},
            "optimisers": {name: o.state_dict() for name, o in self._optimisers.items()},
            "averages": {name: average.state for name, average in self.averages.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` said.

        Raises:
            KeyError, RuntimeError, ValueError, TypeError: it is of another run.
        """
        for name, network in self._networks().items():
            network.load_state_dict(state["networks"][name])
        for name, optimiser in self._optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
        for name, average in self.averages.items():
            for key, value in average.state.items():
                value.copy_(state["averages"][name][key])
        self.standing = Standing(*state["standing"])

    def _networks(self) -> dict[str, nn.Module]:
        return {
            name: network
            for learner in self.stage.learners
            for name, network in learner.networks.items()
        }


def _clip(learner: Learner, largest: float) -> Tensor:
    return nn.utils.clip_grad_norm_(learner.parameters(), largest or math.inf)


def _check(values: Mapping[str, float], step: int) -> None:
    wrong = [name for name, value in values.items() if not math.isfinite(value)]
    if wrong:
        raise NotFiniteError(f"Training stopped at step {step}: {wrong[0]} is no longer finite.")


def _is_direction(key: str) -> bool:
    """A singular vector of spectral norm: of unit length, an average is not."""
    return key.endswith(("._u", "._v"))
