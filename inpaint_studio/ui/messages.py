"""The bar above the photo that says what went wrong or asks a short question. Never modal."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from inpaint_studio.ui.panels.fields import WrappedLabel
from inpaint_studio.ui.tab_order import reach_after

Choice = tuple[str, Callable[[], object]]


class MessageBar(QFrame):
    """One sentence, Copy for problems, the choices of a question, and Dismiss. Hidden when
    there is nothing to say; a new message replaces the old one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.setAccessibleName(self.tr("Message"))
        self._text = WrappedLabel()
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._text.setMinimumWidth(120)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(12)
        layout.addWidget(self._text, 1)
        layout.addLayout(self._buttons)
        self.hide()

    @property
    def text(self) -> str:
        """What is being said; empty when the bar is hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_problem(self, sentence: str) -> None:
        """Say what went wrong, with a button that copies the sentence."""
        self._show("problem", sentence, [(self.tr("Copy"), self._copy)], keep=True)

    def show_notice(self, sentence: str) -> None:
        """Say something worth knowing."""
        self._show("notice", sentence, [])

    def ask(self, question: str, choices: Sequence[Choice]) -> None:
        """Offer choices; the first is focused. Any choice, or Dismiss, ends the question."""
        self._show("question", question, choices)
        first = self._buttons.itemAt(0)
        button = first.widget() if first else None
        if button is not None:
            button.setFocus()

    def dismiss(self) -> None:
        self._text.clear()
        self.hide()

    def buttons(self) -> list[QPushButton]:
        """The buttons on show, from left to right."""
        return self.findChildren(QPushButton)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _show(self, kind: str, text: str, choices: Sequence[Choice], *, keep: bool = False) -> None:
        self._remove_buttons()
        for label, handler in choices:
            self._add_button(label, handler if keep else self._and_dismiss(handler))
        self._add_button(self.tr("Dismiss"), self.dismiss, role="quiet")
        reach_after(self._text, *self.buttons())
        self._text.setText(text)
        self.setAccessibleDescription(text)
        self.setProperty("kind", kind)
        for widget in (self, self._text):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.show()

    def _add_button(self, label: str, handler: Callable[[], object], *, role: str = "") -> None:
        button = QPushButton(label)
        button.setProperty("role", role)
        button.setToolTip(label)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: handler())
        self._buttons.addWidget(button)

    def _remove_buttons(self) -> None:
        for button in self.buttons():
            self._buttons.removeWidget(button)
            button.setParent(None)
            button.deleteLater()

    def _and_dismiss(self, handler: Callable[[], object]) -> Callable[[], object]:
        def call() -> None:
            self.dismiss()
            handler()

        return call

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.text())
