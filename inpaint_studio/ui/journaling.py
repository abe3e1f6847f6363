"""Tells the journal of the open document what happens to it in the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from inpaint_studio.document.change import Change
    from inpaint_studio.document.document import Document
    from inpaint_studio.project.keeping import Keeping
    from inpaint_studio.project.recovery import Recovered
    from inpaint_studio.ui.settings_store import SettingsStore
    from inpaint_studio.ui.workspace import Workspace


class Journaling(QObject):
    """One journal for one open document; none where the preferences say so."""

    problem = Signal(str)
    """The journal cannot be written, or soon will not be able to (from the writer's thread)."""

    def __init__(self, workspace: Workspace, store: SettingsStore, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._store = store
        self._keeping: Keeping | None = None
        self._ending: list[Keeping] = []
        self._recovered: Recovered | None = None
        self._changes: list[Change] = []
        workspace.opened.connect(self._begin)
        workspace.changed.connect(self._note)
        workspace.history_changed.connect(self._follow)
        workspace.exported.connect(lambda: self._note_export())
        workspace.closed.connect(self._end)

    @property
    def place(self) -> Path:
        """The folder of the journals."""
        from inpaint_studio.project.recovery import journals_dir

        chosen = self._store.settings.journal_folder
        return Path(chosen) if chosen else journals_dir()

    def expect(self, recovered: Recovered) -> None:
        """The next document to be opened is this one: its journal goes on."""
        self._recovered = recovered

    def note_saved(self, state: int) -> None:
        """The document is in a file as it was at that state of its history."""
        if self._keeping is not None:
            self._keeping.saved(state)

    def join(self) -> None:
        """Wait until the journals that were ended are gone. For the end of the program."""
        for keeping in self._ending:
            keeping.writer.join()
        self._ending.clear()

    def _begin(self, document: Document) -> None:
        from inpaint_studio.project.keeping import Keeping
        from inpaint_studio.ui.photo_actions import title_of

        self._end()
        recovered, self._recovered = self._recovered, None
        if recovered is not None and recovered.document is document:
            self._keeping = Keeping.resume(self.place, recovered, on_problem=self.problem.emit)
        elif self._store.settings.journal:
            name = title_of(document)
            self._keeping = Keeping.begin(
                self.place, document, name=name, on_problem=self.problem.emit
            )

    def _note_export(self) -> None:
        document = self._workspace.document
        if document is not None and not document.modified:
            self.note_saved(document.history.state)

    def _note(self, change: Change) -> None:
        self._changes.append(change)

    def _follow(self) -> None:
        changes, self._changes = self._changes, []
        document = self._workspace.document
        keeping = self._keeping
        if keeping is not None and keeping.document is document and changes:
            keeping.follow(changes)

    def _end(self) -> None:
        """The document was saved or given up: its journal has done its work."""
        keeping, self._keeping = self._keeping, None
        self._changes.clear()
        if keeping is not None:
            keeping.close(remove=True)
            self._ending = [other for other in self._ending if other.writer.alive] + [keeping]
