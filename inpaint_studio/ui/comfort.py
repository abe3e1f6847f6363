"""What makes the window one's own: the palette, other keys, its arrangement, the tour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject

from inpaint_studio.ui.layout_memory import LayoutMemory
from inpaint_studio.ui.tour import Tour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inpaint_studio.ui.main_window import MainWindow


class Comfort(QObject):
    """Also the store of changed keys for the dialog that changes them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.layout = LayoutMemory(window)
        self.tour = Tour(window)
        window.commands.connect_all({"palette": self.find})
        window.dialogs.keys = self
        if self.shortcuts:
            window.commands.give_keys(self.shortcuts)

    @property
    def shortcuts(self) -> Mapping[str, tuple[str, ...]]:
        """The keys that are not those the program came with."""
        return self._window.store.settings.shortcuts

    def keep_shortcuts(self, shortcuts: Mapping[str, tuple[str, ...]]) -> None:
        """Use these keys from now on, and in later runs."""
        kept = dict(shortcuts)
        self._window.store.update(lambda settings: replace(settings, shortcuts=kept))
        self._window.commands.give_keys(kept)

    def find(self) -> None:
        """Open the palette."""
        from inpaint_studio.ui.palette import Palette

        Palette(self._window, self._window.commands)
