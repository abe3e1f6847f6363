"""Compares fills in a grid: those there are of one mask, or those of several engines run for it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.document import arrange
from inpaint_studio.document.pile import overlays, tree
from inpaint_studio.imaging.composite import Overlay
from inpaint_studio.imaging.mask import hole_bounds
from inpaint_studio.ui.compare_grid import Candidate, CompareGrid
from inpaint_studio.ui.engine_runs import EngineRuns
from inpaint_studio.ui.fill_distance import same_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.geometry import Box
    from inpaint_studio.ui.canvas.picture import PictureSource
    from inpaint_studio.ui.fill_request import FillChoice
    from inpaint_studio.ui.main_window import MainWindow


class FillComparing(QObject):
    """Opens the grid and does with the candidates what was agreed on."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._scene = window.canvas.scene
        self.runs = EngineRuns(window.worker, window.library, self)
        self.grid: CompareGrid | None = None
        window.workspace.opened.connect(self._close)
        window.workspace.closed.connect(self._close)
        window.commands.connect_all(
            {"compare_fills": self.show_layers, "compare_engines": self.ask_engines}
        )

    def show_layers(self) -> None:
        """The layers that fill what the chosen layer fills, side by side."""
        document, active = self._workspace.document, self._workspace.active_layer
        if document is None:
            return
        rivals = [] if active is None else self._rivals(document, active)
        if len(rivals) < 2:
            sentence = self.tr(
                "There is only one fill here: fill the mask again, or compare engines."
            )
            self._workspace.status.emit(sentence)
            return
        source = self._with(document, None, rivals)
        if source is None:
            return
        grid = self._open(document, [layer.name for layer in rivals], source, rivals[0].box)
        for number, layer in enumerate(rivals):
            seconds = layer.provenance.seconds if layer.provenance is not None else 0.0
            shown = self._with(document, layer, rivals)
            grid.show_made(number, Candidate(layer.name, layer, seconds, shown))
        if active in rivals:
            grid.choose(rivals.index(active))
        grid.keep_others()
        grid.agreed.connect(self._keep_layers)
        grid.mixed.connect(partial(self._keep_layers, mix=True))

    def ask_engines(self) -> None:
        """Ask which engines to run on the mask."""
        from inpaint_studio.ui.dialogs.compare_engines import CompareEnginesDialog

        document = self._workspace.document
        if document is None:
            return
        self._window.canvas.settle()
        if not document.mask.any():
            sentence = self.tr("Paint over what should go first, then compare engines on it.")
            self._workspace.status.emit(sentence)
            return
        dialog = CompareEnginesDialog(
            self._window,
            self._window.library,
            like=self._window.filling.choice,
            chosen=self.run,
        )
        dialog.open()

    def run(self, choices: Sequence[FillChoice], names: Sequence[str]) -> None:
        """Run engines one after another on the mask and show the grid as they arrive."""
        document, source = self._workspace.document, self._scene.store.source
        if document is None or source is None or not choices:
            return
        grid = self._open(document, names, source, hole_bounds(document.mask))
        base = document.overlays()
        runs = self.runs

        def made(number: int, layer: Layer, seconds: float) -> None:
            over = (*base, Overlay(layer.patch))
            shown = self._scene.picture_of(over)
            layer = replace(layer, name=names[number])
            grid.show_made(number, Candidate(names[number], layer, seconds, shown))

        links = [
            runs.progressed.connect(grid.show_progress),
            runs.made.connect(made),
            runs.failed.connect(grid.show_failed),
            runs.finished.connect(lambda: grid.set_running(False)),
        ]
        grid.stop_requested.connect(runs.stop)
        grid.finished.connect(lambda: [runs.disconnect(link) for link in links])
        grid.agreed.connect(self._add_layers)
        grid.mixed.connect(partial(self._add_layers, mix=True))
        grid.set_running(True)
        runs.start(document, choices)

    def _open(
        self, document: Document, names: Sequence[str], base: PictureSource, hole: Box
    ) -> CompareGrid:
        self._close()
        grid = CompareGrid(self._window, names, base=base, size=document.size, hole=hole)
        grid.finished.connect(self._forget)
        grid.set_running(False)
        self.grid = grid
        grid.show()
        grid.place()
        return grid

    def _close(self) -> None:
        if self.grid is not None:
            self.grid.reject()

    def _forget(self) -> None:
        self.grid = None

    def _rivals(self, document: Document, active: Layer) -> list[Layer]:
        """The layers that fill what `active` fills, topmost first."""
        found = [layer for layer in document.layers if same_place(layer, active)]
        return found[::-1]

    def _with(
        self, document: Document, shown: Layer | None, rivals: Sequence[Layer]
    ) -> PictureSource | None:
        """The picture with one of the rivals only, or none of them."""
        layers = [
            replace(layer, visible=layer is shown) if layer in rivals else layer
            for layer in document.layers
        ]
        piled = overlays(tree(layers, document.groups))
        return self._scene.picture_of(piled)

    def _keep_layers(
        self,
        kept: Sequence[Candidate],
        left: Sequence[Candidate],
        hidden: bool,
        *,
        mix: bool = False,
    ) -> None:
        """Show the first of the layers that are kept (to `mix` them the second, too); hide or
        delete the others."""
        document = self._workspace.document
        if document is None:
            return
        there = [layer.id for layer in document.layers]
        wanted = [layer for layer in _layers(kept) if layer.id in there]
        others = [layer for layer in _layers(left) if layer.id in there]
        if not wanted or _layers(kept)[0].id not in there:
            return
        shown, more = (wanted, []) if mix else (wanted[:1], wanted[1:])
        gone = [] if hidden else [layer.id for layer in others if not layer.locked]
        aside = [layer.id for layer in (*more, *others) if layer.id not in gone]
        ids = [layer.id for layer in shown]
        title = self._title(self.tr("Keep {0}"), shown)
        self._workspace.set_active_layer(max(ids, key=there.index))
        self._workspace.push(arrange.choose(document, ids, hidden=aside, gone=gone, title=title))
        if mix:
            self._brush(shown)

    def _add_layers(
        self,
        kept: Sequence[Candidate],
        left: Sequence[Candidate],
        hidden: bool,
        *,
        mix: bool = False,
    ) -> None:
        """Put the first that is kept on top. The others come below it and hidden, but for the one
        that is to be brushed into it."""
        document = self._workspace.document
        (first, *more), others = _layers(kept), _layers(left)
        if document is None:
            return
        below, more = (more, []) if mix else ([], more)
        aside = [*(others if hidden else ()), *reversed(more)]
        layers = [*(replace(layer, visible=False) for layer in aside), *below, first]
        title = self._title(self.tr("Add {0}"), [first, *below])
        self._workspace.push(arrange.add(document, layers, title=title))
        self._workspace.set_active_layer(first.id)
        self._window.views.show_result()
        if mix:
            self._brush([first, *below])

    def _brush(self, layers: Sequence[Layer]) -> None:
        """Let the brush take away from the upper of two layers, so that the other shows there."""
        upper = self._workspace.active_layer
        lower = next((layer for layer in layers if upper is None or layer.id != upper.id), None)
        if upper is None or lower is None:
            return
        self._window.parts.keeps.begin()
        self._workspace.status.emit(
            self.tr("Where the brush hides “{0}”, “{1}” shows; the eraser takes it back.").format(
                upper.name, lower.name
            )
        )

    def _title(self, pattern: str, layers: Sequence[Layer]) -> str:
        return pattern.format(self.tr(" and ").join(layer.name for layer in layers))


def _layers(candidates: Sequence[Candidate]) -> list[Layer]:
    return [one.layer for one in candidates if one.layer is not None]
