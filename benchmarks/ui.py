"""How fast the editor is for the person in front of it: frames, layers, undo, projects, memory.

    python benchmarks/ui.py                    without a display
    python benchmarks/ui.py --xvfb             on an X server of its own
    python benchmarks/ui.py --only frames undo

The real window with a 24-megapixel photo of 16 bits and ten layers, each soft and as large as the
photo, three of them in a faded group, one of blend luminosity, two with masks: more than anybody
has. Each part runs in a process of its own; all print one table. The times found are what a person
waits by the clock, "thread" is what the window's own thread worked, which says more on a machine
that does other things, too.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication
from ui_studio import (
    HEIGHT,
    SEGMENTS,
    WIDTH,
    WINDOW,
    Row,
    Studio,
    Times,
    made_up,
    spiral,
    ten_layers,
)

from inpaint_studio.document import arrange
from inpaint_studio.document.commands import (
    AddLayer,
    Command,
    MoveLayer,
    PaintKeep,
    PaintMask,
    RemoveLayer,
    ReplaceLayer,
)
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pixels import TileDelta
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.app import _application
from inpaint_studio.ui.garbage import Garbage
from inpaint_studio.ui.theme import apply_style_sheet

ZOOMS = (("fit", None), ("50 %", 0.5), ("100 %", 1.0), ("200 %", 2.0))


# -- parts -----------------------------------------------------------------------------------------

ASKED_FRAME = "16 / 50 ms"


def frames(studio: Studio) -> Iterator[Row]:
    """Brush, wand, pan and zoom over all ten layers."""
    studio.show(ten_layers())
    studio.canvas.brush_size = 400
    for name, zoom in ZOOMS:
        studio.zoom(zoom)
        times = Times()
        studio.drag(spiral(studio), times)
        yield times.row(f"brush of 400 px, segment to repaint, {name}", ASKED_FRAME)
    studio.canvas.set_tool("wand")
    sight = studio.canvas.outlook.sight()
    assert sight is not None
    _ = sight.pixels  # the window looks ahead in the background
    for name, zoom in (ZOOMS[0], ZOOMS[2]):
        studio.zoom(zoom)
        middle = (studio.canvas.width() / 2, studio.canvas.height() / 2)
        path = [(middle[0] + 2.0 * min(step, 100 - step), middle[1]) for step in range(101)]
        studio.drag(path, Times())  # the first one learns what there is
        times = Times()
        studio.drag(path, times)
        yield times.row(f"wand drag to repaint, {name}", ASKED_FRAME)
    studio.canvas.set_tool("brush")
    for name, zoom in ZOOMS[1:]:
        studio.zoom(zoom)
        times = Times()
        for step in range(SEGMENTS):
            sign = 1 if step // 50 % 2 else -1
            pan = partial(studio.canvas.navigation.pan, 23 * sign, 11 * sign)
            times.add(partial(studio.frame, pan))
        yield times.row(f"pan frame, {name}", ASKED_FRAME)
    studio.zoom(None)
    times, at = Times(), (WINDOW[0] * 0.4, WINDOW[1] * 0.4)
    for factor in [1.06] * 60 + [1 / 1.06] * 60:
        zoom_by = studio.canvas.navigation.zoom_by
        times.add(partial(studio.frame, partial(zoom_by, factor, at)))
    yield times.row("zoom frame", ASKED_FRAME)


def layers(studio: Studio) -> Iterator[Row]:
    """Hiding and showing each of the ten layers, until all that is in view is right."""
    document = ten_layers()
    studio.show(document)
    for name, zoom in ZOOMS[:3]:
        studio.zoom(zoom)
        studio.settle()
        times = Times()
        for layer in (*document.layers, *document.layers):
            busy = time.process_time()
            times.add(lambda layer=layer: _toggle(studio, layer.id))
            times.thread[-1] = (time.process_time() - busy) * 1000
            studio.settle(0.25)  # tiles ahead of the view
        note = f"all threads {statistics.median(times.thread):.0f} ms"
        yield Row(f"toggle one of ten soft layers, {name}", "100 ms", times.found, note)


def _toggle(studio: Studio, id: int) -> None:
    studio.window.column.layers.model.toggle(id)
    studio.complete()


def undo(studio: Studio) -> Iterator[Row]:
    """Every kind of command taken back: until the window answers, and the picture is right."""
    document = ten_layers()
    studio.show(document)
    for name, command in _commands(document).items():
        answer, picture = Times(), Times()
        for _ in range(3):
            studio.window.workspace.push(command())
            studio.complete()
            studio.settle(0.3)
            start = time.perf_counter()
            answer.add(lambda: (studio.window.undo(), QApplication.processEvents()))
            studio.complete()
            picture.clock.append((time.perf_counter() - start) * 1000)
            studio.settle(0.3)
        shown = statistics.median(picture.clock)
        yield replace(
            answer.row(f"undo: {name}", "50 ms"), note=f"{answer.note}; picture {shown:.0f} ms"
        )


def _commands(document: Document) -> dict[str, Callable[[], Command]]:
    first, masked = document.layers[0], document.layers[8]
    patch = Patch(first.patch.pixels[:800, :800], first.patch.alpha[:800, :800], Point(900, 900))
    assert masked.keep is not None
    painted = masked.keep.copy()
    painted[1000:2400, 1000:2400] = 0
    keep = TileDelta.capture(masked.keep, painted)
    mask = document.mask.copy()
    mask[500:3000, 500:3000] = 255
    return {
        "mask stroke": lambda: PaintMask.to(document, mask, title="Paint mask"),
        "layer-mask stroke": lambda: PaintKeep(masked.id, keep),
        "add a layer": lambda: AddLayer(Layer.from_patch(patch, id=document.new_layer_id())),
        "delete a layer": lambda: RemoveLayer(first.id),
        "move a layer": lambda: MoveLayer(first.id, 5),
        "opacity": lambda: ReplaceLayer(replace(first, opacity=0.3), "Opacity"),
        "blend": lambda: ReplaceLayer(replace(first, blend="color"), "Blend"),
        "hide a group": lambda: arrange.change_group(
            document, replace(document.groups[0], visible=False), "Hide"
        ),
    }


def projects(_studio: Studio) -> Iterator[Row]:
    """Opening a project against decoding its PNGs; the window's time for a stroke's journal."""
    from inpaint_studio.project.pictures import decode_png
    from inpaint_studio.project.reading import open_project
    from inpaint_studio.project.writing import Snapshot, save_project

    document = _ten_patches()
    with tempfile.TemporaryDirectory() as folder:
        spent = _journal_milliseconds(document, Path(folder))
        found = f"{statistics.median(spent):.1f}, worst {max(spent):.1f} ms"
        yield Row("journal: what a stroke of 400 px waits", "4 ms", found, "thread")
        path = Path(folder, "bench.ora")
        list(save_project(Snapshot.of(document), path))
        ratios = []
        for _ in range(3):
            with zipfile.ZipFile(path) as file:
                names = [name for name in file.namelist() if name.startswith("data/")]
                packed = [file.read(name) for name in names]
            start = time.perf_counter()
            for data in packed:
                decode_png(data)
            decoding = time.perf_counter() - start
            start = time.perf_counter()
            open_project(path)
            ratios.append((time.perf_counter() - start) / decoding)
    yield Row(
        "opening a project / decoding its PNGs",
        "1.5",
        f"{statistics.median(ratios):.2f}",
        f"decoding {decoding:.1f} s",
    )


def _ten_patches() -> Document:
    """As people have them: fills of a ninth of the photo."""
    document = Document(Photo(made_up(HEIGHT, WIDTH, 0)))
    side, picture = HEIGHT // 3, made_up(HEIGHT // 3, HEIGHT // 3, 1)
    alpha = np.full((side, side), 255, np.uint8)
    document.adopt(
        Layer(
            number + 1, f"Fill {number}", Patch(picture, alpha, Point(number * 170, number * 310))
        )
        for number in range(10)
    )
    return document


def _journal_milliseconds(document: Document, folder: Path) -> list[float]:
    """What each of many long strokes costs the window's thread while the writer works beside it."""
    from inpaint_studio.document.pixels import StrokeRecorder
    from inpaint_studio.imaging.strokes import Brush, stamp_line
    from inpaint_studio.project.keeping import Keeping

    keeping = Keeping.begin(folder, document, name="bench", on_problem=print)
    rng, brush = np.random.default_rng(7), Brush(400, 0.8)
    spent = []
    for number in range(40):
        start, end = (rng.uniform(0, (WIDTH, HEIGHT)).tolist() for _ in range(2))
        recorder = StrokeRecorder(document.mask)
        recorder.touch(stamp_line(document.mask.copy(), start, end, brush))
        stamp_line(document.mask, start, end, brush)
        change = document.history.push(document, PaintMask(recorder.finish(), f"Stroke {number}"))
        began = time.thread_time()
        keeping.follow([change])
        spent.append((time.thread_time() - began) * 1000)
    keeping.writer.settle()
    keeping.close(remove=True)
    keeping.writer.join()
    return spent


