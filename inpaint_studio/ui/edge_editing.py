"""Editing the edges of a fill on the photo, and filling again from what was drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec.structs import replace as replace_settings
from PySide6.QtCore import QObject, QTimer

from inpaint_studio.document.commands import ReplaceLayer
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.ui.edge_editing_board import EdgeBoard
from inpaint_studio.ui.fill_distance import covering
from inpaint_studio.ui.fill_request import FillChoice, FillOrder, FillSubject
from inpaint_studio.ui.running_again import choice_of

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.edge_drawing import EdgeDrawing
    from inpaint_studio.ui.edge_editing_bar import EdgeBar
    from inpaint_studio.ui.edge_editing_hand import EdgeTool
    from inpaint_studio.ui.main_window import MainWindow

ACTIONS = ("edit_edges", "fill_from_edges", "edges_clear", "edges_import", "edges_export")


class EdgeEditing(QObject):
    """Puts the edges of the chosen layer on the canvas to be drawn on.

    A stroke changes the layer's edges, as one undo step; its pixels change when it is filled again,
    at once where that is wanted.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self._workspace = window.workspace
        self._actions = window.commands
        self._layer_id: int | None = None
        self._again = False
        self.board = EdgeBoard(window.canvas)
        self.bar: EdgeBar | None = None
        """Made when it is first needed: its icons take a while to load."""
        self._connect()
        self.show_state()

    @property
    def layer(self) -> Layer | None:
        """The layer whose edges can be edited: the one being edited, the chosen one, or the
        topmost."""
        document = self._workspace.document
        layers = () if document is None else document.layers
        active = self._workspace.active_layer
        with_edges = [layer for layer in layers if layer.edges is not None]
        edited = [layer for layer in with_edges if layer.id == self._layer_id]
        chosen = [layer for layer in with_edges if layer is active]
        return next(iter([*edited, *chosen, *reversed(with_edges)]), None)

    @property
    def is_on(self) -> bool:
        """Whether edges are being edited."""
        return self._layer_id is not None

    def toggle(self) -> None:
        """Begin to edit, or leave."""
        layer = self.layer
        if self.is_on or layer is None:
            self.leave()
        else:
            self._begin(layer)

    def leave(self) -> None:
        """Put the tools of the mask back."""
        self._layer_id = None
        self.board.edit(None)
        if self.bar is not None:
            self.bar.hide()
        self.show_state()

    def fill(self) -> None:
        """Colour from the layer's edges as they are: the engine's second stage only."""
        document, layer = self._workspace.document, self.layer
        if document is None or layer is None or layer.recipe is None:
            return
        if self.window.controller.running:
            self._again = True
            later = self.tr("It is filled from these edges as soon as the running fill has ended.")
            self._workspace.status.emit(later)
            return
        self.window.controller.start(self._choice(layer), self._order(document, layer))

    def show_state(self) -> None:
        """Which actions can be used, and why the others cannot."""
        layer = self.layer
        none = self.tr("No layer has edges: fill with EdgeConnect first.")
        plain = self.tr("This layer does not know how it was filled.")
        self._actions.enable(ACTIONS, layer is not None, why_not=none)
        if layer is not None:
            known = layer.recipe is not None and not layer.locked
            why = self.tr("The layer is locked.") if layer.locked else plain
            self._actions.enable(("fill_from_edges",), known, why_not=why)
        self._actions["edit_edges"].setChecked(self.is_on)

    # Making

    def _begin(self, layer: Layer) -> None:
        self._layer_id = layer.id
        self._workspace.set_active_layer(layer.id)
        self.window.views.show_result()
        self._actions["show_edges"].setChecked(False)
        self.window.column.edges.overlay.setChecked(False)
        self.board.edit(layer.edges)
        self._show_bar()
        self.window.canvas.setFocus()
        self.show_state()
        over = self._workspace.document and covering(layer, self._workspace.document)
        if over is not None:
            sentence = self.tr("“{0}” lies over this fill: hide it to see what you draw.")
            self._workspace.status.emit(sentence.format(over.name))

    def _show_bar(self) -> None:
        if self.bar is None:
            from inpaint_studio.ui.edge_editing_bar import EdgeBar

            self.bar = bar = EdgeBar(self.window.canvas, self._actions)
            bar.tool_chosen.connect(self._set_tool)
            bar.clear.clicked.connect(self.board.clear_drawing)
            bar.fill.clicked.connect(self.fill)
            bar.done.clicked.connect(self.leave)
            bar.auto.setChecked(self._actions["edges_auto"].isChecked())
            bar.auto.toggled.connect(self._set_auto)
            self._actions["edges_auto"].toggled.connect(bar.auto.setChecked)
            bar.show_tool(self.board.tool)
            self.board.tool_changed.connect(bar.show_tool)
        self.bar.appear()

    def _set_tool(self, tool: EdgeTool) -> None:
        self.board.set_tool(tool)
        self.window.canvas.setFocus()

    def _set_auto(self, wanted: bool) -> None:
        self._actions["edges_auto"].setChecked(wanted)
        self.window.store.update(lambda settings: replace_settings(settings, edges_auto=wanted))

    def _choice(self, layer: Layer) -> FillChoice:
        recipe = layer.recipe
        assert recipe is not None
        return replace(choice_of(recipe, self.window.filling.choice.device), edges=layer.edges)

    def _order(self, document: Document, layer: Layer) -> FillOrder:
        recipe = layer.recipe
        assert recipe is not None
        mask = Mask(recipe.coverage(document.size))
        subject = FillSubject.of(document, mask=mask, below=layer.id)
        drawn = self.tr("Draw edges")
        auto = self.is_on and self._actions["edges_auto"].isChecked()
        title = drawn if auto else self.tr("Fill from edges")
        return FillOrder(subject, replaces=layer.id, title=title, merge=auto)

    # Following

    def take(self, drawing: EdgeDrawing, title: str) -> None:
        """Keep what was drawn, as one step."""
        layer = self.layer
        if layer is None:
            return
        self._workspace.push(ReplaceLayer(replace(layer, edges=drawing), title))
        if self._actions["edges_auto"].isChecked():
            self.fill()

    def _follow(self) -> None:
        """The document changed: show the edges it has now, or leave where they are gone."""
        layer = self.layer
        if self.is_on and (layer is None or layer.id != self._layer_id):
            self.leave()
        elif self.is_on and layer is not None and layer.edges is not self.board.drawing:
            self.board.edit(layer.edges)
        self.show_state()

    def _run_again(self, running: bool) -> None:
        """What was drawn while a fill ran is filled when it has ended."""
        if not running and self._again:
            self._again = False
            QTimer.singleShot(0, self, self.fill)

    def _connect(self) -> None:
        from inpaint_studio.ui.edge_editing_files import EdgeFiles
        from inpaint_studio.ui.view_actions import TOOLS

        self.files = files = EdgeFiles(self)
        self.board.drawn.connect(self.take)
        self.board.left.connect(self.leave)
        self._actions["edges_auto"].setChecked(self.window.store.settings.edges_auto)
        self._actions.connect_all(
            {
                "edit_edges": self.toggle,
                "fill_from_edges": self.fill,
                "edges_clear": self._clear,
                "edges_auto": lambda: self._set_auto(self._actions["edges_auto"].isChecked()),
                "edges_import": files.load,
                "edges_export": files.save,
                **{tool: self.leave for tool in TOOLS if tool != "hand"},
            }
        )
        workspace = self._workspace
        workspace.history_changed.connect(self._follow)
        workspace.active_layer_changed.connect(self.show_state)
        workspace.opened.connect(self.leave)
        workspace.closed.connect(self.leave)
        self.window.controller.running_changed.connect(self._run_again)
        self.window.column.edges.edit_requested.connect(self.toggle)

    def _clear(self) -> None:
        if not self.is_on:
            self.toggle()
        before = self.layer
        self.board.clear_drawing()
        if self.layer is before:
            self._workspace.status.emit(self.tr("There are no invented edges to clear."))
