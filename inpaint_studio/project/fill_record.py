"""The record of a fill: what was asked for and what came of it, as the layer keeps it.

The window and the command line write the same, so that a file says as much wherever it was made.
"""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inpaint_studio import __version__
from inpaint_studio.document.below import BelowDigests
from inpaint_studio.document.layer import FillRecipe, Provenance
from inpaint_studio.document.packed import PackedMask
from inpaint_studio.engines.registry import engine_entry
from inpaint_studio.imaging.composite import Overlays
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet, drawing_of

if TYPE_CHECKING:
    from inpaint_studio.engines.api import Hole
    from inpaint_studio.engines.restore import Restoration
    from inpaint_studio.engines.task import FillTask


def request_digest(task: "FillTask") -> str:
    """sha256 of everything the outcome depends on but the weights: photo, mask and options."""
    options = task.restore_options
    words = (
        *(task.engine, task.photo.pixels.shape, task.photo.pixels.dtype.name),
        *(options.grow, options.feather, options.context, options.seed),
        sorted(options.options.items()),
    )
    digest = hashlib.sha256(repr(words).encode())
    digest.update(task.photo.profile or b"")
    drawn = options.edges
    edges = [sheet.lines for sheet in drawn.sheets] if isinstance(drawn, EdgeDrawing) else [drawn]
    for array in (task.photo.pixels, task.mask.coverage, options.allowed, *edges):
        if array is not None:
            digest.update(np.ascontiguousarray(array).data)
    if options.forbidden is not None:
        digest.update(b"not from")  # the same area is not the same request
        digest.update(np.ascontiguousarray(options.forbidden).data)
    return digest.hexdigest()


def provenance(
    task: "FillTask", result: "Restoration", *, digest: str, seconds: float
) -> Provenance:
    """The record a layer keeps of how it was made."""
    card = task.card
    return Provenance(
        engine=task.engine,
        card=card.name if card else "",
        title=_title(task, result),
        digest=digest,
        seed=task.restore_options.seed,
        device=result.device or "cpu",
        seconds=round(seconds, 2),
        version=__version__,
        weights=" ".join(file.sha256 for file in card.files.values()) if card else "",
        notes=result.notes,
    )


def _title(task: "FillTask", result: "Restoration") -> str:
    """What made the fill, in a few words; of `auto` also what it chose."""
    entry = engine_entry(task.engine)
    if task.card is not None:
        return f"{task.card.title}, then patches" if entry.cards_of else task.card.title
    chosen = [_in_a_list(engine_entry(name).title) for name in result.engines]
    return f"{entry.title}: {', '.join(chosen)}" if chosen else entry.title


def _in_a_list(title: str) -> str:
    """Not capitalised, unless it is a name like PatchMatch."""
    return title if title[1:] != title[1:].lower() else title[:1].lower() + title[1:]


def edge_drawing(result: "Restoration") -> EdgeDrawing | None:
    """The edges a fill was made from, to be changed by hand; None for engines without."""
    return drawing_of([EdgeSheet.of(found.edges, found.hole, found.box) for found in result.edges])


def recipe_of(task: "FillTask", overlays: Overlays = ()) -> FillRecipe:
    """What was asked for, so that it can be asked for again; `overlays` are what lay below.

    Reads what the fill may have looked at: not for the window's thread.
    """
    options = task.restore_options
    hole, box = FillRecipe.hole_of(task.mask.coverage)
    recipe = FillRecipe(
        hole=hole,
        box=box,
        engine=task.engine,
        card=task.card.name if task.card else "",
        options=dict(options.options),
        seed=options.seed,
        grow=options.grow,
        feather=options.feather,
        context=options.context,
        allowed=_packed(options.allowed),
        forbidden=_packed(options.forbidden),
        edges=_drawn(task),
    )
    below = BelowDigests().under(recipe, overlays, task.photo.size)
    return replace(recipe, below=below)


def _drawn(task: "FillTask") -> EdgeDrawing | None:
    """The edges a person gave, also where they came as a picture of the photo's size."""
    edges = task.restore_options.edges
    if edges is None or isinstance(edges, EdgeDrawing):
        return edges
    return drawing_of([EdgeSheet.of(edges, task.mask.coverage > 0, task.photo.size.box)])


def _packed(area: "Hole | None") -> PackedMask | None:
    return None if area is None else PackedMask.of(area.astype(np.uint8) * np.uint8(255))
