"""The list of the Layers panel: keys, clicks, what is selected, its context menu."""

from collections.abc import Iterable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from inpaint_studio.ui.action_table.layer import MENU
from inpaint_studio.ui.action_table.spec import SEPARATOR
from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.panels.layer_delegate import part_at
from inpaint_studio.ui.panels.layer_model import ROW, LayerModel, Row

_KEYS = {
    Qt.Key.Key_Space: "layer_toggle",
    Qt.Key.Key_Delete: "layer_delete",
    Qt.Key.Key_Return: "fill_edit",
    Qt.Key.Key_Enter: "fill_edit",
}


class LayerList(QListView):
    """Space shows or hides, Delete deletes, Return or a double-click edits a fill (and renames what
    is none), F2 renames, Left and Right fold groups, dragging reorders, Ctrl and Shift select more.
    """

    selection_changed = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setAccessibleName(self.tr("Layers"))
        self.setAccessibleDescription(
            self.tr("Space shows or hides, Delete deletes, Return fills again, F2 renames")
        )
        self.setMinimumHeight(126)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def sizeHint(self) -> QSize:
        return QSize(200, 166)

    def selected_ids(self) -> list[int]:
        """The layers and groups that are selected, topmost first."""
        found = [self._row(index) for index in self.selectedIndexes()]
        rows = [row for row in found if row is not None]
        return [row.id for row in sorted(rows, key=lambda row: self._model().row_of(row.id))]

    def select_also(self, ids: Iterable[int]) -> None:
        """Select these too, as far as they are shown."""
        flag = QItemSelectionModel.SelectionFlag.Select
        for row in (self._model().row_of(id) for id in ids):
            if row >= 0:
                self.selectionModel().select(self._model().index(row), flag)

    def select_only(self, ids: Iterable[int]) -> None:
        """Select these and nothing else; which of them is the current one stays."""
        self.selectionModel().clearSelection()
        self.select_also(ids)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selection_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action_id = _KEYS.get(Qt.Key(event.key()))
        row = self._row(self.currentIndex())
        if action_id is not None:
            self._actions[action_id].trigger()
        elif row is not None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._fold(row, event.key() == Qt.Key.Key_Left)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A Ctrl+click may have taken the current layer out of what is selected: go to another."""
        super().mouseReleaseEvent(event)
        selected, selection = self.selectedIndexes(), self.selectionModel()
        if selected and self.currentIndex() not in selected:
            top = min(selected, key=lambda index: index.row())
            selection.setCurrentIndex(top, QItemSelectionModel.SelectionFlag.NoUpdate)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        row = self._row(index)
        if row is None or part_at(self.visualRect(index), row, at):
            super().mouseDoubleClickEvent(event)
        elif row.layer is not None and row.layer.recipe is not None:
            self._actions["fill_edit"].trigger()
        else:
            self.edit(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._row(self.indexAt(event.pos())) is None:
            return
        menu = self.make_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def make_menu(self) -> QMenu:
        """What can be done to the chosen layer."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for name in MENU[1]:
            if name == SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(self._actions[name])
        return menu

    def _model(self) -> LayerModel:
        model = self.model()
        assert isinstance(model, LayerModel)
        return model

    def _row(self, index: QModelIndex) -> Row | None:
        return index.data(ROW) if index.isValid() else None

    def _fold(self, row: Row, folded: bool) -> None:
        if row.group is not None and row.folded != folded:
            self._model().fold(row.id, folded)
