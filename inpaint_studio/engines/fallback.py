"""When memory runs out: fill at a smaller size, then on the CPU, and say so."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import torch

from inpaint_studio.engines.api import (
    EdgeMap,
    FillEvent,
    FillRequest,
    FillResult,
    FillRun,
    Preview,
)
from inpaint_studio.engines.device import CPU, free_memory, is_out_of_memory
from inpaint_studio.errors import EngineError
from inpaint_studio.imaging.fit import Fitting, fit_known, fit_lines, plan_fit, rows_of, unfit
from inpaint_studio.imaging.geometry import Size, SizeRule
from inpaint_studio.steps import changed

RunOn = Callable[[FillRequest, torch.device], FillRun]
"""Fill a request on a device."""

_LEAST_WORKING = 128
"""Below this a fill is not worth having: the CPU is tried instead."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where and at what size to try next."""

    device: torch.device
    working: int = 0
    """Longest side in pixels; 0 = as asked."""

    def note(self, failed_on: torch.device) -> str:
        """What the user should know of it."""
        scarce = "Memory ran out" if failed_on == CPU else "The GPU's memory was full"
        if self.device != failed_on:
            return f"{scarce}, so the fill was computed on the CPU."
        return f"{scarce}, so the fill was computed at a smaller size of {self.working} pixels."


def plan_attempts(device: torch.device, size: Size, rule: SizeRule) -> list[Attempt]:
    """First as asked, then at half the size, then the same on the CPU."""
    half = max(size) // 2 // rule.multiple_of * rule.multiple_of
    sizes = [0, half] if half >= max(_LEAST_WORKING, rule.minimum) else [0]
    devices = [device] if device == CPU else [device, CPU]
    return [Attempt(where, working) for where in devices for working in sizes]


def fill_with_fallback(
    request: FillRequest, run: RunOn, *, device: torch.device, rule: SizeRule
) -> Generator[FillEvent, None, tuple[FillResult, tuple[str, ...]]]:
    """Run on `device` and, while memory runs out, on ever less demanding attempts.

    Returns:
        The result, at the size of the request, and a sentence if it took another attempt.

    Raises:
        EngineError: not even the last attempt found enough memory.
    """
    size = Size(request.hole.shape[0], request.hole.shape[1])
    attempts = plan_attempts(device, size, rule)
    for at, attempt in enumerate(attempts):
        try:
            result = yield from _at_size(request, attempt, run, rule=rule)
            return result, ((attempt.note(device),) if at else ())
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise EngineError(_stopped(attempt.device, error)) from error
        free_memory(attempt.device)
    raise EngineError(
        "There is not enough memory for this fill, not even at a smaller size on the CPU: "
        "close other programs, or fill a smaller area at a time."
    )


def _stopped(device: torch.device, error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return (
        f"The network stopped with an error on the device {device} ({lines[0].rstrip('.')}): "
        "try again with the device set to cpu."
    )


def _at_size(request: FillRequest, attempt: Attempt, run: RunOn, *, rule: SizeRule) -> FillRun:
    if attempt.working == 0:
        return (yield from run(request, attempt.device))
    size = Size(request.hole.shape[0], request.hole.shape[1])
    fitting = plan_fit(size, replace(rule, working=attempt.working))
    smaller = run(_shrunk(request, fitting), attempt.device)
    result = yield from changed(smaller, lambda event: _enlarged_event(event, request, fitting))
    return _enlarged(result, fitting)


def _shrunk(request: FillRequest, fitting: Fitting) -> FillRequest:
    photo, hole = fit_known(rows_of(request.photo), request.hole, fitting)
    edges = None if request.edges is None else fit_lines(request.edges, fitting)
    return replace(request, photo=photo, hole=hole, edges=edges)


def _enlarged(result: FillResult, fitting: Fitting) -> FillResult:
    edges = None if result.edges is None else unfit(result.edges, fitting).clip(0, 1)
    return FillResult(unfit(result.pixels, fitting).clip(0, 1), edges)


def _enlarged_event(event: FillEvent, request: FillRequest, fitting: Fitting) -> FillEvent:
    match event:
        case EdgeMap(edges, _, _):
            edges = unfit(edges, fitting).clip(0, 1)
            return EdgeMap(edges, request.hole, fitting.original.box)
        case Preview(pixels, _, _):
            pixels = unfit(pixels, fitting).clip(0, 1)
            return Preview(pixels, request.hole, fitting.original.box)
        case _:
            return event
