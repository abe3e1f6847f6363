"""The Layers panel: every fill, with what can be done to it."""

from dataclasses import replace

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.document.change import Change
from inpaint_studio.document.commands import ReplaceLayer
from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.panels.layer_delegate import LayerDelegate
from inpaint_studio.ui.panels.layer_model import LayerModel
from inpaint_studio.ui.workspace import Workspace


class LayerList(QListView):
    """Space shows or hides, Delete deletes, F2 or a double-click renames, dragging reorders."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setAccessibleName(self.tr("Layers"))
        self.setMinimumHeight(86)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)

    def sizeHint(self) -> QSize:
        return QSize(200, 124)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wanted = {Qt.Key.Key_Space: "layer_toggle", Qt.Key.Key_Delete: "layer_delete"}
        action_id = wanted.get(Qt.Key(event.key()))
        if action_id is None:
            super().keyPressEvent(event)
        else:
            self._actions[action_id].trigger()


class LayersPanel(QWidget):
    """The list, the opacity of the chosen layer, and buttons for what the menu has too."""

    def __init__(
        self, workspace: Workspace, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._dragging = False
        self._following = False
        self.model = LayerModel(workspace, self)
        self.delegate = LayerDelegate(self)
        self.list = LayerList(actions)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.delegate)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setMaximum(100)
        self.opacity.setAccessibleName(self.tr("Opacity of the layer"))
        self.opacity.setToolTip(self.tr("Opacity of the chosen layer"))
        self.share = QLabel()
        self.share.setMinimumWidth(36)
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._lay_out(actions)
        self._connect()
        self.refresh()

    def load_icons(self) -> None:
        self.delegate.load_icons()
        self.list.viewport().update()

    def refresh(self) -> None:
        """Show the document's layers as they are."""
        self.model.refresh()
        self._show_active()

    def rename_active(self) -> None:
        """Open the editor on the chosen layer's name."""
        index = self._active_index()
        if index.isValid():
            self.list.setFocus()
            self.list.edit(index)

    def toggle_active(self) -> None:
        self.model.toggle(self._active_index().row())

    def _lay_out(self, actions: Actions) -> None:
        caption = QLabel(self.tr("O&pacity"))
        caption.setBuddy(self.opacity)
        opacity = QHBoxLayout()
        opacity.setSpacing(8)
        opacity.addWidget(caption)
        opacity.addWidget(self.opacity, 1)
        opacity.addWidget(self.share)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for action_id in ("layer_up", "layer_down", "layer_delete"):
            button = QToolButton()
            button.setDefaultAction(actions[action_id])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAccessibleName(actions[action_id].text().replace("&", ""))
            buttons.addWidget(button)
        opacity.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 8)
        layout.setSpacing(5)
        layout.addWidget(self.list, 1)
        layout.addLayout(opacity)

    def _connect(self) -> None:
        self._workspace.opened.connect(self.refresh)
        self._workspace.closed.connect(self.refresh)
        self._workspace.changed.connect(self._follow)
        self._workspace.active_layer_changed.connect(self._show_active)
        self.delegate.eye_clicked.connect(self.model.toggle)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.opacity.sliderPressed.connect(lambda: setattr(self, "_dragging", False))
        self.opacity.valueChanged.connect(self._set_opacity)

    def _follow(self, change: Change) -> None:
        if change.kind == "layers":
            self.refresh()

    def _choose(self, current: QModelIndex) -> None:
        layer = self.model.layer_at(current.row())
        if layer is not None and not self._following:
            self._workspace.set_active_layer(layer.id)

    def _active_index(self) -> QModelIndex:
        layer = self._workspace.active_layer
        return QModelIndex() if layer is None else self.model.index(self.model.row_of(layer.id))

    def _show_active(self) -> None:
        layer = self._workspace.active_layer
        self._following = True
        self.list.setCurrentIndex(self._active_index())
        self._following = False
        self.opacity.setEnabled(layer is not None)
        percent = 100 if layer is None else round(layer.opacity * 100)
        self.opacity.blockSignals(True)
        self.opacity.setValue(percent)
        self.opacity.blockSignals(False)
        self.share.setText("" if layer is None else f"{percent} %")

    def _set_opacity(self, percent: int) -> None:
        """One undo step per drag; a step per key press."""
        layer = self._workspace.active_layer
        if layer is None or round(layer.opacity * 100) == percent:
            return
        title = self.tr("Opacity of {0}").format(layer.name)
        merge = self._dragging and self.opacity.isSliderDown()
        self._dragging = self.opacity.isSliderDown()
        command = ReplaceLayer(replace(layer, opacity=percent / 100), title)
        self._workspace.push(command, merge=merge)
