"""The settings as a QObject: who changes them, who is told, and when they reach the disk."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from inpaint_studio.errors import StudioError
from inpaint_studio.settings import Settings, load_settings, update_settings

DELAY = 800
"""Milliseconds after the last change until they are written."""

SettingsChange = Callable[[Settings], Settings]


class SettingsStore(QObject):
    """Holds the settings of this run of the program.

    Changes are made to what the file holds at the time of writing, so that what others wrote
    meanwhile (a second window) is not lost.
    """

    changed = Signal(object)
    """The new Settings."""
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings, self.first_problem = load_settings()
        self._pending: list[SettingsChange] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.save)

    def update(self, change: SettingsChange) -> None:
        """Replace the settings by `change` of them; they are written a little later."""
        settings = change(self.settings)
        if settings != self.settings:
            self.settings = settings
            self._pending.append(change)
            self._timer.start()
            self.changed.emit(settings)

    def save(self) -> None:
        """Write them now. A failure is told, never raised: settings are not worth a crash."""
        self._timer.stop()
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            self.settings = update_settings(lambda settings: _apply(pending, settings))
        except StudioError as error:
            self.problem.emit(str(error))


def _apply(changes: list[SettingsChange], settings: Settings) -> Settings:
    for change in changes:
        settings = change(settings)
    return settings
