"""The one road from a photo and a mask to a patch, the same for every engine.

Each hole is cropped with context, converted to the colours networks know, fitted to the engine's
size rule, filled, brought back to the photo's own size, depth and profile, and laid into one patch.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.abreast import cores, fill_abreast
from inpaint_studio.engines.api import (
    Chooser,
    EdgeMap,
    Engine,
    FillEvent,
    FillRequest,
    Floats,
    Hole,
    Part,
    Preview,
    Progress,
)
from inpaint_studio.engines.mending import MendOptions, mended
from inpaint_studio.engines.placing import Place, in_share, placed
from inpaint_studio.engines.regions import Region, crop_around, plan_regions
from inpaint_studio.engines.work import Work
from inpaint_studio.errors import MaskError, UsageError
from inpaint_studio.imaging.composite import flatten
from inpaint_studio.imaging.edge_drawing import EdgeDrawing
from inpaint_studio.imaging.fit import fit_hole, fit_known, plan_fit, strip, unfit
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.levels import match_levels
from inpaint_studio.imaging.mask import Mask, hole_bounds
from inpaint_studio.imaging.photo import Patch, Photo

_BLENDING = 0.02
"""Share of the progress that is left for putting the patch together."""


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
    allowed: Hole | None = None
    """(H, W) bool, the photo's size: the pixels that engines which copy may copy; None for all."""
    forbidden: Hole | None = None
    """(H, W) bool: those of them that they may not copy all the same; None for none."""
    first: Box | None = None
    """What is in view: holes there are filled before the others. Fills do not depend on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Restoration:
    """What a fill made: one patch, the edges it was made from, and what the user should know."""

    patch: Patch | None
    edges: tuple[EdgeMap, ...] = ()
    notes: tuple[str, ...] = ()
    device: str = ""
    """What the engine chose to run on ("cuda"); empty for engines without a choice."""
    engines: tuple[str, ...] = ()
    """Names of the engines that `auto` chose, in the order they worked; empty for all others."""

    def over(self, photo: Photo) -> Photo:
        """The photo with the fill laid over it: its depth, profile and metadata."""
        patches = [(self.patch, 1.0)] if self.patch else []
        return Photo(flatten(photo, patches), photo.profile, photo.metadata)


RestoreRun = Generator[FillEvent, None, Restoration]


def restore(
    photo: Photo, mask: Mask, engine: Engine | Chooser, *, options: RestoreOptions | None = None
) -> RestoreRun:
    """Fill the mask; pixels outside it are not in the patch (alpha 0).

    Yields what the engine reports, in photo coordinates, hole by hole; `close()` stops it. A
    chooser has its holes filled by several engines, whose fills land in the same patch.

    Raises:
        MaskError: the mask is empty, of another size, or leaves no pixel to fill it from.
        UsageError: drawn edges, or allowed pixels, of another size.
        EngineError: the engine could not do it.
    """
    options = options or RestoreOptions()
    yield Progress("Preparing", 0.0)
    _check_sizes(photo, mask, options)
    work = Work.begin(photo, _grown(mask.coverage, options.grow))
    parts, notes = _choose(engine, work)
    edges: list[EdgeMap] = []
    told = dict.fromkeys(notes)
    mending = mended(parts, work, _mend_options(options))
    rest, done = yield from in_share(mending, (0.0, 1 - _BLENDING))
    span = ((1 - _BLENDING) * done, 1 - _BLENDING)
    for event in in_share(_fill_parts(rest, work, options, told), span):
        if isinstance(event, EdgeMap):
            edges.append(event)
        yield event
    yield Progress("Blending", 1 - _BLENDING)
    patch = work.patch(options.feather)
    yield Progress("Blending", 1.0)
    names = tuple(part.name for part in parts if part.name)
    return Restoration(patch, tuple(edges), tuple(told), _device(parts), names)


def _mend_options(options: RestoreOptions) -> MendOptions:
    return MendOptions(options.first, options.seed, options.allowed, options.forbidden)


def _choose(engine: Engine | Chooser, work: Work) -> tuple[Sequence[Part], tuple[str, ...]]:
    """What fills which holes, and what is to be said of it."""
    if isinstance(engine, Chooser):
        return engine.choose(work.photo, work.hole)
    return (Part(work.hole, engine),), ()


def _device(parts: Sequence[Part]) -> str:
    """What the first engine that has a choice runs on."""
    devices = (str(getattr(part.engine, "device", "")) for part in parts)
    return next(filter(None, devices), "")


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
    for area, what in ((options.allowed, "copy from"), (options.forbidden, "keep out of")):
        if area is not None and area.shape != photo.size:
            raise UsageError(
                f"The area to {what} is {area.shape[1]} × {area.shape[0]} pixels but the photo is "
                f"{width} × {height}: use one of the photo's size."
            )


def _grown(coverage: npt.NDArray[np.uint8], pixels: int) -> npt.NDArray[np.uint8]:
    if not pixels:
        return coverage
    from inpaint_studio.imaging.maskops import grow_coverage, shrink_coverage

    return grow_coverage(coverage, pixels) if pixels > 0 else shrink_coverage(coverage, -pixels)


def _fill_parts(
    parts: Sequence[Part], work: Work, options: RestoreOptions, told: dict[str, None]
) -> Generator[FillEvent, None, None]:
    """Fill every region, part by part, and add what is to be known to what was told."""
    plans = [(part, _places(part, options)) for part in parts]
    areas = [sum(place.fitting.fitted.area for place in places) for _, places in plans]
    ends = np.cumsum([0, *areas]) / max(1, sum(areas))
    for (part, places), begin, end in zip(plans, ends, ends[1:], strict=False):
        run = _fill_part(part, places, work, options, told)
        yield from in_share(run, (float(begin), float(end)))


def _fill_part(
    part: Part, places: list[Place], work: Work, options: RestoreOptions, told: dict[str, None]
) -> Generator[FillEvent, None, None]:
    abreast = bool(getattr(part.engine, "abreast", False))

    def fill(place: Place) -> Generator[FillEvent, None, None]:
        engine = copy(part.engine) if abreast else part.engine  # notes are those of its last fill
        yield from _fill_place(work, place, engine, options=options)
        told.update(dict.fromkeys(engine.notes))

    if all(work.sees(place.region.crop) for place in places):
        at_once = cores() if abreast else 1
        yield from fill_abreast(places, fill, first=options.first, at_once=at_once)
        return
    for done, place in enumerate(_seeing(list(places), part.engine, work)):
        yield from in_share(fill(place), (done / len(places), (done + 1) / len(places)))


def _places(part: Part, options: RestoreOptions) -> list[Place]:
    rule = part.engine.size_rule
    regions = plan_regions(part.hole, rule, context=options.context)
    if options.allowed is not None and not rule.working:  # what may be copied must be seen
        reach = hole_bounds(options.allowed)
        regions = [Region(region.core, region.crop.union(reach)) for region in regions]
    return [Place(region, plan_fit(region.crop.size, rule), part.hole) for region in regions]


def _seeing(waiting: list[Place], engine: Engine, work: Work) -> Iterator[Place]:
    """All places in order, but pieces in the midst of a hole wait until their neighbours are
    filled."""
    while waiting:
        known = (at for at, place in enumerate(waiting) if work.sees(place.region.crop))
        at = next(known, None)
        place = waiting.pop(at or 0)
        yield place if at is not None else _with_sight(place, work, engine)


def _with_sight(place: Place, work: Work, engine: Engine) -> Place:
    """The place with its context doubled until there is a known pixel in it."""
    core, crop, context = place.region.core, place.region.crop, 1
    while not work.sees(crop):
        context *= 2
        crop = crop_around(core, work.photo.size, rule=engine.size_rule, context=context)
    return Place(Region(core, crop), plan_fit(crop.size, engine.size_rule), place.wanted)


def _fill_place(
    work: Work, place: Place, engine: Engine, *, options: RestoreOptions
) -> Generator[FillEvent, None, None]:
    """Fill one region and lay it into the work."""
    core, crop, fitting = place.region.core, place.region.crop, place.fitting
    known, hole = fit_known(work.look(crop), work.missing[crop.slices], fitting)
    asked = place.asked(work, hole)
    request = FillRequest(
        known,
        hole,
        place.drawn(options.edges),
        options.seed,
        options.options,
        asked if asked.shape == hole.shape else None,
        fit_hole(work.invented(crop), fitting),
        _allowed(options, place),
        own=True,
    )
    result = yield from placed(engine.fill(request), place, asked)
    filled = match_levels(result.pixels, known, hole, copied=result.copied)
    yield Preview(strip(filled, fitting), asked, crop)
    pixels = unfit(filled, fitting, core.relative_to(crop.origin))
    work.lay(core, pixels, of=place.wanted)


def _allowed(options: RestoreOptions, place: Place) -> Hole | None:
    """The pixels of the crop that may be copied, where the engine sees it at its own size."""
    crop, fitting = place.region.crop, place.fitting
    if fitting.fitted != crop.size or (options.allowed is None and options.forbidden is None):
        return None
    allowed = np.ones(crop.size, np.bool_)
    if options.allowed is not None:
        allowed &= options.allowed[crop.slices]
    if options.forbidden is not None:
        allowed &= ~options.forbidden[crop.slices]
    return allowed
