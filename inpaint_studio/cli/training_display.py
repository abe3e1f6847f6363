"""How a training run tells how it goes: a bar on a terminal, lines elsewhere, TensorBoard."""

import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from inpaint_studio.training.config import Config
from inpaint_studio.training.session import Event, Packing, Step

_SMOOTH = 0.98
"""How much of a shown loss is what was shown before."""


class Display(Protocol):
    """Follows one run."""

    def show(self, event: Event) -> None: ...


class Silence:
    """Of several processes only the first tells."""

    def show(self, event: Event) -> None:
        del event


class _Lines:
    """A line every so many steps."""

    def __init__(self, config: Config) -> None:
        self._every = config.run.report_every
        self._losses = _Smoothed()

    def show(self, event: Event) -> None:
        step = _step(event)
        if step is None:
            return
        self._losses.take(step)
        if step.number % self._every == 0:
            print(f"step {step.number}  {_speed(step)}  {self._losses}", flush=True)  # noqa: T201


class _Terminal:
    """A bar that says the losses as they fall."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("Starting", total=1.0)
        self._losses = _Smoothed()

    def show(self, event: Event) -> None:
        step = _step(event)
        if step is None:
            self._bar.update(self._task, description="Reading photos", completed=_packed(event))
            return
        self._losses.take(step)
        told = f"step {step.number}  {_speed(step)}\n{self._losses}"
        self._bar.update(self._task, description=told, completed=step.done)


class _Charts:
    """TensorBoard's files in the run's folder, beside another display."""

    def __init__(self, config: Config, display: Display) -> None:
        from torch.utils.tensorboard.writer import SummaryWriter  # needs the extra “train”

        self._display = display
        self._writer = SummaryWriter(str(Path(config.out) / "tensorboard"))

    def show(self, event: Event) -> None:
        self._display.show(event)
        if (step := _step(event)) is not None:
            for name, value in step.losses.items():
                self._writer.add_scalar(f"loss/{name}", value, step.number)

    def close(self) -> None:
        self._writer.close()


class _Smoothed:
    """The losses, each averaged over its last steps."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}

    def take(self, step: Step) -> None:
        for name, value in step.losses.items():
            before = self._values.get(name, value)
            self._values[name] = _SMOOTH * before + (1 - _SMOOTH) * value

    def __str__(self) -> str:
        return "  ".join(f"{name} {value:.4f}" for name, value in self._values.items())


@contextmanager
def open_display(config: Config) -> Generator[Display]:
    """A bar on a terminal, lines elsewhere; TensorBoard's files too where it is installed."""
    with _bar_or_lines(config) as display:
        charts = None
        with suppress(ImportError):
            charts = _Charts(config, display)
        try:
            yield charts or display
        finally:
            if charts:
                charts.close()


@contextmanager
def _bar_or_lines(config: Config) -> Generator[Display]:
    if not sys.stdout.isatty():
        yield _Lines(config)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn()) as bar:
        yield _Terminal(bar)


def _speed(step: Step) -> str:
    return f"{step.pictures_per_second:.1f} pictures/s, {step.waiting:.0%} waiting"


def _step(event: Event) -> Step | None:
    return event if isinstance(event, Step) else None


def _packed(event: Event) -> float:
    return event.done / event.total if isinstance(event, Packing) else 0.0
