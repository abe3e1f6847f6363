"""What a stage of training is: networks that learn in turns, each with its own losses."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from inpaint_studio.errors import UsageError
from inpaint_studio.training.config import Config
from inpaint_studio.training.group import ALONE, Group
from inpaint_studio.training.photos import Batch

Losses = Mapping[str, Tensor]
"""Weighted terms by name; their sum is to become small."""


class Sample(NamedTuple):
    """A batch on the device, float32: RGB (B, 3, H, W) in [0, 1], edges and hole (B, 1, H, W)."""

    photo: Tensor
    edges: Tensor
    hole: Tensor


@dataclass(frozen=True, slots=True)
class Learner:
    """Networks that one optimiser changes."""

    name: str
    networks: Mapping[str, nn.Module]
    rate: float
    betas: tuple[float, float]
    kept: bool = True
    """Whether these networks are what training is for: they are averaged and written at the end.
    A discriminator is not."""

    def parameters(self) -> list[nn.Parameter]:
        """What the optimiser changes."""
        networks = self.networks.values()
        return [p for network in networks for p in network.parameters() if p.requires_grad]


class Turn(NamedTuple):
    """One learner's losses: it takes its step before the next turn is computed."""

    learner: Learner
    losses: Losses


class Stage(Protocol):
    """Networks, and how a batch teaches them."""

    @property
    def learners(self) -> tuple[Learner, ...]: ...

    def begin(self) -> None:
        """Put every network into the mode it is trained in."""
        ...

    def turns(self, sample: Sample, step: int) -> Iterator[Turn]:
        """The turns of one step, discriminators first."""
        ...

    def preview(self, sample: Sample) -> list[Tensor]:
        """Pictures for a sheet, a column each: (B, 1 | 3, H, W) in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Machine:
    """The device networks are trained on, and the precision of their passes."""

    device: torch.device
    half: bool = False
    """Whether passes run in bfloat16 where torch deems that safe; losses are float32 always."""
    group: Group = ALONE
    """The processes that train together, each on a device of its own."""

    def passing(self) -> AbstractContextManager[object]:
        """Wrap what the networks compute."""
        return torch.autocast(self.device.type, torch.bfloat16) if self.half else nullcontext()

    def sample(self, batch: Batch) -> Sample:
        """The batch as tensors."""
        photo = torch.from_numpy(batch.photo).to(self.device)
        edges, hole = (torch.from_numpy(a).to(self.device) for a in (batch.edges, batch.hole))
        return Sample(
            photo.permute(0, 3, 1, 2).contiguous().float() / 255,
            edges[:, None].float(),
            hole[:, None].float(),
        )


def choose_machine(device: torch.device, config: Config, *, group: Group | None = None) -> Machine:
    """The precision the config asks for.

    Raises:
        UsageError: bfloat16 is asked for and the device does not compute in it.
    """
    asked, able = config.run.precision, computes_bfloat16(device)
    if asked == "bfloat16" and not able:
        raise UsageError(
            f"The device “{device}” only imitates bfloat16, many times slower than float32; set "
            "precision to auto or float32."
        )
    return Machine(device, half=able and asked != "float32", group=group or ALONE)


def computes_bfloat16(device: torch.device) -> bool:
    """Whether the hardware has such arithmetic; torch runs it everywhere, emulated if need be."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        able = torch.cpu.get_capabilities()
        return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return False
