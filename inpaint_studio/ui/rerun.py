"""Editing a fill that is there already: its mask, its engine, its settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.document.commands import PaintMask
from inpaint_studio.ui.fill_request import FillChoice, FillOrder, FillSubject
from inpaint_studio.ui.running_again import RunningAgain, choice_of

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import FillRecipe, Layer
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.main_window import MainWindow


@dataclass(frozen=True, slots=True, eq=False)
class _Editing:
    """A fill that is being edited, and what to put back when it is not."""

    document: Document
    layer: int
    mask: Coverage
    """The mask there was before."""
    state: int | None
    """Of the history, once the step that put the fill's mask there was made; None for no step."""
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
            choice = replace(choice, options={**recipe.options, **choice.options})
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
            self._workspace.undo()
        else:
            title = self.tr("Leave the fill as it was")
            self._put(document, editing.mask, title)

    def stop(self) -> None:
        """What Esc does: stop the fill that runs, else leave what is being edited."""
        if self._window.controller.running:
            self.again.forget()
            self._window.filling.stop()
        else:
            self._bar.leave()

    # Editing

    def _begin(self, document: Document, layer: Layer, recipe: FillRecipe) -> None:
        before, choice = document.mask.copy(), self._window.filling.choice
        title = self.tr("Edit {0}").format(layer.name)
        stepped = self._put(document, recipe.coverage(document.size), title)
        state = document.history.state if stepped else None
        self._editing = _Editing(document, layer.id, before, state, choice)
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

    def _put(self, document: Document, mask: Coverage, title: str) -> bool:
        """Make the mask `mask`; whether that took a step."""
        command = PaintMask.to(document, mask, title=title)
        if not command.delta.is_empty:
            self._workspace.push(command)
        return not command.delta.is_empty

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
