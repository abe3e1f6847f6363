"""Compares two of original, current and any layer on the canvas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout

from inpaint_studio.imaging.composite import Overlay
from inpaint_studio.ui.canvas.picture import PictureSource
from inpaint_studio.ui.compare_bar import CompareBar, Side
from inpaint_studio.ui.tab_order import reach_bar_after

if TYPE_CHECKING:
    from inpaint_studio.document.change import Change
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.geometry import Box
    from inpaint_studio.ui.canvas.comparison import CompareMode
    from inpaint_studio.ui.main_window import MainWindow


class Comparing(QObject):
    """Keeps the bar, the actions and the canvas's comparison in step."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._workspace = window.workspace
        self._canvas = window.canvas
        self._actions = window.commands
        self.bar = CompareBar()
        self.bar.hide()
        middle = window.messages.parentWidget()
        layout = middle.layout() if middle is not None else None
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(layout.indexOf(window.messages) + 1, self.bar)
            reach_bar_after(window.mode_bar, self.bar)
        self.bar.changed.connect(self._show_all)
        self.bar.closed.connect(self.end)
        window.commands.connect_all(
            {"compare": self.toggle, "compare_difference": self.toggle_difference}
        )
        window.workspace.changed.connect(self._follow)
        window.workspace.opened.connect(self.end)
        window.workspace.closed.connect(self.end)

    @property
    def is_on(self) -> bool:
        return self._canvas.scene.comparison.is_on

    def toggle(self) -> None:
        if self.is_on:
            self.end()
        else:
            self.start("split")

    def toggle_difference(self) -> None:
        if self.is_on and self.bar.chosen_mode == "difference":
            self.end()
        else:
            self.start("difference")

    def start(self, mode: CompareMode) -> None:
        """Compare what was compared last, or the original with what there is now."""
        if self._workspace.document is None:
            return
        self._canvas.settle()
        self._canvas.cancel()
        self._offer()
        self.bar.choose_mode(mode)
        self.bar.show()
        self._actions["compare"].setChecked(True)
        self._show_all()

    def end(self) -> None:
        """Show the picture as it is now."""
        self._actions["compare"].setChecked(False)
        self.bar.hide()
        if self.is_on:
            self._canvas.scene.comparison.end()

    def _offer(self) -> None:
        document = self._workspace.document
        layers = () if document is None else reversed(document.layers)
        self.bar.offer(
            [
                (self.tr("Original"), "original"),
                (self.tr("Current"), "current"),
                *((layer.name, layer.id) for layer in layers),
            ]
        )

    def _follow(self, change: Change) -> None:
        if self.is_on and change.kind == "layers":
            self._offer()
            self._show(change.box)

    def _show_all(self) -> None:
        self._show(None)

    def _show(self, box: Box | None) -> None:
        first, second = (self._source(side) for side in self.bar.sides)
        if first is None or second is None:
            self.end()
            return
        mode = self.bar.chosen_mode
        comparison = self._canvas.scene.comparison
        comparison.names = self.bar.names
        if mode == "difference":
            second = replace(second, against=first, gain=self.bar.amplification)
            comparison.names = (
                self.bar.names[0],
                self.tr("Difference ×{0}").format(self.bar.amplification),
            )
        comparison.show(first, second, mode=mode, box=box)
        self._canvas.request_tiles()

    def _source(self, side: Side) -> PictureSource | None:
        """What a side shows, None where there is nothing any more."""
        source, document = self._canvas.scene.store.source, self._workspace.document
        if source is None or document is None or side == "current":
            return source
        if side == "original":
            return replace(source, layers=())
        chosen = next((layer for layer in document.layers if layer.id == side), None)
        return None if chosen is None else self._alone(chosen)

    def _alone(self, layer: Layer) -> PictureSource | None:
        """The photo with one layer, which may be hidden otherwise."""
        overlay = Overlay(layer.patch, layer.opacity, layer.blend, layer.keep)
        return self._canvas.scene.picture_of((overlay,))
