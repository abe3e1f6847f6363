"""The bar that offers what was open when the program ended unexpectedly."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from inpaint_studio.ui.panels.fields import WrappedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inpaint_studio.project.recovery import Leftover

SHOWN = 4
_NAME_WIDTH = 380


class RecoveryBar(QFrame):
    """A row for each document: what it is, Recover, Discard. Hidden when there is none."""

    recover_requested = Signal(object)
    """A Leftover the user wants back."""
    discard_confirmed = Signal(object)
    """A Leftover the user gives up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.setProperty("kind", "question")
        self.setAccessibleName(self.tr("Recovery"))
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(14, 7, 8, 7)
        self._rows.setSpacing(4)
        self.hide()

    def show_leftovers(self, leftovers: Sequence[Leftover]) -> None:
        """Offer these, newest first."""
        self._clear()
        for leftover in leftovers[:SHOWN]:
            row = _Row(leftover)
            row.recover.connect(self.recover_requested)
            row.discard.connect(self.discard_confirmed)
            self._rows.addWidget(row)
        more = len(leftovers) - SHOWN
        if more > 0:
            text = self.tr("and {0} more, offered when these are dealt with").format(more)
            self._rows.addWidget(_label(text, "muted"))
        self.setVisible(bool(leftovers))

    def buttons(self) -> list[QPushButton]:
        """The buttons on show, row by row."""
        return [button for button in self.findChildren(QPushButton) if not button.isHidden()]

    def _clear(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()


class _Row(QWidget):
    """One document. Discard asks once more, in the row itself."""

    recover = Signal(object)
    discard = Signal(object)

    def __init__(self, leftover: Leftover) -> None:
        super().__init__()
        self._leftover = leftover
        self._asking = False
        self._text = WrappedLabel()
        self._text.setToolTip(f"{leftover.name}\n{_told(leftover)}")
        self._yes = _button()
        self._yes.clicked.connect(self._answer_yes)
        self._no = _button()
        self._no.clicked.connect(self._answer_no)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._yes)
        layout.addWidget(self._no)
        self._show()

    def _show(self) -> None:
        name = self._leftover.name
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)
        told = _told(self._leftover)
        if self._asking:
            question = self.tr("Discard the unsaved work on “{0}” ({1}) for good?")
            self._text.setText(question.format(short, told))
            _say(self._yes, self.tr("Keep"), self.tr("Do not discard it"))
            _say(self._no, self.tr("Discard"), self.tr("It cannot be brought back after this"))
        else:
            sentence = self.tr("“{0}” was open when the program ended unexpectedly ({1}).")
            self._text.setText(sentence.format(short, told))
            tip = self.tr("Open it as it was, with every step to undo")
            _say(self._yes, self.tr("Recover"), tip)
            _say(self._no, self.tr("Discard…"), self.tr("Give it up; asks once more"))
        self.setAccessibleName(self._text.text())

    def _answer_yes(self) -> None:
        if not self._asking:
            self.recover.emit(self._leftover)
            return
        self._asking = False
        self._show()

    def _answer_no(self) -> None:
        if self._asking:
            self.discard.emit(self._leftover)
            return
        self._asking = True
        self._show()


def _button() -> QPushButton:
    button = QPushButton()
    button.setAutoDefault(False)
    return button


def _say(button: QPushButton, text: str, tip: str) -> None:
    button.setText(text)
    button.setToolTip(tip)


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label


def _told(leftover: Leftover) -> str:
    """How much was done, and when: "12 steps, 14:03"."""
    noun = "step" if leftover.steps == 1 else "steps"
    then = datetime.fromtimestamp(leftover.when).astimezone()
    today = then.date() == datetime.now().astimezone().date()
    return f"{leftover.steps} {noun}, " + (f"{then:%H:%M}" if today else f"{then:%d %B %H:%M}")
