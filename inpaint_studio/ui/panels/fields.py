"""Controls Qt lacks: a label as high as its text, a combo that shortens it, a calmer spin box."""

import re
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QListView,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

NO_MODIFIER = Qt.KeyboardModifier.NoModifier
ARROW = 48
"""Width of a combo that its text cannot use."""
_BREAK: Final = "\u200b"
"""Nothing to be seen, where a line may end."""
_LONG_WORD: Final = re.compile(r"\S{28,}")
_PIECE: Final = re.compile(r"[/\\_.\-]|[^/\\_.\-]{16}")


def breakable(text: str) -> str:
    """`text` with places in its long words, file names mostly, where a line may end."""
    return _LONG_WORD.sub(lambda word: _PIECE.sub(rf"\g<0>{_BREAK}", word.group()), text)


class WrappedLabel(QLabel):
    """Text over several lines that is never cut off, however long its words are.

    Layouts in a scroll area take the preferred height of a height-for-width label for its least
    one, and then cannot shrink what lies beside it; this label has a plain minimum height.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(breakable(text), parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(breakable(text))
        self._fit()

    def text(self) -> str:
        """As it was set."""
        return super().text().replace(_BREAK, "")

    def hasHeightForWidth(self) -> bool:
        return False

    def sizeHint(self) -> QSize:
        return QSize(120, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _fit(self) -> None:
        self.updateGeometry()

    def _height(self) -> int:
        text = super().text()
        if not text:
            return 0
        room = QRect(0, 0, max(self.width(), 40), 10_000)
        flags = Qt.TextFlag.TextWordWrap
        return self.fontMetrics().boundingRect(room, flags, text).height()


def elide_items(items: QListView) -> None:
    """Shorten what is too wide for the list in its middle, where names differ least."""
    items.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    items.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    items.setResizeMode(QListView.ResizeMode.Adjust)


class Caption(QLabel):
    """Names a field, and is as high as that: forms would set a lower label above the middle."""

    def __init__(self, text: str, field: QWidget) -> None:
        super().__init__(text)
        self._field = field
        self.setBuddy(field)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint.expandedTo(QSize(0, self._field.sizeHint().height()))


class ElidedCombo(QComboBox):
    """Shortens the chosen text with an ellipsis; the wheel scrolls past it unless it has focus.

    While it has the keyboard, letters choose an entry instead of a tool.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.installEventFilter(self)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        override = watched is self and event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (NO_MODIFIER, Qt.KeyboardModifier.ShiftModifier)
            if plain and event.text().isalpha():
                event.accept()
                return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.fontMetrics().horizontalAdvance(self.currentText()) < self.width() - ARROW:
            super().paintEvent(event)
        else:
            self._paint_shortened()

    def _paint_shortened(self) -> None:
        # Making QStyle's enumerations takes longer than the rest of this file, and is rarely
        # needed before the first paint.
        from PySide6.QtWidgets import QStyle, QStyleOptionComboBox, QStylePainter

        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_ComboBox
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, field, self).width() - 6
        option.currentText = self.fontMetrics().elidedText(  # pyright: ignore[reportAttributeAccessIssue]
            self.currentText(), Qt.TextElideMode.ElideRight, room
        )
        painter.drawComplexControl(control, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class NumberField(QSpinBox):
    """A spin box with its text set in as in other fields; the wheel needs the focus."""

    def __init__(self, low: int, high: int, suffix: str = "") -> None:
        super().__init__()
        self.setRange(low, high)
        self.setSuffix(suffix)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Style sheets do not reach the padding of the line edit inside a spin box.
        self.lineEdit().setTextMargins(4, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
