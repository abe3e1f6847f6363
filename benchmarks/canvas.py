"""How long the canvas takes from a pointer movement to pixels, and how much memory it needs.

    python benchmarks/canvas.py [PHOTO]                       without a display
    xvfb-run -a python benchmarks/canvas.py [PHOTO]           on an X server

Prints medians and 99th percentiles of one run. Without PHOTO a 24-megapixel picture is made up.
The largest memory is that of the whole process, Qt and Python included.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication

from inpaint_studio.document.document import Document
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.canvas.view import CanvasView

WINDOW = (1600, 1000)
SEGMENTS = 300


class CountingCanvas(CanvasView):
    paints = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.paints += 1


def made_up_photo(width: int, height: int, depth: str = "uint8") -> Photo:
    """Grain on gradients, made in strips so that making it needs no extra memory."""
    rng = np.random.default_rng(1)
    pixels = np.empty((height, width, 3), depth)
    full = 255 if depth == "uint8" else 65535
    grain = rng.integers(0, full // 6, (256, width, 3), dtype=depth)
    for top in range(0, height, 256):
        strip = pixels[top : top + 256]
        strip[...] = grain[: strip.shape[0]] + np.asarray(full * 0.7 * top / height, depth)
    return Photo(pixels)


def timed(canvas: CountingCanvas, act: Callable[[], None]) -> float:
    """Milliseconds from an event to the end of the paint it causes."""
    before, start = canvas.paints, time.perf_counter()
    act()
    while canvas.paints == before:
        QApplication.processEvents()
        if time.perf_counter() - start > 5:
            raise RuntimeError("nothing was painted within five seconds")
    return (time.perf_counter() - start) * 1000


def complete(canvas: CountingCanvas) -> float:
    """Seconds until everything that shows is drawn from its own tiles."""
    start = time.perf_counter()
    while not canvas.scene.is_complete(canvas.navigation.viewport):
        QApplication.processEvents()
        time.sleep(0.002)
    QApplication.processEvents()
    return time.perf_counter() - start


def mouse(canvas: CanvasView, kind: QEvent.Type, x: float, y: float) -> None:
    at = QPointF(x, y)
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    moved = QMouseEvent(
        kind, at, canvas.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(canvas, moved)


def stroke_path(count: int) -> Iterator[tuple[float, float]]:
    """A spiral over the window, about 12 logical pixels a step."""
    for step in range(count):
        angle, radius = step * 0.06, 120 + step
        yield WINDOW[0] / 2 + radius * np.cos(angle), WINDOW[1] / 2 + radius * 0.7 * np.sin(angle)


def strokes(canvas: CountingCanvas) -> list[float]:
    (x, y), *path = stroke_path(SEGMENTS)
    mouse(canvas, QEvent.Type.MouseButtonPress, x, y)
    times = [
        timed(canvas, lambda x=x, y=y: mouse(canvas, QEvent.Type.MouseMove, x, y)) for x, y in path
    ]
    mouse(canvas, QEvent.Type.MouseButtonRelease, *path[-1])
    QApplication.processEvents()
    return times


def pans(canvas: CountingCanvas) -> list[float]:
    return [
        timed(canvas, lambda step=step: canvas.navigation.pan(*_pan_step(step)))
        for step in range(SEGMENTS)
    ]


def _pan_step(step: int) -> tuple[float, float]:
    sign = 1 if step // 60 % 2 else -1
    return 23.0 * sign, 11.0 * sign


def zooms(canvas: CountingCanvas) -> list[float]:
    factors = [1.06] * 60 + [1 / 1.06] * 60
    at = (WINDOW[0] * 0.4, WINDOW[1] * 0.4)
    return [
        timed(canvas, lambda factor=factor: canvas.navigation.zoom_by(factor, at))
        for factor in factors
    ]


def report(what: str, times: list[float]) -> None:
    p99 = sorted(times)[int(len(times) * 0.99)]
    print(f"  {what:<46} median {statistics.median(times):6.2f} ms   p99 {p99:6.2f} ms")


def peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


def open_photo(canvas: CountingCanvas, photo: Photo) -> Document:
    document = Document(photo)
    start = time.perf_counter()
    canvas.show_document(document)
    shown = (time.perf_counter() - start) * 1000
    seconds = complete(canvas)
    height, width = photo.size
    print(f"{width} x {height} {photo.pixels.dtype}, window {WINDOW[0]} x {WINDOW[1]}")
    print(f"  shown in {shown:.1f} ms, sharp after {seconds * 1000:.0f} ms")
    return document


def measure_strokes(canvas: CountingCanvas, photo: Photo) -> None:
    document = open_photo(canvas, photo)
    pushed = canvas.stroke_finished.connect(
        lambda command: canvas.refresh(document.history.push(document, command))
    )
    canvas.brush_size = 400
    for name, zoom in (("fit", None), ("50 %", 0.5), ("100 %", 1.0), ("200 %", 2.0)):
        canvas.zoom_fit() if zoom is None else canvas.zoom_to(zoom)
        complete(canvas)
        report(f"stroke segment to repaint, 400 px, {name}", strokes(canvas))
    canvas.disconnect(pushed)
    print(f"  history of four strokes: {document.history.nbytes / 1024:.0f} KB")
    print(f"  largest memory of the window: {peak_mb():.0f} MB")


def measure_moves(canvas: CountingCanvas, photo: Photo) -> None:
    open_photo(canvas, photo)
    for name, zoom in (("fit x 1.5", None), ("66 %", 2 / 3), ("100 %", 1.0)):
        canvas.zoom_fit()
        canvas.zoom_to(canvas.zoom * 1.5 if zoom is None else zoom)
        report(f"pan frame, {name}", pans(canvas))
    canvas.zoom_fit()
    report("zoom frame", zooms(canvas))
    print(f"  largest memory of the window: {peak_mb():.0f} MB")


def wand_drags(canvas: CountingCanvas) -> list[float]:
    """A drag over the tolerances, from a press in the middle of the window."""
    x, y = WINDOW[0] / 2, WINDOW[1] / 2
    mouse(canvas, QEvent.Type.MouseButtonPress, x, y)
    QApplication.processEvents()
    steps = [x + 2.0 * min(step, SEGMENTS - step) for step in range(1, SEGMENTS)]
    times: list[float] = []
    for at in steps[::3]:
        start = time.perf_counter()
        mouse(canvas, QEvent.Type.MouseMove, at, y)
        QApplication.processEvents()  # not every step of tolerance selects other pixels
        times.append((time.perf_counter() - start) * 1000)
    canvas.cancel()
    mouse(canvas, QEvent.Type.MouseButtonRelease, x, y)
    return times


def measure_wand(canvas: CountingCanvas, photo: Photo) -> None:
    open_photo(canvas, photo)
    canvas.set_tool("wand")
    sight = canvas.outlook.sight()
    assert sight is not None
    _ = sight.pixels  # the window looks ahead in the background
    for name, zoom in (("fit", None), ("100 %", 1.0)):
        canvas.zoom_fit() if zoom is None else canvas.zoom_to(zoom)
        complete(canvas)
        wand_drags(canvas)
        report(f"wand drag to repaint, {name}", wand_drags(canvas))
    canvas.set_tool("brush")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photo", nargs="?", type=Path)
    arguments = parser.parse_args()
    app = QApplication(sys.argv[:1])
    canvas = CountingCanvas()
    canvas.resize(*WINDOW)
    canvas.show()
    canvas.activateWindow()
    while not canvas.paints:
        app.processEvents()
    if arguments.photo is not None:
        from inpaint_studio.imaging.files import read_photo

        photo = read_photo(arguments.photo)
    else:
        photo = made_up_photo(6000, 4000)
    measure_strokes(canvas, photo)
    heavy = {"cv2", "torch", "numba", "scipy", "skimage"} & set(sys.modules)
    measure_wand(canvas, photo)
    del photo
    measure_moves(canvas, made_up_photo(12000, 8400))
    canvas.shutdown()
    print(f"heavy modules imported for painting: {', '.join(sorted(heavy)) or 'none'}")


if __name__ == "__main__":
    main()
