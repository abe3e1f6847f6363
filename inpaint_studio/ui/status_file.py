"""What the window does, as JSON lines in a file: for tests that drive the program from outside."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint

if TYPE_CHECKING:
    from inpaint_studio.document.change import Change
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.ui.exporting import Exported
    from inpaint_studio.ui.main_window import MainWindow


class StatusFile(QObject):
    """Writes a line whenever something happens; `--status-file PATH` asks for it.

    Each line says what happened ("event") and how things are then: "layers" (names, bottom
    first), "step" of the history, "mask" (pixels set), "running", and where the photo is on the
    screen ("view": left, top, zoom in device pixels).
    """

    def __init__(self, window: "MainWindow", path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        workspace, controller = window.workspace, window.controller
        window.first_painted.connect(partial(self._write, "painted"))
        window.canvas.zoom_changed.connect(lambda: self._write("zoomed"))
        workspace.opened.connect(lambda: self._write("opened"))
        workspace.closed.connect(partial(self._write, "closed"))
        workspace.changed.connect(self._write_change)
        workspace.exported.connect(self._write_export)
        workspace.problem.connect(partial(self._say, "problem"))
        workspace.status.connect(partial(self._say, "status"))
        controller.running_changed.connect(lambda: self._write("running"))
        controller.edge_map.connect(lambda: self._write("edges"))
        controller.landed.connect(self._write_layer)
        controller.message.connect(partial(self._say, "message"))

    def _write_change(self, change: "Change") -> None:
        self._write("changed", kind=change.kind)

    def _write_export(self, exported: "Exported") -> None:
        self._write("exported", text=exported.sentence)

    def _write_layer(self, layer: "Layer") -> None:
        self._write("landed", layer=layer.name)

    def _say(self, event: str, text: str) -> None:
        self._write(event, text=text)

    def _write(self, event: str, **facts: Any) -> None:  # noqa: ANN401
        line = json.dumps({"event": event, **facts, **self._state()})
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def _state(self) -> dict[str, Any]:
        document = self._window.workspace.document
        if document is None:
            return {"running": False}
        return {
            "running": self._window.controller.running,
            "layers": [layer.name for layer in document.layers],
            "step": document.history.index,
            "mask": int((document.mask > 0).sum()),
            "view": self._view(),
        }

    def _view(self) -> dict[str, float]:
        """Where photo position (x, y) lies on the screen: left + zoom * x, top + zoom * y."""
        canvas = self._window.canvas
        viewport = canvas.navigation.viewport
        if viewport is None:
            return {}
        corner = canvas.mapToGlobal(QPoint(0, 0)) * canvas.devicePixelRatioF()
        return {
            "left": corner.x() + viewport.origin.x,
            "top": corner.y() + viewport.origin.y,
            "zoom": viewport.zoom,
        }
