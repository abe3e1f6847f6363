"""Engines that mend a hole straight on the photo, from the pixels next to it, and how they are run.

Thin damage needs no crop of its own, and a scan may have fifty thousand specks of it.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from inpaint_studio.engines.api import FillEvent, Hole, Part
from inpaint_studio.engines.placing import in_share
from inpaint_studio.engines.work import Work
from inpaint_studio.imaging.geometry import Box, Size

_COPIED = 20
"""How many times the work of a mended pixel one costs that is filled by regions."""

MendRun = Generator[FillEvent, None, Hole | None]


@dataclass(frozen=True, slots=True, eq=False)
class MendOptions:
    """What a person may have set that matters to engines which mend."""

    first: Box | None = None
    """What is in view: filled before the rest. What comes out does not depend on it."""
    seed: int = 0
    allowed: Hole | None = None
    """(H, W): the pixels that may be copied; None for all."""
    forbidden: Hole | None = None
    """(H, W): those of them that may not; None for none."""

    def may_copy(self, box: Box) -> Hole:
        """(h, w): which pixels of a box may be copied; none beyond the photo."""
        given = self.allowed if self.allowed is not None else self.forbidden
        chosen = np.ones(box.size, np.bool_)
        if given is None:
            return chosen
        inside = box.clip(Size(*given.shape))
        part = chosen[inside.relative_to(box.origin).slices]
        if self.allowed is not None:
            part &= self.allowed[inside.slices]
        if self.forbidden is not None:
            part &= ~self.forbidden[inside.slices]
        return chosen


@runtime_checkable
class Mender(Protocol):
    """An engine that can do without regions."""

    def mend(self, work: Work, hole: Hole, options: MendOptions) -> MendRun:
        """Fill what suits it of a hole (H, W).

        Yields events on the photo; returns what it left missing, None for nothing.
        """
        ...


def mended(
    parts: Sequence[Part], work: Work, options: MendOptions
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
            run = part.engine.mend(work, part.hole, options)
            rest = yield from in_share(run, (begin, done))
        if rest is not None:
            left.append(replace(part, hole=rest))
    return left, done
