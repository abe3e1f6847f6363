"""Between a crop of the photo and an engine that has sizes of its own: requests in, events out."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from inpaint_studio.engines.api import (
    EdgeMap,
    FillEvent,
    FillResult,
    FillRun,
    Floats,
    Hole,
    Preview,
    Progress,
)
from inpaint_studio.engines.regions import Region
from inpaint_studio.engines.work import Work
from inpaint_studio.imaging.edge_drawing import EdgeDrawing
from inpaint_studio.imaging.fit import Fitting, fit_drawn, fit_hole, fit_lines, strip
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.steps import changed

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A region, how its crop is fitted to the engine, and which hole (H, W) is to be filled."""

    region: Region
    fitting: Fitting
    wanted: Hole

    def asked(self, work: Work, hole: Hole) -> Hole:
        """The part of the fitted hole that this region is to fill, without what was mirrored."""
        core, crop = self.region.core, self.region.crop
        inside = work.asked(core, self.wanted)
        if np.count_nonzero(inside) == np.count_nonzero(work.missing[crop.slices]):
            return strip(hole, self.fitting)
        asked = np.zeros(crop.size, np.bool_)
        asked[core.relative_to(crop.origin).slices] = inside
        return strip(fit_hole(asked, self.fitting), self.fitting)

    def drawn(self, edges: Floats | EdgeDrawing | None) -> Floats | None:
        """The edges a person drew, as the engine is given them."""
        if edges is None:
            return None
        crop, fitting = self.region.crop, self.fitting
        if isinstance(edges, EdgeDrawing):
            return fit_drawn(edges.within(crop, fitting.scaled), fitting)
        return fit_lines(edges[crop.slices].astype(np.float32), fitting)


def placed(run: FillRun, place: Place, asked: Hole) -> Generator[FillEvent, None, FillResult]:
    """The engine's events with their pictures cut and placed on the photo."""
    return changed(run, lambda event: _on_photo(event, place, asked))


def in_share(
    run: Generator[FillEvent, None, Made], share: tuple[float, float]
) -> Generator[FillEvent, None, Made]:
    """The events of a part of a fill, its progress squeezed into its share of the whole."""
    begin, end = share

    def squeezed(event: FillEvent) -> FillEvent:
        if isinstance(event, Progress):
            return replace(event, done=begin + (end - begin) * event.done)
        return event

    return changed(run, squeezed)


def _on_photo(event: FillEvent, place: Place, asked: Hole) -> FillEvent:
    crop = place.region.crop
    match event:
        case Progress():
            return event
        case EdgeMap(edges, hole):
            # What is drawn in the parts other regions fill is neither in the photo nor kept.
            edges, hole = strip(edges, place.fitting), strip(hole, place.fitting)
            asked = _sized(asked, Size(*hole.shape))
            return EdgeMap(np.where(hole & ~asked, np.float32(0), edges), asked, crop)
        case Preview(pixels):
            pixels = strip(pixels, place.fitting)
            return Preview(pixels, _sized(asked, Size(*pixels.shape[:2])), crop)


def _sized(hole: Hole, size: Size) -> Hole:
    """The hole at the size of a smaller picture of the same crop."""
    if hole.shape == size:
        return hole
    return fit_hole(hole, Fitting(Size(*hole.shape), size, size))
