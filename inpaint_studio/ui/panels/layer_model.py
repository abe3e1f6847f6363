"""The layers and groups as a Qt model: topmost first, the photo last."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from inpaint_studio.document import arrange
from inpaint_studio.document.commands import ReplaceLayer
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.pile import Branch, Node, tree
from inpaint_studio.ui.panels.layer_drop import drop
from inpaint_studio.ui.panels.layer_facts import GROUP_TIP, PHOTO_TIP, details, facts_line, say
from inpaint_studio.ui.panels.thumbnails import Thumbnails
from inpaint_studio.ui.photo_facts import describe_pixels
from inpaint_studio.ui.workspace import Workspace

Index = QModelIndex | QPersistentModelIndex
ROW = int(Qt.ItemDataRole.UserRole)
"""A `Row`; None for the photo."""
SUBTITLE = ROW + 1
THUMBNAIL = ROW + 2
"""A QImage of what the layer fills, or of the photo; None for a group."""
KEEP = ROW + 3
"""A QImage of the layer's mask; None where there is none."""
MIME = "application/x-inpaint-studio-layer"


class Row(NamedTuple):
    """A layer or group as it is shown."""

    node: Node
    depth: int = 0
    """How many groups it lies in."""
    dimmed: bool = False
    """A group it lies in is hidden."""
    folded: bool = False
    stale: bool = False
    """Filled from what lay below it, which is not the same any more."""
    edited: bool = False
    """Its fill or its mask is being edited."""

    @property
    def id(self) -> int:
        return self.node.id

    @property
    def layer(self) -> Layer | None:
        return self.node if isinstance(self.node, Layer) else None

    @property
    def group(self) -> Group | None:
        return None if isinstance(self.node, Layer) else self.node.group


