"""How the mask is shown: tinted, as marching ants, or by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from inpaint_studio.ui.main_window import MainWindow


class MaskViews(QObject):
    """Q changes between tint and ants, Shift+Q shows the mask alone."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._canvas = window.canvas
        self._actions = window.commands
        self._shown = window.views
        self._actions["quick_mask"].setChecked(True)
        self._actions.connect_all({"quick_mask": self._choose, "mask_alone": self._choose})

    def _choose(self) -> None:
        tinted = self._actions["quick_mask"].isChecked()
        alone = self._actions["mask_alone"].isChecked()
        self._shown.reveal_mask()
        self._canvas.set_mask_style("mask" if alone else "tint" if tinted else "ants")
