"""Networks and patches together: the network says what belongs there, the photo says how it looks.

A network draws colours, and edges where it works from edges, at its own small size. PatchMatch then
fills the hole at full size with the photo's own pixels, led by that drawing: structure comes from
the one, grain and sharpness from the other.
"""

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from inpaint_studio.engines import edge_connect, partial_conv
from inpaint_studio.engines.api import (
    EdgeMap,
    Engine,
    EngineSetup,
    FillEvent,
    FillRequest,
    FillRun,
    Floats,
    Preview,
    Progress,
)
from inpaint_studio.engines.patchmatch import PatchMatchEngine, fill_with_patches
from inpaint_studio.engines.patchmatch_guide import Guide
from inpaint_studio.engines.placing import in_share
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.fit import (
    Fitting,
    fit_hole,
    fit_known,
    fit_lines,
    plan_fit,
    rows_of,
    strip,
)
from inpaint_studio.imaging.geometry import Size, SizeRule
from inpaint_studio.imaging.levels import match_levels

DEFAULT_STRENGTH = 0.5
_COARSE = 4
"""Pixels of the network's drawing that are taken together: what goes where is right at that size;
finer things are blurred or woven, and would be copied as such."""
_DRAWING = 0.3
"""Share of the progress that the network takes."""


@dataclass(slots=True)
class GuidedEngine:
    """Has a network draw the hole and PatchMatch fill it.

    Options: "strength", and those of both engines.
    """

    network: Engine
    notes: tuple[str, ...] = ()

    @property
    def size_rule(self) -> SizeRule:
        return PatchMatchEngine().size_rule

    @property
    def device(self) -> str:
        """What the network runs on."""
        return str(getattr(self.network, "device", "cpu"))

    def fill(self, request: FillRequest) -> FillRun:
        """Yield the network's edge map and drawing at its own size, then previews of the patches.

        Option "strength": 0 leaves the network out of account, 1 follows it wherever patches can.

        Raises:
            UsageError: an option makes no sense.
            EngineError: the network could not run.
        """
        strength = strength_of(request.options)
        guide = yield from self._draw(request, strength)
        patches = fill_with_patches(request, guide=guide)
        result, notes = yield from in_share(patches, (_DRAWING, 1.0))
        self.notes = (*self.network.notes, *notes)
        return replace(result, edges=guide.edges)

    def _draw(self, request: FillRequest, strength: float) -> Generator[FillEvent, None, Guide]:
        """What the network makes of the request, at the network's size."""
        size = Size(*request.hole.shape)
        fitting = plan_fit(size, self.network.size_rule)
        small = _fitted(request, fitting)
        drawn = yield from in_share(_unfitted(self.network.fill(small), fitting), (0.0, _DRAWING))
        picture = strip(match_levels(drawn.pixels, small.photo, small.hole), fitting)
        yield Preview(picture, strip(small.hole, fitting), size.box)
        edges = None if drawn.edges is None else strip(drawn.edges, fitting)
        return Guide(_coarse(picture), strength, edges)


def open_partial_conv(setup: EngineSetup) -> GuidedEngine:
    """PatchMatch led by the colours of partial convolution; raises as its `open_engine`."""
    return GuidedEngine(partial_conv.open_engine(setup))


def open_edge_connect(setup: EngineSetup) -> GuidedEngine:
    """PatchMatch led by EdgeConnect's colours and edges; raises as its `open_engine`."""
    return GuidedEngine(edge_connect.open_engine(setup))


def strength_of(options: Mapping[str, Any]) -> float:
    """The option "strength", from 0 to 1.

    Raises:
        UsageError: it is something else.
    """
    value = options.get("strength", DEFAULT_STRENGTH)
    try:
        strength = float(str(value))
    except ValueError:
        raise UsageError(f"The strength must be a number from 0 to 1, not “{value}”.") from None
    if not 0 <= strength <= 1:
        raise UsageError(f"The strength must be from 0 to 1, not {strength:g}.")
    return strength


def _coarse(picture: Floats) -> Floats:
    """The picture without its finest detail; patches then follow it on coarse levels most."""
    import cv2

    size = (max(1, picture.shape[1] // _COARSE), max(1, picture.shape[0] // _COARSE))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)


def _fitted(request: FillRequest, fitting: Fitting) -> FillRequest:
    """The request at the network's size. All of the hole is drawn: the rest steadies the asked."""
    photo, hole = fit_known(rows_of(request.photo), request.hole, fitting)
    return replace(
        request,
        photo=photo,
        hole=hole,
        edges=None if request.edges is None else fit_lines(request.edges, fitting),
        asked=None,
        invented=None if request.invented is None else fit_hole(request.invented, fitting),
    )


def _unfitted(run: FillRun, fitting: Fitting) -> FillRun:
    """The network's events without what was mirrored, stretched over the whole crop."""
    box = fitting.original.box
    with closing(run):
        while True:
            try:
                event = next(run)
            except StopIteration as finished:
                return finished.value
            match event:
                case EdgeMap(edges, hole):
                    yield EdgeMap(strip(edges, fitting), strip(hole, fitting), box)
                case Preview(pixels, hole):
                    yield Preview(strip(pixels, fitting), strip(hole, fitting), box)
                case Progress():
                    yield event