class LayerModel(QAbstractListModel):
    """Reads the document; every change goes through the workspace as a command."""

    reset_done = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._rows: tuple[Row, ...] = ()
        self._folded: frozenset[int] = frozenset()
        self._stale: frozenset[int] = frozenset()
        self._edited: int | None = None
        self._thumbnails = Thumbnails()

    def refresh(self) -> None:
        """Take over the document's layers as they are now."""
        document = self._workspace.document
        layers = () if document is None else document.layers
        nodes = () if document is None else tree(layers, document.groups)
        rows = tuple(self._rows_of(nodes, 0, dimmed=False))
        self._thumbnails.show_photo(None if document is None else document.photo)
        self._thumbnails.keep([layer.patch for layer in layers], [layer.keep for layer in layers])
        before = [(row.id, row.depth) for row in self._rows]
        if rows and [(row.id, row.depth) for row in rows] == before:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        self.reset_done.emit()

    def show_stale(self, ids: Collection[int]) -> None:
        """Mark these layers, and no others, as out of date."""
        if frozenset(ids) != self._stale:
            self._stale = frozenset(ids)
            self.refresh()

    def show_edited(self, id: int | None) -> None:
        """Mark the layer whose fill or mask is being edited."""
        if id != self._edited:
            self._edited = id
            self.refresh()

    def row_at(self, row: int) -> Row | None:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, id: int) -> int:
        """Where a layer or group is shown; -1 when it is not."""
        return next((place for place, row in enumerate(self._rows) if row.id == id), -1)

    def reveal(self, id: int) -> None:
        """Unfold the groups that a layer lies in."""
        document = self._workspace.document
        while document is not None and self.row_of(id) < 0 and self._folded:
            holders = [row.id for row in self._rows if row.folded and _holds(row.node, id)]
            if not holders:
                return
            self.fold(holders[0], False)

    def fold(self, id: int, folded: bool | None = None) -> None:
        """Fold a group away, or unfold it; without `folded` the other way round."""
        wanted = id not in self._folded if folded is None else folded
        self._folded = self._folded | {id} if wanted else self._folded - {id}
        self.refresh()

    def toggle(self, id: int) -> None:
        """Show or hide a layer or group."""
        found = self._holder(id)
        if found is not None:
            title = self.tr("Hide {0}") if found.visible else self.tr("Show {0}")
            self._change(replace(found, visible=not found.visible), title.format(found.name))

    def toggle_lock(self, id: int) -> None:
        found = self._holder(id)
        if isinstance(found, Layer):
            title = self.tr("Unlock {0}") if found.locked else self.tr("Lock {0}")
            self._change(replace(found, locked=not found.locked), title.format(found.name))

    def rowCount(self, parent: Index | None = None) -> int:
        if (parent is not None and parent.isValid()) or self._workspace.document is None:
            return 0
        return len(self._rows) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index.row())
        if role == ROW:
            return row
        if role == SUBTITLE:
            return self._subtitle(row)
        if role in (THUMBNAIL, KEEP):
            return self._picture(row, role)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.tr("Photo") if row is None else row.node.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.row_at(index.row())
        found = None if row is None else self._holder(row.id)
        name = str(value).strip()
        if found is None or not name or name == found.name:
            return False
        title = self.tr("Rename {0} to {1}").format(found.name, name)
        self._change(replace(found, name=name), title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        enabled = Qt.ItemFlag.ItemIsEnabled
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        row = self.row_at(index.row())
        if row is None:
            return enabled | Qt.ItemFlag.ItemIsDropEnabled  # on the photo: below all layers
        editable = Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsSelectable
        locked = row.layer is not None and row.layer.locked
        drag = Qt.ItemFlag.NoItemFlags if locked else Qt.ItemFlag.ItemIsDragEnabled
        drop = Qt.ItemFlag.NoItemFlags if row.group is None else Qt.ItemFlag.ItemIsDropEnabled
        return enabled | editable | drag | drop

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        rows = [row for index in indexes if (row := self.row_at(index.row())) is not None]
        if rows:
            data.setData(MIME, " ".join(str(row.id) for row in rows).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index
    ) -> bool:
        """Move all that is dragged to just above `row` (-1: below all), or into the group it is
        dropped on; on the photo or below it is below all, in no group."""
        document = self._workspace.document
        if not data.hasFormat(MIME) or document is None:
            return False
        moved = [int(id) for id in bytes(data.data(MIME).data()).decode().split()]
        photo = len(self._rows)
        above = parent.row() if parent.isValid() else (row if row >= 0 else photo + 1) - 1
        found = self.row_at(min(above, photo - 1))
        open_group = found is not None and found.group is not None and not found.folded
        below = None if found is None else found.id
        lowest = above >= photo
        command = drop(document, moved, below=below, into=open_group, lowest=lowest)
        if command is not None:
            self._workspace.push(command)
        # The command has moved the layer; True would make the view remove the dragged row.
        return False

    def _holder(self, id: int) -> Layer | Group | None:
        """The layer or group of that id."""
        document = self._workspace.document
        found = () if document is None else (*document.layers, *document.groups)
        return next((item for item in found if item.id == id), None)

    def _change(self, new: Layer | Group, title: str) -> None:
        document = self._workspace.document
        if isinstance(new, Layer):
            self._workspace.push(ReplaceLayer(new, title))
        elif document is not None:
            self._workspace.push(arrange.change_group(document, new, title))

    def _rows_of(self, nodes: Iterable[Node], depth: int, *, dimmed: bool) -> Iterator[Row]:
        for node in reversed(tuple(nodes)):
            folded = node.id in self._folded
            edited, stale = node.id == self._edited, node.id in self._stale
            yield Row(node, depth, dimmed, folded, stale, edited)
            if isinstance(node, Branch) and not folded:
                hidden = dimmed or not node.group.visible
                yield from self._rows_of(node.members, depth + 1, dimmed=hidden)

    def _picture(self, row: Row | None, role: int) -> QImage | None:
        document = self._workspace.document
        if document is None or (row is not None and row.layer is None):
            return None
        if role == KEEP:
            keep = None if row is None or row.layer is None else row.layer.keep
            return None if keep is None else self._thumbnails.of_mask(keep)
        layer = None if row is None else row.layer
        return self._thumbnails.of(document.photo if layer is None else layer.patch)

    def _tip(self, row: Row | None) -> str:
        if row is None:
            return say(PHOTO_TIP)
        return say(GROUP_TIP) if row.layer is None else details(row.layer, stale=row.stale)

    def _subtitle(self, row: Row | None) -> str:
        if row is not None:
            return facts_line(row.node, edited=row.edited, stale=row.stale)
        document = self._workspace.document
        return "" if document is None else describe_pixels(document.photo)


def _holds(node: Node, id: int) -> bool:
    if isinstance(node, Layer):
        return False
    return any(member.id == id or _holds(member, id) for member in node.members)
