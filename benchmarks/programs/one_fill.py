"""One fill in a process of its own, and what it took: the worker of `peers.py`.

    python one_fill.py WHO photo.npy hole.npy out.npy

WHO is a program beside this one (`biharmonic`) or an engine as `evaluate` takes it
(`engine:patchmatch`). A small fill comes first, so that compiling, loading weights and importing
count for nobody. Prints one JSON object: CPU seconds of all threads, wall seconds, and the most
memory held above what was held with the photo open.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

STATUS = Path("/proc/self/status")
ENGINE = "engine:"


def filler(who: str) -> Callable:
    """What fills, ready to go."""
    if not who.startswith(ENGINE):
        return import_module(who).fill
    from inpaint_studio.evaluation.contestants import parse_contestants
    from inpaint_studio.evaluation.jobs import Job
    from inpaint_studio.evaluation.worker import open_filler
    from inpaint_studio.weights.library import open_library

    [contestant] = parse_contestants([who.removeprefix(ENGINE)], open_library())
    fill = open_filler(contestant, "cpu")
    return lambda picture, hole: fill(Job(picture, hole)).picture


def kilobytes(field: str) -> int:
    """A line of this process's status: VmRSS is held now, VmHWM was held at most."""
    lines = STATUS.read_text().splitlines() if STATUS.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)


def forget_peak() -> None:
    """Let the most memory held be counted from now on (Linux)."""
    if STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")


def warm(fill: Callable) -> None:
    """A fill small enough to take no time."""
    picture = np.random.default_rng(0).integers(0, 255, (96, 96, 3)).astype(np.uint8)
    hole = np.zeros((96, 96), np.bool_)
    hole[40:60, 40:60] = True
    fill(picture, hole)


def main() -> None:
    who, photo, mask, out = sys.argv[1:]
    fill = filler(who)
    warm(fill)
    picture, hole = np.load(photo), np.load(mask)
    forget_peak()
    before = kilobytes("VmRSS")
    cpu, wall = time.process_time(), time.perf_counter()
    filled = fill(picture, hole)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    above = (kilobytes("VmHWM") - before) * 1024 / 1e6
    np.save(out, filled)
    print(json.dumps({"cpu": cpu, "wall": wall, "megabytes": above}))


if __name__ == "__main__":
    main()
