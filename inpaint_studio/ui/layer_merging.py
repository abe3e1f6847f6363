"""Makes one layer of several, off the window's thread."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.document import arrange
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.merging import Merging, merged_provenance
from inpaint_studio.document.pile import (
    Branch,
    below,
    is_shown,
    layers_of,
    overlays,
    path_to,
    tree,
)
from inpaint_studio.ui.jobs import run_in_background

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inpaint_studio.document.commands import Arrange
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.pile import Node
    from inpaint_studio.imaging.photo import Patch
    from inpaint_studio.ui.workspace import Workspace


class LayerMerging(QObject):
    """The picture stays as it is; what went into a layer is remembered in its record."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace

    def merge(self, ids: Sequence[int]) -> None:
        """One layer of several that lie next to each other, of all in a group, or of a layer and
        the next below it."""
        document = self._workspace.document
        nodes = () if document is None else nodes_to_merge(document, ids)
        if document is None or not nodes:
            return
        top = nodes[-1]
        if len(ids) > 1:
            title = self.tr("Merge {0} layers").format(len(nodes))
            self._merge(document, nodes, top.name, title)
        elif isinstance(top, Branch):
            self._merge(document, nodes, top.name, self.tr("Merge {0}").format(top.name))
        else:
            title = self.tr("Merge {0} down").format(top.name)
            self._merge(document, nodes, nodes[0].name, title)

    def merge_visible(self) -> None:
        document = self._workspace.document
        if document is not None:
            shown = [layer for layer in document.layers if is_shown(layer, document.groups)]
            self._merge_all(document, shown, self.tr("Merged"), self.tr("Merge visible"))

    def flatten(self) -> None:
        document = self._workspace.document
        if document is not None:
            title = self.tr("Flatten layers")
            self._merge_all(document, document.layers, self.tr("Flattened"), title)

    def _merge(self, document: Document, nodes: Sequence[Node], name: str, title: str) -> None:
        """Neighbours become one layer that looks the same on what lies below them."""
        first = next(iter(layers_of(nodes)))
        holders = path_to(first.group, document.groups)
        if isinstance(nodes[0], Branch):
            holders = path_to(nodes[0].group.parent, document.groups)
        whole = [
            replace(group, opacity=1.0) if group in holders else group for group in document.groups
        ]
        under = overlays(tree(below(document.layers, first.id), whole))
        merging = Merging(document.photo, under, overlays(nodes))
        self._run(document, merging, lambda patch: _in_place(document, nodes, patch, name, title))

    def _merge_all(
        self, document: Document, layers: Sequence[Layer], name: str, title: str
    ) -> None:
        """These layers, which hold all that is seen, become one on the photo itself."""
        merging = Merging(document.photo, (), document.overlays())
        self._run(document, merging, lambda patch: _on_photo(document, layers, patch, name, title))

    def _run(
        self, document: Document, merging: Merging, make: Callable[[Patch | None], Arrange]
    ) -> None:
        state = document.history.state
        self._workspace.busy_changed.emit(self.tr("Merging layers…"))

        def finish(patch: Patch | None) -> None:
            self._workspace.busy_changed.emit("")
            if document is not self._workspace.document:
                return
            if document.history.state != state:
                self._workspace.problem.emit(
                    self.tr("The layers were changed meanwhile, so nothing was merged: try again.")
                )
            else:
                self._workspace.set_active_layer(None)
                self._workspace.push(make(patch))

        run_in_background(self, merging.patch, on_done=finish, on_problem=self._fail)

    def _fail(self, sentence: str) -> None:
        self._workspace.busy_changed.emit("")
        self._workspace.problem.emit(sentence)


def nodes_to_merge(document: Document, ids: Sequence[int]) -> tuple[Node, ...]:
    """What becomes one layer when these are to be merged, bottom first; empty if it cannot be."""
    if len(ids) > 1:
        return arrange.neighbours(document, ids)
    around, place = arrange.siblings(document, ids[0])
    if isinstance(around[place], Branch):
        return (around[place],)
    return around[place - 1 : place + 1] if place > 0 else ()


def _in_place(
    document: Document, nodes: Sequence[Node], patch: Patch | None, name: str, title: str
) -> Arrange:
    ids = [node.id for node in nodes]
    if patch is None:
        return arrange.remove(document, ids, title=title)
    made = _made(document, list(layers_of(nodes)), patch, name)
    return arrange.exchange(document, ids, made, title=title)


def _on_photo(
    document: Document, layers: Sequence[Layer], patch: Patch | None, name: str, title: str
) -> Arrange:
    ids = [layer.id for layer in layers]
    if patch is None:
        return arrange.remove(document, ids, title=title)
    made = _made(document, layers, patch, name)
    return arrange.exchange_on_photo(document, ids, made, title=title)


def _made(document: Document, layers: Sequence[Layer], patch: Patch, name: str) -> Layer:
    record = merged_provenance(layers)
    return Layer.from_patch(patch, id=document.new_layer_id(), name=name, provenance=record)
