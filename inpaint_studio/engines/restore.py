"""The one road from a photo and a mask to a patch, the same for every engine.

Each hole is cropped with context, converted to the colours networks know, fitted to the engine's
size rule, filled, brought back to the photo's own size, depth and profile, and laid into one patch.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.api import (
    EdgeMap,
    Engine,
    FillEvent,
    FillRequest,
    FillResult,
    FillRun,
    Floats,
    Hole,
    Preview,
    Progress,
)
from inpaint_studio.engines.regions import Region, crop_around, plan_regions
from inpaint_studio.errors import MaskError, UsageError
from inpaint_studio.imaging.edge_drawing import EdgeDrawing
from inpaint_studio.imaging.fit import (
    Fitting,
    Rows,
    fit_drawn,
    fit_hole,
    fit_known,
    fit_lines,
    plan_fit,
    strip,
    unfit,
)
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.levels import match_levels
from inpaint_studio.imaging.mask import Mask, hole_bounds
from inpaint_studio.imaging.photo import Patch, Photo, Pixels

_BLENDING = 0.02
"""Share of the progress that is left for putting the patch together."""

_BAND_PIXELS = 1 << 17


@dataclass(frozen=True, slots=True, eq=False)
class RestoreOptions:
    """What a person may set about a fill, whatever the engine."""

    grow: int = 0
    """Pixels the mask is grown by before filling; negative shrinks it."""
    feather: int | None = None
    """Pixels, from the rim inwards, over which the fill is blended with what lies under the mask.
    None blends with nothing: levels are matched at the rim, and damage never shines through."""
    context: int | None = None
    """Pixels of surroundings each hole is given; None chooses by the width of the hole."""
    seed: int = 0
    edges: Floats | EdgeDrawing | None = None
    """Edges a person drew, for engines that use them: (H, W) float32 in [0, 1] of the photo's
    size, or sheets of an earlier fill at the network's own size."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Options of the engine itself ("radius", "edge_merge")."""


@dataclass(frozen=True, slots=True, eq=False)
class Restoration:
    """What a fill made: one patch, the edges it was made from, and what the user should know."""

    patch: Patch | None
    edges: tuple[EdgeMap, ...] = ()
    notes: tuple[str, ...] = ()
    device: str = ""
    """What the engine chose to run on ("cuda"); empty for engines without a choice."""


RestoreRun = Generator[FillEvent, None, Restoration]


