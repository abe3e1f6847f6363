"""The open document as a QObject: what happens to it, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from inpaint_studio.ui.jobs import BackgroundJob, join_jobs, run_in_background

if TYPE_CHECKING:
    from pathlib import Path

    from inpaint_studio.document.commands import Command
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.history import Change
    from inpaint_studio.document.layer import Layer


class Workspace(QObject):
    """The one open document, and the only way to change it.

    Views listen to `changed` and refresh what the Change names. Reading and writing files happens
    on threads of its own; their outcome comes as `opened`, `exported` or `problem`.
    """

    opened = Signal(object)
    """A Document is there and shown."""
    closed = Signal()
    """There is no document any more."""
    changed = Signal(object)
    """A Change was applied, undone or redone."""
    history_changed = Signal()
    """What can be undone or redone, or whether there are unsaved changes, may be different."""
    active_layer_changed = Signal()
    exported = Signal(object)
    """An export was written (document.export.Exported)."""
    busy_changed = Signal(str)
    """What is being read or written just now; empty when nothing is."""
    status = Signal(str)
    """A sentence for the status bar."""
    problem = Signal(str)
    """A sentence about what went wrong."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: Document | None = None
        self._active_layer: int | None = None
        self._opening: BackgroundJob | None = None

    def open(self, path: Path) -> None:
        """Read a photo in the background and show it; an opening under way is dropped."""
        from inpaint_studio.imaging.files import read_photo

        if self._opening is not None:
            self._opening.stop()
        self.busy_changed.emit(self.tr("Opening {0}…").format(path.name))

        def read() -> Document:
            from inpaint_studio.document.document import Document

            return Document(read_photo(path), path)

        self._opening = run_in_background(
            self, read, on_done=self._finish_opening, on_problem=self._fail_opening
        )

    def set_document(self, document: Document) -> None:
        """Show `document` instead of the one that is open."""
        self.document = document
        self._active_layer = None
        self.opened.emit(document)
        self.history_changed.emit()

    def close_document(self) -> None:
        """Let go of the document without asking."""
        if self.document is not None:
            self.document = None
            self._active_layer = None
            self.closed.emit()
            self.history_changed.emit()

    def push(self, command: Command) -> None:
        """Apply a command as one undo step."""
        if self.document is not None:
            self._announce(self.document.history.push(self.document, command))

    def undo(self) -> None:
        if self.document is not None:
            self._announce(self.document.history.undo(self.document))

    def redo(self) -> None:
        if self.document is not None:
            self._announce(self.document.history.redo(self.document))

    def jump(self, index: int) -> None:
        """Go to a place in the history; 0 is the photo as it was opened."""
        if self.document is not None:
            for change in self.document.history.jump(self.document, index):
                self.changed.emit(change)
            self.history_changed.emit()

    @property
    def active_layer(self) -> Layer | None:
        """The layer the user works on: the chosen one while it exists, else the topmost."""
        layers = () if self.document is None else self.document.layers
        chosen = [layer for layer in layers if layer.id == self._active_layer]
        return chosen[0] if chosen else (layers[-1] if layers else None)

    def set_active_layer(self, layer_id: int | None) -> None:
        if layer_id != self._active_layer:
            self._active_layer = layer_id
            self.active_layer_changed.emit()

    def shut_down(self) -> None:
        """Stop and wait for whatever is being read or written. Called once, when closing."""
        join_jobs(self)

    def _announce(self, change: Change | None) -> None:
        if change is not None:
            self.changed.emit(change)
            self.history_changed.emit()

    def _finish_opening(self, document: Document) -> None:
        self._opening = None
        self.busy_changed.emit("")
        self.set_document(document)

    def _fail_opening(self, sentence: str) -> None:
        self._opening = None
        self.busy_changed.emit("")
        self.problem.emit(sentence)
