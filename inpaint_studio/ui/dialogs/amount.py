"""A dialog that asks for a number of pixels."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QWidget

from inpaint_studio.ui.panels.fields import NumberField

LARGEST = 500


class AmountDialog(QDialog):
    """Asks how far; `chosen(pixels)` is called when the user agrees."""

    def __init__(
        self,
        parent: QWidget | None,
        *,
        title: str,
        label: str,
        value: int,
        chosen: Callable[[int], object],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.amount = NumberField(1, LARGEST, self.tr(" px"))
        self.amount.setValue(value)
        self.amount.setAccessibleName(label)
        self.amount.setToolTip(self.tr("Pixels of the photo, 1 to {0}").format(LARGEST))
        self.amount.setMinimumWidth(110)
        self.amount.selectAll()
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(title)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QFormLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setVerticalSpacing(16)
        layout.addRow(label, self.amount)
        layout.addRow(buttons)
        self.accepted.connect(lambda: chosen(self.amount.value()))
