"""`inpaint-studio models`: which weights are here, on what terms, and how to get more.

torch is imported by `import` and `fetch` only, when they convert.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from inpaint_studio.errors import UsageError, WeightsError
from inpaint_studio.weights.arrivals import UnknownModelError
from inpaint_studio.weights.card import ModelCard
from inpaint_studio.weights.library import Library, open_library
from inpaint_studio.weights.places import how_to_get

if TYPE_CHECKING:
    from inpaint_studio.cli.parser import Verbs
    from inpaint_studio.weights.download import Download, DownloadProgress

EXAMPLES = """\
examples:
  inpaint-studio models list
  inpaint-studio models list --engine pconv --json
  inpaint-studio models show pconv-mmagic-places
  inpaint-studio models fetch pconv-mmagic-places
  inpaint-studio models import ~/Downloads/places2              (a folder with both files)
  inpaint-studio models import ~/Downloads/pretrained_pconv.pth
  inpaint-studio models import mine.pth --name my-model         (weights of your own)
  inpaint-studio models verify                                  (all that are here)
  inpaint-studio models verify studio-pconv
"""

_MORE = {
    "import": (
        "They are recognised by their contents, converted once and checked ever after.",
        "The licence is shown, and has to be agreed to where it restricts use.",
    ),
    "fetch": (
        "The licence is shown first, and has to be agreed to where it restricts use.",
        "A download that was broken off goes on.",
    ),
    "verify": ("The exit code is 1 if any differs or is missing.",),
}

_COMMERCIAL = {
    "yes": "allowed",
    "no": "not allowed",
    "unclear": "unclear, check before you use results commercially",
}


def add_parser(subparsers: "Verbs") -> None:
    """Add `models` and its verbs to the command line."""
    parser = subparsers.add_parser(
        "models",
        help="list, import, fetch and verify weights",
        description="Which weights are here, on what terms, and how to get more.",
    )
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = _verb(verbs, "list", "every model and whether it is here")
    listing.add_argument("--engine", metavar="E", help="only those of this engine")
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(run=run_list)
    showing = _verb(verbs, "show", "everything known of one model")
    showing.add_argument("name", metavar="NAME", help="a model of “models list”")
    showing.add_argument("--json", action="store_true", help="print one JSON object")
    showing.set_defaults(run=run_show)
    _add_import(_verb(verbs, "import", "take in weights that you have as files"))
    fetching = _verb(verbs, "fetch", "download a model and take it in")
    fetching.add_argument("name", metavar="NAME", help="a model of “models list”")
    _add_acceptance(fetching)
    fetching.set_defaults(run=run_fetch)
    verifying = _verb(verbs, "verify", "compare weights with their checksums")
    verifying.add_argument("names", nargs="*", metavar="NAME", help="all that are here if none")
    verifying.set_defaults(run=run_verify)


def _verb(verbs: "Verbs", name: str, help: str) -> argparse.ArgumentParser:
    """The parser of a verb of `models`, with what belongs to it of the examples."""
    description = "\n".join((f"{help[:1].upper()}{help[1:]}.", *_MORE.get(name, ())))
    parser = verbs.add_parser(name, help=help, description=description)
    lines = [line for line in EXAMPLES.splitlines() if f" models {name}" in line]
    parser.epilog = "\n".join(("examples:", *lines))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    return parser


def run_list(arguments: argparse.Namespace) -> int:
    """Print every model, one to a line."""
    library = open_library()
    cards = [c for c in library.cards() if arguments.engine in (None, c.engine)]
    if not cards:
        known = ", ".join(sorted({card.engine for card in library.cards()}))
        raise UsageError(
            f"There are no models for an engine “{arguments.engine}”. Choose one of: {known}."
        )
    if arguments.json:
        _say(_json([_described(library, card) for card in cards]))
    elif sys.stdout.isatty():
        _print_table(library, cards)
    else:
        _print_columns((c.name, library.status(c), c.engine, c.licence, c.title) for c in cards)
    for problem in library.problems():
        print(problem, file=sys.stderr)  # noqa: T201
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one card."""
    library = open_library()
    card = library.find(arguments.name)
    if arguments.json:
        _say(_json(_described(library, card)))
        return 0
    _print_facts(card)
    status = library.status(card)
    _say(f"status          {status}")
    if status != "ready":
        _say(f"how to get it   {how_to_get(card)}")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Recognise, show the licence, ask, convert, keep."""
    library = open_library()
    try:
        arrival = library.recognise(arguments.path, card=arguments.card, name=arguments.name)
    except UnknownModelError as error:
        raise WeightsError(f"{error} Use --card NAME or --name NAME.") from error
    _agree(library, arrival.card, accepted=arguments.accept_licence)
    card = library.install(arrival)
    _say(_finished(card))
    if not arrival.checked:
        _say("Its card gives no checksum, so the files could not be compared with the originals.")
    return 0


def run_fetch(arguments: argparse.Namespace) -> int:
    """Show the licence, ask, download, check, convert, keep."""
    library = open_library()
    card = library.find(arguments.name)
    if library.status(card) == "ready":
        _say(f"{card.title} is here already.")
        return 0
    if card.bundled or not all(file.url for file in card.files.values()):
        raise WeightsError(f"{card.title} has no direct address. {how_to_get(card)}")
    _agree(library, card, accepted=arguments.accept_licence)
    with closing(library.fetch(card)) as run:
        follow_download(run)
    _say(_finished(card))
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Compare the files with their checksums; 1 where any differs or is missing."""
    library = open_library()
    named = [library.find(name) for name in arguments.names]
    present = [card for card in library.cards() if library.status(card) != "missing"]
    failed = 0
    for card in named or present:
        try:
            library.verify(card)
            _say(f"{card.name}: intact")
        except WeightsError as error:
            failed += 1
            _say(f"{card.name}: {error}")
    return 1 if failed else 0


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="a file, or a folder of one model")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--card", metavar="NAME", help="which model it is, if that cannot be told")
    which.add_argument("--name", metavar="NAME", help="a name for weights of your own")
    _add_acceptance(parser)
    parser.set_defaults(run=run_import)


