"""Saves projects: where to, in the background, and what to say when the file is not what it was."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from inpaint_studio.ui.dialogs.files import make_room
from inpaint_studio.ui.jobs import run_in_background

if TYPE_CHECKING:
    from collections.abc import Generator

    from inpaint_studio.document.document import Document
    from inpaint_studio.document.project_file import ProjectFile
    from inpaint_studio.ui.main_window import MainWindow

SUFFIX = ".ora"


class ProjectActions(QObject):
    """Save Project and Save Project As."""

    saved = Signal(object, int)
    """A document was saved as it was at that state of its history."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._saving = False
        window.commands.connect_all({"save_project": self.save, "save_project_as": self.save_as})
        window.photos.save_requested.connect(self.save)
        self.saved.connect(lambda: window.photos.go_on())

    def save(self) -> None:
        """Save to the project's file; ask where when there is none, or it may not be replaced."""
        document = self._workspace.document
        if document is None:
            return
        project = document.project
        if project is None or project.read_only:
            self.save_as()
        elif _changed_elsewhere(project):
            self._ask(document, project)
        else:
            self._start(document, project.path)

    def save_if_changed(self) -> None:
        """Save to the project's file where that needs no question and there is something new."""
        document = self._workspace.document
        if document is None or document.project is None or not document.modified:
            return
        if not (self._saving or document.project.read_only or _changed_elsewhere(document.project)):
            self._start(document, document.project.path)

    def save_as(self) -> None:
        """Ask for a file and save to it."""
        document = self._workspace.document
        if document is None:
            return
        suggestion = _suggestion(document)
        dialog = QFileDialog(self._window, self.tr("Save project"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setNameFilter(f"{self.tr('OpenRaster projects')} (*{SUFFIX})")
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.setDirectory(str(suggestion.parent))
        dialog.selectFile(suggestion.name)

        def take(name: str) -> None:
            self._take(document, Path(name))

        dialog.fileSelected.connect(take)
        dialog.rejected.connect(self._window.photos.stay)
        make_room(dialog)
        dialog.open()

    def save_to(self, path: Path) -> None:
        """Save the document to a file, replacing what is there."""
        document = self._workspace.document
        if document is not None:
            self._start(document, path)

    def _take(self, document: Document, path: Path) -> None:
        project = document.project
        if project is not None and project.read_only and _same(path, project.path):
            told = self.tr("“{0}” holds what only a newer version knows: choose another name.")
            self._window.messages.show_notice(told.format(path.name))
            self._window.photos.stay()
        elif document is self._workspace.document:
            self._start(document, path)

    def _ask(self, document: Document, project: ProjectFile) -> None:
        question = self.tr("“{0}” was changed by another program since it was opened here.")
        self._window.messages.ask(
            question.format(project.path.name),
            [
                (self.tr("Save As…"), self.save_as),
                (self.tr("Replace It"), partial(self._start, document, project.path)),
            ],
        )
        self._window.photos.stay()

    def _start(self, document: Document, path: Path) -> None:
        from inpaint_studio.project.writing import Snapshot

        if self._saving:
            return
        self._saving = True
        self._workspace.begin_writing()
        snapshot = Snapshot.of(document)
        state = document.history.state

        def run() -> Generator[str, None, ProjectFile]:
            from inpaint_studio.project.writing import save_project

            return save_project(snapshot, path, overwrite=True)

        self._workspace.busy_changed.emit(self.tr("Saving {0}…").format(path.name))
        run_in_background(
            self,
            run,
            on_progress=self._workspace.busy_changed.emit,
            on_done=lambda project: self._finish(document, state, project),
            on_problem=self._fail,
        )

    def _finish(self, document: Document, state: int, project: ProjectFile) -> None:
        self._saving = False
        self._workspace.busy_changed.emit("")
        document.project = project
        document.saved(state)
        self._window.store.update(lambda settings: settings.with_recent(project.path))
        if document is self._workspace.document:
            self._window.recovery.journaling.note_saved(state)
            self._workspace.history_changed.emit()
            self._workspace.status.emit(self._sentence(document, project))
        self.saved.emit(document, state)
        self._workspace.end_writing(whole=True)

    def _sentence(self, document: Document, project: ProjectFile) -> str:
        count = len(document.layers)
        if not count:
            return self.tr("Saved {0}.").format(project.path.name)
        noun = self.tr("layer") if count == 1 else self.tr("layers")
        return self.tr("Saved {0} with {1} {2}.").format(project.path.name, count, noun)

    def _fail(self, sentence: str) -> None:
        self._saving = False
        self._workspace.busy_changed.emit("")
        self._workspace.problem.emit(sentence)
        self._workspace.end_writing(whole=False)


def _changed_elsewhere(project: ProjectFile) -> bool:
    from inpaint_studio.document.project_file import Stamp

    now = Stamp.of(project.path)
    return now is not None and now != project.stamp


def _suggestion(document: Document) -> Path:
    opened = document.project.path if document.project is not None else document.path
    if opened is None:
        return Path.home() / f"untitled{SUFFIX}"
    if document.project is not None and document.project.read_only:
        return opened.with_stem(f"{opened.stem}-copy")
    return opened.with_suffix(SUFFIX)


def _same(a: Path, b: Path) -> bool:
    return a.absolute() == b.absolute()
