"""How closely patches follow what leads them: a slider with its number."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

_STEPS = 20
"""Of 5 % each: finer ones make no difference anyone sees."""


class _Slider(QSlider):
    """The wheel scrolls past it unless it has focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class StrengthField(QWidget):
    """From 0, patches alone, to 1, the drawing wherever patches can."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(4)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setAccessibleName(self.tr("Strength"))
        self.number = QLabel()
        self.number.setProperty("role", "muted")
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("100 %"))
        self.setToolTip(
            self.tr(
                "How closely the patches follow what leads them (Left, Right).\n"
                "Less where that is a blur, more where patches continue the wrong thing."
            )
        )
        self.slider.setToolTip(self.toolTip())
        self.setFocusProxy(self.slider)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.number)
        self.slider.valueChanged.connect(self._show)
        self._show()

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self.slider.value() / _STEPS

    def set_value(self, value: float) -> None:
        self.slider.setValue(round(value * _STEPS))

    def _show(self) -> None:
        self.number.setText(self.tr("{0} %").format(round(100 * self.value)))
        self.changed.emit()
