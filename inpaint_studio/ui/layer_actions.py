"""What the Layer menu does to the chosen layers, and which of it makes sense just now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.document import arrange
from inpaint_studio.document.commands import ReplaceLayer
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pile import Branch, layers_of
from inpaint_studio.ui.layer_merging import LayerMerging
from inpaint_studio.ui.layer_state import LayerState
from inpaint_studio.ui.panels.layer_drop import step_together
from inpaint_studio.ui.try_again import TryAgain

if TYPE_CHECKING:
    from inpaint_studio.document.commands import Arrange
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.pile import Node
    from inpaint_studio.ui.main_window import MainWindow


class LayerActions(QObject):
    """Changes the chosen layer, the chosen group, or all that are selected in the panel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._workspace = window.workspace
        self._panel = window.column.layers
        self.merging = LayerMerging(window.workspace, self)
        self.state = LayerState(window.workspace, window.commands, self._ids, self)
        self._panel.list.selection_changed.connect(self.state.show)
        self.tries = TryAgain(window)
        window.commands.connect_all(
            {
                "layer_rename": self._panel.rename_active,
                "layer_toggle": self.toggle,
                "layer_lock": self.lock,
                "layer_duplicate": self.duplicate,
                "layer_delete": self.delete,
                "layer_group": self.group,
                "layer_ungroup": self.ungroup,
                "layer_up": self.move_up,
                "layer_down": self.move_down,
                "layer_plain": self.make_plain,
                "layer_mask_delete": self.delete_mask,
                "layer_merge_down": self.merge_down,
                "layer_merge_visible": self.merging.merge_visible,
                "layer_flatten": self.merging.flatten,
            }
        )

    def toggle(self) -> None:
        """Show or hide what is chosen, and all that is selected with it."""
        document, found = self._workspace.document, self._chosen()
        if document is None or found is None:
            return
        ids = self._ids(document)
        if len(ids) == 1:
            self._panel.model.toggle(found.id)
            return
        holder = found if isinstance(found, Layer) else found.group
        self._push(arrange.show(document, ids, shown=not holder.visible), found.id)

    def lock(self) -> None:
        found = self._chosen()
        if found is not None:
            self._panel.model.toggle_lock(found.id)

    def move_up(self) -> None:
        self._step(1)

    def move_down(self) -> None:
        self._step(-1)

    def delete(self) -> None:
        """The layer below is the chosen one then, or the one above where there is none."""
        document = self._workspace.document
        if document is None:
            return
        ids = [id for id in self._ids(document) if not _has_locked(arrange.node(document, id))]
        if not ids:
            return
        following = _next_to(document, ids[0])
        self._push(arrange.remove(document, ids), following)

    def duplicate(self) -> None:
        document, found = self._workspace.document, self._chosen()
        if document is not None and found is not None:
            copied = self.tr("{0} copy").format
            command, copies = arrange.duplicate(document, self._ids(document), name=copied)
            self._push(command, copies[-1])
            self._panel.list.select_only(copies)

    def merge_down(self) -> None:
        """One layer of all that are selected, of a group, or of a layer and the one below it."""
        document = self._workspace.document
        if document is not None and self._chosen() is not None:
            self.merging.merge(self._ids(document))

    def group(self) -> None:
        """Put what is selected into a new group, and begin to name it."""
        document = self._workspace.document
        ids = [] if document is None else self._ids(document)
        if document is None or not ids:
            return
        number = document.new_layer_id()
        name = self.tr("Group {0}").format(len(document.groups) + 1)
        self._push(arrange.group(document, ids, id=number, name=name), number)

    def ungroup(self) -> None:
        """Take apart the chosen group, or the one the chosen layer lies in."""
        document, found = self._workspace.document, self._chosen()
        if document is None or found is None:
            return
        group = found.id if isinstance(found, Branch) else found.group
        if group is not None:
            top = list(layers_of((arrange.node(document, group),)))[-1]
            self._push(arrange.ungroup(document, group), top.id)

    def make_plain(self) -> None:
        """Apply the mask and forget how the layer was filled; it looks the same."""
        layer = self._workspace.active_layer
        if layer is not None and not layer.locked:
            patch = replace(layer.patch, alpha=layer.coverage)
            plain = replace(layer, patch=patch, keep=None, recipe=None, edges=None)
            title = self.tr("Convert {0} to plain pixels").format(layer.name)
            self._workspace.push(ReplaceLayer(plain, title))

    def delete_mask(self) -> None:
        """Show all of the layer again."""
        layer = self._workspace.active_layer
        if layer is not None and layer.keep is not None and not layer.locked:
            title = self.tr("Delete mask of {0}").format(layer.name)
            self._workspace.push(ReplaceLayer(replace(layer, keep=None), title))

    def _chosen(self) -> Node | None:
        document = self._workspace.document
        chosen = self._workspace.active_group or self._workspace.active_layer
        return None if document is None or chosen is None else arrange.node(document, chosen.id)

    def _ids(self, document: Document) -> list[int]:
        """What is selected in the panel, with what is chosen: the topmost first."""
        chosen = self._chosen()
        selected = self._panel.list.selected_ids()
        if chosen is None or chosen.id in selected:
            return selected
        return [chosen.id]

    def _step(self, by: int) -> None:
        document, found = self._workspace.document, self._chosen()
        if document is None or found is None or _has_locked(found):
            return
        ids = self._ids(document)
        if len(ids) > 1 and not any(_has_locked(arrange.node(document, id)) for id in ids):
            command = step_together(document, ids, by)
        else:
            command = arrange.step(document, found.id, by)
        if command is not None:
            self._push(command, found.id)
        else:
            self._workspace.status.emit(self.tr("They cannot be moved further together."))

    def _push(self, command: Arrange, chosen: int | None) -> None:
        """Choose first: the panel then shows the right row as soon as the layers have changed."""
        self._workspace.set_active_layer(chosen)
        self._workspace.push(command)
        self._workspace.active_layer_changed.emit()


def _has_locked(node: Node) -> bool:
    return any(layer.locked for layer in layers_of((node,)))


def _next_to(document: Document, id: int) -> int | None:
    """What is chosen once `id` is gone: the next below it, else above, else where it lay."""
    around, place = arrange.siblings(document, id)
    others = [node for node in around if node.id != id]
    if others:
        return others[max(0, place - 1)].id
    return None
