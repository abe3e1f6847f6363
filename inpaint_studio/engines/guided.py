"""A drawing and patches together: one says what belongs there, the photo says how it looks.

A network draws colours, and edges where it works from edges, at its own small size; or the smooth
surface of `thin_solver` says which brightness goes where. PatchMatch then fills the hole at full
size with the photo's own pixels, led by that drawing: structure comes from the one, grain and
sharpness from the other.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from inpaint_studio.engines.api import (
    EdgeMap,
    Engine,
    EngineSetup,
    FillEvent,
    FillRequest,
    FillResult,
    FillRun,
    Floats,
    Hole,
    Preview,
    Progress,
)
from inpaint_studio.engines.drawn_edges import KeepsToDrawnEdges
from inpaint_studio.engines.patchmatch import PatchMatchEngine, fill_with_patches
from inpaint_studio.engines.patchmatch_guide import Guide
from inpaint_studio.engines.placing import in_share
from inpaint_studio.engines.registry import engine_entry
from inpaint_studio.engines.thin_solver import continue_surface
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
from inpaint_studio.steps import changed

_COARSE = 4
"""Pixels of a network's drawing that are taken together: what goes where is right at that size;
finer things are blurred or woven, and would be copied as such."""
_TILE = 1024
"""Pixels of a long scratch that are filled at once; a network sees all of a hole, or nothing."""
_SURFACE = 64
"""Pixels wide up to which a hole is led at full size: there the surface knows what belongs."""
_ROUGH = 16
"""Pixels that the surface's hole is wide where it is wider: there it knows brightness and no more.
"""
_DRAWING = 0.3
"""Share of the progress that the network takes."""


@dataclass(slots=True)
class GuidedEngine:
    """Has a network draw the hole and PatchMatch fill it.

    Options: "strength", and those of both engines.
    """

    network: Engine
    strength: float = 0.3
    """Where the request says nothing else."""
    notes: tuple[str, ...] = ()

    @property
    def size_rule(self) -> SizeRule:
        rule = PatchMatchEngine().size_rule
        return replace(rule, tile=_TILE) if isinstance(self.network, SmoothSurface) else rule

    @property
    def abreast(self) -> bool:
        """Copies of the engine may work on several holes at once; a network has one device."""
        return isinstance(self.network, SmoothSurface)

    @property
    def device(self) -> str:
        """What the network runs on; empty where there is none."""
        return str(getattr(self.network, "device", ""))

    def fill(self, request: FillRequest) -> FillRun:
        """Yield the network's edge map and drawing at its own size, then previews of the patches.

        Option "strength": 0 leaves the network out of account, 1 follows it wherever patches can.

        Raises:
            UsageError: an option makes no sense.
            EngineError: the network could not run.
        """
        strength = strength_of(request.options, self.strength)
        guide = yield from self._draw(request, strength)
        patches = fill_with_patches(request, guide=guide)
        result, notes = yield from in_share(patches, (_DRAWING, 1.0))
        self.notes = (*self.network.notes, *notes)
        return replace(result, edges=guide.edges)

    def _draw(self, request: FillRequest, strength: float) -> Generator[FillEvent, None, Guide]:
        """What the network makes of the request, at the network's size."""
        size = Size(*request.hole.shape)
        fitting, coarse, rough = self._sizes(request.hole)
        small = _fitted(request, fitting)
        drawn = yield from in_share(_unfitted(self.network.fill(small), fitting), (0.0, _DRAWING))
        picture = strip(match_levels(drawn.pixels, small.photo, small.hole), fitting)
        yield Preview(picture, strip(small.hole, fitting), size.box)
        edges = None if drawn.edges is None else strip(drawn.edges, fitting)
        return Guide(_reduced(picture, coarse), strength, edges, rough)

    def _sizes(self, hole: Hole) -> tuple[Fitting, int, bool]:
        """How the network is shown the crop, what its drawing is reduced by, and whether it knows
        no more than brightness.

        A smooth surface through much of a photo looks the same when it is laid at a smaller size.
        """
        size, rule = Size(*hole.shape), self.network.size_rule
        if not isinstance(self.network, SmoothSurface):
            return plan_fit(size, rule), _COARSE, False
        width = _width(hole)
        if width <= _SURFACE:
            return plan_fit(size, rule), 1, False
        smaller = int(width) // _SURFACE
        fitting = plan_fit(size, replace(rule, working=max(1, max(size) // smaller)))
        return fitting, max(1, int(width / smaller) // _ROUGH), True


@dataclass(frozen=True, slots=True)
class SmoothSurface:
    """Draws the smoothest surface through the known pixels: brightness and slope, no detail."""

    notes: tuple[str, ...] = ()

    @property
    def size_rule(self) -> SizeRule:
        return SizeRule()

    def fill(self, request: FillRequest) -> FillRun:
        """One surface through all of the request; needs no seed."""
        yield Progress("Laying a smooth surface", 0.0)
        return FillResult(continue_surface(request.photo, request.hole).clip(0, 1))


def open_surface(setup: EngineSetup) -> GuidedEngine:
    """PatchMatch led by a smooth surface: no network."""
    del setup  # no weights, no device
    return _led_by(SmoothSurface(), "thin+patchmatch")


def open_partial_conv(setup: EngineSetup) -> GuidedEngine:
    """PatchMatch led by the colours of partial convolution; raises as its `open_engine`."""
    from inpaint_studio.engines import partial_conv

    return _led_by(partial_conv.open_engine(setup), "pconv+patchmatch")


def open_edge_connect(setup: EngineSetup) -> GuidedEngine:
    """PatchMatch led by EdgeConnect's colours and edges; raises as its `open_engine`."""
    from inpaint_studio.engines import edge_connect

    network = KeepsToDrawnEdges(edge_connect.open_engine(setup))
    return _led_by(network, "edgeconnect+patchmatch")


def _led_by(network: Engine, name: str) -> GuidedEngine:
    return GuidedEngine(network, engine_entry(name).strength or 0.0)


def strength_of(options: Mapping[str, Any], default: float) -> float:
    """The option "strength", from 0 to 1.

    Raises:
        UsageError: it is something else.
    """
    value = options.get("strength", default)
    try:
        strength = float(str(value))
    except ValueError:
        raise UsageError(f"The strength must be a number from 0 to 1, not “{value}”.") from None
    if not 0 <= strength <= 1:
        raise UsageError(f"The strength must be from 0 to 1, not {strength:g}.")
    return strength


def _width(hole: Hole) -> float:
    """Pixels across the hole where it is widest."""
    import cv2

    inside = np.pad(hole.view(np.uint8), 1)
    return 2 * float(cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_3).max())


def _reduced(picture: Floats, factor: int) -> Floats:
    """The picture without its finest detail; patches then follow it on coarse levels most."""
    import cv2

    if factor == 1:
        return picture
    size = (max(1, picture.shape[1] // factor), max(1, picture.shape[0] // factor))
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

    def over_the_crop(event: FillEvent) -> FillEvent:
        match event:
            case EdgeMap(edges, hole):
                return EdgeMap(strip(edges, fitting), strip(hole, fitting), box)
            case Preview(pixels, hole):
                return Preview(strip(pixels, fitting), strip(hole, fitting), box)
            case Progress():
                return event

    return changed(run, over_the_crop)
