"""The row below a grid of fills: what is kept, what becomes of the others, and how to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from inpaint_studio.ui.panels.fields import WrappedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence


class KeepBar(QWidget):
    """Labels and buttons only; it is told everything."""

    def __init__(self) -> None:
        super().__init__()
        self.others = QComboBox()
        self.keep = QPushButton()
        self.mix = QPushButton(self.tr("&Brush Together"))
        self.stop = QPushButton(self.tr("&Stop"))
        self.leave = QPushButton(self.tr("&Close"))
        self.hint = WrappedLabel()
        self._explain()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for widget in (self.stop, self.others, self.leave, self.mix, self.keep):
            row.addWidget(widget)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self.hint)
        rows.addLayout(row)
        self.show_kept(())

    @property
    def hides_others(self) -> bool:
        """Whether what is not kept stays as hidden layers."""
        return bool(self.others.currentData())

    def show_kept(self, names: Sequence[str]) -> None:
        """Say on the button what it keeps."""
        self.keep.setEnabled(bool(names))
        self.mix.setEnabled(len(names) == 2)
        if len(names) == 1:
            name = self.fontMetrics().elidedText(names[0], Qt.TextElideMode.ElideMiddle, 180)
            self.keep.setText(self.tr("&Keep “{0}”").format(name.replace("&", "&&")))
        elif names:
            self.keep.setText(self.tr("&Keep {0} Layers").format(len(names)))
        else:
            self.keep.setText(self.tr("&Keep"))

    def make_keep_default(self) -> None:
        """Enter keeps, wherever the keyboard is in the dialog: called once it lies in that."""
        for button in (self.stop, self.leave, self.mix):
            button.setAutoDefault(False)
        self.keep.setDefault(True)

    def _explain(self) -> None:
        self.others.addItem(self.tr("Drop the others"), False)
        self.others.addItem(self.tr("Keep the others hidden"), True)
        self.others.setAccessibleName(self.tr("What becomes of the others"))
        self.others.setToolTip(self.tr("What becomes of those that are not kept"))
        self.keep.setProperty("role", "primary")
        self.keep.setToolTip(
            self.tr(
                "Keep the framed one, or what is ticked, as layers; of several the framed one is "
                "shown (Enter)"
            )
        )
        self.mix.setToolTip(
            self.tr(
                "Tick two: both become layers, and the brush takes away from the upper one where "
                "the other is better"
            )
        )
        self.stop.setToolTip(self.tr("Stop what still runs; what is there stays"))
        self.leave.setToolTip(self.tr("Leave everything as it was (Esc)"))
        self.hint.setProperty("role", "muted")
        self.hint.setText(
            self.tr(
                "Click, arrows or 1–9 frame one, tick to keep several. "
                "Δ: mean difference to the framed one, of 255."
            )
        )
