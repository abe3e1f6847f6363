"""What single tools can be set to besides the brush: tolerance, source, who finds objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QWidget,
)

from inpaint_studio.imaging.object_selectors import selector_names
from inpaint_studio.imaging.selection import Wand
from inpaint_studio.ui.panels.fields import NumberField

if TYPE_CHECKING:
    from inpaint_studio.ui.canvas.painting import MaskPainting


class ExtraOptions(QWidget):
    """Shows the settings of the chosen tool and hands them to the canvas's brush."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tolerance = NumberField(0, 255)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.contiguous = QCheckBox(self.tr("Contiguous"))
        self.aligned = QCheckBox(self.tr("Aligned"))
        self.selector = QComboBox()
        self._painting: MaskPainting | None = None
        self._wand = self._row()
        self._clone = self._row()
        self._object = self._row()
        self._lay_out()
        self._connect()
        self.show_tool("brush")

    def follow(self, painting: MaskPainting) -> None:
        """Set this brush, and show what a drag has set it to."""
        self._painting = painting
        painting.wand_changed.connect(lambda: self._show_wand(painting.wand))
        self._show_wand(painting.wand)
        with QSignalBlocker(self.aligned):
            self.aligned.setChecked(painting.clone.aligned)

    def show_tool(self, tool: str) -> bool:
        """Offer what can be set for `tool`; whether there is anything."""
        self._wand.setVisible(tool == "wand")
        self._clone.setVisible(tool in ("heal", "clone"))
        chosen = tool == "object" and self._find_selectors()
        self._object.setVisible(chosen)
        return chosen or tool in ("wand", "heal", "clone")

    def _find_selectors(self) -> bool:
        """List who can find objects; whether there is anything to choose."""
        names = selector_names()
        if [self.selector.itemText(row) for row in range(self.selector.count())] != list(names):
            with QSignalBlocker(self.selector):
                self.selector.clear()
                self.selector.addItems(names)
        return len(names) > 1

    def _row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(4, 0, 10, 0)
        layout.setSpacing(8)
        return row

    def _lay_out(self) -> None:
        tip = self.tr("How far a colour may be from the one clicked on, 0 to 255")
        caption = QLabel(self.tr("Toler&ance"))
        caption.setProperty("role", "muted")
        caption.setBuddy(self.tolerance)
        for field in (caption, self.slider, self.tolerance):
            field.setToolTip(tip)
            field.setAccessibleName(self.tr("Tolerance of the magic wand"))
        self.slider.setMaximum(255)
        self.slider.setFixedWidth(110)
        self.tolerance.setMinimumWidth(64)
        self.contiguous.setToolTip(self.tr("Only what is connected with the place clicked on"))
        self.aligned.setToolTip(
            self.tr("Later strokes keep the distance to the source; else each starts from it again")
        )
        for widget in (caption, self.slider, self.tolerance, self.contiguous):
            _add(self._wand, widget)
        _add(self._clone, self.aligned)
        tip = self.tr("Who finds the object that was boxed or clicked on")
        self.selector.setToolTip(tip)
        self.selector.setAccessibleName(self.tr("Object selector"))
        caption = QLabel(self.tr("Selector"))
        caption.setProperty("role", "muted")
        caption.setBuddy(self.selector)
        caption.setToolTip(tip)
        _add(self._object, caption)
        _add(self._object, self.selector)
        rows = QHBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._wand)
        rows.addWidget(self._clone)
        rows.addWidget(self._object)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self.tolerance.setValue)
        self.tolerance.valueChanged.connect(self._edit_wand)
        self.contiguous.toggled.connect(self._edit_wand)
        self.aligned.toggled.connect(self._edit_source)
        self.selector.currentTextChanged.connect(self._choose_selector)

    def _edit_wand(self) -> None:
        wand = Wand(self.tolerance.value(), self.contiguous.isChecked())
        self._show_wand(wand)
        if self._painting is not None:
            self._painting.set_wand(wand)

    def _edit_source(self) -> None:
        if self._painting is not None:
            self._painting.clone.aligned = self.aligned.isChecked()

    def _choose_selector(self, name: str) -> None:
        if self._painting is not None:
            self._painting.selector = name

    def _show_wand(self, wand: Wand) -> None:
        widgets = (self.slider, self.tolerance, self.contiguous)
        blockers = [QSignalBlocker(widget) for widget in widgets]
        self.slider.setValue(wand.tolerance)
        self.tolerance.setValue(wand.tolerance)
        self.contiguous.setChecked(wand.contiguous)
        del blockers


def _add(row: QWidget, widget: QWidget) -> None:
    layout = row.layout()
    if layout is not None:
        layout.addWidget(widget)
