"""Shows a model's licence and asks for agreement before it is put on this disk."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.weights.card import ModelCard


class ConsentDialog(QDialog):
    """Agreeing takes a tick and a button; `agreed` is called once."""

    def __init__(
        self, parent: QWidget | None, card: ModelCard, *, agreed: Callable[[], object]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Licence of {0}").format(card.title))
        self.setMinimumWidth(480)
        lead = QLabel(_terms(card), wordWrap=True)
        lead.setProperty("role", "warning")
        facts = QFormLayout(horizontalSpacing=14, verticalSpacing=8)
        for name, value in (
            (self.tr("Licence"), card.licence),
            (self.tr("From"), card.origin),
            (self.tr("Trained on"), card.trained_on),
            (self.tr("Notes"), card.notes),
        ):
            if value:
                label = QLabel(value, wordWrap=True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                facts.addRow(name, label)
        self.tick = QCheckBox(self.tr("I have read the licence and agree to its terms"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.agree = buttons.addButton(self.tr("Agree"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.agree.setEnabled(False)
        self.tick.toggled.connect(self.agree.setEnabled)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: agreed())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(lead)
        layout.addLayout(facts)
        layout.addWidget(self.tick)
        layout.addWidget(buttons)

    def accept(self) -> None:
        if self.tick.isChecked():
            super().accept()


def _terms(card: ModelCard) -> str:
    if card.commercial_use == "no":
        return _tr("This model must not be used commercially.")
    return _tr(
        "It is not clear whether this model may be used commercially: its authors do not say."
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("ConsentDialog", text)
