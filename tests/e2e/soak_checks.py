"""What must be so whatever was done: the photo, the layers, the screen, the way back."""

import gc
import os
import threading
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from inpaint_studio.document.document import Document
from inpaint_studio.imaging.composite import count_changed
from inpaint_studio.steps import exhausted
from inpaint_studio.ui.canvas.overlays import pile_up
from inpaint_studio.ui.canvas.picture import PictureSource
from inpaint_studio.ui.canvas.pyramid import PatchPyramid, PhotoPyramid


class LostError(AssertionError):
    """Something is not what it must be."""


class Watch:
    """Remembers how each document began, and looks at what has become of it."""

    def __init__(self, window, dice) -> None:
        self.window, self.workspace, self.dice = window, window.workspace, dice
        self.original = np.zeros(0)
        self.begun = ""
        self.workspace.opened.connect(self._begin)

    def _begin(self, document: Document) -> None:
        """Whatever opened it: pasting does, too."""
        self.original = document.photo.pixels.copy()
        self.begun = digest(document)

    def check(self) -> None:
        """The photo is as it was opened; nothing but layers changes the picture; the screen shows
        just that; and the way back leads to the beginning, and forth again."""
        document = self.workspace.document
        if document is None:
            return
        if not np.array_equal(document.photo.pixels, self.original):
            raise LostError("the photo itself was changed")
        covered = np.zeros(document.size, np.uint8)
        for layer in document.layers:
            inside = layer.box.clip(document.size)
            cover = layer.coverage[inside.relative_to(layer.box.origin).slices]
            covered[inside.slices] = np.maximum(covered[inside.slices], cover)
        changed = count_changed(document.photo, document.flatten(), covered)
        if changed:
            raise LostError(f"{changed} pixels changed outside the layers")
        self._check_screen(document)
        self._check_history(document)

    def _check_screen(self, document: Document) -> None:
        store = self.window.canvas.scene.store
        layers = pile_up(document.overlays(), PatchPyramid)
        fresh = PictureSource(PhotoPyramid(document.photo), layers, store.source.transform)
        for key in list(store.cache):
            if key not in store._stale and exhausted(fresh.render(key)) != store.cache.get(key):
                raise LostError(f"the screen shows something else in {key}")

    def _check_history(self, document: Document) -> None:
        index, now = document.history.index, digest(document)
        whole = len(document.history.titles)
        self.workspace.jump(0)
        if digest(document) != self.begun and document.history._base_state == 0:
            raise LostError("undoing everything does not lead back to what was opened")
        self.workspace.jump(self.dice.randint(0, whole))
        self.workspace.jump(index)
        if digest(document) != now:
            raise LostError("undoing and redoing is not the same again")


def held(window) -> dict[str, float]:
    """What the process holds now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "mb": pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        "widgets": len(QApplication.allWidgets()),
        "objects": sum(isinstance(each, QObject) for each in gc.get_objects()),
        "children": len(window.findChildren(QObject)),
        "python": len(gc.get_objects()),
        "threads": threading.active_count(),
        "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
    }


def digest(document: Document) -> str:
    """Names all that a person could lose: the mask, every layer, every group."""
    parts = [str(hash(document.mask.tobytes()))]
    for layer in document.layers:
        arrays = (layer.patch.pixels, layer.patch.alpha, layer.keep)
        hashes = [None if each is None else hash(each.tobytes()) for each in arrays]
        plain = (layer.id, layer.name, layer.patch.at, round(layer.opacity, 6), layer.visible)
        parts.append(str((*plain, layer.blend, layer.locked, layer.group, hashes)))
    groups = sorted(document.groups, key=lambda group: group.id)
    return "\n".join([*parts, *map(str, groups)])
