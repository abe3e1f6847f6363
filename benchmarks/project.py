"""What a journal costs a stroke, and what opening a project costs beside decoding its PNGs.

usage: python benchmarks/project.py [MEGAPIXELS] [LAYERS]

Both as ratios or bounds taken in one run: opening against decoding the same PNGs one by one, and
the time the window's thread spends on the journal for a long stroke of a 400-pixel brush.
"""

import statistics
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from inpaint_studio.document.commands import PaintMask
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pixels import StrokeRecorder
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.imaging.strokes import Brush, stamp_line
from inpaint_studio.project.keeping import Keeping
from inpaint_studio.project.pictures import decode_png
from inpaint_studio.project.reading import open_project
from inpaint_studio.project.writing import Snapshot, save_project

STROKES = 40


def picture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A 16-bit gradient with grain, which packs about as badly as a photo."""
    rows, columns = np.mgrid[:height, :width]
    plane = (rows * 7 + columns * 5).astype(np.uint16)
    grain = rng.integers(0, 900, (height, width), dtype=np.uint16)
    return np.stack([plane + grain, plane // 2 + grain, plane // 3 + grain], axis=2)


def document_of(rng: np.random.Generator, megapixels: float, layers: int) -> Document:
    side = round((megapixels * 1e6 / 1.5) ** 0.5)
    document = Document(Photo(picture(rng, side, side * 3 // 2)))
    patch_side = side // 3
    pile = []
    for number in range(layers):
        alpha = np.full((patch_side, patch_side), 255, np.uint8)
        at = Point(number * 17 % (side // 2), number * 31 % side)
        patch = Patch(picture(rng, patch_side, patch_side), alpha, at)
        pile.append(Layer(number + 1, f"Layer {number}", patch))
    document.adopt(pile)
    return document


def journal_milliseconds(document: Document, folder: Path, rng: np.random.Generator) -> list[float]:
    """What each of many long strokes costs the window's thread while the writer works beside it.

    Time of the processor, not of the clock: on a busy machine the clock tells of the others.
    """
    keeping = Keeping.begin(folder, document, name="bench", on_problem=print)
    height, width = document.size
    spent = []
    for number in range(STROKES):
        start = (rng.uniform(0, width), rng.uniform(0, height))
        end = (rng.uniform(0, width), rng.uniform(0, height))
        recorder = StrokeRecorder(document.mask)
        brush = Brush(400, 0.8)
        scratch = document.mask.copy()
        recorder.touch(stamp_line(scratch, start, end, brush))
        stamp_line(document.mask, start, end, brush)
        change = document.history.push(document, PaintMask(recorder.finish(), f"Stroke {number}"))
        began = time.thread_time()
        keeping.follow([change])
        spent.append((time.thread_time() - began) * 1000)
    keeping.writer.settle()
    keeping.close(remove=True)
    keeping.writer.join()
    return spent


def decode_all(path: Path) -> float:
    """Seconds to decode the PNGs of the stack, one after the other."""
    with zipfile.ZipFile(path) as file:
        pictures = [file.read(name) for name in file.namelist() if name.startswith("data/")]
    began = time.perf_counter()
    for data in pictures:
        decode_png(data)
    return time.perf_counter() - began


def main() -> None:
    megapixels = float(sys.argv[1]) if len(sys.argv) > 1 else 24
    layers = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    rng = np.random.default_rng(7)
    document = document_of(rng, megapixels, layers)
    with tempfile.TemporaryDirectory() as folder:
        spent = journal_milliseconds(document, Path(folder), rng)
        median, worst = statistics.median(spent), max(spent)
        print(f"journal: {median:.2f} ms of the window's time a stroke (median), {worst:.2f} worst")
        path = Path(folder, "bench.ora")
        began = time.perf_counter()
        list(save_project(Snapshot.of(document), path))
        print(f"saving: {time.perf_counter() - began:.1f} s, {path.stat().st_size / 1e6:.0f} MB")
        ratios = []
        for _ in range(3):
            decoding = decode_all(path)
            began = time.perf_counter()
            open_project(path)
            ratios.append((time.perf_counter() - began) / decoding)
        print(
            f"opening: {statistics.median(ratios):.2f} times decoding its PNGs ({decoding:.1f} s)"
        )


if __name__ == "__main__":
    main()
