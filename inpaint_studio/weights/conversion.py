"""Recognising and converting weights, without importing torch here.

`InProcess` imports it when first asked (command line, engine process). `InSubprocess` asks a
process of its own each time (the window, which never loads torch).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

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


Conversion = tuple[Path, Path]
"""From a file as published to a safetensors file in this program's layout."""


class Converter(Protocol):
    """Reads published weights."""

    def identify(self, sources: Sequence[Path]) -> list[Identity | WeightsError]:
        """What each of `sources` is, or why it is nothing this program can run."""
        ...

    def convert(self, conversions: Sequence[Conversion]) -> None:
        """Write each target.

        Raises:
            WeightsError: a source cannot be read, or a target cannot be written.
        """
        ...


class InProcess:
    """Runs where it is called."""

    def identify(self, sources: Sequence[Path]) -> list[Identity | WeightsError]:
        return cast("list[Identity | WeightsError]", _call("identify_all", sources))

    def convert(self, conversions: Sequence[Conversion]) -> None:
        _call("convert_all", conversions)


class InSubprocess:
    """Runs in a spawned process that ends with the call."""

    def identify(self, sources: Sequence[Path]) -> list[Identity | WeightsError]:
        return cast("list[Identity | WeightsError]", _call_elsewhere("identify_all", sources))

    def convert(self, conversions: Sequence[Conversion]) -> None:
        _call_elsewhere("convert_all", conversions)


def _call(function: str, work: object) -> object:
    return cast("Callable[[object], object]", getattr(import_module(_MODULE), function))(work)


def _call_elsewhere(function: str, work: object) -> object:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_call, function, work).result()
    except BrokenProcessPool as error:
        raise WeightsError(
            "Reading the weights ended unexpectedly, perhaps for want of memory; close other "
            "programs and try again."
        ) from error
