"""The engine process: how fast Stop answers, and what handing over a large photo costs."""

import re
import statistics
import sys
import time
from collections.abc import Generator
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer, SignalInstance

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from inpaint_studio.ui.worker import InferenceThread

ROUNDS = 9
STOP_LIMIT = 0.2
HERE = Path(__file__).stem

Waiter = Generator[str, None, None]


def polite() -> Waiter:
    """Looks up often, as engines do between tiles."""
    while True:
        time.sleep(0.01)
        yield "working"


def deaf() -> Waiter:
    """Deep in a library that does not look up."""
    yield "working"
    time.sleep(600)


def selfish() -> Waiter:
    """Deep in a library that even holds the interpreter lock."""
    yield "working"
    re.match(r"(a+)+$", "a" * 60 + "b")


def measure(photo: np.ndarray) -> np.ndarray:
    """Touches every page once, and sends back a picture of the same size."""
    return photo


def wait_for(signal: SignalInstance) -> float:
    """Run the event loop until `signal`; the longest time it was held up, in seconds."""
    loop = QEventLoop()
    ticks = [time.perf_counter()]
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(1)
    signal.connect(loop.quit)
    loop.exec()
    signal.disconnect(loop.quit)
    ticks.append(time.perf_counter())
    return max(after - before for before, after in pairwise(ticks))


def stop_latency(worker: InferenceThread, engine: str) -> float:
    """Seconds from `stop()` to `stopped`."""
    worker.call(f"{HERE}:{engine}")
    wait_for(worker.reported)
    start = time.perf_counter()
    worker.stop()
    wait_for(worker.stopped)
    return time.perf_counter() - start


def hand_over(worker: InferenceThread, photo: np.ndarray) -> tuple[float, float]:
    """Seconds for the photo to go and come back; longest hold-up of the window's thread."""
    start = time.perf_counter()
    worker.call(f"{HERE}:measure", photo)
    held_up = wait_for(worker.done)
    return time.perf_counter() - start, held_up


def main() -> None:
    app = QCoreApplication([])
    worker = InferenceThread()
    for engine in ("polite", "deaf", "selfish"):
        times = [stop_latency(worker, engine) for _ in range(ROUNDS)]
        print(
            f"stop, {engine + ' engine':15s} median {statistics.median(times) * 1000:6.0f} ms, "
            f"slowest {max(times) * 1000:6.0f} ms   (asked for: {STOP_LIMIT * 1000:.0f} ms)"
        )
    photo = np.zeros((8000, 12500, 3), np.uint16)
    photo[:] = 1000
    copy = min(timed_copy(photo) for _ in range(3))
    hand_over(worker, photo)
    rounds = [hand_over(worker, photo) for _ in range(3)]
    seconds = statistics.median(seconds for seconds, _ in rounds)
    print(
        f"100 megapixels of 16 bit there and back: {seconds * 1000:.0f} ms, "
        f"{seconds / copy:.1f} times one copy in memory; "
        f"window held up for {max(held for _, held in rounds) * 1000:.0f} ms at most"
    )
    worker.shutdown()
    app.quit()


def timed_copy(photo: np.ndarray) -> float:
    start = time.perf_counter()
    photo.copy()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
