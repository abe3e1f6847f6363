"""The edge maps of a fill, hole by hole, put together into one picture."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.api import EdgeMap
from inpaint_studio.imaging.geometry import Size


def gather_edges(maps: Sequence[EdgeMap], size: Size) -> npt.NDArray[np.float32]:
    """All edge maps of a fill on one (H, W) float32 canvas of the photo's size, black elsewhere."""
    import cv2

    canvas = np.zeros(size, np.float32)
    for edge_map in maps:
        box = edge_map.box.clip(size)
        whole = cv2.resize(
            edge_map.edges,
            (edge_map.box.width, edge_map.box.height),
            interpolation=cv2.INTER_LINEAR,
        )
        piece = whole[box.relative_to(edge_map.box.origin).slices]
        canvas[box.slices] = np.maximum(canvas[box.slices], piece)
    return canvas
