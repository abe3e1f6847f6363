"""Recognising and converting weights, without importing torch here.

`InProcess` imports it when first asked (command line, engine process). `InSubprocess` asks a
process of its own each time (the window, which never loads torch).
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.weights.card import Dialect

_MODULE = "inpaint_studio.weights.install"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file of weights turned out to be."""

    architecture: str
    engine: str
    role: str
    """Its place in a card's `files`."""
    layout: str
    dialect: Dialect
    size_rule: SizeRule


class Converter(Protocol):
    """Reads published weights."""

    def identify(self, source: Path) -> Identity:
        """What `source` is.

        Raises:
            WeightsError: it is nothing this program can run.
        """
        ...

    def convert(self, source: Path, target: Path) -> None:
        """Write `source` to `target` as safetensors in this program's layout.

        Raises:
            WeightsError: it cannot be read, or `target` cannot be written.
        """
        ...


class InProcess:
    """Runs where it is called."""

    def identify(self, source: Path) -> Identity:
        return cast(Identity, _call("identify", source))

    def convert(self, source: Path, target: Path) -> None:
        _call("convert", source, target)


class InSubprocess:
    """Runs in a spawned process that ends with the call."""

    def identify(self, source: Path) -> Identity:
        return cast(Identity, _call_elsewhere("identify", source))

    def convert(self, source: Path, target: Path) -> None:
        _call_elsewhere("convert", source, target)


def _call(function: str, *arguments: Path) -> object:
    return cast("Callable[..., Any]", getattr(import_module(_MODULE), function))(*arguments)


def _call_elsewhere(function: str, *arguments: Path) -> object:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_call, function, *arguments).result()
    except BrokenProcessPool as error:
        raise WeightsError(
            f"Reading {arguments[0]} ended unexpectedly, perhaps for want of memory; close other "
            "programs and try again."
        ) from error
