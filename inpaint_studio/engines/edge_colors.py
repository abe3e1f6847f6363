"""Colours that keep to drawn edges: smooth between them, free to differ across them.

What diffusion curves (Orzan et al., SIGGRAPH 2008) do with colours given along each curve is done
here with the colours of the hole's rim: each is carried inwards as the smoothest surface there is
(Laplace's equation), which lines cut as walls would.
"""

from typing import NamedTuple

import numpy as np

from inpaint_studio.engines.api import Floats, Hole

_STEPS = ((0, 1), (1, 0))


class Between(NamedTuple):
    """(H, W, 3) float32 colours, and (H, W) bool: where the rim's colours have come to."""

    pixels: Floats
    reached: Hole


def colors_between(photo: Floats, hole: Hole, lines: Hole) -> Between:
    """Carry the known colours of `photo` (H, W, 3) float32 into `hole`, not across `lines`.

    `hole` and `lines` are (H, W) bool. Of what lines enclose wholly nothing is known; lines take
    the colours beside them.
    """
    sources = ~hole & ~lines  # a known pixel on a line has the colours of both its sides
    pixels = np.where(hole[:, :, None], np.float32(0), photo)
    reached = _reached(hole & ~lines, sources)
    _solve(pixels, sources, reached)
    filled = reached | ~hole
    while True:
        rim = hole & lines & ~filled & _grown(filled)
        if not rim.any():
            break
        pixels[rim] = _beside(pixels, filled)[rim]
        filled |= rim
    return Between(pixels, filled & hole)


def _reached(free: Hole, sources: Hole) -> Hole:
    """What can be come to from known pixels without crossing a line."""
    import cv2

    _, labels = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)
    touching = np.unique(labels[free & _grown(sources)])
    return free & np.isin(labels, touching)


def _solve(pixels: Floats, sources: Hole, inside: Hole) -> None:
    """Laplace's equation in `inside`, from the known pixels beside it; in place."""
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import spsolve  # pyright: ignore[reportUnknownVariableType]

    count = int(np.count_nonzero(inside))
    if not count:
        return
    number = np.full(inside.shape, -1)
    number[inside] = np.arange(count)
    degree, right = np.zeros(count), np.zeros((count, pixels.shape[2]))
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    for one, other in _links(inside.shape):
        for here, there in ((one, other), (other, one)):
            known = inside[here] & sources[there]
            linked = inside[here] & inside[there]
            at = number[here][known]
            degree[at] += 1
            right[at] += pixels[there][known]
            rows.append(number[here][linked])
            columns.append(number[there][linked])
            degree[rows[-1]] += 1
    row, column = np.concatenate(rows), np.concatenate(columns)
    diagonal = np.arange(count)
    values = np.concatenate([degree, -np.ones(len(row))])
    places = (np.concatenate([diagonal, row]), np.concatenate([diagonal, column]))
    matrix = csr_array((values, places), shape=(count, count)).tocsc()
    pixels[inside] = np.asarray(spsolve(matrix, right), np.float32)


def _links(shape: tuple[int, ...]) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Slices of all pixels that have a neighbour to the right, or below, and of these."""
    height, width = shape[:2]
    return [
        (
            (slice(0, height - down), slice(0, width - right)),
            (slice(down, height), slice(right, width)),
        )
        for down, right in _STEPS
    ]


def _grown(mask: Hole) -> Hole:
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return cv2.dilate(mask.astype(np.uint8), cross) > 0


def _beside(pixels: Floats, filled: Hole) -> Floats:
    """The mean of the filled ones among each pixel's eight neighbours."""
    import cv2

    weights = filled.astype(np.float32)
    total = cv2.boxFilter(pixels * weights[:, :, None], -1, (3, 3), normalize=False)
    count = np.maximum(cv2.boxFilter(weights, -1, (3, 3), normalize=False), np.float32(1))
    return np.asarray(total / count[:, :, None], np.float32)
