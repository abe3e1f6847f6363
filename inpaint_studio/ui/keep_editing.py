"""Painting a layer's mask: the brush hides the layer, the eraser brings it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer

from inpaint_studio.document.commands import PaintKeep, ReplaceLayer
from inpaint_studio.document.pile import overlays, tree
from inpaint_studio.document.pixels import TileDelta
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box

if TYPE_CHECKING:
    from inpaint_studio.document.change import Change
    from inpaint_studio.document.commands import PaintMask
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.main_window import MainWindow

TOOLS: Final = ("brush", "eraser", "lasso", "polygon", "hand")
"""Those that can paint a layer's mask; choosing another one leaves it."""
_FRAME_MS = 25


class KeepEditing(QObject):
    """Lends the canvas's tools another canvas: the photo's size, 255 where the layer is hidden.

    The picture follows while a stroke is drawn. A stroke becomes a step of the layer, not of the
    document's mask, which waits unchanged.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._canvas = window.canvas
        self._bar = window.mode_bar
        self._layer: Layer | None = None
        self._hidden: Coverage = np.zeros((0, 0), np.uint8)
        self._touched = EMPTY_BOX
        self._frame = QTimer(self, singleShot=True, interval=_FRAME_MS)
        self._frame.timeout.connect(self._preview)
        window.commands.connect_all({"layer_mask": self.toggle})
        window.column.layers.part_clicked.connect(self._click)
        self._canvas.painting.touched.connect(self._follow_stroke)
        self._canvas.tool_changed.connect(self._follow_tool)
        self._workspace.changed.connect(self._follow)
        self._workspace.opened.connect(self._forget)
        self._workspace.closed.connect(self._forget)

    @property
    def is_on(self) -> bool:
        """Whether a layer's mask is being painted."""
        return self._layer is not None

    def toggle(self) -> None:
        """Begin to paint the chosen layer's mask, which is made if it has none; or leave it."""
        self._bar.leave() if self.is_on else self.begin()
        self._window.commands["layer_mask"].setChecked(self.is_on)

    def begin(self) -> None:
        """Paint the chosen layer's mask, which is made if it has none."""
        document, layer = self._workspace.document, self._workspace.active_layer
        self._bar.leave()
        if document is not None and layer is not None and not layer.locked:
            self._begin(document, layer)

    def leave(self) -> None:
        """Put the document's own mask back."""
        document = self._workspace.document
        if self._layer is None or document is None:
            return
        self._canvas.settle()
        self._end()
        self._canvas.painting.set_canvas(document.mask)

    def hide_all(self) -> None:
        """Hide all of the layer, to bring parts of it back."""
        self._fill(255, self.tr("Hide all of {0}"))

    def show_all(self) -> None:
        self._fill(0, self.tr("Show all of {0}"))

    def _begin(self, document: Document, layer: Layer) -> None:
        self._window.parts.edges.leave()
        self._canvas.settle()
        if layer.keep is None:
            keep = np.full(layer.box.size, 255, np.uint8)
            title = self.tr("Add a mask to {0}").format(layer.name)
            layer = replace(layer, keep=keep)
            self._workspace.push(ReplaceLayer(layer, title))
        self._layer = layer
        self._hidden = np.zeros(document.size, np.uint8)
        self._take_box(layer, layer.box)
        self._canvas.painting.set_canvas(self._hidden, land=self._land)
        self._canvas.scene.mask_suspended = True
        if self._canvas.tool not in TOOLS:
            self._canvas.set_tool("brush")
        about = self.tr("Painting the mask of {0} — the brush hides, the eraser brings back")
        self._bar.begin(layer.name, about, leave=self.leave, leave_text=self.tr("Done"))
        tip = self.tr("Hide all of the layer; then bring back what is good with the eraser")
        self._bar.add_button(self.tr("Hide All"), self.hide_all, tip=tip)
        tip = self.tr("Show all of the layer; then hide what is not good with the brush")
        self._bar.add_button(self.tr("Show All"), self.show_all, tip=tip)
        self._window.column.layers.model.show_edited(layer.id)
        self._window.commands["layer_mask"].setChecked(True)
        self._canvas.update()
        self._canvas.setFocus()

    def _end(self) -> None:
        self._layer = None
        self._hidden = np.zeros((0, 0), np.uint8)
        self._frame.stop()
        self._touched = EMPTY_BOX
        self._canvas.scene.mask_suspended = False
        self._canvas.update()
        self._bar.end()
        self._window.column.layers.model.show_edited(None)
        self._window.commands["layer_mask"].setChecked(False)

    def _forget(self) -> None:
        """Another document is there; the canvas paints its mask already."""
        if self.is_on:
            self._end()

    # The mask as the tools paint it

    def _take_box(self, layer: Layer, box: Box) -> None:
        """The layer's mask inside a box, on the canvas of the photo's size."""
        if layer.keep is not None:
            here, there = self._places(layer, box)
            np.subtract(255, layer.keep[there.slices], out=self._hidden[here.slices])

    def _painted(self, layer: Layer, box: Box) -> Coverage | None:
        """The layer's mask with what was painted inside `box`; None where that is nothing."""
        here, there = self._places(layer, box)
        if layer.keep is None or here.is_empty:
            return None
        keep = layer.keep.copy()
        np.subtract(255, self._hidden[here.slices], out=keep[there.slices])
        return keep

    def _places(self, layer: Layer, box: Box) -> tuple[Box, Box]:
        """Where a box lies on the canvas, and on the layer, as far as both have it."""
        here = box.intersect(layer.box).intersect(_box(self._hidden))
        return here, here.relative_to(layer.box.origin)

    def _land(self, stroke: PaintMask) -> None:
        layer = self._layer
        if layer is None:
            return
        self._frame.stop()
        self._touched = EMPTY_BOX
        self._push(layer, stroke.delta.box)

    def _fill(self, value: int, title: str) -> None:
        layer = self._layer
        if layer is not None:
            self._canvas.settle()
            self._hidden[:] = value
            self._push(layer, layer.box, title)

    def _push(self, layer: Layer, box: Box, title: str = "") -> None:
        """Make what is painted inside `box` a step; without a title it is called after the sense
        of most of what changed."""
        keep = self._painted(layer, box)
        if keep is None or layer.keep is None:
            return
        _, there = self._places(layer, box)
        delta = TileDelta.capture(layer.keep, keep, within=there)
        if delta.is_empty:
            return
        if not title:
            more = keep[there.slices].mean() > layer.keep[there.slices].mean()
            title = self.tr("Show part of {0}") if more else self.tr("Hide part of {0}")
        self._workspace.push(PaintKeep(layer.id, delta, title.format(layer.name)))

    # Following

    def _follow_stroke(self, box: Box) -> None:
        if self._layer is not None:
            self._touched = self._touched.union(box)
            if not self._frame.isActive():
                self._frame.start()

    def _preview(self) -> None:
        """Show the picture with what has been painted so far."""
        document, layer = self._workspace.document, self._layer
        box, self._touched = self._touched, EMPTY_BOX
        keep = None if layer is None else self._painted(layer, layer.box)
        if document is None or layer is None or keep is None:
            return
        painted = replace(layer, keep=keep)
        layers = [painted if other.id == layer.id else other for other in document.layers]
        self._canvas.scene.show_overlays(overlays(tree(layers, document.groups)), box)

    def _follow(self, change: Change) -> None:
        """A step was made or undone: the layer may be another one now, or be gone."""
        document, known = self._workspace.document, self._layer
        if known is None or document is None or change.kind != "layers":
            return
        found = next((layer for layer in document.layers if layer.id == known.id), None)
        if found is None or found.keep is None or found.locked:
            self.leave()
            return
        self._layer = found
        if found.keep is not known.keep:
            same = found.box == known.box
            self._take_box(found, change.box) if same else self._take_anew(found)

    def _take_anew(self, layer: Layer) -> None:
        self._hidden[:] = 0
        self._take_box(layer, layer.box)

    def _follow_tool(self, tool: str) -> None:
        if tool not in TOOLS:
            self.leave()

    def _click(self, part: str, id: int) -> None:
        if part == "mask":
            self._workspace.set_active_layer(id)
            if self._layer is None or self._layer.id != id:
                self._bar.leave()
            self.toggle()


def _box(canvas: Coverage) -> Box:
    return Box(0, 0, canvas.shape[0], canvas.shape[1])
