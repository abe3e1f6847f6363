"""What every verb of the command line builds its options with."""

import argparse
import re
from collections.abc import Callable, Collection
from typing import NoReturn, Protocol

from inpaint_studio.errors import UsageError

INTERRUPTED = 130
"""The exit code that shells expect of a program that Ctrl-C ended."""
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of printing and leaving."""

    verbs: Collection[str] = ()
    """The commands of the program."""

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:]
        raise UsageError(f"{sentence.rstrip('.')}. See “{self.prog} --help”.")


class Verbs(Protocol):
    """Where a verb adds its parser; what `ArgumentParser.add_subparsers` returns."""

    def add_parser(
        self, name: str, *, help: str | None = None, description: str | None = None
    ) -> argparse.ArgumentParser: ...


def device_name(text: str) -> str:
    """The type of `--device`: auto, cpu, mps, cuda or one of several (cuda:1)."""
    if not _DEVICE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"“{text}” is not one of auto, cpu, cuda, cuda:1, mps")
    return text


def whole_number(low: int, high: int, what: str) -> Callable[[str], int]:
    """The type of an option that takes a whole number from `low` to `high`.

    `what` says it to people ("a number of pixels").
    """

    def number(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"“{text}” is not {what}")
        return int(text)

    return number


seed_number = whole_number(0, 2**63 - 1, "a whole number from 0 to 9223372036854775807")
"""The type of `--seed`: what fits 63 bits."""
