"""Joins the Fill and Edges panels, the models and the fill controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from inpaint_studio.ui.fill_request import FillChoice, FillOrder
from inpaint_studio.ui.jobs import run_in_background
from inpaint_studio.ui.panels.fill import ModelEntry
from inpaint_studio.ui.panels.layer_facts import device_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.document.layer import Layer
    from inpaint_studio.ui.canvas.view import CanvasView
    from inpaint_studio.ui.fill_controller import FillController
    from inpaint_studio.ui.panels.edges import EdgesPanel
    from inpaint_studio.ui.panels.fill import FillPanel
    from inpaint_studio.ui.settings_store import SettingsStore
    from inpaint_studio.weights.library import Library


class Filling(QObject):
    """From the panel's choice to a running fill, and from its events back to the panels."""

    models_requested = Signal(str)
    """The model of this name is not installed: show where to get it."""
    mask_used = Signal()
    """The mask is being filled, or will be when its turn comes."""
    device_used = Signal(str)
    choice_shown = Signal(object)
    """The panel says a FillChoice now that was made elsewhere."""

    def __init__(
        self,
        controller: FillController,
        panel: FillPanel,
        edges: EdgesPanel,
        canvas: CanvasView,
        store: SettingsStore,
        library: Callable[[], Library],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._panel = panel
        self._edges = edges
        self._canvas = canvas
        self._store = store
        self._library = library
        self._fresh = False
        self.refine = _same
        """What else there is to a choice than the panel's own fields say."""
        self.submit = controller.start
        """Where an order goes: to the controller, or to a queue in front of it."""
        self.adapt = _as_it_is
        """What pressing Fill asks for, from what the panel says; for when a fill is edited."""
        self._connect()
        panel.advanced.choose_device(store.settings.device)

    def load_models(self) -> None:
        """Read which models there are, in the background."""

        def read() -> dict[str, list[ModelEntry]]:
            entries: dict[str, list[ModelEntry]] = {}
            library = self._library()
            for card in library.cards():
                ready = library.status(card) == "ready"
                entries.setdefault(card.engine, []).append(ModelEntry(card, ready))
            return entries

        run_in_background(self, read, on_done=self._show_models, on_problem=self._panel.show_hint)

    def start(self) -> None:
        """Fill with what the panel says."""
        if not self.ready:
            return
        self._canvas.settle()
        choice = self.choice
        self._store.update(lambda settings: settings.with_model(choice.engine, choice.card))
        asked, order = self.adapt(choice)
        self.submit(asked, order)
        if order is None:
            self.mask_used.emit()

    def stop(self) -> None:
        self._controller.stop()

    def warm_up(self) -> None:
        """Have the chosen engine loaded while the user is still painting."""
        if self._panel.is_ready:
            self._controller.warm_up(self.choice)

    @property
    def ready(self) -> bool:
        """Whether the chosen engine can be started; asks for its model where that is missing."""
        if not self._panel.is_ready:
            card = self._panel.card
            self.models_requested.emit(card.name if card else "")
        return self._panel.is_ready

    @property
    def choice(self) -> FillChoice:
        """What the panel says, as the controller takes it."""
        panel, advanced = self._panel, self._panel.advanced
        card = panel.card if panel.entry.needs_card else None
        choice = FillChoice(
            engine=panel.entry.name,
            card=card.name if card else "",
            device=advanced.device.currentData(),
            grow=advanced.grow.value(),
            feather=advanced.feather_px,
            context=advanced.context_px,
            seed=advanced.seed.value(),
            options=panel.options,
            first=None if self._canvas.visible_box.is_empty else self._canvas.visible_box,
        )
        return self.refine(choice)

    def show_choice(self, choice: FillChoice) -> None:
        """Have the panel say this."""
        advanced = self._panel.advanced
        self._panel.choose(choice.engine, choice.card)
        if "strength" in choice.options:
            self._panel.strength.set_value(float(choice.options["strength"]))
        advanced.grow.setValue(choice.grow)
        advanced.feather_px = choice.feather
        advanced.context_px = choice.context
        advanced.seed.setValue(choice.seed)
        advanced.choose_device(choice.device)
        self.choice_shown.emit(choice)

    def _connect(self) -> None:
        controller, panel = self._controller, self._panel
        panel.fill_requested.connect(self.start)
        panel.stop_requested.connect(self.stop)
        controller.running_changed.connect(panel.set_running)
        controller.running_changed.connect(self._begin)
        controller.progress.connect(panel.show_progress)
        controller.edge_map.connect(self._edges.add)
        controller.landed.connect(self._land)
        controller.message.connect(self._show_message)
        self._edges.maps_changed.connect(self._show_overlay)
        self._edges.overlay_toggled.connect(self._show_overlay)

    def _show_models(self, entries: dict[str, list[ModelEntry]]) -> None:
        settings = self._store.settings
        self._panel.set_models(entries, settings.last_models)
        if settings.last_engine:
            self._panel.choose(settings.last_engine)

    def _begin(self, running: bool) -> None:
        if running:
            self._edges.clear()

    def _show_overlay(self) -> None:
        self._canvas.clear_edges()
        if self._edges.overlay.isChecked():
            for sheet in self._edges.sheets:
                self._canvas.show_edges(sheet.edges, sheet.hole, sheet.box)

    def _show_message(self, sentence: str) -> None:
        """What the fill did; after a fresh one, how to see the mask it was made for."""
        fresh, self._fresh = self._fresh, False
        hint = self.tr("Paint to begin the next mask; M shows this one again.")
        self._panel.show_hint(f"{sentence} {hint}" if fresh else sentence)

    def _land(self, layer: Layer) -> None:
        self._fresh = True
        if layer.provenance is not None:
            self.device_used.emit(device_name(layer.provenance.device))


def _as_it_is(choice: FillChoice) -> tuple[FillChoice, FillOrder | None]:
    return choice, None


def _same(choice: FillChoice) -> FillChoice:
    return choice
