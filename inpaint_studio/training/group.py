"""Several processes that train one network: what they tell each other.

Started by PyTorch's own launcher, `torchrun`. Each process has the same weights and its own part
of every batch; gradients, losses and batch statistics are averaged over all, so that N processes
compute what one would with a batch N times as large. Gradients go in one piece after the backward
pass, which serves losses that run through several networks, as DistributedDataParallel's wrapper
of a single one does not.
"""

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn

from inpaint_studio.errors import TrainingError

PATIENCE = timedelta(hours=6)
"""How long the others wait for the first, which may be decoding photos."""


@dataclass(frozen=True, slots=True)
class Group:
    """The processes of one run; by default this one alone."""

    rank: int = 0
    size: int = 1
    device: str = ""
    """The device of this process; empty: whichever is asked for."""

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and tells."""
        return self.rank == 0

    def mean(self, values: Tensor) -> Tensor:
        """The mean of all processes' values, without gradient; the same in all of them."""
        if self.size == 1:
            return values.detach()
        shared = values.detach().clone()
        dist.all_reduce(shared)
        return shared / self.size

    def share_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the mean of all gradients."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        if self.size == 1 or not gradients:
            return
        flat = self.mean(torch.cat([gradient.reshape(-1) for gradient in gradients]))
        parts = torch.split_with_sizes(flat, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view(gradient.shape))

    def of_first(self, number: float) -> float:
        """The first process's number, in all of them."""
        if self.size == 1:
            return number
        told = torch.tensor([number if self.leads else 0.0], dtype=torch.float64)
        return float(self._sum(told))

    def any(self, flag: bool) -> bool:
        """Whether it is so in any of them."""
        return flag if self.size == 1 else float(self._sum(torch.tensor([float(flag)]))) > 0

    def wait(self) -> None:
        """Until all have come this far."""
        self.any(False)

    def _sum(self, told: Tensor) -> Tensor:
        placed = told.to(self.device or "cpu", torch.float32 if "mps" in self.device else None)
        dist.all_reduce(placed)
        return placed.cpu()


ALONE = Group()
"""A run without torchrun."""


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm whose statistics are those of the whole batch, on whatever devices it lies.

    PyTorch's own SyncBatchNorm runs on GPUs only. Every process has equally many pictures.
    """

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        self._check_input_dim(input)
        wide = input.float()
        moments = torch.stack([wide.mean((0, 2, 3)), wide.square().mean((0, 2, 3))])
        shared = cast(Tensor, _SharedMean.apply(moments))
        mean, square = shared[0], shared[1]
        variance = (square - mean.square()).clamp(min=0)
        self._follow(mean, variance, input.numel() // input.shape[1])
        scale = self.weight * (variance + self.eps).rsqrt()
        shift = self.bias - mean * scale
        return (wide * scale[:, None, None] + shift[:, None, None]).to(input.dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Move the running statistics, as `nn.BatchNorm2d` does: of the unbiased variance."""
        whole = count * dist.get_world_size()
        cast(Tensor, self.num_batches_tracked).add_(1)
        momentum = self.momentum or 0.0
        cast(Tensor, self.running_mean).lerp_(mean, momentum)
        cast(Tensor, self.running_var).lerp_(variance * whole / max(1, whole - 1), momentum)


class _SharedMean(torch.autograd.Function):
    """The mean over processes; its gradient is the sum of theirs over their number."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:  # noqa: ANN401
        del ctx
        return _averaged(values)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ANN401
        del ctx
        return _averaged(gradients[0])


def _averaged(values: Tensor) -> Tensor:
    shared = values.contiguous().clone()
    dist.all_reduce(shared)
    return shared / dist.get_world_size()


def share_batch_norm(network: nn.Module) -> None:
    """Have every batch norm of a network look at the whole batch; names and weights stay."""
    for name, child in network.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(network, name, _shared(child))
        else:
            share_batch_norm(child)


def _shared(norm: nn.BatchNorm2d) -> SharedBatchNorm2d:
    shared = SharedBatchNorm2d(norm.num_features, eps=norm.eps, momentum=norm.momentum)
    shared.weight, shared.bias = norm.weight, norm.bias
    shared.running_mean, shared.running_var = norm.running_mean, norm.running_var
    shared.num_batches_tracked = norm.num_batches_tracked
    return shared.train(norm.training)


@contextmanager
def open_group(device: str) -> Generator[Group]:
    """The processes that `torchrun` started; without it this one alone.

    Args:
        device: what was asked for: on "auto" or "cuda" each process of a computer takes the GPU
            of its number.

    Raises:
        TrainingError: the processes do not find each other.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    own = _own_device(device)
    try:
        dist.init_process_group("nccl" if own.startswith("cuda") else "gloo", timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise TrainingError(
            "The training processes did not find each other; start them all with torchrun, with "
            f"the same --rdzv-endpoint ({error})."
        ) from error
    try:
        yield Group(dist.get_rank(), dist.get_world_size(), own)
    finally:
        dist.destroy_process_group()


def _own_device(device: str) -> str:
    if device == "cuda" or (device == "auto" and torch.cuda.is_available()):
        own = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
        torch.cuda.set_device(own)
        return own
    return "cpu" if device == "auto" else device
