"""`inpaint-studio engines`: what there is to fill with."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from inpaint_studio.cli.parser import Verbs
from inpaint_studio.engines.registry import ENGINES, EngineEntry

DESCRIPTION = """\
List what there is to fill with: the name that --engine takes, what it does, and what it suits.
"""

EXAMPLES = """\
examples:
  inpaint-studio engines
  inpaint-studio engines --json                    (also which need weights, draw edges, take seeds)
  inpaint-studio fill photo.tif --mask mask.png -o restored.tif --engine patchmatch
"""


def add_parser(subparsers: Verbs) -> None:
    """Add `engines` to the verbs of the command line."""
    parser = subparsers.add_parser("engines", help="list the engines", description=DESCRIPTION)
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the engines, one to a line."""
    entries = [describe(entry) for entry in ENGINES.values()]
    if arguments.json:
        print(json.dumps(entries, indent=2))  # noqa: T201
        return 0
    width = max(len(entry.name) for entry in ENGINES.values())
    for entry in ENGINES.values():
        print(f"{entry.name:<{width}}  {entry.title}: {entry.summary}")  # noqa: T201
    return 0


def describe(entry: EngineEntry) -> dict[str, Any]:
    """What a program that calls us may want to know of an engine."""
    described = asdict(entry)
    del described["target"]  # where the code lies is ours to change
    return described
