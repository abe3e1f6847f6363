"""What every verb of the command line builds its options with."""

import argparse
import re
from typing import NoReturn, Protocol

from inpaint_studio.errors import UsageError

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of printing and leaving."""

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


def seed_number(text: str) -> int:
    """The type of `--seed`: a whole number that fits 63 bits."""
    if not text.isdecimal() or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 0 up")
    return int(text)
