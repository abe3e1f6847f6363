"""scikit-image's biharmonic inpainting as a program: `photo mask out`, or “-” to be asked often."""

import numpy as np
from pictures import Hole, Picture, serve
from skimage.restoration import inpaint_biharmonic


def fill(picture: Picture, hole: Hole) -> Picture:
    """Solve for the hole."""
    filled = inpaint_biharmonic(picture / 255, hole, channel_axis=-1)
    return np.rint(filled.clip(0, 1) * 255).astype(np.uint8)


if __name__ == "__main__":
    serve(fill)
