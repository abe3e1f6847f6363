"""Python's cyclic garbage is collected on the window's thread only, and never under a stroke."""

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

INTERVAL = 500
"""Milliseconds between two looks."""


class Garbage(QObject):
    """Takes over from Python, which collects on whichever thread has just made an object.

    Widgets lie in cycles more often than not (a slot that knows its sender), and Qt's objects may
    be destroyed on their own thread only: a thread that draws tiles and happens to find a dialog
    that was closed would destroy it under the window's hands.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what the start left behind stays: nobody needs to look at it again
        timer = QTimer(self, interval=INTERVAL)
        timer.timeout.connect(self.collect)
        timer.start()

    def collect(self) -> None:
        """Collect as much as Python would by now; not while a button is held."""
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        waiting, limits = gc.get_count(), gc.get_threshold()
        for generation in reversed(range(len(limits))):
            if waiting[generation] > limits[generation]:
                gc.collect(generation)
                return