def restore(
    photo: Photo, mask: Mask, engine: Engine, *, options: RestoreOptions | None = None
) -> RestoreRun:
    """Fill the mask; pixels outside it are not in the patch (alpha 0).

    Yields what the engine reports, in photo coordinates, hole by hole; `close()` stops it.

    Raises:
        MaskError: the mask is empty, of another size, or leaves no pixel to fill it from.
        UsageError: drawn edges of another size.
        EngineError: the engine could not do it.
    """
    options = options or RestoreOptions()
    yield Progress("Preparing", 0.0)
    work = _start(photo, mask, options)
    regions = plan_regions(work.hole, engine.size_rule, context=options.context)
    edges: list[EdgeMap] = []
    notes: dict[str, None] = {}
    for place, share in _in_turn(regions, work, engine):
        run = _fill_region(work, place, engine, options=options)
        for event in _shared(run, share):
            if isinstance(event, EdgeMap):
                edges.append(event)
            yield event
        notes.update(dict.fromkeys(engine.notes))
    yield Progress("Blending", 1 - _BLENDING)
    patch = work.patch(options.feather)
    yield Progress("Blending", 1.0)
    return Restoration(patch, tuple(edges), tuple(notes), str(getattr(engine, "device", "")))


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """A fill in progress. `pixels` lies at `bounds`; `missing` shrinks as holes are filled."""

    photo: Photo
    coverage: npt.NDArray[np.uint8]
    """(H, W), what is asked for, grown."""
    hole: Hole
    """(H, W), where there is any coverage."""
    missing: Hole
    """(H, W), what must not be looked at: holes not yet filled, and transparent pixels."""
    bounds: Box
    pixels: Pixels
    """(h, w, 1 | 3), in the photo's depth and profile."""

    def look(self, crop: Box) -> Pixels:
        """The photo in `crop` with the holes filled so far."""
        seen = self.photo.color[crop.slices]
        overlap = crop.intersect(self.bounds)
        if overlap.is_empty:
            return seen
        filled = self.invented(overlap)
        if not filled.any():
            return seen
        seen = seen.copy()
        inside = seen[overlap.relative_to(crop.origin).slices]
        made = self.pixels[overlap.relative_to(self.bounds.origin).slices]
        _copy_where(filled, made, to=inside)
        return seen

    def asked(self, core: Box) -> Hole:
        """(h, w): what is still to be filled in `core`."""
        return self.missing[core.slices] & self.hole[core.slices]

    def invented(self, crop: Box) -> Hole:
        """(h, w): what earlier regions filled in `crop`."""
        return self.hole[crop.slices] & ~self.missing[crop.slices]

    def lay(self, core: Box, pixels: Pixels) -> None:
        """Keep the fill of what was to be filled in `core`."""
        hole = self.asked(core)
        target = self.pixels[core.relative_to(self.bounds.origin).slices]
        _copy_where(hole, pixels, to=target)
        self.missing[core.slices] &= ~hole

    def patch(self, feather: int | None) -> Patch:
        """All that was filled, as strong as the mask says, faded towards its rim if asked to."""
        alpha = self.coverage[self.bounds.slices].copy()
        if feather:
            from inpaint_studio.imaging.maskops import feather_inwards

            faded = feather_inwards(self.hole, feather)[self.bounds.slices]
            alpha = ((alpha.astype(np.uint16) * faded + 127) // 255).astype(np.uint8)
        return Patch(self.pixels, alpha, self.bounds.origin)


def _copy_where(hole: Hole, pixels: Pixels, *, to: Pixels) -> None:
    """Copy pixels of the hole; ten times as fast as numpy's `copyto`."""
    import cv2

    cv2.copyTo(pixels, hole.view(np.uint8), to)


def _start(photo: Photo, mask: Mask, options: RestoreOptions) -> _Work:
    _check_sizes(photo, mask, options)
    coverage = _grown(mask.coverage, options.grow)
    bounds = hole_bounds(coverage)
    if bounds.is_empty:
        raise MaskError("The mask is empty: paint over what is to be filled first.")
    hole = np.zeros(coverage.shape, np.bool_)  # memory that is not touched costs no time
    np.greater(coverage[bounds.slices], 0, out=hole[bounds.slices])
    missing = np.zeros(coverage.shape, np.bool_)
    missing[bounds.slices] = hole[bounds.slices]
    if photo.alpha is not None:
        missing |= photo.alpha == 0
    if missing.all():
        raise MaskError(
            "The mask leaves nothing of the photo to fill it from: uncover part of the picture."
        )
    pixels = np.zeros((*bounds.size, photo.color_channels), photo.pixels.dtype)
    return _Work(photo, coverage, hole, missing, bounds, pixels)


def _check_sizes(photo: Photo, mask: Mask, options: RestoreOptions) -> None:
    height, width = photo.size
    if mask.size != photo.size:
        raise MaskError(
            f"The mask is {mask.size.width} × {mask.size.height} pixels but the photo is "
            f"{width} × {height}: use a mask of the photo's size."
        )
    drawn = None if isinstance(options.edges, EdgeDrawing) else options.edges
    if drawn is not None and drawn.shape != photo.size:
        raise UsageError(
            f"The edge map is {drawn.shape[1]} × {drawn.shape[0]} pixels but the photo is "
            f"{width} × {height}: use an edge map of the photo's size."
        )


def _grown(coverage: npt.NDArray[np.uint8], pixels: int) -> npt.NDArray[np.uint8]:
    if not pixels:
        return coverage
    from inpaint_studio.imaging.maskops import grow_coverage, shrink_coverage

    return grow_coverage(coverage, pixels) if pixels > 0 else shrink_coverage(coverage, -pixels)


@dataclass(frozen=True, slots=True)
class _Place:
    """A region and how its crop is fitted to the engine."""

    region: Region
    fitting: Fitting


def _in_turn(
    regions: list[Region], work: _Work, engine: Engine
) -> Generator[tuple[_Place, tuple[float, float]], None, None]:
    """Each region that has something to look at, with its part of the whole progress.

    Pieces in the midst of a hole wait until their neighbours are filled.
    """
    rule = engine.size_rule
    waiting = [_Place(region, plan_fit(region.crop.size, rule)) for region in regions]
    total = sum(place.fitting.fitted.area for place in waiting)
    done = 0
    while waiting:
        at = next((at for at, place in enumerate(waiting) if _sees(work, place.region.crop)), None)
        place = waiting.pop(at or 0)
        share = place.fitting.fitted.area
        if at is None:
            place = _with_sight(place, work, engine)
        span = ((1 - _BLENDING) * done / total, (1 - _BLENDING) * (done + share) / total)
        yield place, span
        done += share


def _sees(work: _Work, crop: Box) -> bool:
    return not bool(work.missing[crop.slices].all())


def _with_sight(place: _Place, work: _Work, engine: Engine) -> _Place:
    """The place with its context doubled until there is a known pixel in it."""
    core, crop, context = place.region.core, place.region.crop, 1
    while not _sees(work, crop):
        context *= 2
        crop = crop_around(core, work.photo.size, rule=engine.size_rule, context=context)
    return _Place(Region(core, crop), plan_fit(crop.size, engine.size_rule))


def _fill_region(
    work: _Work, place: _Place, engine: Engine, *, options: RestoreOptions
) -> Generator[FillEvent, None, None]:
    """Fill one region and lay it into the work."""
    photo, fitting = work.photo, place.fitting
    core, crop = place.region.core, place.region.crop
    rows = _rows_in_working_colours(work.look(crop), photo.profile)
    known, hole = fit_known(rows, work.missing[crop.slices], fitting)
    asked = _asked(work, place, hole)
    request = FillRequest(
        known,
        hole,
        _drawn_edges(options.edges, place),
        options.seed,
        options.options,
        asked if asked.shape == hole.shape else None,
        fit_hole(work.invented(crop), fitting),
    )
    result = yield from _placed(engine.fill(request), place, asked)
    filled = match_levels(result.pixels, known, hole)
    yield Preview(strip(filled, fitting), asked, crop)
    _lay_in_own_colours(work, core, unfit(filled, fitting, core.relative_to(crop.origin)))


def _rows_in_working_colours(pixels: Pixels, profile: bytes | None) -> Rows:
    """Rows of (h, w, 1 | 3) of the photo as (rows, w, 3) float32 sRGB."""
    from inpaint_studio.imaging.color import to_working

    return lambda top, bottom: to_working(pixels[top:bottom], profile)


def _lay_in_own_colours(work: _Work, core: Box, working: Floats) -> None:
    """Lay (h, w, 3) float32 sRGB over `core` in the photo's own depth and profile."""
    from inpaint_studio.imaging.color import from_working

    photo = work.photo
    for band in _bands(core):
        pixels = from_working(
            working[band.relative_to(core.origin).slices],
            dtype=photo.pixels.dtype,
            profile=photo.profile,
            channels=photo.color_channels,
        )
        work.lay(band, pixels)


def _bands(box: Box) -> Iterator[Box]:
    """Rows small enough for the processor's cache: large temporary arrays cost more than sums."""
    rows = max(1, _BAND_PIXELS // box.width)
    for top in range(box.top, box.bottom, rows):
        yield box._replace(top=top, bottom=min(top + rows, box.bottom))


def _asked(work: _Work, place: _Place, hole: Hole) -> Hole:
    """The part of the fitted hole that this region is to fill, without what was mirrored."""
    core, crop = place.region.core, place.region.crop
    inside = work.asked(core)
    if np.count_nonzero(inside) == np.count_nonzero(work.missing[crop.slices]):
        return strip(hole, place.fitting)
    asked = np.zeros(crop.size, np.bool_)
    asked[core.relative_to(crop.origin).slices] = inside
    return strip(fit_hole(asked, place.fitting), place.fitting)


def _drawn_edges(edges: Floats | EdgeDrawing | None, place: _Place) -> Floats | None:
    if edges is None:
        return None
    crop, fitting = place.region.crop, place.fitting
    if isinstance(edges, EdgeDrawing):
        return fit_drawn(edges.within(crop, fitting.scaled), fitting)
    return fit_lines(edges[crop.slices].astype(np.float32), fitting)


def _placed(run: FillRun, place: _Place, asked: Hole) -> Generator[FillEvent, None, FillResult]:
    """The engine's events with their pictures cut and placed on the photo."""
    with closing(run):
        while True:
            try:
                event = next(run)
            except StopIteration as finished:
                return finished.value
            yield _on_photo(event, place, asked)


def _on_photo(event: FillEvent, place: _Place, asked: Hole) -> FillEvent:
    crop = place.region.crop
    match event:
        case Progress():
            return event
        case EdgeMap(edges, hole):
            # What is drawn in the parts other regions fill is neither in the photo nor kept.
            others = strip(hole, place.fitting) & ~asked
            own = np.where(others, np.float32(0), strip(edges, place.fitting))
            return EdgeMap(own, asked, crop)
        case Preview(pixels):
            return Preview(strip(pixels, place.fitting), asked, crop)


def _shared(
    run: Generator[FillEvent, None, None], share: tuple[float, float]
) -> Generator[FillEvent, None, None]:
    """The events of one region, its progress squeezed into its share of the whole."""
    begin, end = share
    with closing(run):
        for event in run:
            if isinstance(event, Progress):
                event = replace(event, done=begin + (end - begin) * event.done)
            yield event
