"""A dialog for operations on the mask: the canvas shows what comes of them while they are set."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QSlider,
    QWidget,
)

from inpaint_studio.imaging.selection import How
from inpaint_studio.ui.live_mask import Field, LiveOperation, LivePreview, Values
from inpaint_studio.ui.panels.fields import Caption, NumberField, WrappedLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.ui.canvas.view import CanvasView

_WIDTH = 380
_MARGIN = 18


class LiveDialog(QDialog):
    """Sets one operation; the window stays in use beside it, to zoom and pan."""

    def __init__(
        self,
        parent: QWidget | None,
        canvas: CanvasView,
        operation: LiveOperation,
        *,
        agreed: Callable[[Values, How], object],
        extra: QWidget | None = None,
    ) -> None:
        """`agreed` is told the values by key, and how the outcome joins the mask."""
        super().__init__(parent)
        self._agreed = agreed
        self.setWindowTitle(operation.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self._canvas = canvas
        self._preview = LivePreview(canvas, operation, self)
        self._fields: dict[str, NumberField | QComboBox] = {}
        self.joining = QComboBox()
        self.live = QCheckBox(self.tr("&Preview"))
        self.live.setChecked(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._lay_out(operation, extra)
        self._connect()
        self.refresh()

    @property
    def values(self) -> dict[str, int]:
        """What the fields are set to; choices by their number."""
        return {
            key: field.currentIndex() if isinstance(field, QComboBox) else field.value()
            for key, field in self._fields.items()
        }

    @property
    def how(self) -> How:
        return cast(How, self.joining.currentData() or "replace")

    def set_value(self, key: str, value: int) -> None:
        """Set one of the fields."""
        field = self._fields[key]
        if isinstance(field, QComboBox):
            field.setCurrentIndex(value)
        else:
            field.setValue(value)

    def refresh(self) -> None:
        """Show what comes of the values as they are."""
        if self.live.isChecked():
            self._preview.show(self.values, self.how)
        else:
            self._preview.clear()

    def done(self, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            # What was agreed on shows until it is in the mask.
            self._preview.leave()
            self._agreed(self.values, self.how)
        else:
            self._preview.clear()
        super().done(result)

    def open_beside(self) -> None:
        """Show it in the canvas's upper right corner, away from the middle of the photo."""
        corner = self._canvas.mapToGlobal(self._canvas.rect().topRight())
        self.adjustSize()
        self.move(corner.x() - self.width() - _MARGIN, corner.y() + _MARGIN)
        self.show()

    def _lay_out(self, operation: LiveOperation, extra: QWidget | None) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(18, 16, 18, 14)
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(12)
        hint = WrappedLabel(operation.hint)
        hint.setProperty("role", "muted")
        form.addRow(hint)
        if extra is not None:
            form.addRow(extra)
        for field in operation.fields:
            self._add(form, field)
        if operation.how is not None:
            self._add_joining(form, operation.how)
        self.live.setToolTip(self.tr("Show the outcome on the photo while setting it"))
        form.addRow(self.live)
        form.addRow(self.buttons)
        self.setFixedWidth(_WIDTH)

    def _add(self, form: QFormLayout, field: Field) -> None:
        if field.choices:
            combo = QComboBox()
            combo.addItems(list(field.choices))
            combo.setCurrentIndex(field.value)
            combo.currentIndexChanged.connect(self.refresh)
            editor, row = combo, combo
        else:
            spin = NumberField(field.low, field.high, field.suffix)
            spin.setMinimumWidth(spin.fontMetrics().horizontalAdvance("0000 px") + 52)
            editor, row = spin, _with_slider(spin, field)
            spin.setValue(field.value)
            spin.valueChanged.connect(self.refresh)
        editor.setAccessibleName(field.label.replace("&", ""))
        editor.setToolTip(field.tip)
        self._fields[field.key] = editor
        form.addRow(Caption(field.label, editor), row)

    def _add_joining(self, form: QFormLayout, how: How) -> None:
        names = {
            "add": self.tr("Add to the mask"),
            "subtract": self.tr("Take away from the mask"),
            "intersect": self.tr("Keep only what is in both"),
            "replace": self.tr("Replace the mask"),
        }
        for key, name in names.items():
            self.joining.addItem(name, key)
        self.joining.setCurrentIndex(self.joining.findData(how))
        self.joining.setAccessibleName(self.tr("How it joins the mask"))
        self.joining.setToolTip(self.tr("What becomes of the mask there is"))
        self.joining.currentIndexChanged.connect(self.refresh)
        form.addRow(Caption(self.tr("&Outcome"), self.joining), self.joining)

    def _connect(self) -> None:
        self.live.toggled.connect(self.refresh)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)


def _with_slider(spin: NumberField, field: Field) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(field.low, field.high)
    slider.setAccessibleName(field.label.replace("&", ""))
    slider.setToolTip(field.tip)
    slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    slider.valueChanged.connect(spin.setValue)
    spin.valueChanged.connect(slider.setValue)
    layout.addWidget(slider, 1)
    layout.addWidget(spin)
    return row
