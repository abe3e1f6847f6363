"""Where networks run and how exactly: the device, its precision, its memory."""

import gc
import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inpaint_studio.errors import UsageError

CPU = torch.device("cpu")
_HALF_SINCE = (7, 0)
"""CUDA compute capability from which 16-bit convolutions are faster and sum in 32 bits."""

Network = TypeVar("Network", bound=nn.Module)


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" takes CUDA, then Apple's GPU, then the CPU.

    Raises:
        UsageError: there is no such device, or not in this computer.
    """
    if name == "auto":
        return _best_device()
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda", "mps"):
        raise UsageError(
            f"There is no device “{name}”. Choose one of: auto, cpu, cuda, cuda:1, mps."
        )
    if not _is_here(device):
        raise UsageError(
            f"The device “{name}” is not available on this computer. Choose auto or cpu."
        )
    return device


def _best_device() -> torch.device:
    for name in ("cuda", "mps"):
        if _is_here(device := torch.device(name)):
            return device
    return CPU


def _is_here(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    return device.type == "cpu" or torch.backends.mps.is_available()


def settle(device: torch.device) -> None:
    """Tell torch, once per process, to give the same bytes for the same input, and how many
    threads to use: OMP_NUM_THREADS, or as many as this process may run at once."""
    torch.backends.cudnn.benchmark = False  # timing would pick a kernel anew on every start
    torch.backends.cudnn.deterministic = True
    threads = _thread_count()
    if device.type == "cpu" and torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


def _thread_count() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_device(network: Network, device: torch.device) -> Network:
    """The network, moved to that device."""
    if all(tensor.device == device for tensor in network.parameters()):
        return network
    return network.to(device)


def settled_on(network: Network, device: torch.device) -> Network:
    """A network just loaded: on its device, in the memory order convolutions are fastest in."""
    network.to(device)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return network


def to_batch(channels: npt.NDArray[Any]) -> Tensor:
    """A picture (H, W, C) as a batch of one, (1, C, H, W) float32."""
    whole = np.ascontiguousarray(channels, dtype=np.float32)
    batch = torch.from_numpy(whole)  # pyright: ignore[reportUnknownMemberType]
    return batch.permute(2, 0, 1)[None]


def from_batch(batch: Tensor) -> npt.NDArray[np.float32]:
    """The first picture of a batch (B, C, H, W), as (H, W, C)."""
    return np.ascontiguousarray(batch[0].permute(1, 2, 0).numpy())


def run_network(
    network: nn.Module, inputs: tuple[Tensor, ...], *, device: torch.device
) -> tuple[Tensor, ...]:
    """One pass of the network, its outputs as float32 on the CPU.

    On CUDA in half precision; should that overflow, once more in single precision.
    """
    with torch.inference_mode():
        placed = tuple(tensor.to(device) for tensor in inputs)
        with _half_precision(device):
            outputs = _forward(network, placed)
        if device.type == "cuda" and not all(bool(out.isfinite().all()) for out in outputs):
            outputs = _forward(network, placed)
        return tuple(out.float().cpu() for out in outputs)


def _forward(network: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    output = network(*inputs)
    return cast("tuple[Tensor, ...]", output) if isinstance(output, tuple) else (output,)


def _half_precision(device: torch.device) -> AbstractContextManager[object]:
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= _HALF_SINCE:
        return torch.autocast("cuda", torch.float16)
    return nullcontext()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device or the computer ran out of memory."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        sign in text for sign in ("out of memory", "can't allocate memory", "not enough memory")
    )


def free_memory(device: torch.device) -> None:
    """Give back what is no longer used. Call it outside the `except` block: the error that is
    being handled holds every tensor of the failed pass."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
