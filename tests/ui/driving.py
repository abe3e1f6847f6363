"""What a person does with a window, for tests to do it."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from inpaint_studio.document.commands import AddLayer, PaintMask
from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch

WAIT = 30_000
"""Milliseconds that no machine is too busy for."""


def open_path(qtbot, window, path):
    """Open a photo or project, and wait until it is there."""
    with qtbot.waitSignal(window.workspace.opened, timeout=WAIT):
        window.photos.open_path(path)


def paint_mask(window):
    """A box in the mask: rows 20 to 40, columns 30 to 60."""
    document = window.workspace.document
    mask = document.mask.copy()
    mask[20:40, 30:60] = 255
    window.workspace.push(PaintMask.to(document, mask, title="Paint mask"))


def add_layer(window, name="Fill"):
    """A dark layer of 6 x 6 pixels near the top left."""
    document = window.workspace.document
    patch = Patch(np.full((6, 6, 3), 5, np.uint8), np.full((6, 6), 255, np.uint8), Point(2, 2))
    layer = Layer.from_patch(patch, id=document.new_layer_id(), name=name)
    window.workspace.push(AddLayer(layer))


def place(window, x, y):
    """Where a pixel of the photo is on the canvas."""
    at = window.canvas.navigation.viewport.to_screen(x, y)
    scale = window.canvas.device_scale()
    return QPoint(round(at[0] / scale), round(at[1] / scale))


def draw(window, start, end, button=Qt.MouseButton.LeftButton):
    """A line with the mouse on the canvas, between two pixels of the photo."""
    QTest.mousePress(window.canvas, button, pos=place(window, *start))
    QTest.mouseMove(window.canvas, place(window, *end))
    QTest.mouseRelease(window.canvas, button, pos=place(window, *end))
