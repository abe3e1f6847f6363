"""Thin damage at 24 megapixels: CPU seconds against OpenCV's Navier-Stokes, and peak memory.

    python benchmarks/bench_thin.py [--megapixels 24] [--engine thin] [--dust 50000]

The photo is made up; scratches of 2 to 11 pixels cover 2 % of it, or there are so many specks of
1 to 7. CPU seconds of all threads, turn by turn in one process; OpenCV is given the radius the
program's own engine has, and 3.
"""

import argparse
import time

import cv2
import numpy as np

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.engines.diffusion import DEFAULT_RADIUS
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import restore
from inpaint_studio.evaluation.jobs import peak_bytes
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo


def scene(megapixels: float, specks: int) -> tuple[np.ndarray, np.ndarray]:
    """A soft photo of 3 : 2 and its scratches, or so many specks, 255 = fill."""
    rng = np.random.default_rng(0)
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width = round(1.5 * height)
    small = rng.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    pixels = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    scratches = np.zeros((height, width), np.uint8)
    for _ in range(specks):
        row, column, radius = rng.integers(0, (height, width, 4))
        cv2.circle(scratches, (int(column), int(row)), int(radius), 255, -1)
    while not specks and (scratches > 0).mean() < 0.02:
        ends = rng.uniform(0, 1, (2, 2)) * (width, height)
        first, last = ((int(x), int(y)) for x, y in ends)
        cv2.line(scratches, first, last, 255, int(rng.integers(2, 12)))
    return pixels, scratches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--engine", default="thin")
    parser.add_argument("--dust", type=int, default=0, metavar="SPECKS")
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    pixels, scratches = scene(wanted.megapixels, wanted.dust)
    engine = open_engine(wanted.engine, EngineSetup())
    list(restore(Photo(pixels[:64, :64]), Mask.from_hole(np.eye(64) > 0), engine))  # imports
    photo, mask = Photo(pixels), Mask.from_hole(scratches > 0)
    before, start = peak_bytes() or 0, time.process_time()
    list(restore(photo, mask, engine))
    seconds = time.process_time() - start
    print(f"{wanted.engine}: {seconds:.2f} s CPU, {((peak_bytes() or 0) - before) / 1e6:.0f} MB")
    for radius in (DEFAULT_RADIUS, 3):
        start = time.process_time()
        cv2.inpaint(pixels, scratches, radius, cv2.INPAINT_NS)
        peer = time.process_time() - start
        print(
            f"Navier-Stokes, radius {radius:g}: {peer:.2f} s CPU, ours {seconds / peer:.1f} times"
        )


if __name__ == "__main__":
    main()
