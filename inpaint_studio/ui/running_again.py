"""Running fills again as they were, because what lies below them has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.imaging.mask import Mask
from inpaint_studio.ui.fill_request import FillChoice, FillOrder, FillSubject
from inpaint_studio.ui.staleness import Staleness

if TYPE_CHECKING:
    from inpaint_studio.document.layer import FillRecipe, Layer
    from inpaint_studio.ui.main_window import MainWindow


class RunningAgain(QObject):
    """Shows which fills are out of date, and runs them one after the other, from the bottom up.

    After each it is looked again what is out of date: a fill changes the surroundings of those
    above it. None is run twice.
    """

    def __init__(self, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = window.workspace
        self._queue: list[int] | None = None
        self._all = False
        self._ran: set[int] = set()
        self.staleness = Staleness(window.workspace, self)
        window.commands.connect_all({"fill_again": self.run, "fill_again_all": self.run_all})
        window.column.layers.part_clicked.connect(self._click)
        window.controller.landed.connect(self._land)
        self._workspace.problem.connect(self.forget)
        self._workspace.opened.connect(self.forget)
        self._workspace.closed.connect(self.forget)
        self.staleness.changed.connect(self._show)
        self.staleness.settled.connect(self._settle)
        self._show()

    def run(self) -> None:
        """Fill the chosen layer again as it was."""
        layer = self._workspace.active_layer
        if layer is not None and layer.recipe is not None and not layer.locked:
            self._start([layer.id], all_of_them=False)

    def run_all(self) -> None:
        """Fill all that is out of date, and what becomes so by that."""
        self._start(list(self.staleness.stale), all_of_them=True)

    def forget(self, _why: object = None) -> None:
        """Run nothing more."""
        self._queue = None

    def _start(self, ids: list[int], *, all_of_them: bool) -> None:
        if self._window.controller.running:
            busy = self.tr("A fill is running: wait for it, or press Stop first.")
            self._workspace.status.emit(busy)
            return
        self._window.mode_bar.leave()
        self._queue, self._all, self._ran = ids, all_of_them, set()
        self._run_next()

    def _run_next(self) -> None:
        document = self._workspace.document
        if self._queue is None or document is None or self._window.controller.running:
            return
        waiting = [layer for layer in document.layers if layer.id in self._queue]
        waiting = [layer for layer in waiting if layer.id not in self._ran and not layer.locked]
        if not waiting or waiting[0].recipe is None:
            self.forget()
            return
        layer, recipe = waiting[0], waiting[0].recipe
        self._ran.add(layer.id)
        mask = Mask(recipe.coverage(document.size))
        order = FillOrder(
            FillSubject.of(document, mask=mask, below=layer.id),
            replaces=layer.id,
            title=self.tr("Run {0} again").format(layer.name),
        )
        choice = choice_of(recipe, self._window.filling.choice.device)
        self._window.controller.start(choice, order)

    def _land(self, _layer: Layer) -> None:
        """The next waits until it is known what is out of date now."""
        if not self._all:
            self.forget()

    def _settle(self) -> None:
        if self._queue is not None and self._all:
            self._queue = list(self.staleness.stale)
            self._run_next()

    def _click(self, part: str, id: int) -> None:
        if part == "stale":
            self._workspace.set_active_layer(id)
            self.run()

    def _show(self) -> None:
        stale, action = self.staleness.stale, "fill_again_all"
        why = self.tr("Every fill is up to date.")
        self._window.commands.enable((action,), bool(stale), why_not=why)
        tip = self._window.commands[action].toolTip()
        self._window.column.layers.show_stale(stale, tip=tip)


def choice_of(recipe: FillRecipe, device: str) -> FillChoice:
    """What to choose to ask for the same fill again, on `device`."""
    return FillChoice(
        engine=recipe.engine,
        card=recipe.card,
        device=device,
        grow=recipe.grow,
        feather=recipe.feather,
        context=recipe.context,
        seed=recipe.seed,
        edges=recipe.edges,
        options=recipe.options,
        allowed=None if recipe.allowed is None else recipe.allowed.coverage > 0,
        forbidden=None if recipe.forbidden is None else recipe.forbidden.coverage > 0,
    )
