"""`inpaint-studio train`: train one stage as a config says. torch is imported once it runs."""

import argparse
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from inpaint_studio.cli.parser import INTERRUPTED, device_name
from inpaint_studio.errors import UsageError

if TYPE_CHECKING:
    from inpaint_studio.cli.parser import Verbs
    from inpaint_studio.training.config import Config
    from inpaint_studio.training.group import Group
    from inpaint_studio.training.session import Outcome

EXAMPLES = """\
examples:
  inpaint-studio train pconv.toml
  inpaint-studio train pconv.toml --resume               (go on where it stopped)
  inpaint-studio train edges.toml --device cuda:1
  inpaint-studio train pconv.toml --fetch-features       (torchvision's VGG, which it names)
  torchrun --nproc-per-node 4 -m inpaint_studio train pconv.toml         (four GPUs)

docs/training.md explains configs and what a run leaves. Ctrl-C saves and stops.
"""


def add_parser(subparsers: "Verbs") -> None:
    """Add `train` to the command line."""
    parser = subparsers.add_parser(
        "train",
        help="train a network on your own photos",
        description="Train partial convolution or EdgeConnect as a config file says.",
    )
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("config", metavar="CONFIG.toml", type=Path, help="what to train, on what")
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    parser.add_argument("--device", type=device_name, default="auto", metavar="D",
                        help="auto, cpu, cuda, cuda:1, mps (default: auto)")  # fmt: skip
    parser.add_argument("--fetch-features", action="store_true",
                        help="first download torchvision's VGG that the config names")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the config, train, say what was written."""
    if arguments.config.suffix.lower() != ".toml":
        raise UsageError(f"{arguments.config} is not a config: its name should end with .toml.")
    if not arguments.config.is_file():
        raise UsageError(f"There is no config {arguments.config}. docs/training.md has examples.")
    from inpaint_studio.training.config import read_config

    config = read_config(arguments.config)
    from inpaint_studio.training.group import open_group

    with open_group(arguments.device) as group:
        if arguments.fetch_features and group.leads:
            _fetch_features(Path(config.features.file))
        group.wait()
        outcome = _train(config, arguments, group)
    if not group.leads:
        return 0 if outcome else INTERRUPTED
    if outcome is None:
        told = f"Stopped; go on with --resume. The weights so far are in {config.out}."
        print(told, file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    for line in _told(outcome):
        print(line)  # noqa: T201
    return 0


def _fetch_features(path: Path) -> None:
    from inpaint_studio.cli.models import follow_download
    from inpaint_studio.training.feature_files import fetch_features

    follow_download(fetch_features(path))


def _train(config: "Config", arguments: argparse.Namespace, group: "Group") -> "Outcome | None":
    """The outcome; None where Ctrl-C ended the run."""
    from inpaint_studio.cli.training_display import Silence, open_display
    from inpaint_studio.training.session import Step, run_training

    shown = open_display(config) if group.leads else nullcontext(Silence())
    resume, device = arguments.resume, arguments.device
    events = run_training(config, device=device, resume=resume, group=group)
    with stop_asked() as asked, shown as display, closing(events):
        stopping = False
        while not stopping:
            try:
                event = next(events)
            except StopIteration as done:
                return done.value
            display.show(event)
            # All stop after the same step; photos are decoded by the first process alone.
            stopping = group.any(asked()) if isinstance(event, Step) else asked()
    return None


def _told(outcome: "Outcome") -> list[str]:
    lines = [f"Trained {outcome.steps} steps."]
    lines += [f"Wrote {path}." for path in outcome.written]
    if (card := outcome.written[-1]).suffix == ".toml":
        lines.append(f"Take the model in with: inpaint-studio models import {card.parent}")
    if outcome.unreadable:
        lines.append(
            f"{outcome.unreadable} photos could not be read; skipped.txt beside the checkpoint "
            "names them."
        )
    return lines


@contextmanager
def stop_asked() -> Generator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, or a scheduler asks the process to end: the step in hand is
    finished and saved. Again: stop at once."""
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        print("Stopping after this step…", file=sys.stderr)  # noqa: T201

    before = {number: signal.signal(number, press) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: pressed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
