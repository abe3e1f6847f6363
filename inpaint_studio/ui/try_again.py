"""Try Again: another fill of the same hole, with the next seed, over the one that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from inpaint_studio.engines.registry import engine_entry
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.ui.fill_request import FillOrder, FillSubject
from inpaint_studio.ui.running_again import choice_of

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import FillRecipe, Layer
    from inpaint_studio.ui.main_window import MainWindow

ACTION = "fill_try"


class TryAgain(QObject):
    """Orders the chosen layer's fill once more; the new one is a layer of its own over it.

    The fill that was there stays, hidden, so that both can be compared and either be kept.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        window.commands.connect_all({ACTION: self.start})
        self._workspace.history_changed.connect(self.show_state)
        self._workspace.active_layer_changed.connect(self.show_state)
        self.show_state()

    def start(self) -> None:
        """Fill the chosen layer's hole with the next seed that no layer has yet."""
        document, layer = self._workspace.document, self._workspace.active_layer
        if document is None or layer is None or layer.recipe is None or self._why_not(layer):
            return
        recipe = layer.recipe
        choice = choice_of(recipe, self._window.filling.choice.device)
        mask = Mask(recipe.coverage(document.size))
        subject = FillSubject.of(document, mask=mask, below=layer.id)
        title = self.tr("Try {0} again").format(layer.name)
        choice = replace(choice, seed=next_seed(document, recipe))
        self._window.controller.start(choice, FillOrder(subject, hides=layer.id, title=title))

    def show_state(self) -> None:
        """Whether there is a fill to try again, and why not."""
        layer = self._workspace.active_layer
        why = self._why_not(layer)
        self._window.commands.enable((ACTION,), not why, why_not=why)

    def _why_not(self, layer: Layer | None) -> str:
        if layer is None or layer.recipe is None:
            return self.tr("Choose a layer that is a fill.")
        entry = engine_entry(layer.recipe.engine)
        if not entry.draws_lots:
            return self.tr("{0} makes the same fill every time.").format(entry.title)
        return ""


def next_seed(document: Document, recipe: FillRecipe) -> int:
    """One more than the largest seed that the same hole was filled with by the same engine."""
    tries = (layer.recipe for layer in document.layers if layer.recipe is not None)
    return 1 + max(one.seed for one in (*tries, recipe) if _is_same(one, recipe))


def _is_same(one: FillRecipe, other: FillRecipe) -> bool:
    same = one.engine == other.engine and one.card == other.card and one.box == other.box
    return same and np.array_equal(one.hole, other.hole)
