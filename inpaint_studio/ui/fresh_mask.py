"""After a fill the next stroke begins another mask: what was filled is not filled once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject

from inpaint_studio.document.commands import PaintMask

if TYPE_CHECKING:
    from inpaint_studio.document.change import Change
    from inpaint_studio.ui.canvas.gesture import PointerSample, ToolName
    from inpaint_studio.ui.main_window import MainWindow

_TOOLS: Final[tuple[ToolName, ...]] = ("brush", "lasso", "polygon", "wand", "object")


class FreshMask(QObject):
    """A mask stays after its fill, for other engines to be tried on it, until something is added.

    Shift adds to it all the same, and so does whoever has it shown again first.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._used = False
        self._begun_meanwhile = False
        window.filling.mask_used.connect(self._use)
        window.canvas.painting.beginning.connect(self._begin)
        window.workspace.changed.connect(self._see)
        window.workspace.opened.connect(self._forget)
        window.commands["show_mask"].triggered.connect(self._forget)
        window.views.keep_covered = lambda: self._begun_meanwhile

    def _use(self) -> None:
        self._used, self._begun_meanwhile = True, False

    def _forget(self) -> None:
        self._used = self._begun_meanwhile = False

    def _see(self, change: Change) -> None:
        if change.kind == "mask":
            self._begun_meanwhile = self._window.controller.running
            self._used = False

    def _begin(self, sample: PointerSample, erases: bool) -> None:
        """Empty the mask before a stroke that would add to one that has been filled."""
        window, document = self._window, self._window.workspace.document
        filled = self._used or window.views.uncovered
        if document is None or not filled or erases or sample.modifiers.shift:
            return
        if window.mode_bar.is_on or window.canvas.tool not in _TOOLS or not document.mask.any():
            return
        title = self.tr("New mask")
        window.workspace.push(PaintMask.to(document, np.zeros_like(document.mask), title=title))
