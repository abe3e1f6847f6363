"""Editing a fill that is there already: its mask, its engine, its settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from inpaint_studio.document.change import CANVASES
from inpaint_studio.document.commands import PaintMask
from inpaint_studio.ui.fill_request import FillChoice, FillOrder, FillSubject
from inpaint_studio.ui.running_again import RunningAgain, choice_of
from inpaint_studio.ui.source_fields import OPTIONS

if TYPE_CHECKING:
    from inpaint_studio.document.change import CanvasName
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import FillRecipe, Layer
    from inpaint_studio.imaging.geometry import Size
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.main_window import MainWindow


@dataclass(frozen=True, slots=True, eq=False)
class _Editing:
    """A fill that is being edited, and what to put back when it is not."""

    document: Document
    layer: int
    painted: dict[CanvasName, Coverage]
    """The mask and the areas to copy from as they were before."""
    steps: int
    """How many steps of the history put those of the fill there."""
    state: int
    """Of the history, once they were made."""
    choice: FillChoice
    """What the Fill panel said before."""


class Rerun(QObject):
    """Knows which fill is being edited, and what was there before that."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._bar = window.mode_bar
        self._editing: _Editing | None = None
        self.again = RunningAgain(window, self)
        self._connect()

    @property
    def edited(self) -> int | None:
        """Id of the layer whose fill is being edited."""
        return None if self._editing is None else self._editing.layer

    def edit(self) -> None:
        """Take up the chosen layer's fill: its mask on the canvas, its settings in the panel."""
        document, layer = self._workspace.document, self._workspace.active_layer
        if document is None or layer is None or layer.recipe is None or layer.locked:
            return
        if self._window.controller.running:
            busy = self.tr("A fill is running: wait for it, or press Stop first.")
            self._workspace.status.emit(busy)
            return
        self._bar.leave()
        self._window.canvas.settle()
        self._begin(document, layer, layer.recipe)

    def adapt(self, choice: FillChoice) -> tuple[FillChoice, FillOrder | None]:
        """What pressing Fill asks for: while a fill is edited, one in its place."""
        editing = self._editing
        if editing is None or editing.document is not self._workspace.document:
            return choice, None
        layer = editing.document.layer(editing.layer)
        subject = FillSubject.of(editing.document, below=layer.id)
        title = self.tr("Fill {0} again").format(layer.name)
        recipe = layer.recipe
        if recipe is not None and recipe.engine == choice.engine:
            kept = {k: v for k, v in recipe.options.items() if k not in OPTIONS}
            choice = replace(choice, options={**kept, **choice.options})
        return choice, FillOrder(subject, replaces=layer.id, title=title)

    def cancel(self) -> None:
        """Leave the fill as it was, and put mask and panel back."""
        editing = self._editing
        if editing is None:
            return
        self._end()
        self._window.filling.show_choice(editing.choice)
        document = editing.document
        if document is not self._workspace.document:
            return
        self._window.canvas.cancel()
        if document.history.state == editing.state:
            self._workspace.jump(document.history.index - editing.steps)
        else:
            title = self.tr("Leave the fill as it was")
            self._put(document, editing.painted, title)

    def stop(self) -> None:
        """What Esc does: stop the fill that runs, else leave what is being edited."""
        if self._window.controller.running:
            self.again.forget()
            self._window.filling.stop()
        else:
            self._bar.leave()

    # Editing

    def _begin(self, document: Document, layer: Layer, recipe: FillRecipe) -> None:
        choice, title = self._window.filling.choice, self.tr("Edit {0}").format(layer.name)
        before: dict[CanvasName, Coverage] = {}
        wanted: dict[CanvasName, Coverage] = {}
        for name in CANVASES:
            area = _asked_for(recipe, name, document.size)
            if area is not None or document.canvas(name).any():
                before[name] = document.canvas(name).copy()
                wanted[name] = np.zeros_like(before[name]) if area is None else area
        steps = self._put(document, wanted, title)
        self._editing = _Editing(document, layer.id, before, steps, document.history.state, choice)
        self._workspace.set_active_layer(layer.id)
        self._window.filling.show_choice(choice_of(recipe, choice.device))
        self._window.views.reveal_mask()
        about = self.tr("Editing fill: {0} — Fill replaces it")
        self._bar.begin(layer.name, about, leave=self.cancel, leave_text=self.tr("Cancel"))
        self._bar.add_button(
            self.tr("Fill"),
            self._window.filling.start,
            tip=self.tr("Fill the mask as it is now, in place of the layer (Ctrl+Enter)"),
            primary=True,
        )
        self._window.column.layers.model.show_edited(layer.id)
        self._window.canvas.setFocus()

    def _put(self, document: Document, painted: dict[CanvasName, Coverage], title: str) -> int:
        """Make mask and areas these; how many steps that took. The mask comes last: its step is
        the one that is seen first when it is undone."""
        steps = 0
        for name, canvas in reversed(painted.items()):
            command = PaintMask.to(document, canvas, title=title, on=name)
            if not command.delta.is_empty:
                self._workspace.push(command)
                steps += 1
        return steps

    def _end(self) -> None:
        if self._editing is not None:
            self._editing = None
            self._bar.end()
            self._window.column.layers.model.show_edited(None)

    def _land(self, layer: Layer) -> None:
        if self._editing is not None and layer.id == self._editing.layer:
            self._end()

    # Following

    def _connect(self) -> None:
        window = self._window
        window.commands.connect_all({"fill_edit": self.edit, "stop": self.stop})
        window.filling.adapt = self.adapt
        window.controller.landed.connect(self._land)
        self._workspace.opened.connect(self._end)
        self._workspace.closed.connect(self._end)
        self._workspace.history_changed.connect(self._follow)

    def _follow(self) -> None:
        """The layer may have been deleted, or its coming may have been undone."""
        editing = self._editing
        if editing is None:
            return
        if all(layer.id != editing.layer for layer in editing.document.layers):
            self._end()


def _asked_for(recipe: FillRecipe, name: CanvasName, size: Size) -> Coverage | None:
    """What was painted on a canvas when a fill was asked for, (H, W) uint8; None for nothing."""
    if name == "mask":
        return recipe.coverage(size)
    area = recipe.allowed if name == "allowed" else recipe.forbidden
    return None if area is None else area.coverage
