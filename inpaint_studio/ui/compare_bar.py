"""The strip above the canvas while two pictures are compared: which, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from inpaint_studio.ui.panels.fields import ARROW, ElidedCombo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inpaint_studio.ui.canvas.comparison import CompareMode

Side = str | int
"""What a side shows: "original", "current", or the id of a layer."""

_GAINS = (1, 2, 4, 8, 16, 32)
_NARROW = 85
"""Letters that leave no room for a caption."""


class CompareBar(QWidget):
    """Says what the user chose; knows nothing of pictures."""

    changed = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare")
        self.first = self._sides(self.tr("First picture"))
        self.second = self._sides(self.tr("Second picture"))
        self.mode = ElidedCombo()
        self._caption = QLabel(self.tr("Compare"))
        self.gain = QSlider(Qt.Orientation.Horizontal)
        self.factor = QLabel("×1")
        self.swap = self._button("⇄", self.tr("Swap the two pictures"))
        self.close_button = self._button("✕", self.tr("End comparing (C)"))
        self._lay_out()
        self._connect()

    @property
    def sides(self) -> tuple[Side, Side]:
        return cast("Side", self.first.currentData()), cast("Side", self.second.currentData())

    @property
    def names(self) -> tuple[str, str]:
        return self.first.currentText(), self.second.currentText()

    @property
    def chosen_mode(self) -> CompareMode:
        return cast("CompareMode", self.mode.currentData())

    @property
    def amplification(self) -> int:
        """How many times as large a difference is shown."""
        return _GAINS[self.gain.value()]

    def offer(self, sides: Sequence[tuple[str, Side]]) -> None:
        """Let these be chosen; what is chosen stays where it is among them."""
        before = self.sides
        for combo, kept, usual in ((self.first, before[0], 0), (self.second, before[1], 1)):
            with QSignalBlocker(combo):
                combo.clear()
                for name, side in sides:
                    combo.addItem(name, side)
                place = combo.findData(kept)
                combo.setCurrentIndex(place if place >= 0 else usual)

    def choose_mode(self, mode: CompareMode) -> None:
        self.mode.setCurrentIndex(self.mode.findData(mode))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the names need the room more than what is done with them."""
        super().resizeEvent(event)
        needed = self.fontMetrics().horizontalAdvance("n") * _NARROW
        self._caption.setVisible(self.width() > needed)
        self._show_gain()

    def _lay_out(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for name, mode, tip in (
            (self.tr("Split"), "split", self.tr("Side by side: drag the line")),
            (self.tr("Flicker"), "flicker", self.tr("Hold Tab to see the first picture")),
            (self.tr("Difference"), "difference", self.tr("What differs, brightened")),
        ):
            self.mode.addItem(name, mode)
            self.mode.setItemData(self.mode.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.mode.setAccessibleName(self.tr("How to compare"))
        self.mode.setToolTip(self.tr("How to compare; holding Tab shows the first picture alone"))
        widest = self.mode.fontMetrics().horizontalAdvance(self.tr("Difference"))
        self.mode.setFixedWidth(max(112, widest + ARROW + 8))
        self.gain.setMaximum(len(_GAINS) - 1)
        self.gain.setPageStep(1)
        self.gain.setValue(2)
        self.gain.setFixedWidth(64)
        tip = self.tr("How many times as large the difference is shown")
        for widget in (self.gain, self.factor):
            widget.setToolTip(tip)
            widget.setAccessibleName(self.tr("Magnification of the difference"))
        self.factor.setFixedWidth(self.factor.fontMetrics().horizontalAdvance("×32") + 10)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 8, 4)
        layout.setSpacing(6)
        self._caption.setProperty("role", "muted")
        for widget in (self._caption, self.first, self.swap, self.second, self.mode):
            layout.addWidget(widget, 3 if widget in (self.first, self.second) else 0)
        layout.addWidget(self.gain)
        layout.addWidget(self.factor)
        layout.addStretch(1)
        layout.addWidget(self.close_button)
        self._show_gain()

    def _connect(self) -> None:
        for combo in (self.first, self.second, self.mode):
            combo.currentIndexChanged.connect(self._tell)
        self.gain.valueChanged.connect(self._tell)
        self.swap.clicked.connect(self._swap)
        self.close_button.clicked.connect(self.closed)

    def _tell(self) -> None:
        self._show_gain()
        self.changed.emit()

    def _show_gain(self) -> None:
        self.factor.setText(f"×{self.amplification}")
        shown = self.chosen_mode == "difference"
        self.gain.setVisible(shown)
        self.factor.setVisible(shown and not self._caption.isHidden())  # the photo says it, too

    def _swap(self) -> None:
        first, second = self.first.currentIndex(), self.second.currentIndex()
        with QSignalBlocker(self.first):
            self.first.setCurrentIndex(second)
        self.second.setCurrentIndex(first)
        self._tell()

    def _sides(self, name: str) -> ElidedCombo:
        combo = ElidedCombo()
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMinimumWidth(64)
        combo.setMaximumWidth(220)
        return combo

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        return button
