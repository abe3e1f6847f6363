"""The Models dialog: what there is, on what terms, and how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.ui.dialogs.files import ask_for_weights
from inpaint_studio.ui.dialogs.model_jobs import ModelJobs
from inpaint_studio.ui.dialogs.model_text import card_html, status_word
from inpaint_studio.ui.dialogs.sizes import resize_within
from inpaint_studio.ui.panels.fields import WrappedLabel
from inpaint_studio.ui.theme import color

if TYPE_CHECKING:
    from inpaint_studio.weights.card import ModelCard
    from inpaint_studio.weights.library import Library


class ModelsDialog(QDialog):
    """The cards on the left, one in full on the right, what can be done below."""

    changed = Signal()
    """A model was installed."""

    def __init__(self, parent: QWidget | None, library: Library) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Models"))
        resize_within(self, 820, 540)
        self._library = library
        self._cards: list[ModelCard] = []
        self.jobs = ModelJobs(library, self)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setFixedWidth(280)
        self.text = QTextBrowser(openExternalLinks=True)
        self.text.setAccessibleName(self.tr("The chosen model"))
        self.fetch = QPushButton(self.tr("Download"))
        self.fetch.setProperty("role", "primary")
        self.import_file = QPushButton(self.tr("Import File…"))
        self.import_folder = QPushButton(self.tr("Import Folder…"))
        self.stop = QPushButton(self.tr("Stop"))
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.note = WrappedLabel()
        self._lay_out()
        self._connect()
        self.refresh()
        self._show_running(False)

    @property
    def card(self) -> ModelCard | None:
        """The chosen card."""
        row = self.list.currentRow()
        return self._cards[row] if 0 <= row < len(self._cards) else None

    def refresh(self) -> None:
        """Read the cards and their state anew, keeping the choice."""
        row = max(0, self.list.currentRow())
        self._cards = self._library.cards()
        self.list.clear()
        for card in self._cards:
            status = self._library.status(card)
            item = QListWidgetItem(f"{card.title}\n{status_word(status)} · {card.licence}")
            item.setToolTip(card.good_at)
            item.setForeground(color("text" if status == "ready" else "muted"))
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, len(self._cards) - 1))
        if not self._cards:
            self.note.setText(self.tr("No model cards were found."))

    def choose(self, name: str) -> None:
        """Select the card called `name`."""
        names = [card.name for card in self._cards]
        if name in names:
            self.list.setCurrentRow(names.index(name))

    def done(self, result: int) -> None:
        self.jobs.shut_down()
        super().done(result)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.text, 1)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        for button in (self.fetch, self.import_file, self.import_folder, self.stop):
            button.setAutoDefault(False)
            actions.addWidget(button)
        actions.addStretch()
        right.addLayout(actions)
        right.addWidget(self.bar)
        right.addWidget(self.note)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(self.list)
        top.addLayout(right, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(14)
        layout.addLayout(top, 1)
        layout.addWidget(buttons)
        self.list.setToolTip(self.tr("The models there are; the chosen one is described beside"))
        self.text.setToolTip(self.tr("Addresses open in the web browser"))
        self.stop.setToolTip(self.tr("Stop; nothing is installed"))
        self.fetch.setToolTip(self.tr("Download, check and install the weights"))
        self.import_file.setToolTip(self.tr("Install a weights file that is on this disk"))
        self.import_folder.setToolTip(self.tr("Install a model that consists of several files"))

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show_card)
        self.fetch.clicked.connect(self._fetch)
        self.import_file.clicked.connect(lambda: self._ask_import(folders=False))
        self.import_folder.clicked.connect(lambda: self._ask_import(folders=True))
        self.stop.clicked.connect(self.jobs.stop)
        self.jobs.running_changed.connect(self._show_running)
        self.jobs.progress.connect(self._show_progress)
        self.jobs.finished.connect(self._finish)
        self.jobs.failed.connect(self.note.setText)

    def _fetch(self) -> None:
        if self.card is not None:
            self.jobs.fetch(self.card, self)

    def _ask_import(self, *, folders: bool) -> None:
        ask_for_weights(
            self,
            self.tr("Import weights"),
            folders=folders,
            chosen=lambda path: self.jobs.import_path(path, self),
        )

    def _show_card(self) -> None:
        card = self.card
        if card is None:
            self.text.clear()
            self.fetch.hide()
            return
        status = self._library.status(card)
        self.text.setHtml(card_html(card, status))
        direct = all(file.url for file in card.files.values())
        self.fetch.setVisible(direct and status != "ready")

    def _show_running(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        for button in (self.fetch, self.import_file, self.import_folder, self.list):
            button.setEnabled(not running)

    def _show_progress(self, sentence: str, done: float) -> None:
        self.bar.setMaximum(0 if done < 0 else 1000)
        self.bar.setValue(round(max(done, 0.0) * 1000))
        self.note.setText(sentence)

    def _finish(self, card: ModelCard) -> None:
        self.note.setText(self.tr("{0} is installed.").format(card.title))
        self.refresh()
        self.choose(card.name)
        self.changed.emit()
