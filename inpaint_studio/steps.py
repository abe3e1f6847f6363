"""Anything slow is a generator: it yields events, returns a result, and `close()` stops it.

Whoever runs one uses these, so that it is closed whatever happens.
"""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

Event = TypeVar("Event")
Other = TypeVar("Other")
Result = TypeVar("Result")


def exhausted(run: Generator[object, None, Result]) -> Result:
    """Run to the end, for the result."""
    return followed(run, lambda _: None)


def followed(run: Generator[Event, None, Result], hear: Callable[[Event], object]) -> Result:
    """Run to the end, telling `hear` each event; the result."""
    with closing(run):
        while True:
            try:
                event = next(run)
            except StopIteration as end:
                return end.value
            hear(event)


def changed(
    run: Generator[Event, None, Result], change: Callable[[Event], Other]
) -> Generator[Other, None, Result]:
    """The same run, with `change` of each event in its place."""
    with closing(run):
        while True:
            try:
                event = next(run)
            except StopIteration as end:
                return end.value
            yield change(event)
