"""Reads photos and projects in the background, for the workspace to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.document.history import History
from inpaint_studio.ui.jobs import BackgroundJob, run_in_background

if TYPE_CHECKING:
    from pathlib import Path

    from inpaint_studio.document.document import Document
    from inpaint_studio.ui.opening import Opened
    from inpaint_studio.ui.workspace import Workspace


class Opener(QObject):
    """One opening at a time: the next one drops it, and so does whatever else is shown."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._job: BackgroundJob | None = None

    def open(self, path: Path) -> None:
        """Read a file and show what is in it."""
        workspace = self._workspace
        budget, standing = workspace.history_budget, workspace.standing

        def read() -> Opened:
            from inpaint_studio.ui.opening import read_document

            return read_document(path, history=History(budget_bytes=budget))

        self.drop()
        workspace.busy_changed.emit(self.tr("Opening {0}…").format(path.name))
        self._job = run_in_background(
            self,
            read,
            on_done=lambda opened: self._finish(opened, standing),
            on_problem=self._fail,
        )

    def drop(self) -> None:
        """Do not show what is being read."""
        if self._job is not None:
            self._job.stop()
            self._end()

    def _finish(self, opened: Opened, asked: tuple[Document | None, int]) -> None:
        """Show it, unless somebody has gone on with the open document since it was asked for."""
        self._end()
        if self._workspace.standing == asked:
            self._show(opened)
        else:
            self._workspace.overtaken.emit(lambda: self._show(opened))

    def _show(self, opened: Opened) -> None:
        self._workspace.set_document(opened.document)
        if opened.notes:
            self._workspace.status.emit(" ".join(opened.notes))
            self._workspace.notice.emit(" ".join(opened.notes))

    def _fail(self, sentence: str) -> None:
        self._end()
        self._workspace.problem.emit(sentence)

    def _end(self) -> None:
        self._job = None
        self._workspace.busy_changed.emit("")
