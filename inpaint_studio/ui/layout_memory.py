"""Remembers how the window was arranged: how wide the panels are, and which are folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from inpaint_studio.ui.main_window import MainWindow

NAMES = ("fill", "edges", "layers", "history")
"""Of the sections of the column, in their order."""


class LayoutMemory(QObject):
    """Arranges the window as it was left, and keeps what is changed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        settings = window.store.settings
        self._sections = dict(zip(NAMES, window.column.sections, strict=False))
        for name, section in self._sections.items():
            section.set_open(name not in settings.folded)
            section.folded.connect(self._keep_folded)
        if settings.panel_width:
            window.first_painted.connect(lambda: self._widen(settings.panel_width))
        window.splitter.splitterMoved.connect(self._keep_width)
        window.commands.connect_all({"reset_layout": self.reset})

    def reset(self) -> None:
        """Everything open, at the width the program came with."""
        from inpaint_studio.ui.panels.column import WIDTH

        for section in self._sections.values():
            section.set_open(True)
        self._window.column.show()
        self._window.commands["show_panels"].setChecked(True)
        self._widen(WIDTH)
        self._window.store.update(lambda settings: replace(settings, panel_width=0, folded=()))

    def _widen(self, width: int) -> None:
        splitter = self._window.splitter
        splitter.setSizes([max(splitter.width() - width, 1), width])

    def _keep_folded(self) -> None:
        folded = tuple(name for name, section in self._sections.items() if not section.is_open)
        self._window.store.update(lambda settings: replace(settings, folded=folded))

    def _keep_width(self) -> None:
        width = self._window.column.width()
        self._window.store.update(lambda settings: replace(settings, panel_width=width))
