"""What the Layer menu does to the chosen layer."""

from PySide6.QtCore import QObject

from inpaint_studio.document.commands import MoveLayer, RemoveLayer
from inpaint_studio.ui.workspace import Workspace


class LayerActions(QObject):
    """Moves and deletes the active layer; what opens an editor is the panel's."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace

    def move_up(self) -> None:
        self._move(1)

    def move_down(self) -> None:
        self._move(-1)

    def delete(self) -> None:
        """The layer below is the chosen one then, or the one above where there is none."""
        document, layer = self._workspace.document, self._workspace.active_layer
        if document is None or layer is None:
            return
        others = [other for other in document.layers if other is not layer]
        place = max(0, document.layers.index(layer) - 1)
        self._workspace.push(RemoveLayer(layer.id))
        if others:
            self._workspace.set_active_layer(others[place].id)

    def _move(self, by: int) -> None:
        document, layer = self._workspace.document, self._workspace.active_layer
        if document is None or layer is None:
            return
        target = document.layers.index(layer) + by
        if 0 <= target < len(document.layers):
            self._workspace.set_active_layer(layer.id)
            self._workspace.push(MoveLayer(layer.id, target))
