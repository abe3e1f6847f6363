"""What a fill leaves in the document: a layer that knows how it was made. No Qt."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inpaint_studio.document.layer import FillRecipe, Layer, Provenance
from inpaint_studio.imaging.edge_drawing import EdgeDrawing
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Patch

if TYPE_CHECKING:
    from inpaint_studio.document.commands import Arrange, Command
    from inpaint_studio.document.document import Document
    from inpaint_studio.ui.fill_request import FillOrder


def layer_of(document: "Document", id: int | None) -> Layer | None:
    """The layer of that id; None when there is none any more."""
    return next((layer for layer in document.layers if layer.id == id), None)


def landing(
    document: "Document", order: "FillOrder", made: Layer, *, called: Callable[[str], str]
) -> "tuple[Layer, Command]":
    """The layer a fill becomes and the command that lands it: in place of another layer's pixels,
    over one that is hidden then, or on top. `made` is the fill as a layer of its own, `called` what
    an engine's fills are called: a layer with another name was given it by somebody, and keeps it.
    """
    from inpaint_studio.document.commands import AddLayer, ReplaceLayer

    old, tried = layer_of(document, order.replaces), layer_of(document, order.hides)
    if old is not None and made.provenance is not None and made.recipe is not None:
        layer = refilled(
            old, made.patch, provenance=made.provenance, recipe=made.recipe, edges=made.edges
        )
        if old.recipe is not None and old.name == called(old.recipe.engine):
            layer = replace(layer, name=called(made.recipe.engine))
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
