"""The bar above the photo that says what is being edited instead of the mask, and how to leave."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from inpaint_studio.ui.tab_order import reach_after


class ModeBar(QFrame):
    """One mode at a time: what it is, its buttons, and Cancel or Done. Hidden without a mode."""

    changed = Signal()
    """A mode began or ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.setProperty("kind", "mode")
        self.setAccessibleName(self.tr("What is being edited"))
        self._name = ""
        self._about = ""
        self._leave: Callable[[], object] | None = None
        self._text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._text.installEventFilter(self)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 5, 8, 5)
        layout.setSpacing(12)
        layout.addWidget(self._text, 1)
        layout.addLayout(self._buttons)
        self.hide()

    @property
    def is_on(self) -> bool:
        """Whether something is being edited."""
        return self._leave is not None

    @property
    def text(self) -> str:
        """What is being said, unshortened; empty without a mode."""
        return self._said(self._name) if self.is_on else ""

    def begin(self, name: str, about: str, *, leave: Callable[[], object], leave_text: str) -> None:
        """Say "`about`" with `name` in place of its {0}; Esc and the last button call `leave`."""
        self._name, self._about, self._leave = name, about, leave
        self._clear()
        key = self.tr("Esc")
        self.add_button(f"{leave_text} ({key})", leave, tip=f"{leave_text} ({key})")
        self.setAccessibleDescription(self.text)
        self.setToolTip(self.text)
        self.show()
        self._fit()
        self.changed.emit()

    def add_button(
        self, text: str, handler: Callable[[], object], *, tip: str, primary: bool = False
    ) -> None:
        """A button to the left of those there are."""
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("role", "primary" if primary else "quiet")
        button.clicked.connect(lambda: handler())
        self._buttons.insertWidget(0, button)
        reach_after(self._text, *self.buttons())
        self._fit()

    def end(self) -> None:
        """There is nothing special being edited any more."""
        if self.is_on:
            self._leave = None
            self.hide()
            self.changed.emit()

    def leave(self) -> None:
        """Do what the last button does."""
        if self._leave is not None:
            self._leave()

    def buttons(self) -> list[QPushButton]:
        """The buttons on show, from left to right."""
        items = (self._buttons.itemAt(place) for place in range(self._buttons.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A button that came or went leaves the sentence other room."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _said(self, name: str) -> str:
        return self._about.format(name)

    def _fit(self) -> None:
        """Shorten the name, not what is said about it."""
        metrics, room = self._text.fontMetrics(), self._text.width()
        spare = room - metrics.horizontalAdvance(self._said("")) - 2
        mode = Qt.TextElideMode.ElideMiddle
        short = metrics.elidedText(self._name, mode, max(40, spare))
        said = metrics.elidedText(self._said(short), Qt.TextElideMode.ElideRight, max(40, room))
        self._text.setText(said)

    def _clear(self) -> None:
        for button in self.buttons():
            self._buttons.removeWidget(button)
            button.setParent(None)
            button.deleteLater()
