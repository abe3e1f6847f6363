"""What the programs here share: a PNG in, a PNG out, for three paths or for line after line."""

import json
import sys
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

Picture = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""
Hole = npt.NDArray[np.bool_]
"""(H, W) bool, True = fill."""
Fill = Callable[[Picture, Hole], Picture]


def serve(fill: Fill) -> None:
    """Fill what the command line names: `photo mask out`, or “-”: a JSON list of them per line."""
    if sys.argv[1:] != ["-"]:
        fill_file(fill, *sys.argv[1:])
        return
    for line in sys.stdin:
        try:
            fill_file(fill, *json.loads(line))
        except Exception as error:
            print(" ".join(str(error).split()) or type(error).__name__, flush=True)
        else:
            print("ok", flush=True)


def fill_file(fill: Fill, photo: str, mask: str, out: str) -> None:
    """One picture."""
    picture = np.asarray(Image.open(photo).convert("RGB"))
    hole = np.asarray(Image.open(mask).convert("L")) > 127
    Image.fromarray(fill(picture, hole)).save(out)
