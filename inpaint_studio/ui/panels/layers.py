"""The Layers panel: every fill, how it lies over the photo, and what can be done to it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.document import arrange
from inpaint_studio.document.change import Change
from inpaint_studio.document.commands import ReplaceLayer
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.imaging.blend import BLENDS
from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.panels.empty import EmptyHint
from inpaint_studio.ui.panels.fields import ElidedCombo
from inpaint_studio.ui.panels.layer_delegate import LayerDelegate
from inpaint_studio.ui.panels.layer_facts import BLEND_TIPS, BLEND_TITLES, say
from inpaint_studio.ui.panels.layer_list import LayerList
from inpaint_studio.ui.panels.layer_model import LayerModel
from inpaint_studio.ui.workspace import Workspace

BUTTONS = ("fill_edit", "layer_mask", "layer_lock", "layer_group", "layer_duplicate")
PLACES = ("layer_up", "layer_down", "layer_delete")


class LayersPanel(QWidget):
    """Blend and opacity of what is chosen, the list, and buttons for what the menu has too."""

    part_clicked = Signal(str, int)
    """A part of a row that is about more than the layers: "mask" or "stale", and the layer."""

    def __init__(
        self, workspace: Workspace, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._dragging = False
        self._following = False
        self._choosing = False
        self._selected: Sequence[int] = ()
        self.model = LayerModel(workspace, self)
        self.delegate = LayerDelegate(self)
        self.list = LayerList(actions)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.delegate)
        self.empty = EmptyHint(self.list, self.tr("Each fill becomes a layer over the photo."))
        self.blend = self._make_blend()
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setMaximum(100)
        self.opacity.setAccessibleName(self.tr("Opacity of the layer"))
        self.opacity.setToolTip(self.tr("Opacity of the chosen layer or group"))
        self.share = QLabel()
        self.share.setMinimumWidth(self.share.fontMetrics().horizontalAdvance("100 %") + 4)
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.stale = QPushButton()
        self.stale.setAutoDefault(False)
        self.stale.clicked.connect(actions["fill_again_all"].trigger)
        self.stale.hide()
        self._lay_out(actions)
        self._connect()
        self.refresh()

    def load_icons(self) -> None:
        self.delegate.load_icons()
        self.list.viewport().update()

    def refresh(self) -> None:
        """Show the document's layers as they are."""
        self.model.refresh()
        self.empty.setVisible(self.model.rowCount() == 0)
        self._show_active()

    def show_stale(self, ids: Collection[int], *, tip: str) -> None:
        """Mark these layers as out of date, and offer to run them again."""
        self.model.show_stale(ids)
        many = self.tr("Run {0} Out-of-Date Fills").format(len(ids))
        self.stale.setText(self.tr("Run Out-of-Date Fill") if len(ids) == 1 else many)
        self.stale.setToolTip(tip)
        self.stale.setVisible(bool(ids))

    def rename_active(self) -> None:
        """Open the editor on the chosen layer's name."""
        index = self._active_index()
        if index.isValid() and self.list.state() != QListView.State.EditingState:
            self.list.setFocus()
            self.list.edit(index)

    def _make_blend(self) -> ElidedCombo:
        combo = ElidedCombo()
        combo.setAccessibleName(self.tr("Blend mode"))
        for blend in BLENDS:
            combo.addItem(say(BLEND_TITLES[blend]), blend)
            combo.setItemData(
                combo.count() - 1, say(BLEND_TIPS[blend]), Qt.ItemDataRole.ToolTipRole
            )
        return combo

    def _lay_out(self, actions: Actions) -> None:
        how = QHBoxLayout()
        how.setSpacing(8)
        how.addWidget(self.blend)
        how.addWidget(self.opacity, 1)
        how.addWidget(self.share)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for action_id in BUTTONS:
            buttons.addWidget(_button(actions, action_id))
        buttons.addStretch(1)
        for action_id in PLACES:
            buttons.addWidget(_button(actions, action_id))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 6)
        layout.setSpacing(5)
        layout.addLayout(how)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.stale)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self._workspace.opened.connect(self.refresh)
        self._workspace.closed.connect(self.refresh)
        self._workspace.changed.connect(self._follow)
        self._workspace.active_layer_changed.connect(self._show_active)
        self.model.modelAboutToBeReset.connect(self._keep_selection)
        self.model.reset_done.connect(self._show_active)
        self.delegate.part_clicked.connect(self._click)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.opacity.sliderPressed.connect(lambda: setattr(self, "_dragging", False))
        self.opacity.valueChanged.connect(self._set_opacity)
        self.blend.activated.connect(self._set_blend)

    def _keep_selection(self) -> None:
        """A model that is reset loses it."""
        self._selected = self.list.selected_ids()

    def _follow(self, change: Change) -> None:
        if change.kind == "layers":
            self.refresh()

    def _click(self, part: str, id: int) -> None:
        simple = {"eye": self.model.toggle, "lock": self.model.toggle_lock, "fold": self.model.fold}
        if part in simple:
            simple[part](id)
        else:
            self.part_clicked.emit(part, id)

    def _choose(self, current: QModelIndex) -> None:
        """Take over what the list is at; what is selected in it is the list's own matter."""
        row = self.model.row_at(current.row())
        if row is not None and not self._following:
            self._choosing = True
            self._workspace.set_active_layer(row.id)
            self._choosing = False

    def _active(self) -> Layer | Group | None:
        return self._workspace.active_group or self._workspace.active_layer

    def _active_index(self) -> QModelIndex:
        active = self._active()
        return QModelIndex() if active is None else self.model.index(self.model.row_of(active.id))

    def _show_active(self) -> None:
        active = self._active()
        if active is not None:
            self.model.reveal(active.id)
        self._following = True
        index = self._active_index()
        shown = self._choosing or self.list.selectionModel().isSelected(index)
        if index != self.list.currentIndex() or not shown:
            self.list.setCurrentIndex(index)
        if active is not None and active.id in self._selected:
            self.list.select_also(self._selected)
        self._selected = ()
        self._following = False
        self._show_blend(active)
        self.opacity.setEnabled(active is not None)
        percent = 100 if active is None else round(active.opacity * 100)
        self.opacity.blockSignals(True)
        self.opacity.setValue(percent)
        self.opacity.blockSignals(False)
        self.share.setText("" if active is None else f"{percent} %")

    def _show_blend(self, active: Layer | Group | None) -> None:
        layer = active if isinstance(active, Layer) else None
        self.blend.setEnabled(layer is not None)
        blend = "normal" if layer is None else layer.blend
        self.blend.setCurrentIndex(self.blend.findData(blend))
        tip = self.tr("How the layer meets what lies below: {0}").format(say(BLEND_TIPS[blend]))
        group = self.tr("The layers in a group have blend modes, the group itself has none")
        self.blend.setToolTip(group if isinstance(active, Group) else tip)

    def _set_blend(self, row: int) -> None:
        layer = self._workspace.active_layer
        blend = BLENDS[row]
        if layer is not None and layer.blend != blend:
            title = self.tr("{0}: blend {1}").format(layer.name, say(BLEND_TITLES[blend]))
            self._workspace.push(ReplaceLayer(replace(layer, blend=blend), title))

    def _set_opacity(self, percent: int) -> None:
        """One undo step per drag; a step per key press."""
        active, document = self._active(), self._workspace.document
        if active is None or document is None or round(active.opacity * 100) == percent:
            return
        title = self.tr("Opacity of {0}").format(active.name)
        merge = self._dragging and self.opacity.isSliderDown()
        self._dragging = self.opacity.isSliderDown()
        if isinstance(active, Layer):
            changed = replace(active, opacity=percent / 100)
            self._workspace.push(ReplaceLayer(changed, title), merge=merge)
            return
        group = replace(active, opacity=percent / 100)
        self._workspace.push(arrange.change_group(document, group, title), merge=merge)


def _button(actions: Actions, action_id: str) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(actions[action_id])
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(actions[action_id].text().replace("&", ""))
    return button
