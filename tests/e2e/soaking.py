"""A person who does anything, thousands of times: a program of its own, run by `test_soak`.

Does random things in the real window, with scripted engines in the engine process, and looks again
and again whether everything is what it must be. Prints one JSON object: what went wrong, and what
the process held as it went on.
"""

import argparse
import faulthandler
import json
import logging
import random
import sys
import threading
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from PySide6.QtCore import qInstallMessageHandler
from soak_checks import Watch, held
from soak_hand import Hand

from inpaint_studio.imaging.files import write_photo
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.app import _application
from inpaint_studio.ui.garbage import Garbage
from inpaint_studio.ui.main_window import MainWindow
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.ui.theme import apply_style_sheet
from inpaint_studio.ui.worker import InferenceThread

CHECKED = 50
"""Actions between two looks at everything."""
HARMLESS = ("propagateSizeHints", "This plugin supports grabbing")


class Hearer:
    """Everything that is said and should not be."""

    def __init__(self) -> None:
        self.said: Counter[str] = Counter()
        self.hand = None
        qInstallMessageHandler(self._qt)
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: self.hear(f"warning: {message}")
        sys.excepthook = self._raised
        sys.unraisablehook = lambda args: self.hear(f"unraisable: {args.exc_value!r} {args.object}")
        threading.excepthook = lambda args: self.hear(f"thread: {args.exc_value!r}")
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: self.hear(f"log: {handler.format(record)}")
        logging.getLogger("inpaint_studio").addHandler(handler)

    def hear(self, what: str) -> None:
        if not any(word in what for word in HARMLESS):
            doing = self.hand.doing if self.hand is not None else "start"
            self.said[f"{doing}: {what}"[:4000]] += 1

    def _qt(self, _kind: object, _context: object, message: str) -> None:
        self.hear(f"Qt: {message}")

    def _raised(self, kind: type, error: BaseException, trace: object) -> None:
        self.hear("".join(traceback.format_exception(kind, error, trace)))


class Soak:
    """The window, the hand in it, and who watches."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.hearer = Hearer()
        application = _application()
        apply_style_sheet(application)
        Garbage(application)
        worker = InferenceThread(fill="scripted_engines:fills", shelf="scripted_engines:Shelf")
        self.window = MainWindow(SettingsStore(), worker=worker)
        self.window.workspace.problem.connect(self._hear_problem)
        self.window.resize(1280, 800)
        self.window.show()
        self.window.parts.comfort.tour.end()
        self.window.load_icons()
        dice = random.Random(seed)
        self.hand = self.hearer.hand = Hand(self.window, dice, write_photos(folder), folder)
        self.watch = Watch(self.window, dice)
        self.held: list[dict[str, float]] = []

    def run(self, actions: int, every: int) -> str:
        """What was lost; empty where nothing was."""
        count = 0
        try:
            self.hand.open_first()
            for count in range(1, actions + 1):
                self.hand.act()
                if count % CHECKED == 0:
                    self.hand.rest()
                    self.watch.check()
                if count % every == 0:
                    self._measure(count)
        except Exception:
            return f"after {count} actions, {self.hand.doing}: {traceback.format_exc()}"
        return ""

    def close(self) -> list[str]:
        """Close the window; the threads that are left."""
        self.window._leaving = True
        self.window.close()
        self.hand.breathe()
        names = [thread.name for thread in threading.enumerate()]
        # Python remembers every QThread that ran anything of its own.
        return [name for name in names if name != "MainThread" and not name.startswith("Dummy")]

    def _measure(self, count: int) -> None:
        """With nothing open."""
        self.hand.rest()
        self.window.workspace.close_document()
        self.hand.wait(0.3)
        self.hand.idle()
        self.held.append({"after": count, **held(self.window)})
        sys.stderr.write(f"{self.held[-1]}\n")
        self.hand.open_first()

    def _hear_problem(self, sentence: str) -> None:
        """What a person is told is no fault of the program's, but for one sentence."""
        if "unexpected" in sentence:
            self.hearer.hear(f"problem: {sentence}")


def write_photos(folder: Path) -> list[Path]:
    """Three kinds: 16-bit colour, grey, transparent."""
    paths = [folder / name for name in ("deep.png", "grey.png", "clear.png")]
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:300, :420]
    plane = (rows * 90 + columns * 60).astype(np.uint16)
    grain = rng.integers(0, 4000, (300, 420), dtype=np.uint16)
    deep = np.stack([plane + grain, plane // 2 + grain, grain * 3], axis=2)
    deep[80:150, 100:220] = (52000, 9000, 4000)
    write_photo(paths[0], Photo(deep))
    write_photo(paths[1], Photo((deep[:, :, :1] >> 8).astype(np.uint8)))
    clear = np.dstack([deep >> 8, columns * 255 // 420]).astype(np.uint8)
    write_photo(paths[2], Photo(clear))
    return paths


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--actions", type=int, default=1500)
    parser.add_argument("--every", type=int, default=250)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    faulthandler.enable()
    soak = Soak(arguments.seed, arguments.folder)
    lost = soak.run(arguments.actions, arguments.every)
    soak.hand.doing = "close"
    threads = soak.close()
    report = {"lost": lost, "heard": soak.hearer.said, "held": soak.held, "threads": threads}
    sys.stdout.write(json.dumps({**report, "done": soak.hand.done}) + "\n")


if __name__ == "__main__":
    main()
