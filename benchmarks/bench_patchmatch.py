"""PatchMatch on one compact hole of 5 % of the photo: CPU seconds, wall seconds, first preview.

    python benchmarks/bench_patchmatch.py [--megapixels 2 12 24] [--repeat 3] [--peer]

The photo is made up: weave, gradient and grain. The first fill of all is timed apart, for it may
compile. With --peer and `pypatchmatch` installed (`pip install pypatchmatch`, radius 3) that fills
the same hole in the same process, turn by turn; medians and their ratio are printed.
"""

import argparse
import statistics
import time
from importlib import import_module

import numpy as np

from inpaint_studio.engines.api import EngineSetup, Preview
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.restore import restore
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo


def scene(megapixels: float) -> tuple[np.ndarray, np.ndarray]:
    """A photo of 3 : 2 and a round hole of 5 % of it."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width = round(1.5 * height)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    weave = 100 + 30 * np.sin(rows / 9) * np.sin(columns / 7) + 50 * columns / width
    grain = np.random.default_rng(0).normal(0, 8, (height, width, 3)).astype(np.float32)
    radius = (0.05 * height * width / np.pi) ** 0.5
    hole = (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < radius**2
    return (weave[:, :, None] + grain).clip(0, 255).astype(np.uint8), hole


def ours(pixels: np.ndarray, hole: np.ndarray) -> tuple[float, float, float]:
    """CPU seconds, wall seconds, and wall seconds to the first preview."""
    photo, mask, engine = (
        Photo(pixels),
        Mask.from_hole(hole),
        open_engine("patchmatch", EngineSetup()),
    )
    cpu, wall, first = time.process_time(), time.perf_counter(), 0.0
    for event in restore(photo, mask, engine):
        if isinstance(event, Preview) and not first:
            first = time.perf_counter() - wall
    return time.process_time() - cpu, time.perf_counter() - wall, first


def peer(pixels: np.ndarray, hole: np.ndarray) -> float:
    """CPU seconds of pypatchmatch with the same patch, 7 pixels wide."""
    inpaint, mask = import_module("patchmatch").inpaint, hole.astype(np.uint8) * 255
    start = time.process_time()
    inpaint(pixels, mask, patch_size=3)
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.26, 2, 12, 24])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peer", action="store_true")
    wanted = parser.parse_args()
    print(f"first fill of all: {ours(*scene(0.1))[1]:.1f} s")
    for megapixels in wanted.megapixels:
        pixels, hole = scene(megapixels)
        peers, runs = [], []
        for _ in range(wanted.repeat):
            runs.append(ours(pixels, hole))
            if wanted.peer:
                peers.append(peer(pixels, hole))
        cpu, wall, first = (statistics.median(column) for column in zip(*runs, strict=True))
        line = f"{megapixels:5.2f} MP: {cpu:6.2f} s CPU, {wall:6.2f} s wall, preview {first:.2f} s"
        if peers:
            peer_cpu = statistics.median(peers)
            line += f"; pypatchmatch {peer_cpu:.2f} s CPU, {peer_cpu / cpu:.1f} times ours"
        print(line, flush=True)


if __name__ == "__main__":
    main()
