"""The line at the bottom: the last message, and what the photo, the mask and the view are."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QWidget

from inpaint_studio.document.change import Change
from inpaint_studio.document.document import Document
from inpaint_studio.ui.photo_facts import describe

COVERAGE_DELAY = 120
"""Milliseconds without a change until the mask is counted anew."""
SENTENCE_STAYS = 20_000
"""Milliseconds after which a sentence gives way to the hint."""


class StatusBar(QStatusBar):
    """Labels only; it is told everything."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._document: Document | None = None
        self._sentence = ""
        self._busy = ""
        self._message = self._label(self.tr("Message"), permanent=False)
        self._message.setProperty("role", "message")
        self._hint = ""
        self._hint_label = self._label(self.tr("What the tool does"), permanent=False)
        self._message.installEventFilter(self)
        self._hint_label.installEventFilter(self)
        self._fade = QTimer(self, singleShot=True, interval=SENTENCE_STAYS)
        self._fade.timeout.connect(lambda: self._show_lines(hint=True))
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setFixedWidth(90)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Reading or writing a file"))
        self.addPermanentWidget(self._bar)
        self._bar.hide()
        self._cursor = self._label(self.tr("Position of the pointer"))
        self._coverage = self._label(self.tr("Share of the photo that is to be filled"))
        self._photo = self._label(self.tr("Size, depth and colour profile of the photo"))
        self._device = self._label(self.tr("What the last fill ran on"))
        self._zoom = self._label(self.tr("Zoom"))
        self._zoom.setMinimumWidth(58)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._count = QTimer(self, singleShot=True, interval=COVERAGE_DELAY)
        self._count.timeout.connect(self._count_mask)

    def show_document(self, document: Document | None) -> None:
        self._document = document
        self._photo.setText("" if document is None else describe(document.photo))
        self._cursor.clear()
        if document is None:
            self._coverage.clear()
            self._device.clear()
            self._zoom.clear()
        else:
            self._count_mask()

    def refresh(self, change: Change) -> None:
        if change.kind == "mask":
            self._count.start()

    def show_sentence(self, sentence: str) -> None:
        """What just happened; shortened to fit, in full as the tool tip."""
        self._sentence = sentence
        self._message.setToolTip(sentence)
        self._show_lines(hint=not sentence)
        self._fade.start()

    def show_hint(self, hint: str) -> None:
        """What there is to know about the tool in hand; takes the place of the last sentence."""
        self._hint = hint
        self._hint_label.setToolTip(hint)
        self._show_lines(hint=not self._busy)

    @property
    def line(self) -> str:
        """What is written on the left, as far as there is room."""
        return (self._message if self._hint_label.isHidden() else self._hint_label).text()

    def show_busy(self, what: str) -> None:
        """What is being read or written; an empty text takes it back."""
        self._bar.setVisible(bool(what))
        if what or self._sentence == self._busy:  # not what was said of it meanwhile
            self.show_sentence(what)
        self._busy = what

    def show_zoom(self, zoom: float) -> None:
        percent = zoom * 100
        self._zoom.setText(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")

    def show_cursor(self, x: int, y: int) -> None:
        """Column and row on the photo; outside it the label is emptied."""
        inside = (
            self._document is not None
            and 0 <= x < self._document.size.width
            and 0 <= y < self._document.size.height
        )
        self._cursor.setText(f"{x}, {y}" if inside else "")

    def show_device(self, device: str) -> None:
        self._device.setText(device)

    @property
    def sentence(self) -> str:
        return self._sentence

    @property
    def facts(self) -> tuple[str, ...]:
        """What the labels on the right say, from left to right."""
        labels = (self._cursor, self._coverage, self._photo, self._device, self._zoom)
        return tuple(label.text() for label in labels)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Shorten anew what has less room because something beside it was written."""
        if event.type() == QEvent.Type.Resize and watched in (self._message, self._hint_label):
            self._elide()
        return super().eventFilter(watched, event)

    def _label(self, tip: str, *, permanent: bool = True) -> QLabel:
        label = QLabel(textFormat=Qt.TextFormat.PlainText)
        label.setToolTip(tip)
        label.setAccessibleName(tip)
        if permanent:
            self.addPermanentWidget(label)
        else:
            label.setMinimumWidth(40)
            self.addWidget(label, 1)
        return label

    def _show_lines(self, *, hint: bool) -> None:
        """Show the hint, if there is one, or else the last sentence."""
        shows_hint = hint and bool(self._hint)
        self._hint_label.setVisible(shows_hint)
        self._message.setVisible(not shows_hint)
        self._elide()
        QTimer.singleShot(0, self, self._elide)  # its width is known once it has been laid out

    def _elide(self) -> None:
        hidden = self._hint_label.isHidden()
        shown = self._message if hidden else self._hint_label
        margins = 18 + shown.fontMetrics().horizontalAdvance("x")  # as the style sheet sets it in
        room = max(40, shown.width() - margins)
        for label, text in ((self._message, self._sentence), (self._hint_label, self._hint)):
            elided = label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
            label.setText(elided)

    def _count_mask(self) -> None:
        if self._document is None:
            return
        share = 100 * np.count_nonzero(self._document.mask) / self._document.size.area
        if share == 0:
            self._coverage.setText(self.tr("Mask empty"))
        else:
            digits = 0 if share >= 10 else (1 if share >= 1 else 2)
            self._coverage.setText(self.tr("Mask {0} %").format(f"{share:.{digits}f}"))
