"""What a fill leaves in the document: a layer that knows how it was made. No Qt."""

from dataclasses import replace
from typing import TYPE_CHECKING

from inpaint_studio.document.layer import FillRecipe, Layer, Provenance
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet, drawing_of
from inpaint_studio.imaging.photo import Patch

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.engines.restore import Restoration
    from inpaint_studio.engines.task import FillTask


def edge_drawing(result: "Restoration") -> EdgeDrawing | None:
    """The edges a fill was made from, to be changed by hand; None for engines without."""
    return drawing_of([EdgeSheet.of(found.edges, found.hole, found.box) for found in result.edges])


def recipe_of(task: "FillTask") -> FillRecipe:
    """What was asked for, so that it can be asked for again."""
    options = task.restore_options
    hole, box = FillRecipe.hole_of(task.mask.coverage)
    drawn = options.edges if isinstance(options.edges, EdgeDrawing) else None
    return FillRecipe(
        hole=hole,
        box=box,
        engine=task.engine,
        card=task.card.name if task.card else "",
        options=dict(options.options),
        seed=options.seed,
        grow=options.grow,
        feather=options.feather,
        context=options.context,
        edges=drawn,
    )


def layer_of(document: "Document", id: int | None) -> Layer | None:
    """The layer of that id; None when there is none any more."""
    return next((layer for layer in document.layers if layer.id == id), None)


def refilled(
    layer: Layer, patch: Patch, *, provenance: Provenance, edges: EdgeDrawing | None
) -> Layer:
    """The layer with new pixels; its mask stays as long as it still fits them."""
    fits = layer.keep is not None and layer.keep.shape == patch.alpha.shape
    keep = layer.keep if fits and layer.patch.at == patch.at else None
    return replace(layer, patch=patch, provenance=provenance, edges=edges, keep=keep)
