"""The document as one picture, and the proof that nothing but the layers changed."""

import numpy as np

from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pile import is_shown
from inpaint_studio.imaging.composite import count_changed
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Photo


def flatten_document(document: Document) -> Photo:
    """The photo with its visible layers laid over it: same depth, profile and metadata."""
    return Photo(document.flatten(), document.photo.profile, document.photo.metadata)


def layer_coverage(document: Document) -> Coverage:
    """(H, W) uint8: the highest alpha of the visible layers, which is where pixels may differ."""
    coverage = np.zeros(document.size, np.uint8)
    for layer in document.layers:
        if is_shown(layer, document.groups):
            _raise_to(coverage, layer)
    return coverage


def export_report(document: Document, result: Photo) -> str:
    """One sentence for the user, from comparing every pixel of `result` with the photo.

    Raises:
        ValueError: `result` has another size, depth or number of channels than the photo.
    """
    changed = count_changed(document.photo, result.pixels, layer_coverage(document))
    noun = "pixel" if changed == 1 else "pixels"
    return f"{changed:,} {noun} changed outside the mask."


def _raise_to(coverage: Coverage, layer: Layer) -> None:
    box = layer.box
    inside = box.clip(Size(coverage.shape[0], coverage.shape[1]))
    region = coverage[inside.slices]
    np.maximum(region, layer.coverage[inside.relative_to(box.origin).slices], out=region)