def strokes(studio: Studio) -> Iterator[Row]:
    """Two hundred long strokes: what they hold."""
    studio.show(Document(Photo(made_up(HEIGHT, WIDTH, 0))))
    studio.zoom(0.25)
    studio.canvas.brush_size = 400
    studio.drag(spiral(studio), Times())
    before, rng = rss_mb(), np.random.default_rng(4)
    size = (studio.canvas.width() - 2, studio.canvas.height() - 2)
    for number in range(200):
        studio.canvas.set_tool("eraser" if number % 5 == 4 else "brush")
        studio.drag([tuple(rng.uniform(1, size)) for _ in range(4)], Times())
    studio.settle(1.0)
    document = studio.window.workspace.document
    assert document is not None
    held = document.history.nbytes / 2**20
    grown = f"the process grew by {rss_mb() - before:.0f} MB"
    yield Row("history of 200 strokes of 400 px", "512 MB", f"{held:.0f} MB", grown)


def rss_mb() -> float:
    """Memory of this process now (its peak where that is all there is)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak_mb()
    return pages * resource.getpagesize() / 2**20


def peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


DECODE = """
import sys, time, pyvips
start = time.perf_counter(), time.process_time()
pyvips.Image.new_from_file(sys.argv[1], access="sequential").write_to_memory()
print(time.perf_counter() - start[0], time.process_time() - start[1])
"""


def large(studio: Studio) -> Iterator[Row]:
    """A 100-megapixel photo: opening it in the window against libvips alone, and the memory."""
    path = Path(os.environ["BENCH_LARGE"])
    alone = subprocess.run(
        [sys.executable, "-c", DECODE, str(path)], capture_output=True, text=True, check=True
    )
    decoding, work = (float(word) for word in alone.stdout.split())
    clock, busy, opened = time.perf_counter(), time.process_time(), []
    studio.window.workspace.opened.connect(lambda _: opened.append(True))
    studio.window.workspace.open(path)
    while not opened:
        QApplication.processEvents()
        time.sleep(0.002)
    taken, cpu = time.perf_counter() - clock, time.process_time() - busy
    studio.complete()
    studio.settle(1.0)
    kind = path.suffix[1:].upper()
    yield Row(
        f"opening 100 megapixels ({kind}) / libvips' own decode",
        "1.3",
        f"{taken / decoding:.2f}",
        f"processor {cpu / work:.2f}; decode {decoding:.1f} s",
    )
    yield Row(f"largest memory of the window with it ({kind})", "1500 MB", f"{peak_mb():.0f} MB")


PARTS = {part.__name__: part for part in (frames, layers, undo, projects, strokes, large)}


# -- all of it -------------------------------------------------------------------------------------


def large_photos(folder: Path) -> list[Path]:
    """A 100-megapixel photo as JPEG and, at 16 bits, as PNG."""
    import pyvips

    jpeg, png = folder / "large.jpg", folder / "large.png"
    pyvips.Image.new_from_array(made_up(8200, 12200, 5, dtype="uint8")).write_to_file(
        str(jpeg), Q=90
    )
    deep = pyvips.Image.new_from_array(made_up(8200, 12200, 5)).copy(interpretation="rgb16")
    deep.write_to_file(str(png), compression=1)
    return [jpeg, png]


def run_part(name: str, **environment: str) -> list[Row]:
    words = [sys.executable, __file__, "--part", name]
    child = subprocess.run(
        words, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **environment}
    )
    return [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]


def run_all(wanted: list[str]) -> Iterator[Row]:
    for name in wanted:
        if name != "large":
            yield from run_part(name)
            continue
        with tempfile.TemporaryDirectory() as folder:
            for path in large_photos(Path(folder)):
                yield from run_part(name, BENCH_LARGE=str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--xvfb", action="store_true", help="on an X server of its own")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.xvfb:
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24"]
        words = [*screen, sys.executable, __file__, "--only", *arguments.only]
        os.execvpe("xvfb-run", words, {**os.environ, "QT_QPA_PLATFORM": "xcb"})
    if arguments.part:
        application = _application()
        apply_style_sheet(application)
        Garbage(application)
        studio = Studio()
        rows = list(PARTS[arguments.part](studio))
        studio.close()
        print(json.dumps([asdict(row) for row in rows]))
        return
    print(f"Screen: {os.environ.get('QT_QPA_PLATFORM') or 'X'}; median / 99th percentile\n")
    print("| what | asked | found | |\n|---|---|---|---|")
    for row in run_all(arguments.only):
        print(f"| {row.what} | {row.asked} | {row.found} | {row.note} |", flush=True)


if __name__ == "__main__":
    main()
