"""Shows a model's licence and asks for agreement before it is put on this disk."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.ui.dialogs.model_text import terms_html
from inpaint_studio.ui.dialogs.sizes import resize_within
from inpaint_studio.ui.panels.fields import WrappedLabel
from inpaint_studio.weights.card import ModelCard


class ConsentDialog(QDialog):
    """Agreeing takes a tick and a button; `agreed` is called once."""

    def __init__(
        self, parent: QWidget | None, card: ModelCard, *, agreed: Callable[[], object]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Licence of {0}").format(card.title))
        lead = WrappedLabel(_terms(card))
        lead.setProperty("role", "warning")
        facts = QTextBrowser(openExternalLinks=True)
        facts.setHtml(terms_html(card))
        facts.setAccessibleName(self.tr("Licence and origin of the model"))
        facts.setToolTip(self.tr("Addresses open in the web browser"))
        self.tick = QCheckBox(self.tr("I have &read the licence and agree to its terms"))
        self.tick.setToolTip(self.tr("Has to be ticked before the model is put on this disk"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.agree = buttons.addButton(self.tr("Agree"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.agree.setEnabled(False)
        self.agree.setDefault(True)
        self.tick.toggled.connect(self.agree.setEnabled)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: agreed())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(lead)
        layout.addWidget(facts, 1)
        layout.addWidget(self.tick)
        layout.addWidget(buttons)
        resize_within(self, 540, 420)
        self.tick.setFocus()

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
