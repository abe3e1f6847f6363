"""The mix of random holes that is trained on, from a seeded generator."""

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.random_masks import (
    Generator,
    Hole,
    Kind,
    blobs,
    boxes,
    scratches,
    strokes,
)
from inpaint_studio.imaging.random_masks import random_hole as random_hole_of

KINDS: tuple[Kind, ...] = (strokes, strokes, blobs, boxes, scratches)


def random_hole(side: int, rng: Generator) -> Hole:
    """A (side, side) hole of a random kind, at least one pixel and at most 60 % of the square."""
    return random_hole_of(Size(side, side), rng, kinds=KINDS)
