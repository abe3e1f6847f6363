"""Asks which engines and models to run on the mask, to compare what they make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.engines.registry import ENGINES
from inpaint_studio.ui.dialogs.sizes import resize_within
from inpaint_studio.ui.jobs import run_in_background
from inpaint_studio.ui.panels.fields import Caption, NumberField, WrappedLabel, elide_items

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inpaint_studio.ui.fill_request import FillChoice
    from inpaint_studio.weights.library import Library

_MOST = 9
"""Pictures in a grid that can still be told apart."""
_USUAL = ("auto", "patchmatch", "edgeconnect+patchmatch")
"""Engines that are ticked at first, where they are ready."""


class _Model(NamedTuple):
    """A model an engine can run with."""

    engine: str
    title: str
    card: str
    card_title: str
    ready: bool


class CompareEnginesDialog(QDialog):
    """`chosen(choices, names)` is called when the user agrees; grow, feather and device are those
    of `like`."""

    def __init__(
        self,
        parent: QWidget | None,
        library: Callable[[], Library],
        *,
        like: FillChoice,
        chosen: Callable[[Sequence[FillChoice], Sequence[str]], object],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare engines"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._like = like
        self._chosen = chosen
        self.list = QListWidget()
        self.seeds = NumberField(1, 4)
        self.count = WrappedLabel()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._lay_out()
        self._offer(library)

    @property
    def choices(self) -> tuple[list[FillChoice], list[str]]:
        """What is ticked, once for each seed, and what to call them."""
        choices: list[FillChoice] = []
        names: list[str] = []
        for item in self._ticked():
            engine, card = item.data(Qt.ItemDataRole.UserRole)
            for step in range(self.seeds.value()):
                seed = self._like.seed + step
                choices.append(
                    replace(self._like, engine=engine, card=card, seed=seed, edges=None, options={})
                )
                named = self.tr("{0}, seed {1}").format(item.text(), seed)
                names.append(named if self.seeds.value() > 1 else item.text())
        return choices, names

    def accept(self) -> None:
        choices, names = self.choices
        super().accept()
        self._chosen(choices, names)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        hint = WrappedLabel(
            self.tr(
                "Each runs on the mask as it is, one after another; you choose what becomes a "
                "layer."
            )
        )
        hint.setProperty("role", "muted")
        layout.addWidget(hint)
        self.list.setAccessibleName(self.tr("Engines and models"))
        self.list.setToolTip(self.tr("Tick what to run"))
        elide_items(self.list)
        layout.addWidget(self.list, 1)
        self.seeds.setToolTip(self.tr("Run each with this many seeds, 1 to 4"))
        self.seeds.setAccessibleName(self.tr("Seeds"))
        form = QFormLayout()
        form.addRow(Caption(self.tr("&Seeds for each"), self.seeds), self.seeds)
        layout.addLayout(form)
        self.count.setProperty("role", "muted")
        layout.addWidget(self.count)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("&Run"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout.addWidget(self.buttons)
        self.list.itemChanged.connect(self._count)
        self.seeds.valueChanged.connect(self._count)
        resize_within(self, 440, 460)

    def _offer(self, library: Callable[[], Library]) -> None:
        """List engines without models at once, the others when the library has been read."""
        for entry in ENGINES.values():
            if not entry.needs_card:
                self._add(entry.title, entry.name, "", ready=True, tip=entry.summary)
        self._count()

        def read() -> list[_Model]:
            found: list[_Model] = []
            shelf = library()
            for card in shelf.cards():
                ready = shelf.status(card) == "ready"
                found += [
                    _Model(entry.name, entry.title, card.name, card.title, ready)
                    for entry in ENGINES.values()
                    if entry.needs_card and entry.card_engine == card.engine
                ]
            return found

        run_in_background(self, read, on_done=self._add_models, on_problem=self.count.setText)

    def _add_models(self, found: Sequence[_Model]) -> None:
        """The model is named where an engine has several to choose from."""
        for one in sorted(found, key=lambda one: not one.ready):
            alone = one.ready and sum(other.ready and other.engine == one.engine for other in found)
            text = one.title if alone == 1 else f"{one.title} · {one.card_title}"
            missing = self.tr("Its files are not installed: see Fill, Models.")
            tip = f"{one.card_title}\n{ENGINES[one.engine].summary}" if one.ready else missing
            self._add(text, one.engine, one.card, ready=one.ready, tip=tip)
        self._count()

    def _add(self, text: str, engine: str, card: str, *, ready: bool, tip: str) -> None:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, (engine, card))
        item.setToolTip(tip)
        flags = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
        item.setFlags(flags | Qt.ItemFlag.ItemIsEnabled if ready else Qt.ItemFlag.ItemIsSelectable)
        usual = ready and engine in _USUAL and not self._has(engine)
        item.setCheckState(Qt.CheckState.Checked if usual else Qt.CheckState.Unchecked)
        self.list.addItem(item)

    def _has(self, engine: str) -> bool:
        """Whether a model of an engine is ticked already."""
        return any(item.data(Qt.ItemDataRole.UserRole)[0] == engine for item in self._ticked())

    def _ticked(self) -> list[QListWidgetItem]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item for item in items if item.checkState() == Qt.CheckState.Checked]

    def _count(self) -> None:
        number = len(self._ticked()) * self.seeds.value()
        enough = 1 <= number <= _MOST
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(enough)
        if number > _MOST:
            self.count.setText(self.tr("{0} are too many: at most {1}.").format(number, _MOST))
        else:
            self.count.setText(self.tr("{0} fills will be made.").format(number))
