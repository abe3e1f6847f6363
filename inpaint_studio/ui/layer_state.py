"""Which actions of the Layer menu make sense just now, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.document import arrange
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pile import Branch, is_shown, layers_of
from inpaint_studio.ui.layer_merging import nodes_to_merge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inpaint_studio.document.document import Document
    from inpaint_studio.document.pile import Node
    from inpaint_studio.ui.actions import Actions
    from inpaint_studio.ui.workspace import Workspace

ALL = (
    *("layer_rename", "layer_toggle", "layer_lock", "layer_duplicate", "layer_delete"),
    *("layer_group", "layer_ungroup", "layer_up", "layer_down", "layer_plain"),
    *("layer_mask", "layer_mask_delete", "layer_merge_down", "layer_merge_visible"),
    *("layer_flatten", "fill_edit", "fill_again"),
)


class LayerState(QObject):
    """Enables the actions again whenever the layers, or which of them is chosen, change."""

    def __init__(
        self,
        workspace: Workspace,
        actions: Actions,
        selected: Callable[[Document], Sequence[int]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._actions = actions
        self._selected = selected
        workspace.history_changed.connect(self.show)
        workspace.active_layer_changed.connect(self.show)
        self.show()

    def show(self) -> None:
        document = self._workspace.document
        chosen = self._workspace.active_group or self._workspace.active_layer
        if document is None or chosen is None:
            no_photo = self.tr("Open a photo first.")
            no_layer = self.tr("There is no layer yet: paint a mask and press Fill.")
            self._actions.enable(ALL, False, why_not=no_photo if document is None else no_layer)
            self._actions["layer_lock"].setChecked(False)
            return
        found = arrange.node(document, chosen.id)
        self._actions.enable(("layer_rename", "layer_toggle", "layer_duplicate"), True)
        self._actions.enable(("layer_group",), True)
        self._show_place(document, found)
        self._show_merging(document, found)
        self._show_layer(found if isinstance(found, Layer) else None)

    def _show_place(self, document: Document, found: Node) -> None:
        locked = self._locked(found)
        self._enable("layer_delete", locked)
        top = "" if arrange.step(document, found.id, 1) else self.tr("It is the topmost.")
        low = "" if arrange.step(document, found.id, -1) else self.tr("It is the lowest.")
        self._enable("layer_up", locked or top)
        self._enable("layer_down", locked or low)
        grouped = isinstance(found, Branch) or found.group is not None
        self._enable("layer_ungroup", "" if grouped else self.tr("It lies in no group."))

    def _show_merging(self, document: Document, found: Node) -> None:
        self._enable("layer_merge_down", self._why_not_merged(document))
        shown = [layer for layer in document.layers if is_shown(layer, document.groups)]
        few = self.tr("There are not two visible layers.")
        locked = self.tr("One of the layers is locked.")
        why = few if len(shown) < 2 else locked if any(x.locked for x in shown) else ""
        self._enable("layer_merge_visible", why)
        few = self.tr("There is only one layer.")
        why = few if len(document.layers) < 2 else ""
        why = why or (locked if any(layer.locked for layer in document.layers) else "")
        self._enable("layer_flatten", why)

    def _why_not_merged(self, document: Document) -> str:
        ids = self._selected(document)
        nodes = nodes_to_merge(document, ids)
        if not nodes and len(ids) > 1:
            return self.tr("The selected layers do not lie next to each other.")
        if not nodes:
            return self.tr("There is no layer below it.")
        if len(ids) == 1 and len(nodes) > 1 and isinstance(nodes[0], Branch):
            return self.tr("Below it lies a group: merge that into one layer first.")
        if not all(is_shown(layer, document.groups) for layer in layers_of(nodes)):
            return self.tr("One of the layers is hidden.")
        return next((why for node in nodes if (why := self._locked(node))), "")

    def _show_layer(self, layer: Layer | None) -> None:
        """What is about one layer's pixels."""
        names = ("layer_lock", "layer_plain", "layer_mask", "layer_mask_delete")
        names = (*names, "fill_edit", "fill_again")
        self._actions["layer_lock"].setChecked(layer is not None and layer.locked)
        if layer is None:
            self._actions.enable(names, False, why_not=self.tr("A group is chosen, not a layer."))
            return
        locked = self._locked(layer)
        plain = self.tr("The layer does not know how it was filled.")
        plain = locked or ("" if layer.recipe is not None else plain)
        extras = (layer.recipe, layer.keep, layer.edges)
        is_plain = all(extra is None for extra in extras)
        self._enable("layer_lock", "")
        self._enable("layer_plain", locked or (self.tr("It is plain already.") if is_plain else ""))
        self._enable("layer_mask", locked)
        unmasked = self.tr("The layer has no mask.") if layer.keep is None else ""
        self._enable("layer_mask_delete", locked or unmasked)
        self._enable("fill_edit", plain)
        self._enable("fill_again", plain)

    def _locked(self, node: Node) -> str:
        locked = any(layer.locked for layer in layers_of((node,)))
        return self.tr("The layer is locked.") if locked else ""

    def _enable(self, action: str, why_not: str) -> None:
        self._actions.enable((action,), not why_not, why_not=why_not)
