"""Saves the open project now and then, where the user wants that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from inpaint_studio.settings import Settings
    from inpaint_studio.ui.main_window import MainWindow
    from inpaint_studio.ui.project_actions import ProjectActions

_MINUTE = 60_000


class Autosaving(QObject):
    """Counts from one change of the interval to the next; a photo without a project is left alone:
    where that is to be saved has not been said, and its steps are safe in the journal."""

    def __init__(self, window: MainWindow, projects: ProjectActions) -> None:
        super().__init__(window)
        self._window = window
        self._projects = projects
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.save)
        window.store.changed.connect(self._set)
        self._set(window.store.settings)

    def save(self) -> None:
        """Save what has changed since, unless a stroke is being drawn: then next time."""
        if not self._window.canvas.is_painting:
            self._projects.save_if_changed()

    def _set(self, settings: Settings) -> None:
        milliseconds = settings.autosave_minutes * _MINUTE
        if not milliseconds:
            self.timer.stop()
        elif self.timer.interval() != milliseconds or not self.timer.isActive():
            self.timer.start(milliseconds)
