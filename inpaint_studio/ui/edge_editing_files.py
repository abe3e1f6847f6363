"""Edges of a layer as a picture of the photo's size: out to another program, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from inpaint_studio.ui.jobs import run_in_background

if TYPE_CHECKING:
    from inpaint_studio.imaging.edge_drawing import EdgeDrawing
    from inpaint_studio.ui.edge_editing import EdgeEditing
    from inpaint_studio.ui.main_window import MainWindow


class EdgeFiles(QObject):
    """Loads and saves what `editing` edits, off the window's thread."""

    def __init__(self, editing: EdgeEditing) -> None:
        super().__init__(editing)
        self._editing = editing

    def load(self) -> None:
        """Ask for a picture and take the lines in the hole from it."""
        from inpaint_studio.ui.dialogs.files import ask_for_picture

        document = self._window.workspace.document
        if document is not None:
            folder = document.path.parent if document.path else None
            ask_for_picture(self._window, self.tr("Import edges"), folder=folder, chosen=self.read)

    def read(self, path: Path) -> None:
        """Take the lines in the hole from a picture of the photo's size."""
        document, drawing = self._window.workspace.document, self._drawing
        if document is None or drawing is None:
            return
        size = document.size

        def work() -> EdgeDrawing:
            from inpaint_studio.imaging.mask_files import read_edges

            canvas = np.rint(read_edges(path, size) * 255).astype(np.uint8)
            return drawing.redrawn(canvas)

        title = self.tr("Import edges from {0}").format(path.name)
        run_in_background(
            self,
            work,
            on_done=lambda read: self._take(drawing, read, title),
            on_problem=self._window.workspace.problem.emit,
        )

    def save(self) -> None:
        """Ask where, and save all edges as a grey PNG of the photo's size, white on black."""
        from inpaint_studio.ui.dialogs.files import ask_for_path

        document = self._window.workspace.document
        if document is None:
            return
        path = document.path or Path(self.tr("picture.png"))
        ask_for_path(
            self._window,
            self.tr("Export edges"),
            suggestion=path.with_name(f"{path.stem}-edges.png"),
            filters="PNG (*.png)",
            chosen=self.write,
        )

    def write(self, path: Path) -> None:
        """Save the edges to a file that may be replaced."""
        document, drawing = self._window.workspace.document, self._drawing
        if document is None or drawing is None:
            return
        size = document.size

        def work() -> None:
            from inpaint_studio.imaging.mask_files import write_edges

            levels = drawing.picture(size).astype(np.float32) / np.float32(255)
            write_edges(path, levels, overwrite=True)

        saved = self.tr("Saved the edges as {0}.").format(path.name)
        run_in_background(
            self,
            work,
            on_done=lambda _: self._window.workspace.status.emit(saved),
            on_problem=self._window.workspace.problem.emit,
        )

    def _take(self, was: EdgeDrawing, read: EdgeDrawing, title: str) -> None:
        """Keep what was read for edges that are still those being edited."""
        if self._drawing is was:
            self._editing.take(read, title)
        else:
            self._window.workspace.status.emit(
                self.tr("The edges were changed meanwhile, so they were left as they are.")
            )

    @property
    def _window(self) -> MainWindow:
        return self._editing.window

    @property
    def _drawing(self) -> EdgeDrawing | None:
        layer = self._editing.layer
        return None if layer is None else layer.edges
