"""One foldable section of the panel column: a heading to click, a body below it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from inpaint_studio.paths import resources_dir


class Section(QWidget):
    """`body` under a heading that folds it away, with the mouse or the keyboard."""

    folded = Signal(bool)

    def __init__(
        self, title: str, body: QWidget, *, stretches: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._stretches = stretches
        self.body = body
        self.header = QToolButton()
        self.header.setText(title)
        self.header.setCheckable(True)
        self.header.setChecked(True)
        self.header.setProperty("role", "section")
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setIconSize(QSize(12, 12))
        self.header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.header.setToolTip(self.tr("Fold or unfold this panel (Space)"))
        self.header.setAccessibleName(self.tr("{0} panel").format(title))
        self.header.toggled.connect(self._unfold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(body, 1)
        self._unfold(True)

    @property
    def is_open(self) -> bool:
        return self.header.isChecked()

    def set_open(self, opened: bool) -> None:
        self.header.setChecked(opened)

    def _unfold(self, opened: bool) -> None:
        self.body.setVisible(opened)
        name = "chevron-down" if opened else "chevron-right"
        self.header.setIcon(QIcon(str(resources_dir() / "icons" / f"{name}.svg")))
        vertical = QSizePolicy.Policy.Expanding if self._stretches else QSizePolicy.Policy.Maximum
        if not opened:
            vertical = QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self.folded.emit(not opened)
