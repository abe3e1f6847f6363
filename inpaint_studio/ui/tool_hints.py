"""The line at the bottom says what the tool in hand does, and with which keys, when it has nothing
else to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from inpaint_studio.ui.main_window import MainWindow


class ToolHints(QObject):
    """Follows the tool; silent without a photo, and while a mode has a bar that says the same."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.canvas.tool_changed.connect(self._show)
        window.mode_bar.changed.connect(self._show)
        window.workspace.opened.connect(self._show)
        window.workspace.closed.connect(self._show)

    def _show(self) -> None:
        window = self._window
        quiet = window.workspace.document is None or window.mode_bar.is_on
        window.status_line.show_hint("" if quiet else self._hints().get(window.canvas.tool, ""))

    def _hints(self) -> dict[str, str]:
        """For the tools whose options leave no room for it above the photo."""
        return {
            "brush": self.tr(
                "Paint over what should go · right button erases · Shift: straight line · "
                "[ ] size · hold Tab: original"
            ),
            "eraser": self.tr("Take paint off the mask · [ ] size · X: back to the brush"),
            "heal": self.tr(
                "Paint over a spot · Alt+click: where to copy from, else it finds a place"
            ),
            "clone": self.tr("Alt+click where to copy from, then paint · [ ] size"),
        }
