"""The Fill panel: which engine and model, Fill and Stop, and how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.engines.registry import ENGINES, EngineEntry
from inpaint_studio.ui.panels.advanced import AdvancedOptions, Disclosure
from inpaint_studio.ui.panels.fields import Caption, ElidedCombo, WrappedLabel
from inpaint_studio.ui.panels.strength import StrengthField
from inpaint_studio.ui.tab_order import reach_after, reach_bar_after
from inpaint_studio.weights.card import ModelCard


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model as the panel shows it."""

    card: ModelCard
    ready: bool
    """Its files are here and intact."""


class FillPanel(QWidget):
    """Asks for fills; knows nothing of how they are made."""

    fill_requested = Signal()
    stop_requested = Signal()
    models_requested = Signal()
    """The chosen model has no files yet."""
    choice_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: Mapping[str, Sequence[ModelEntry]] = {}
        self._remembered: Mapping[str, str] = {}
        self._available = False
        self.engine = self._combo(self.tr("Engine"), self.tr("What computes the fill"))
        self.model = self._combo(self.tr("Model"), self.tr("The trained weights it uses"))
        self.summary = WrappedLabel()
        self.summary.setProperty("role", "muted")
        self.strength = StrengthField()
        self.advanced = AdvancedOptions()
        self.fill = QPushButton(self.tr("Fill"))
        self.fill.setProperty("role", "primary")
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.setProperty("role", "tall")
        self.fill.setToolTip(self.tr("Fill the mask (Ctrl+Enter)"))
        self.stop.setToolTip(self.tr("Stop the fill; nothing is changed (Esc)"))
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.bar.setAccessibleName(self.tr("Progress of the fill"))
        self.stage = WrappedLabel()
        self.stage.setProperty("role", "muted")
        self._lay_out()
        for entry in ENGINES.values():
            self.engine.addItem(entry.title, entry.name)
        self._connect()
        self._show_engine()
        self._show_strength()
        self.set_running(False)

    # What is chosen

    @property
    def entry(self) -> EngineEntry:
        """The chosen engine."""
        return ENGINES[self.engine.currentData()]

    @property
    def card(self) -> ModelCard | None:
        """The chosen model; None for engines that need none, or where there is none."""
        model = self._chosen()
        return model.card if model else None

    @property
    def is_ready(self) -> bool:
        """Whether the chosen engine has everything it needs."""
        model = self._chosen()
        return not self.entry.needs_card or (model is not None and model.ready)

    def choose(self, engine: str, card: str = "") -> None:
        """Select an engine, and a model of it; unknown names change nothing."""
        index = self.engine.findData(engine)
        if index >= 0:
            self.engine.setCurrentIndex(index)
        index = self.model.findData(card)
        if index >= 0:
            self.model.setCurrentIndex(index)

    def set_models(
        self, models: Mapping[str, Sequence[ModelEntry]], remembered: Mapping[str, str]
    ) -> None:
        """Engine name -> its models, and engine name -> card name used last."""
        chosen = {**remembered, **({self.entry.name: self.card.name} if self.card else {})}
        self._models, self._remembered = models, chosen
        self._show_engine()

    @property
    def options(self) -> dict[str, float]:
        """Options of the chosen engine itself."""
        return {} if self.entry.strength is None else {"strength": self.strength.value}

    # How far it is

    def set_running(self, running: bool) -> None:
        self.fill.setText(self.tr("Fill Next") if running else self.tr("Fill"))
        if not running and self.stop.hasFocus():
            self.fill.setFocus()
        self.stop.setEnabled(running)
        # In a list of engines letters choose an entry: while it fills they are to choose tools.
        if running and any(_has_focus(field) for field in (self.engine, self.model)):
            self.stop.setFocus()
        self.bar.setVisible(running)
        self.bar.setValue(0)
        self.stage.setVisible(running or bool(self.stage.text()))

    def set_available(self, available: bool) -> None:
        """Whether there is a photo to fill."""
        self._available = available
        self.fill.setEnabled(available)

    def invite(self, wanted: bool) -> None:
        """Say what to do first, for as long as nothing is to be filled."""
        sentence = self.tr("Paint over what is to be filled, then press Fill.")
        if not self.bar.isHidden() or wanted == (self.stage.text() == sentence):
            return
        self.show_hint(sentence if wanted else "")

    def add_estimate(self, label: QWidget) -> None:
        """Put what a fill will take right under the buttons."""
        self._layout.insertWidget(self._layout.indexOf(self.bar), label)

    def add_below(self, switch: QWidget, listing: QWidget) -> None:
        """Put a switch above the buttons, and a list under all else."""
        self._layout.insertWidget(self._buttons_at, switch)
        self._layout.addWidget(listing)
        reach_after(self.advanced.last, switch)
        reach_bar_after(self.stop, listing)

    def show_progress(self, stage: str, done: float) -> None:
        """`done` from 0 to 1; below 0 when it cannot be known."""
        self.bar.setMaximum(0 if done < 0 else 1000)
        self.bar.setValue(round(max(done, 0.0) * 1000))
        self.show_hint(stage)

    def show_hint(self, sentence: str) -> None:
        """What to do next, or what the last fill did."""
        self.stage.setText(sentence)
        self.stage.setVisible(bool(sentence))

    # Building

    def _combo(self, name: str, tip: str) -> QComboBox:
        combo = ElidedCombo()
        combo.setAccessibleName(name)
        combo.setToolTip(tip)
        return combo

    def _lay_out(self) -> None:
        self._form = QFormLayout(horizontalSpacing=10, verticalSpacing=6)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.addRow(self._field_label(self.tr("En&gine"), self.engine), self.engine)
        self._form.addRow(self._field_label(self.tr("M&odel"), self.model), self.model)
        self._form.addRow(self._field_label(self.tr("&Strength"), self.strength), self.strength)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.fill, 1)
        buttons.addWidget(self.stop)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(self._form)
        layout.addWidget(self.summary)
        layout.addWidget(Disclosure(self.tr("Advanced"), self.advanced))
        self._buttons_at = layout.count()
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
        layout.addWidget(self.stage)

    def _field_label(self, text: str, field: QWidget) -> QLabel:
        label = Caption(text, field)
        label.setMinimumWidth(52)
        return label

    def _connect(self) -> None:
        self.engine.currentIndexChanged.connect(self._show_engine)
        self.engine.currentIndexChanged.connect(self._show_strength)
        self.model.currentIndexChanged.connect(self._show_summary)
        self.fill.clicked.connect(self.fill_requested)
        self.stop.clicked.connect(self.stop_requested)

    def _chosen(self) -> ModelEntry | None:
        name = self.model.currentData()
        models = self._models.get(self.entry.card_engine, ())
        return next((model for model in models if model.card.name == name), None)

    def _show_engine(self) -> None:
        """Offer the models of the chosen engine, the remembered or the first ready one chosen."""
        models = self._models.get(self.entry.card_engine, ())
        self.model.blockSignals(True)
        self.model.clear()
        for model in models:
            absent = "" if model.ready else self.tr(" (not installed)")
            self.model.addItem(model.card.title + absent, model.card.name)
        ready = next((model.card.name for model in models if model.ready), "")
        wanted = self._remembered.get(self.entry.name, ready)
        self.model.setCurrentIndex(max(0, self.model.findData(wanted)))
        self.model.blockSignals(False)
        self._form.setRowVisible(self.model, self.entry.needs_card)
        self._show_summary()

    def _show_strength(self) -> None:
        """Offer what is usual for the chosen engine, where it has a strength."""
        self._form.setRowVisible(self.strength, self.entry.strength is not None)
        self.strength.set_value(self.entry.strength or 0.0)

    def _show_summary(self) -> None:
        card = self.card
        self.summary.setText(card.good_at if card and card.good_at else self.entry.summary)
        self.engine.setToolTip(f"{self.tr('What computes the fill')}\n{self.entry.summary}")
        self.model.setToolTip(card.title if card else self.tr("The trained weights it uses"))
        self.choice_changed.emit()


def _has_focus(field: QWidget) -> bool:
    """Whether the keyboard is in the field or in something it holds."""
    focus = QApplication.focusWidget()
    return focus is field or (isinstance(focus, QWidget) and field.isAncestorOf(focus))
