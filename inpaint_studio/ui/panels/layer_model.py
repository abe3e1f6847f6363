"""The layers as a Qt model: topmost first, the photo last."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from inpaint_studio.document.commands import MoveLayer, ReplaceLayer
from inpaint_studio.document.layer import Layer
from inpaint_studio.ui.panels.thumbnails import Thumbnails
from inpaint_studio.ui.photo_facts import describe_pixels
from inpaint_studio.ui.workspace import Workspace

Index = QModelIndex | QPersistentModelIndex
LAYER = int(Qt.ItemDataRole.UserRole)
"""The Layer of a row; None for the photo."""
SUBTITLE = LAYER + 1
THUMBNAIL = LAYER + 2
"""A QImage of what the layer fills, or of the photo."""
MIME = "application/x-inpaint-studio-layer"


class LayerModel(QAbstractListModel):
    """Reads the document; every change goes through the workspace as a command."""

    reset_done = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._layers: tuple[Layer, ...] = ()
        self._thumbnails = Thumbnails()

    def refresh(self) -> None:
        """Take over the document's layers as they are now."""
        document = self._workspace.document
        layers = () if document is None else tuple(reversed(document.layers))
        self._thumbnails.show_photo(None if document is None else document.photo)
        self._thumbnails.keep([layer.patch for layer in layers])
        if [layer.id for layer in layers] == [layer.id for layer in self._layers] and layers:
            self._layers = layers
            self.dataChanged.emit(self.index(0), self.index(len(layers) - 1))
            return
        self.beginResetModel()
        self._layers = layers
        self.endResetModel()
        self.reset_done.emit()

    def layer_at(self, row: int) -> Layer | None:
        return self._layers[row] if 0 <= row < len(self._layers) else None

    def row_of(self, layer_id: int) -> int:
        """-1 when there is no such layer."""
        ids = [layer.id for layer in self._layers]
        return ids.index(layer_id) if layer_id in ids else -1

    def toggle(self, row: int) -> None:
        """Show or hide a layer."""
        layer = self.layer_at(row)
        if layer is not None:
            title = self.tr("Hide {0}") if layer.visible else self.tr("Show {0}")
            changed = replace(layer, visible=not layer.visible)
            self._workspace.push(ReplaceLayer(changed, title.format(layer.name)))

    def rowCount(self, parent: Index | None = None) -> int:
        if (parent is not None and parent.isValid()) or self._workspace.document is None:
            return 0
        return len(self._layers) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        layer = self.layer_at(index.row())
        if role == LAYER:
            return layer
        if role == SUBTITLE:
            return self._photo_facts() if layer is None else provenance_line(layer)
        if role == THUMBNAIL:
            return self._thumbnail(layer)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.tr("Photo") if layer is None else layer.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tr("The photo itself is never changed") if layer is None else details(layer)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer_at(index.row())
        name = str(value).strip()
        if layer is None or not name or name == layer.name:
            return False
        title = self.tr("Rename {0} to {1}").format(layer.name, name)
        self._workspace.push(ReplaceLayer(replace(layer, name=name), title))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        enabled = Qt.ItemFlag.ItemIsEnabled
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        if self.layer_at(index.row()) is None:
            return enabled
        editable = Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        return enabled | Qt.ItemFlag.ItemIsSelectable | editable

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        layer = self.layer_at(indexes[0].row()) if indexes else None
        if layer is not None:
            data.setData(MIME, str(layer.id).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, _parent: Index
    ) -> bool:
        """Move the dragged layer to just above `row`; -1 is below all."""
        if not data.hasFormat(MIME):
            return False
        layer_id = int(bytes(data.data(MIME).data()).decode())
        source = self.row_of(layer_id)
        count = len(self._layers)
        target = count if row < 0 else min(row, count)
        if source < 0 or target in (source, source + 1):
            return False
        if source < target:
            target -= 1
        self._workspace.push(MoveLayer(layer_id, count - 1 - target))
        # The command has moved the layer; True would make the view remove the dragged row.
        return False

    def _thumbnail(self, layer: Layer | None) -> QImage | None:
        document = self._workspace.document
        if document is None:
            return None
        return self._thumbnails.of(document.photo if layer is None else layer.patch)

    def _photo_facts(self) -> str:
        document = self._workspace.document
        return "" if document is None else describe_pixels(document.photo)


def provenance_line(layer: Layer) -> str:
    """As far as it is known, for example "EdgeConnect · cuda · 1.4 s"."""
    made = layer.provenance
    if made is None:
        return ""
    seconds = f"{made.seconds:.1f} s" if made.seconds else ""
    parts = (made.title or made.engine, device_name(made.device), seconds)
    return " · ".join(part for part in parts if part)


def device_name(device: str) -> str:
    """How a device is written; empty where it was left to the engine and is not known."""
    return "" if device == "auto" else device.upper()


def details(layer: Layer) -> str:
    """Everything that is known of how the layer was made, a line each."""
    made = layer.provenance
    box = layer.box
    place = _tr("{0} × {1} px at {2}, {3}").format(box.width, box.height, box.left, box.top)
    lines = [layer.name, place]
    if made is not None:
        lines += [
            f"{label}: {value}"
            for label, value in (
                (_tr("Engine"), made.engine),
                (_tr("Model"), made.title or made.card),
                (_tr("Device"), device_name(made.device)),
                (_tr("Time"), f"{made.seconds:.2f} s" if made.seconds else ""),
                (_tr("Seed"), str(made.seed)),
                (_tr("Weights"), made.weights[:12]),
            )
            if value
        ]
        lines += made.notes
    return "\n".join(lines)


def _tr(text: str) -> str:
    return QCoreApplication.translate("LayerModel", text)
