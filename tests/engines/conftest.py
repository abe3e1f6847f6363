"""Engines that need no network, for tests of everything around them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from inpaint_studio.engines.api import EdgeMap, FillRequest, FillResult, Preview, Progress
from inpaint_studio.imaging.geometry import Size, SizeRule

Paint = Callable[[FillRequest], np.ndarray]


def mean_of_known(request: FillRequest) -> np.ndarray:
    """The photo with its hole in the mean colour of its known pixels."""
    known = ~request.hole
    painted = request.photo.copy()
    painted[request.hole] = request.photo[known].mean(axis=0) if known.any() else 0.5
    return painted


@dataclass
class FakeEngine:
    """Paints holes as told and remembers what it was asked."""

    paint: Paint = mean_of_known
    size_rule: SizeRule = field(default_factory=SizeRule)
    notes: tuple[str, ...] = ()
    requests: list[FillRequest] = field(default_factory=list)
    closed: int = 0

    def fill(self, request: FillRequest):
        self.requests.append(request)
        assert request.hole.any()
        assert request.photo.dtype == np.float32
        whole = Size(*request.hole.shape).box
        try:
            yield Progress("Finding edges", 0.0)
            yield EdgeMap(request.hole.astype(np.float32), request.hole, whole)
            yield Progress("Filling in colour", 0.5)
            painted = self.paint(request).astype(np.float32)
            yield Preview(painted, request.hole, whole)
            return FillResult(painted)
        finally:
            self.closed += 1


@pytest.fixture
def fake_engine():
    return FakeEngine


@pytest.fixture
def finish():
    """Exhaust a run: its events and what it returned."""
    return _finish


def _finish(run):
    events = []
    while True:
        try:
            events.append(next(run))
        except StopIteration as finished:
            return events, finished.value