def _add_acceptance(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept-licence", action="store_true", help="agree to the licence without being asked"
    )


def _agree(library: Library, card: ModelCard, *, accepted: bool) -> None:
    """Show the terms; where they are not plainly free, have the user agree to them."""
    _print_facts(card)
    if not library.needs_consent(card):
        return
    if not accepted and not _asked(f"Use {card.title} on these terms? [y/N] "):
        raise WeightsError(
            f"{card.title} was not taken in, because its licence was not accepted; read the terms "
            "and add --accept-licence to agree."
        )
    library.give_consent(card)


def _asked(question: str) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _finished(card: ModelCard) -> str:
    return f"{card.title} is ready: fill with --model {card.name}."


def _print_facts(card: ModelCard) -> None:
    facts = {
        "name": card.name,
        "title": card.title,
        "engine": card.engine,
        "good at": card.good_at,
        "licence": card.licence,
        "commercial use": _COMMERCIAL[card.commercial_use],
        "origin": card.origin,
        "trained on": card.trained_on,
        "notes": card.notes,
        **card.evaluation,
    }
    for label, text in facts.items():
        if text:
            _say(f"{label:<16}{text}")


def _print_table(library: Library, cards: Iterable[ModelCard]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "status", "engine", "licence", "good at"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("model", "status"))
    colours = {"ready": "green", "broken": "red", "missing": "dim"}
    for card in cards:
        status = library.status(card)
        shown = f"[{colours[status]}]{status}[/]"
        told = (card.name, card.engine, card.licence, card.good_at)
        name, *rest = (escape(text) for text in told)
        table.add_row(name, shown, *rest)
    Console().print(table)


def _print_columns(rows: Iterable[tuple[str, ...]]) -> None:
    lines = list(rows)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        _say("  ".join(cells).rstrip())


def follow_download(run: "Download") -> None:
    """Show a download: a bar on a terminal, a line per file and tenth of it elsewhere."""
    if sys.stderr.isatty():
        _follow_with_bar(run)
    else:
        _follow_in_lines(run, lambda line: print(line, file=sys.stderr))  # noqa: T201


def _follow_with_bar(run: "Download") -> None:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=Console(stderr=True)) as bar:
        tasks: dict[str, Any] = {}
        for progress in run:
            if progress.file not in tasks:
                tasks[progress.file] = bar.add_task(progress.file, total=progress.total)
            bar.update(tasks[progress.file], completed=progress.received, total=progress.total)


def _follow_in_lines(run: "Download", say: Callable[[str], None]) -> None:
    told: tuple[str, int] | None = None
    for progress in run:
        tenths = _tenths(progress)
        if told != (progress.file, tenths):
            told = (progress.file, tenths)
            say(f"{progress.file}: {tenths * 10} %")


def _tenths(progress: "DownloadProgress") -> int:
    return progress.received * 10 // progress.total if progress.total else 0


def _described(library: Library, card: ModelCard) -> dict[str, Any]:
    """A card as a program may want it, with what only the library knows."""
    known = {"status": library.status(card), "needs_consent": library.needs_consent(card)}
    return {**msgspec.to_builtins(card), **known}


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def _say(text: str) -> None:
    print(text)  # noqa: T201
