"""The mean colour of what is known, as a program: what every other one must be better than."""

import numpy as np
from pictures import Hole, Picture, serve


def fill(picture: Picture, hole: Hole) -> Picture:
    """Paint the hole in one colour."""
    painted = picture.copy()
    painted[hole] = np.rint(picture[~hole].mean(axis=0))
    return painted


if __name__ == "__main__":
    serve(fill)
