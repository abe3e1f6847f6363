"""Engines that mend a hole straight on the photo, from the pixels next to it, and how they are run.

Thin damage needs no crop of its own, and a scan may have fifty thousand specks of it.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from inpaint_studio.engines.api import FillEvent, Hole, Part
from inpaint_studio.engines.placing import in_share
from inpaint_studio.engines.work import Work
from inpaint_studio.imaging.geometry import Box

_COPIED = 20
"""How many times the work of a mended pixel one costs that is filled by regions."""

MendRun = Generator[FillEvent, None, Hole | None]


@runtime_checkable
class Mender(Protocol):
    """An engine that can do without regions."""

    def mend(self, work: Work, hole: Hole, *, first: Box | None, seed: int) -> MendRun:
        """Fill what suits it of a hole (H, W), what touches `first` before the rest.

        Yields events on the photo; returns what it left missing, None for nothing. What it fills
        does not depend on `first`.
        """
        ...


def mended(
    parts: Sequence[Part], work: Work, *, first: Box | None, seed: int
) -> Generator[FillEvent, None, tuple[Sequence[Part], float]]:
    """Have those parts mended whose engine can; what is left, and how much of the work was done."""
    costs = [
        np.count_nonzero(part.hole) * (1 if isinstance(part.engine, Mender) else _COPIED)
        for part in parts
    ]
    left: list[Part] = []
    done = 0.0
    for part, cost in zip(parts, costs, strict=True):
        rest: Hole | None = part.hole
        if isinstance(part.engine, Mender):
            begin, done = done, done + cost / sum(costs)
            run = part.engine.mend(work, part.hole, first=first, seed=seed)
            rest = yield from in_share(run, (begin, done))
        if rest is not None:
            left.append(replace(part, hole=rest))
    return left, done
