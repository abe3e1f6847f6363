"""What a fill leaves in the document: a layer that knows how it was made. No Qt."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inpaint_studio.document.below import BelowDigests, seen_by
from inpaint_studio.document.layer import FillRecipe, Layer, Provenance
from inpaint_studio.document.packed import PackedMask
from inpaint_studio.imaging.composite import Overlays
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet, drawing_of
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Patch

if TYPE_CHECKING:
    from inpaint_studio.document.commands import Arrange, Command
    from inpaint_studio.document.document import Document
    from inpaint_studio.engines.api import Hole
    from inpaint_studio.engines.restore import Restoration
    from inpaint_studio.engines.task import FillTask
    from inpaint_studio.ui.fill_request import FillOrder


def edge_drawing(result: "Restoration") -> EdgeDrawing | None:
    """The edges a fill was made from, to be changed by hand; None for engines without."""
    return drawing_of([EdgeSheet.of(found.edges, found.hole, found.box) for found in result.edges])


def recipe_of(task: "FillTask", overlays: Overlays = ()) -> FillRecipe:
    """What was asked for, so that it can be asked for again; `overlays` are what lay below.

    Reads what the fill may have looked at: not for the window's thread.
    """
    options = task.restore_options
    hole, box = FillRecipe.hole_of(task.mask.coverage)
    drawn = options.edges if isinstance(options.edges, EdgeDrawing) else None
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
        edges=drawn,
    )
    below = BelowDigests().of(overlays, seen_by(recipe, task.photo.size))
    return replace(recipe, below=below)


def _packed(area: "Hole | None") -> PackedMask | None:
    return None if area is None else PackedMask.of(area.astype(np.uint8) * np.uint8(255))


def layer_of(document: "Document", id: int | None) -> Layer | None:
    """The layer of that id; None when there is none any more."""
    return next((layer for layer in document.layers if layer.id == id), None)


def landing(document: "Document", order: "FillOrder", made: Layer) -> "tuple[Layer, Command]":
    """The layer a fill becomes and the command that lands it: in place of another layer's pixels,
    over one that is hidden then, or on top. `made` is the fill as a layer of its own.
    """
    from inpaint_studio.document.commands import AddLayer, ReplaceLayer

    old, tried = layer_of(document, order.replaces), layer_of(document, order.hides)
    if old is not None and made.provenance is not None and made.recipe is not None:
        layer = refilled(
            old, made.patch, provenance=made.provenance, recipe=made.recipe, edges=made.edges
        )
        return layer, ReplaceLayer(layer, order.title)
    if tried is not None:
        return made, instead_of(document, tried, made, order.title)
    return made, AddLayer(made)


def instead_of(document: "Document", old: Layer, new: Layer, title: str) -> "Arrange":
    """One step that lays a new layer right over an old one, which is kept but hidden."""
    from inpaint_studio.document.commands import Arrange
    from inpaint_studio.document.held import Edit

    new = replace(new, group=old.group)
    hidden = replace(old, visible=False)
    pairs = ((hidden, new) if layer is old else (layer,) for layer in document.layers)
    layers = tuple(layer for pair in pairs for layer in pair)
    return Arrange(title, Edit(layers, new.name, old.box.union(new.box)))


def refilled(
    layer: Layer,
    patch: Patch,
    *,
    provenance: Provenance,
    recipe: FillRecipe,
    edges: EdgeDrawing | None,
) -> Layer:
    """The layer with new pixels; its mask hides the same pixels of the photo as before.

    Edges it was filled from may have been drawn on meanwhile: they stay as they are now.
    """
    keep = None if layer.keep is None else _moved_keep(layer, patch)
    edges = edges if recipe.edges is None else layer.edges
    return replace(layer, patch=patch, provenance=provenance, recipe=recipe, edges=edges, keep=keep)


def _moved_keep(layer: Layer, patch: Patch) -> Coverage:
    """The layer's mask for another patch, which shows where the old one did not reach."""
    box = patch.box
    keep = np.full(box.size, 255, np.uint8)
    shared = box.intersect(layer.box)
    if layer.keep is not None and not shared.is_empty:
        there = shared.relative_to(layer.box.origin).slices
        keep[shared.relative_to(box.origin).slices] = layer.keep[there]
    return keep
