"""What every verb of the command line builds its options with."""

import argparse
from typing import NoReturn, Protocol

from inpaint_studio.errors import UsageError


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
