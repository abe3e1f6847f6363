"""`inpaint-studio finetune`: adapt a model to a folder of pictures. torch comes once it runs."""

import argparse
import re
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from inpaint_studio.cli.parser import INTERRUPTED, device_name, seed_number
from inpaint_studio.errors import UsageError
from inpaint_studio.steps import exhausted
from inpaint_studio.weights.card import NAME_PATTERN

if TYPE_CHECKING:
    from inpaint_studio.cli.parser import Verbs
    from inpaint_studio.training.finetune import Finetuning
    from inpaint_studio.training.held_out import Score
    from inpaint_studio.weights.card import ModelCard
    from inpaint_studio.weights.library import Library

EXAMPLES = """\
examples:
  inpaint-studio finetune paintings --from studio-pconv
  inpaint-studio finetune paintings --from studio-edgeconnect --minutes 30 --name vermeer

The new model is at once among the others: inpaint-studio fill ... --model vermeer
Ctrl-C ends the training and keeps what was learnt. docs/training.md says more.
"""


def add_parser(subparsers: "Verbs") -> None:
    """Add `finetune` to the command line."""
    parser = subparsers.add_parser(
        "finetune",
        help="adapt a model to your own pictures in minutes",
        description="Go on training a model on a folder of pictures, judge it on some that are "
        "held out, and add it to your models.",
    )
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("photos", metavar="PHOTOS_DIR", type=Path,
                        help="the pictures to adapt to, with all subfolders")  # fmt: skip
    parser.add_argument("--from", dest="basis", metavar="CARD", required=True,
                        help="the model to go on from (see “models list”)")  # fmt: skip
    parser.add_argument("--minutes", type=minutes, default=10.0, metavar="N",
                        help="how long to train (default: 10)")  # fmt: skip
    parser.add_argument("--name", type=model_name, metavar="NAME",
                        help="name of the new model (default: from model and folder)")  # fmt: skip
    parser.add_argument("-o", "--out", type=Path, metavar="OUT",
                        help="also keep weights, card and samples in this folder")  # fmt: skip
    parser.add_argument("--device", type=device_name, default="auto", metavar="D",
                        help="auto, cpu, cuda, cuda:1, mps (default: auto)")  # fmt: skip
    parser.add_argument("--seed", type=seed_number, default=1, metavar="N",
                        help="chooses crops, holes, pictures held out (default: 1)")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Plan, judge, train, keep, judge again, and say whether it helped."""
    if not arguments.photos.is_dir():
        raise UsageError(f"There is no folder of pictures at {arguments.photos}.")
    if arguments.out and arguments.out.is_file():
        raise UsageError(f"{arguments.out} is a file: choose a new folder with -o.")
    if arguments.out and arguments.out.exists() and any(arguments.out.iterdir()):
        raise UsageError(f"{arguments.out} is not empty: choose a new folder with -o.")
    from inpaint_studio.weights.library import open_library

    library = open_library()
    with _folder(arguments.out) as out:
        plan = _plan(arguments, library, out)
        finished = _finetune(plan, library, arguments.device)
    return 0 if finished else INTERRUPTED


def _plan(arguments: argparse.Namespace, library: "Library", out: Path) -> "Finetuning":
    from inpaint_studio.training.adapting import Basis
    from inpaint_studio.training.finetune import free_name, plan_finetuning, require_free

    card = library.find(arguments.basis)
    chosen = arguments.name
    name = require_free(chosen, library) if chosen else free_name(card, arguments.photos, library)
    basis = Basis(card, library.files(card))
    return plan_finetuning(
        arguments.photos, basis, out, name=name, minutes=arguments.minutes, seed=arguments.seed
    )


def _finetune(plan: "Finetuning", library: "Library", device: str) -> bool:
    """Whether the training ran to its end."""
    from inpaint_studio.training.finetune import keep

    _introduce(plan)
    basis = plan.basis.card
    before = _judge(plan, basis, library, device)
    finished, steps = _train(plan, device)
    if not steps:
        _say("Stopped before anything was learnt; there is no new model.")
        return False
    if skipped := unreadable(plan):
        _say(skipped)
    card = keep(plan, library)
    after = _judge(plan, card, library, device)
    for line in told(before, after, card.name, basis.name):
        _say(line)
    return finished


def _introduce(plan: "Finetuning") -> None:
    learnt, held_out = len(plan.pictures.learnt), len(plan.pictures.held_out)
    aside = f"; {held_out} more are held out to judge by" if held_out else ""
    _say(
        f"Adapting {plan.basis.card.name} to {learnt} pictures for "
        f"{plan.config.run.minutes:g} minutes{aside}."
    )
    if not plan.config.features.file:
        _say(
            "There is no feature network on this computer, so texture is not compared: "
            "docs/training.md, “Features”, says how to get one."
        )


def _judge(
    plan: "Finetuning", card: "ModelCard", library: "Library", device: str
) -> "Score | None":
    from inpaint_studio.training.finetune import setup_of
    from inpaint_studio.training.held_out import judge

    if not plan.cases:
        return None
    return exhausted(judge(plan.cases, card.engine, setup_of(card, library, device)))


def _train(plan: "Finetuning", device: str) -> tuple[bool, int]:
    """Whether it ran to its end, and how many steps were done."""
    from inpaint_studio.cli.train import stop_asked
    from inpaint_studio.cli.training_display import open_display
    from inpaint_studio.training.session import Step, run_training

    events, steps = run_training(plan.config, device=device), 0
    with stop_asked() as asked, open_display(plan.config) as display, closing(events):
        while not asked():
            try:
                event = next(events)
            except StopIteration:
                return True, steps
            steps = event.number if isinstance(event, Step) else steps
            display.show(event)
    return False, steps


def unreadable(plan: "Finetuning") -> str:
    """A sentence on the pictures that were skipped; empty where there were none."""
    listing = Path(plan.config.out) / "skipped.txt"
    if not listing.exists():
        return ""
    names = [Path(line).name for line in listing.read_text("utf-8").splitlines()]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"Not readable, so skipped: {', '.join(names[:3])}{more}."


def told(before: "Score | None", after: "Score | None", name: str, basis: str) -> list[str]:
    """What came out, a line each."""
    lines: list[str] = []
    verdict = "With so few pictures none was held out, so whether it got better is not known."
    if before and after:
        pairs = [("hole L1", before.l1, after.l1, " %")]
        if before.features is not None and after.features is not None:
            pairs.append(("VGG-11 distance", before.features, after.features, ""))
        lines = [
            f"{what:<16} {was:.3f}{unit} before, {now:.3f}{unit} after"
            for what, was, now, unit in pairs
        ]
        verdict = _verdict([now < was for _, was, now, _ in pairs], basis)
    use = f"It is the model {name} now: inpaint-studio fill PHOTO --mask MASK -o OUT --model {name}"
    return [*lines, verdict, use]


def _verdict(better: list[bool], basis: str) -> str:
    if all(better):
        return "On the pictures held out it got better."
    if any(better):
        return "On the pictures held out one measure got better, the other worse: look at both."
    return (
        f"On the pictures held out it did not get better: {basis} serves these pictures as well. "
        "More pictures or more minutes may help."
    )


@contextmanager
def _folder(chosen: Path | None) -> Generator[Path]:
    if chosen:
        yield chosen
        return
    with TemporaryDirectory(prefix="inpaint-finetune-") as folder:
        yield Path(folder)


def minutes(text: str) -> float:
    """The type of `--minutes`."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of minutes")
    return value


def model_name(text: str) -> str:
    """The type of `--name`: what cards may be called."""
    if not re.fullmatch(NAME_PATTERN, text):
        raise argparse.ArgumentTypeError(
            f"“{text}” is no name for a model: small letters, digits, dots and hyphens"
        )
    return text


def _say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)  # noqa: T201
