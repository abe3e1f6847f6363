"""Engines that do as they are told, run by the engine process in tests in place of real ones."""

import ctypes
import os
import re
import signal
import sys
import time

import numpy as np

from inpaint_studio.engines.api import EdgeMap, Preview, Progress
from inpaint_studio.engines.restore import Restoration
from inpaint_studio.errors import EngineError
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.photo import Patch


def counts(steps):
    for step in range(steps):
        yield Progress(f"Step {step + 1}", (step + 1) / steps)
    return steps


def echoes(value):
    return value


def shows(array):
    yield Progress("Finding edges", 0.2)
    hole = np.ones((40, 50), bool)
    yield EdgeMap(np.full((40, 50), 0.5, np.float32), hole, Box(0, 0, 40, 50))
    yield Preview(
        np.full((700, 900, 3), 0.25, np.float32), np.ones((700, 900), bool), Box(0, 0, 7, 9)
    )
    return array


def tells_what_is_loaded():
    return os.getpid(), sorted(sys.modules)


class Shelf:
    def __init__(self):
        self.visits = 0
        self.taken = []

    def take(self, name, setup):
        self.taken.append(name)

    rehearse = take


def visits(shelf):
    shelf.visits += 1
    return shelf.visits, os.getpid()


def refuses():
    yield Progress("Looking", 0.1)
    raise EngineError("The hole is too odd for this engine. Choose another.")


def breaks():
    yield Progress("Looking", 0.1)
    raise ValueError("no such\nluck")


def runs_out_of_memory():
    raise MemoryError


def leaves(code):
    yield Progress("Leaving", 0.1)
    os._exit(code)


def is_killed(array):
    yield Progress("Filling", 0.1)
    yield Preview(array, np.ones(array.shape[:2], bool), Box(0, 0, 7, 9))
    os.kill(os.getpid(), signal.SIGKILL)


def faults():
    yield Progress("Filling", 0.1)
    ctypes.string_at(0)


def returns_what_cannot_travel():
    return lambda: None


def hangs():
    yield Progress("Filling", 0.1)
    time.sleep(600)


def hangs_with_the_interpreter_lock():
    yield Progress("Filling", 0.1)
    re.match(r"(a+)+$", "a" * 60 + "b")


def runs_until_closed(path):
    try:
        for step in range(100_000):
            time.sleep(0.005)
            yield Progress("Filling", step / 100_000)
    finally:
        path.write_text("closed")


def pid_then_hangs(array):
    yield os.getpid()
    yield Preview(array, np.ones(array.shape[:2], bool), Box(0, 0, 9, 9))
    time.sleep(600)


def pid_then_hangs_with_the_interpreter_lock(array):
    yield os.getpid()
    re.match(r"(a+)+$", "a" * 60 + "b")
    yield array


def hangs_after(array):
    time.sleep(600)
    return array


def floods(array):
    while True:
        yield array
        time.sleep(0.01)


def fills(task, shelf):
    """A fill that paints the hole white, or does what its options say first."""
    script = task.restore_options.options.get("script")
    yield Progress("Finding edges", 0.1)
    bounds = task.mask.bounds
    hole = task.mask.hole[bounds.slices]
    yield EdgeMap(np.ones(hole.shape, np.float32), hole, bounds)
    yield Preview(np.ones((*hole.shape, 3), np.float32), hole, bounds)
    if script:
        yield from SCRIPTS[script]()
    below = task.photo.pixels[bounds.slices][:, :, : task.photo.color_channels]
    alpha = np.where(hole, np.uint8(255), np.uint8(0))
    patch = Patch(np.minimum(below, 250) + 5, alpha, bounds.origin)
    return Restoration(patch, notes=(" ".join(["Shelf:", *shelf.taken]),), device="abacus")


SCRIPTS = {"hang": hangs, "refuse": refuses, "leave": lambda: leaves(3)}


def dies_at_once(connection, name):
    os._exit(4)
