"""The question before unsaved work is lost."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget


class UnsavedQuestion(QMessageBox):
    """Save, Discard or Cancel; exactly one of the signals follows Save and Discard."""

    saving = Signal()
    discarded = Signal()

    def __init__(self, parent: QWidget | None, *, name: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Unsaved changes"))
        self.setIcon(QMessageBox.Icon.NoIcon)
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 320)
        self.setText(self.tr("“{0}” has changes that were not exported.").format(shown))
        self.setInformativeText(self.tr("They are lost unless you save them."))
        buttons = QMessageBox.StandardButton
        self.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        self.button(buttons.Save).setText(self.tr("&Save…"))
        self.button(buttons.Discard).setText(self.tr("&Discard"))
        self.setDefaultButton(buttons.Save)
        self.setEscapeButton(buttons.Cancel)
        self.finished.connect(self._answer)

    def _answer(self, button: int) -> None:
        if button == QMessageBox.StandardButton.Save.value:
            self.saving.emit()
        elif button == QMessageBox.StandardButton.Discard.value:
            self.discarded.emit()
