"""The strip above the photo: what the chosen tool can be set to, and the mask's tint."""

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from inpaint_studio.ui.panels.fields import NumberField
from inpaint_studio.ui.tool_extras import ExtraOptions

LARGEST = 2000
STEPS = 400
"""Positions of the size slider, which is logarithmic: as fine at 3 px as at 1000 px."""


class ToolOptions(QToolBar):
    """Says what the user set; is told what the canvas set (keys, gestures)."""

    brush_edited = Signal(float, float)
    """Diameter in photo pixels, hardness from 0 to 1."""
    tint_edited = Signal(float)
    """Opacity of the tint, 0 to 1."""
    color_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("options")
        self.setWindowTitle(self.tr("Tool options"))
        self.setMovable(False)
        self.setFloatable(False)
        self.size_slider = _slider(self.tr("Brush size"), STEPS, 110)
        self.size_spin = _spin(self.tr("Brush size"), 1, LARGEST, self.tr(" px"))
        self.size_spin.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.hardness_slider = _slider(self.tr("Brush hardness"), 100, 80)
        self.hardness_spin = _spin(self.tr("Brush hardness"), 0, 100, " %")
        self.tint = _slider(self.tr("Opacity of the mask's tint"), 100, 80)
        self.tint.setToolTip(self.tr("How strongly the mask is tinted; M hides it"))
        self.swatch = QToolButton()
        self.swatch.setAccessibleName(self.tr("Colour of the mask's tint"))
        self.swatch.setToolTip(self.tr("Colour of the mask's tint"))
        self.hint = QLabel()
        self.hint.setProperty("role", "muted")
        self.extra = ExtraOptions()
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()

    def show_tool(self, tool: str) -> None:
        """Offer what can be set for `tool`."""
        hints = {
            "lasso": self.tr("Draw around an area. Alt takes it away from the mask."),
            "polygon": self.tr("Click corner by corner. Enter closes, Backspace takes one back."),
            "object": self.tr("Drag a box round an object, or click on it. Alt takes it away."),
            "wand": self.tr(
                "Click to select what looks alike; drag right for more. Alt takes away."
            ),
            "pick": self.tr("Click on a colour of the photo. Shift adds one, Alt takes one away."),
            "hand": self.tr("Drag to move the photo. Ctrl+wheel zooms."),
        }
        self.hint.setText(hints.get(tool, ""))
        self._pages.setCurrentIndex(1 if tool in hints else 0)
        self._extra.setVisible(self.extra.show_tool(tool))

    def show_brush(self, size: float, hardness: float) -> None:
        for widget, value in (
            (self.size_spin, round(size)),
            (self.size_slider, _to_step(size)),
            (self.hardness_spin, round(hardness * 100)),
            (self.hardness_slider, round(hardness * 100)),
        ):
            with QSignalBlocker(widget):
                widget.setValue(value)

    def show_tint(self, color: QColor, opacity: float) -> None:
        pixmap = QPixmap(16, 16)
        pixmap.fill(color)
        self.swatch.setIcon(QIcon(pixmap))
        with QSignalBlocker(self.tint):
            self.tint.setValue(round(opacity * 100))

    def _lay_out(self) -> None:
        brush = _row(
            _caption(self.tr("Si&ze"), self.size_spin, self.tr("Brush size: [ and ]")),
            self.size_slider,
            self.size_spin,
            _caption(
                self.tr("H&ardness"),
                self.hardness_spin,
                self.tr("Brush hardness: Shift+[ and Shift+]"),
            ),
            self.hardness_slider,
            self.hardness_spin,
        )
        self.size_slider.setToolTip(self.tr("Brush size ([ and ])"))
        self.size_spin.setToolTip(self.size_slider.toolTip())
        self.hardness_slider.setToolTip(self.tr("Brush hardness (Shift+[ and Shift+])"))
        self.hardness_spin.setToolTip(self.hardness_slider.toolTip())
        self._pages.addWidget(brush)
        self._pages.addWidget(_row(self.hint))
        self._pages.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._extra = self.addWidget(self.extra)
        self.addWidget(self._pages)
        tint = _row(_caption(self.tr("Ti&nt"), self.tint, ""), self.swatch, self.tint)
        self.addSeparator()
        self.addWidget(tint)

    def _connect(self) -> None:
        self.size_slider.valueChanged.connect(self._take_step)
        self.hardness_slider.valueChanged.connect(self.hardness_spin.setValue)
        self.size_spin.valueChanged.connect(self._edit_brush)
        self.hardness_spin.valueChanged.connect(self._edit_brush)
        self.tint.valueChanged.connect(self._edit_tint)
        self.swatch.clicked.connect(self.color_requested)

    def _take_step(self, step: int) -> None:
        self.size_spin.setValue(_from_step(step))

    def _edit_tint(self, percent: int) -> None:
        self.tint_edited.emit(percent / 100)

    def _edit_brush(self) -> None:
        size, hardness = float(self.size_spin.value()), self.hardness_spin.value() / 100
        self.show_brush(size, hardness)
        self.brush_edited.emit(size, hardness)


def _to_step(size: float) -> int:
    return round(STEPS * math.log(max(size, 1.0)) / math.log(LARGEST))


def _from_step(step: int) -> int:
    return round(LARGEST ** (step / STEPS))


def _slider(name: str, maximum: int, width: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setMaximum(maximum)
    slider.setFixedWidth(width)
    slider.setAccessibleName(name)
    return slider


def _spin(name: str, low: int, high: int, suffix: str) -> NumberField:
    spin = NumberField(low, high, suffix)
    spin.setAccessibleName(name)
    spin.setMinimumWidth(78)
    spin.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    spin.setKeyboardTracking(False)
    return spin


def _caption(text: str, buddy: QWidget, tip: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setBuddy(buddy)
    label.setToolTip(tip)
    return label


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(4, 0, 10, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    row.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    return row
