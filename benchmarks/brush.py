"""What a brush stroke costs on a 24-megapixel mask, without the window.

    python benchmarks/brush.py [--segments N]

Prints the median and the 99th percentile of one stroke segment (remember the tiles, draw), the
time to finish and to undo the stroke, the memory it holds, and for scale what it costs to copy the
whole mask once.
"""

import argparse
import math
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np

from inpaint_studio.document.pixels import StrokeRecorder
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.strokes import XY, Brush, stamp_line

HEIGHT, WIDTH = 4000, 6000


def circle(count: int) -> list[XY]:
    """Points a hand passes at about 20 px per event."""
    turns = np.arange(count) * 20 / 1000
    return [(3000 + 1000 * math.cos(t), 2000 + 1000 * math.sin(t)) for t in turns]


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def draw(recorder: StrokeRecorder, canvas: Coverage, a: XY, b: XY, brush: Brush, pen: XY) -> None:
    reach = math.ceil(brush.diameter / 2) + 1
    (ax, ay), (bx, by) = a, b
    box = Box(int(min(ay, by)), int(min(ax, bx)), int(max(ay, by)), int(max(ax, bx)))
    recorder.touch(box.pad(reach))
    stamp_line(canvas, a, b, brush, pressure=pen)


def stroke(diameter: int, hardness: float, pen: XY, segments: int) -> None:
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    recorder = StrokeRecorder(canvas)
    brush = Brush(diameter, hardness)
    points = circle(segments + 1)
    times = [
        milliseconds(partial(draw, recorder, canvas, a, b, brush, pen)) for a, b in pairwise(points)
    ]
    start = time.perf_counter()
    delta = recorder.finish()
    finish = (time.perf_counter() - start) * 1e3
    undo = milliseconds(partial(delta.swap, canvas))
    median, high = np.percentile(times, (50, 99))
    print(
        f"{diameter:6d} {hardness:8.1f} {'pen' if pen != (1, 1) else 'mouse':>6}"
        f" {median:9.2f} {high:9.2f} {finish:9.1f} {undo:9.1f}"
        f" {delta.nbytes / 1024:9.0f} {delta.box.area / 1024:9.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=120)
    segments = parser.parse_args().segments
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    copy = min(milliseconds(mask.copy) for _ in range(5))
    print(f"copying the whole {HEIGHT * WIDTH / 1e6:.0f}-megapixel mask: {copy:.2f} ms\n")
    print("  size hardness device  median ms   p99 ms finish ms   undo ms  held KiB   box KiB")
    for diameter in (40, 400, 2000):
        for hardness, pen in ((0.8, (1, 1)), (0.0, (1, 1)), (0.8, (1, 0.99))):
            stroke(diameter, hardness, pen, segments)


if __name__ == "__main__":
    main()
