"""How far two fills of one mask are apart. No Qt."""

from typing import TYPE_CHECKING

import numpy as np

from inpaint_studio.document.pile import is_shown
from inpaint_studio.imaging.apart import mean_apart
from inpaint_studio.imaging.photo import full_scale

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.geometry import Box


def fill_distance(one: "Layer", other: "Layer") -> float:
    """The mean difference where both fill, in levels of 255 of the photo's own profile."""
    shared = one.box.intersect(other.box)
    if shared.is_empty:
        return 0.0
    hole = (_alpha(one, shared) > 0) & (_alpha(other, shared) > 0)
    return mean_apart(_bytes(one, shared), _bytes(other, shared), hole)


def same_place(one: "Layer", other: "Layer") -> bool:
    """Whether two layers fill about the same pixels: four in five of all that either fills."""
    whole, shared = one.box.union(other.box), one.box.intersect(other.box)
    if shared.area < 0.5 * whole.area:
        return False
    first, second = _alpha(one, shared) > 0, _alpha(other, shared) > 0
    both = np.count_nonzero(first & second)
    either = np.count_nonzero(one.patch.alpha) + np.count_nonzero(other.patch.alpha) - both
    return bool(both >= 0.8 * either)


def covering(layer: "Layer", document: "Document") -> "Layer | None":
    """The layer that lies over another fill of the same place, so that this one is not seen."""
    above = document.layers[document.layers.index(layer) + 1 :]
    shown = [one for one in above if is_shown(one, document.groups) and one.blend == "normal"]
    return next((one for one in reversed(shown) if same_place(one, layer)), None)


def _alpha(layer: "Layer", box: "Box") -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return layer.patch.alpha[box.relative_to(layer.patch.at).slices]


def _bytes(layer: "Layer", box: "Box") -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = layer.patch.pixels[box.relative_to(layer.patch.at).slices]
    if pixels.dtype == np.uint8:
        return pixels
    scaled = pixels.astype(np.float32) * np.float32(255 / full_scale(pixels.dtype))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
