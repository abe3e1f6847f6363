"""The open document as a QObject: what happens to it, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from inpaint_studio.document.document import Document
from inpaint_studio.document.history import MEMORY_BUDGET, History
from inpaint_studio.errors import StudioError
from inpaint_studio.ui.jobs import join_jobs, run_in_background
from inpaint_studio.ui.opener import Opener

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from inpaint_studio.document.change import Change
    from inpaint_studio.document.commands import Command
    from inpaint_studio.document.layer import Group, Layer
    from inpaint_studio.imaging.files import WriteOptions
    from inpaint_studio.imaging.photo import Photo
    from inpaint_studio.ui.exporting import Exported


class Workspace(QObject):
    """The one open document, and the only way to change it.

    Views listen to `changed` and refresh what the Change names. Reading and writing files happens
    on threads of its own; their outcome comes as `opened`, `exported` or `problem`.
    """

    opened = Signal(object)
    """A Document is there; the one before it is closed."""
    closed = Signal()
    """There is no document any more."""
    changed = Signal(object)
    """A Change was applied, undone or redone."""
    history_changed = Signal()
    """What can be undone or redone, or whether there are unsaved changes, may be different."""
    active_layer_changed = Signal()
    exported = Signal(object)
    """A file was written and checked (`exporting.Exported`)."""
    written = Signal(bool)
    """Nothing is being written any more, and whether the last file went well."""
    overtaken = Signal(object)
    """A document was read, but the open one was changed meanwhile: what shows it all the same."""
    busy_changed = Signal(str)
    """What is being read or written just now; empty when nothing is."""
    status = Signal(str)
    """A sentence for the status bar."""
    notice = Signal(str)
    problem = Signal(str)
    """A sentence that is to stay in sight; about what went wrong."""

    def __init__(
        self, parent: QObject | None = None, *, history_budget: int = MEMORY_BUDGET
    ) -> None:
        super().__init__(parent)
        self.history_budget = history_budget
        self.document: Document | None = None
        self._active_layer: int | None = None
        self._opener = Opener(self)
        self._writing = 0

    # Opening and closing

    def open(self, path: Path) -> None:
        """Read a photo in the background and show it; an opening under way is dropped."""
        self._opener.open(path)

    def set_document(self, document: Document) -> None:
        """Show `document` instead of the one that is open."""
        self._opener.drop()
        previous, self.document = self.document, document
        self._active_layer = None
        self.opened.emit(document)
        self.active_layer_changed.emit()
        self.history_changed.emit()
        if previous is not None and previous is not document:
            previous.close()

    def new_document(self, photo: Photo, path: Path | None = None) -> None:
        """Show a photo as a fresh document."""
        self.set_document(Document(photo, path, history=History(budget_bytes=self.history_budget)))

    def close_document(self) -> None:
        """Let go of the document without asking."""
        previous, self.document = self.document, None
        self._active_layer = None
        if previous is not None:
            self.closed.emit()
            self.active_layer_changed.emit()
            self.history_changed.emit()
            previous.close()

    def shut_down(self) -> None:
        """Stop and wait for whatever is being read or written. Called once, when closing."""
        join_jobs(self)
        self.close_document()

    # Changing

    def push(self, command: Command, *, merge: bool = False) -> None:
        """Apply a command as one undo step; `merge` as in `History.push`."""
        self._step(lambda document: [document.history.push(document, command, merge=merge)])

    def undo(self) -> None:
        self._step(lambda document: [document.history.undo(document)])

    def redo(self) -> None:
        self._step(lambda document: [document.history.redo(document)])

    def jump(self, index: int) -> None:
        """Go to a place in the history; 0 is the photo as it was opened."""
        self._step(lambda document: document.history.jump(document, index))

    @property
    def active_layer(self) -> Layer | None:
        """The layer the user works on: the chosen one while it exists, else the topmost; none while
        a group is chosen."""
        layers = () if self.document is None else self.document.layers
        chosen = next((layer for layer in layers if layer.id == self._active_layer), None)
        topmost = layers[-1] if layers and self.active_group is None else None
        return chosen or topmost

    @property
    def active_group(self) -> Group | None:
        """The group that is chosen instead of a layer."""
        groups = () if self.document is None else self.document.groups
        return next((group for group in groups if group.id == self._active_layer), None)

    def set_active_layer(self, layer_id: int | None) -> None:
        """Choose a layer or a group by its id; None goes back to the topmost layer."""
        if layer_id != self._active_layer:
            self._active_layer = layer_id
            self.active_layer_changed.emit()

    @property
    def standing(self) -> tuple[Document | None, int]:
        """The open document and the state of its history: equal while nothing is done to it."""
        return self.document, 0 if self.document is None else self.document.history.state

    # Writing

    @property
    def writing(self) -> bool:
        """Whether a file is being written, which is not to be given up."""
        return self._writing > 0

    def begin_writing(self) -> None:
        self._writing += 1

    def end_writing(self, *, whole: bool) -> None:
        """A file is there, or (not `whole`) could not be written."""
        self._writing -= 1
        if not self._writing:
            self.written.emit(whole)

    def export(
        self, path: Path, options: WriteOptions, *, overwrite: bool = False, **more: bool
    ) -> None:
        """Write the document to a file in the background and check what was written; `more` is
        `provenance` and `layers` of `export_photo`."""
        document = self.document
        if document is None:
            return
        state = document.history.state
        frozen = document.snapshot()

        def write() -> Generator[str, None, Exported]:
            from inpaint_studio.ui.exporting import export_photo

            return export_photo(frozen, path, options, overwrite=overwrite, **more)

        self.begin_writing()
        self.busy_changed.emit(self.tr("Exporting {0}…").format(path.name))
        run_in_background(
            self,
            write,
            on_progress=self.busy_changed.emit,
            on_done=lambda exported: self._finish_export(exported, document, state),
            on_problem=self._fail_export,
        )

    # Results

    def _step(self, step: Callable[[Document], Sequence[Change | None]]) -> None:
        """Take a step through the history and tell what changed, or what went wrong."""
        if self.document is None:
            return
        try:
            changes = step(self.document)
        except StudioError as error:
            self.problem.emit(str(error))
            return
        for change in filter(None, changes):
            self.changed.emit(change)
        self.history_changed.emit()
        self._tell_full(self.document.history.disk_full)

    def _tell_full(self, full: bool) -> None:
        """Warn once that older steps will be forgotten, while room can still be made."""
        if full and not self._told_full:
            self.problem.emit(
                self.tr(
                    "The disk that keeps older steps is full: free some space, or the oldest "
                    "steps will soon be impossible to undo."
                )
            )
        self._told_full = full

    def _finish_export(self, exported: Exported, document: Document, state: int) -> None:
        self.busy_changed.emit("")
        if document is self.document and document.history.state == state:
            document.saved()
        self.history_changed.emit()
        self.exported.emit(exported)
        self.status.emit(exported.sentence)
        self.end_writing(whole=True)

    def _fail_export(self, sentence: str) -> None:
        self.busy_changed.emit("")
        self.problem.emit(sentence)
        self.end_writing(whole=False)
