"""What most fills need not be told: grow, feather, context, seed, device."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFormLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.paths import resources_dir
from inpaint_studio.ui.panels.fields import Caption, ElidedCombo, NumberField
from inpaint_studio.ui.tab_order import reach_after

AUTO = -1
"""A feather or context that is chosen for the fill."""


class AdvancedOptions(QWidget):
    """Five fields, with defaults that are right for nearly everything."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grow = NumberField(0, 64, self.tr(" px"))
        self.feather = NumberField(AUTO, 256, self.tr(" px"))
        self.feather.setSpecialValueText(self.tr("Automatic"))
        self.feather.setValue(AUTO)
        self.context = NumberField(AUTO, 8192, self.tr(" px"))
        self.context.setSpecialValueText(self.tr("Automatic"))
        self.context.setValue(AUTO)
        self.seed = NumberField(0, 2**31 - 1)
        self.device = ElidedCombo()
        self.device.setAccessibleName(self.tr("Device"))
        for name, title in (
            ("auto", self.tr("Fastest available")),
            ("cuda", self.tr("NVIDIA GPU (CUDA)")),
            ("mps", self.tr("Apple GPU (MPS)")),
            ("cpu", self.tr("Processor (CPU)")),
        ):
            self.device.addItem(title, name)
        self._form = form = QFormLayout(self)
        form.setContentsMargins(0, 2, 0, 4)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        rows = (
            (self.tr("Gro&w"), self.grow, self.tr("Fill this many pixels around the mask too")),
            (
                self.tr("Feathe&r"),
                self.feather,
                self.tr("Blend the fill in over this many pixels, inside the mask only"),
            ),
            (
                self.tr("Conte&xt"),
                self.context,
                self.tr("How many pixels round the hole the engine is shown"),
            ),
            (self.tr("See&d"), self.seed, self.tr("Same seed, same device: the same fill")),
            (self.tr("Devi&ce"), self.device, self.tr("What the fill is computed on")),
        )
        for text, field, tip in rows:
            label = Caption(text, field)
            label.setMinimumWidth(52)
            field.setToolTip(tip)
            field.setAccessibleName(text.replace("&", ""))
            form.addRow(label, field)
        self.last: QWidget = self.device
        """The lowest field."""

    def add_row(self, text: str, field: QWidget, tip: str) -> None:
        """One more field below the others; without a text it has the row to itself and
        says itself what it is."""
        field.setToolTip(tip)
        if text:
            field.setAccessibleName(text.replace("&", ""))
            label = Caption(text, field)
            label.setMinimumWidth(52)
            self._form.addRow(label, field)
        else:
            self._form.addRow(field)
        reach_after(self.last, field)
        self.last = field

    @property
    def feather_px(self) -> int | None:
        """None where the feather is chosen automatically."""
        value = self.feather.value()
        return None if value == AUTO else value

    @feather_px.setter
    def feather_px(self, feather: int | None) -> None:
        self.feather.setValue(AUTO if feather is None else feather)

    @property
    def context_px(self) -> int | None:
        """None where the context is chosen by the size of the hole."""
        value = self.context.value()
        return None if value == AUTO else value

    @context_px.setter
    def context_px(self, context: int | None) -> None:
        self.context.setValue(AUTO if context is None else context)

    def choose_device(self, device: str) -> None:
        index = self.device.findData(device)
        if index >= 0:
            self.device.setCurrentIndex(index)


class Disclosure(QWidget):
    """A word with a triangle that shows or hides what is below it; hidden at first."""

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = body
        self.header = QToolButton()
        self.header.setText(title)
        self.header.setCheckable(True)
        self.header.setProperty("role", "disclosure")
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setIconSize(QSize(12, 12))
        self.header.setToolTip(self.tr("Show or hide the rarer options (Space)"))
        self.header.setAccessibleName(title)
        self.header.toggled.connect(self._disclose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.header)
        layout.addWidget(body)
        self._disclose(False)

    def _disclose(self, shown: bool) -> None:
        self._body.setVisible(shown)
        name = "chevron-down" if shown else "chevron-right"
        self.header.setIcon(QIcon(str(resources_dir() / "icons" / f"{name}.svg")))
