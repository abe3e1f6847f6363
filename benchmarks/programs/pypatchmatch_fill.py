"""PyPatchMatch (the PyPI package) with patches of radius 3: `photo mask out`, or “-”."""

import numpy as np
from patchmatch import patch_match
from pictures import Hole, Picture, serve

RADIUS = 3
"""What the package calls patch_size is a radius: patches of 7 by 7 pixels."""


def fill(picture: Picture, hole: Hole) -> Picture:
    """Seeded, so that the same picture gives the same fill."""
    patch_match.set_random_seed(0)
    return patch_match.inpaint(picture, hole.astype(np.uint8) * 255, patch_size=RADIUS)


if __name__ == "__main__":
    serve(fill)
