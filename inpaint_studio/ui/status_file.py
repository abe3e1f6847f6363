"""A JSON line per thing that happened in the window, for whoever drives it from outside."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from pathlib import Path

    from inpaint_studio.document.change import Change
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.engines.api import EdgeMap
    from inpaint_studio.ui.exporting import Exported
    from inpaint_studio.ui.main_window import MainWindow


class StatusFile(QObject):
    """Writes opened, stroke, fill_started, edges, fill_done, undo, redo, exported and error."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self._index = 0
        self._titles: tuple[str, ...] = ()
        self._kind = ""
        path.write_text("", encoding="utf-8")
        workspace, controller = window.workspace, window.controller
        workspace.opened.connect(self._opened)
        workspace.closed.connect(lambda: self.write("closed"))
        workspace.changed.connect(self._follow)
        workspace.history_changed.connect(self._stepped)
        workspace.exported.connect(self._exported)
        workspace.problem.connect(self._failed)
        controller.running_changed.connect(self._ran)
        controller.edge_map.connect(self._found_edges)
        controller.landed.connect(self._landed)
        controller.message.connect(self._said)

    def write(self, name: str, **facts: object) -> None:
        """Add one line."""
        line = json.dumps({"event": name, "time": time.time(), **facts}, ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _opened(self, document: Document) -> None:
        self._index, self._titles = 0, ()
        canvas = self._window.canvas
        corner = canvas.mapToGlobal(canvas.rect().topLeft())
        self.write(
            "opened",
            path=str(document.path or ""),
            width=document.size.width,
            height=document.size.height,
            canvas=[corner.x(), corner.y(), canvas.width(), canvas.height()],
        )

    def _exported(self, done: Exported) -> None:
        self.write("exported", path=str(done.path), changed=done.changed, sentence=done.sentence)

    def _failed(self, sentence: str) -> None:
        self.write("error", message=sentence)

    def _said(self, sentence: str) -> None:
        self.write("message", message=sentence)

    def _found_edges(self, found: EdgeMap) -> None:
        self.write("edges", box=list(found.box))

    def _landed(self, layer: Layer) -> None:
        self.write("fill_done", layer=layer.name)

    def _ran(self, running: bool) -> None:
        self.write("fill_started" if running else "fill_ended")

    def _stepped(self) -> None:
        """Tell a new step from one that was undone or redone."""
        document = self._window.workspace.document
        if document is None:
            return
        index, titles = document.history.index, document.history.titles
        before, known = self._index, self._titles
        self._index, self._titles = index, titles
        if index == before and titles == known:
            return
        if titles == known:
            self.write("undo" if index < before else "redo", index=index, titles=list(titles))
        else:
            name = "stroke" if self._kind == "mask" else "step"
            self.write(name, index=index, titles=list(titles))

    def _follow(self, change: Change) -> None:
        self._kind = change.kind
