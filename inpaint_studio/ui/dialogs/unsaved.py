"""The question before unsaved work is lost."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QMessageBox, QWidget


class UnsavedQuestion(QMessageBox):
    """Save, Export, Discard or Cancel; exactly one of the signals follows all but Cancel."""

    saving = Signal()
    exporting = Signal()
    discarded = Signal()

    def __init__(self, parent: QWidget | None, *, name: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Unsaved changes"))
        self.setIcon(QMessageBox.Icon.NoIcon)
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 320)
        self.setText(self.tr("“{0}” has changes that were not saved.").format(shown))
        self.setInformativeText(
            self.tr("A project keeps the layers; an export keeps only how it looks.")
        )
        buttons = QMessageBox.StandardButton
        self.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        self.button(buttons.Save).setText(self.tr("&Save Project"))
        self.button(buttons.Discard).setText(self.tr("&Discard"))
        self.export = self.addButton(self.tr("&Export…"), QMessageBox.ButtonRole.ActionRole)
        self.setDefaultButton(buttons.Save)
        self.setEscapeButton(buttons.Cancel)
        self.finished.connect(self._answer)
        self._align()

    def _align(self) -> None:
        """Have the words begin where the buttons' row does: without an icon Qt sets them in."""
        grid = self.layout()
        if isinstance(grid, QGridLayout):
            grid.setContentsMargins(20, 18, 20, 16)
            indent = grid.itemAtPosition(0, 0)
            if indent is not None:  # pyright: ignore[reportUnnecessaryComparison]
                grid.removeItem(indent)
            grid.setHorizontalSpacing(0)
            grid.setColumnStretch(1, 1)

    def _answer(self, button: int) -> None:
        if self.clickedButton() is self.export:
            self.exporting.emit()
        elif button == QMessageBox.StandardButton.Save.value:
            self.saving.emit()
        elif button == QMessageBox.StandardButton.Discard.value:
            self.discarded.emit()
