"""Regions filled in turn, or side by side where neither sees the other; what is in view first.

What comes out is what filling them one after the other gives, bit for bit: a region waits for those
before it that it looks at, or that look at it.
"""

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Event

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.api import FillEvent, Progress
from inpaint_studio.engines.placing import Place
from inpaint_studio.imaging.geometry import Box

Fill = Callable[[Place], Generator[FillEvent, None, None]]
Boxes = npt.NDArray[np.intp]
_Told = tuple[int, FillEvent | None]
"""Which place an event is from; no event once it is filled."""

_TOGETHER = 4 << 20
"""Pixels of crops that are looked at at once, so that memory is bounded; one place is never too
large."""
_LOOKED_AT = 16
"""How many places that could be next are looked at before it is left at what is running."""


def fill_abreast(
    places: Sequence[Place], fill: Fill, *, first: Box | None = None, at_once: int = 1
) -> Generator[FillEvent, None, None]:
    """Fill all places, up to `at_once` of them side by side, those in `first` before the others.

    `close()` stops all of them. Progress runs from 0 to 1 over all places.
    """
    turns = _Turns(places, first)
    if at_once == 1 or len(places) == 1:
        while (now := turns.start()) is not None:
            for event in fill(places[now]):
                yield turns.overall(now, event)
            turns.finish(now)
        return
    with ThreadPoolExecutor(at_once, "place") as pool:
        crew = _Crew(pool, fill)
        try:
            yield from _followed(turns, crew, at_once)
        finally:
            crew.stop()


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _followed(turns: "_Turns", crew: "_Crew", at_once: int) -> Generator[FillEvent, None, None]:
    while True:
        while len(turns.running) < at_once and (now := turns.start()) is not None:
            crew.begin(now, turns.places[now])
        if not turns.running:
            return
        at, event = crew.told.get()
        if event is not None:
            yield turns.overall(at, event)
        else:
            crew.check(at)
            turns.finish(at)


@dataclass(slots=True, eq=False)
class _Crew:
    """Threads that fill places and tell what they do."""

    pool: ThreadPoolExecutor
    fill: Fill
    told: SimpleQueue[_Told] = field(default_factory=SimpleQueue[_Told])
    stopped: Event = field(default_factory=Event)
    work: dict[int, Future[None]] = field(default_factory=dict[int, "Future[None]"])

    def begin(self, at: int, place: Place) -> None:
        self.work[at] = self.pool.submit(self._run, at, place)

    def check(self, at: int) -> None:
        """Raise what went wrong with a place that has ended."""
        self.work.pop(at).result()

    def stop(self) -> None:
        """No more steps; the pool waits for those being taken."""
        self.stopped.set()

    def _run(self, at: int, place: Place) -> None:
        run = self.fill(place)
        try:
            for event in run:
                if self.stopped.is_set():
                    return
                self.told.put((at, event))
        finally:
            run.close()
            self.told.put((at, None))


@dataclass(slots=True, eq=False)
class _Turns:
    """Who is next."""

    places: Sequence[Place]
    first: Box | None
    running: list[int] = field(default_factory=list[int])
    _waiting: list[int] = field(init=False)
    _cores: Boxes = field(init=False)
    _crops: Boxes = field(init=False)
    _done: npt.NDArray[np.float64] = field(init=False)
    _share: npt.NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = list(range(len(self.places)))
        self._cores = np.array([place.region.core for place in self.places])
        self._crops = np.array([place.region.crop for place in self.places])
        areas = np.array([place.fitting.fitted.area for place in self.places], np.float64)
        self._share, self._done = areas / areas.sum(), np.zeros(len(areas))

    def start(self) -> int | None:
        """The next that need not wait, those in view first; None when there is none now."""
        for at in self._candidates():
            if self._has_room(at) and not self._must_wait(at):
                self._waiting.remove(at)
                self.running.append(at)
                return at
        return None

    def finish(self, at: int) -> None:
        """A place is filled."""
        self.running.remove(at)
        self._done[at] = 1

    def overall(self, at: int, event: FillEvent) -> FillEvent:
        """The event of one place, its progress as that of all."""
        if not isinstance(event, Progress):
            return event
        self._done[at] = max(self._done[at], event.done)
        return replace(event, done=min(1.0, float(self._done @ self._share)))

    def _candidates(self) -> list[int]:
        waiting = self._waiting
        if self.first is not None:
            seen = _meet(self._cores[waiting], np.array(self.first))
            order: list[int] = np.argsort(~seen, kind="stable").tolist()
            waiting = [waiting[at] for at in order[:_LOOKED_AT]]
        # The first of all never waits for one that waits itself: somebody can always go on.
        return [*waiting[:_LOOKED_AT], *self._waiting[:1]]

    def _has_room(self, at: int) -> bool:
        areas = [self.places[other].region.crop.area for other in (*self.running, at)]
        return len(areas) == 1 or sum(areas) <= _TOGETHER

    def _must_wait(self, at: int) -> bool:
        """Whether one that runs, or comes before it and waits, is in its sight or sees it."""
        before = np.array([*self.running, *(one for one in self._waiting if one < at)], np.intp)
        looks = _meet(self._cores[before], self._crops[at])
        seen = _meet(self._crops[before], self._cores[at])
        return bool((looks | seen).any())


def _meet(boxes: Boxes, box: Boxes) -> npt.NDArray[np.bool_]:
    """Which of (n, 4) boxes share a pixel with a box."""
    top, left, bottom, right = boxes.T
    across = (left < box[3]) & (box[1] < right)
    return (top < box[2]) & (box[0] < bottom) & across
