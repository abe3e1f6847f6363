"""The Preferences dialog."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.engines.registry import DEFAULT_ENGINE, ENGINES
from inpaint_studio.settings import Settings
from inpaint_studio.ui.dialogs.safety_fields import SafetyFields
from inpaint_studio.ui.panels.fields import Caption, NumberField, WrappedLabel
from inpaint_studio.ui.settings_store import SettingsStore

SCALES = (75, 80, 90, 100, 110, 125, 150, 175, 200)
"""Sizes of the interface that are offered, in percent."""
_LETTERS = 64
"""In a line of the dialog."""


class PreferencesDialog(QDialog):
    """Changes nothing until OK."""

    def __init__(self, parent: QWidget | None, store: SettingsStore) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Preferences"))
        self.setMinimumWidth(max(420, _LETTERS * self.fontMetrics().averageCharWidth()))
        self._store = store
        settings = store.settings
        self._color = QColor(settings.mask_color)
        self.color = QPushButton(" " + self.tr("Choose…"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setMaximum(100)
        self.opacity.setValue(round(settings.mask_opacity * 100))
        self.engine = _combo([(entry.title, entry.name) for entry in ENGINES.values()])
        _select(self.engine, settings.last_engine or DEFAULT_ENGINE)
        self.device = _combo(
            [
                (self.tr("Fastest available"), "auto"),
                (self.tr("NVIDIA GPU (CUDA)"), "cuda"),
                (self.tr("Apple GPU (MPS)"), "mps"),
                (self.tr("Processor (CPU)"), "cpu"),
            ]
        )
        _select(self.device, settings.device)
        self.scale = _combo([(f"{percent} %", str(percent / 100)) for percent in SCALES])
        _select(self.scale, str(settings.ui_scale))
        self.budget = NumberField(16, 65536, self.tr(" MB"))
        self.budget.setSingleStep(64)
        self.budget.setValue(settings.history_budget_mb)
        self.safety = SafetyFields(settings)
        self._lay_out()
        self._show_color()

    def accept(self) -> None:
        self._store.update(self._changed)
        super().accept()

    def _changed(self, settings: Settings) -> Settings:
        return replace(
            self.safety.changed(settings),
            mask_color=self._color.name(),
            mask_opacity=self.opacity.value() / 100,
            last_engine=self.engine.currentData(),
            device=self.device.currentData(),
            ui_scale=float(self.scale.currentData()),
            history_budget_mb=self.budget.value(),
        )

    def _lay_out(self) -> None:
        form = QFormLayout(horizontalSpacing=14, verticalSpacing=10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        tint = QHBoxLayout()
        tint.setSpacing(10)
        tint.addWidget(self.color)
        tint.addWidget(self.opacity, 1)
        form.addRow(Caption(self.tr("&Mask tint"), self.color), tint)
        form.addRow(self.tr("&Engine at start"), self.engine)
        form.addRow(self.tr("&Device"), self.device)
        form.addRow(self.tr("&Interface size"), self.scale)
        form.addRow(self.tr("&Undo memory"), self.budget)
        note = WrappedLabel(
            self.tr(
                "Older steps move to disk beyond this; none are lost. Takes effect with the "
                "next photo."
            )
        )
        note.setProperty("role", "muted")
        form.addRow("", note)
        self.safety.add_to(form)
        for field, name in (
            (self.color, self.tr("Colour of the mask's tint")),
            (self.opacity, self.tr("Opacity of the mask's tint")),
            (self.engine, self.tr("Engine at start")),
            (self.device, self.tr("Device")),
            (self.scale, self.tr("Interface size: takes effect at the next start")),
            (self.budget, self.tr("Undo memory")),
        ):
            field.setAccessibleName(name)
            field.setToolTip(name)
        self.color.setAutoDefault(False)
        self.color.clicked.connect(self._choose_color)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(18)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def _choose_color(self) -> None:
        dialog = QColorDialog(self._color, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._take_color)
        dialog.open()

    def _take_color(self, color: QColor) -> None:
        self._color = color
        self._show_color()

    def _show_color(self) -> None:
        pixmap = QPixmap(16, 16)
        pixmap.fill(self._color)
        self.color.setIcon(QIcon(pixmap))


def _combo(items: list[tuple[str, str]]) -> QComboBox:
    combo = QComboBox()
    for title, data in items:
        combo.addItem(title, data)
    return combo


def _select(combo: QComboBox, data: str) -> None:
    combo.setCurrentIndex(max(0, combo.findData(data)))
