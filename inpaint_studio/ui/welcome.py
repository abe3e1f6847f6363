"""What the middle of the window shows while no photo is open."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from inpaint_studio.paths import resources_dir

SHOWN_RECENT = 5


class Welcome(QWidget):
    """Open, the recent photos, and a sample to try the program on."""

    open_requested = Signal()
    photo_requested = Signal(object)
    """A Path to open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(self.tr("Restore a picture"))
        title.setProperty("role", "title")
        self.lead = QLabel(
            self.tr(
                "Paint over what is damaged or in the way. Only those pixels are filled;\n"
                "all others stay exactly as they were."
            )
        )
        self.lead.setProperty("role", "muted")
        self.open = QPushButton(self.tr("Open Photo…"))
        self.open.setProperty("role", "primary")
        self.open.setToolTip(self.tr("Open a photo (Ctrl+O)"))
        self.open.clicked.connect(self.open_requested)
        self.sample = QPushButton(self.tr("Try a Sample"))
        self.sample.setProperty("role", "tall")
        self.sample.setToolTip(self.tr("Open a photo that came with the program"))
        self.sample.clicked.connect(self._request_sample)
        self.sample.setVisible(sample_photo() is not None)
        hint = QLabel(self.tr("or drop a photo here, or paste one with Ctrl+V"))
        hint.setProperty("role", "muted")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open)
        buttons.addWidget(self.sample)
        buttons.addSpacing(6)
        buttons.addWidget(hint)
        buttons.addStretch()
        self._recent_title = QLabel(self.tr("Recent"))
        self._recent_title.setProperty("role", "heading")
        self._line = QFrame()
        self._line.setProperty("role", "line")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column = QVBoxLayout()
        column.setSpacing(12)
        for widget in (title, self.lead):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addLayout(buttons)
        column.addSpacing(18)
        column.addWidget(self._line)
        column.addWidget(self._recent_title)
        column.addLayout(self._recent)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        middle = QVBoxLayout()
        middle.addStretch(2)
        middle.addLayout(column)
        middle.addStretch(3)
        outer.addLayout(middle)
        outer.addStretch(1)
        self.show_recent(())

    def show_recent(self, files: Sequence[str]) -> None:
        """Offer the newest of `files` that are still there."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        there = [path for path in map(Path, files) if path.is_file()][:SHOWN_RECENT]
        for path in there:
            self._recent.addWidget(self._recent_button(path), alignment=Qt.AlignmentFlag.AlignLeft)
        self._recent_title.setVisible(bool(there))
        self._line.setVisible(bool(there))

    def _recent_button(self, path: Path) -> QPushButton:
        metrics = self.fontMetrics()
        button = QPushButton(metrics.elidedText(path.name, Qt.TextElideMode.ElideMiddle, 420))
        button.setProperty("role", "link")
        button.setToolTip(str(path))
        button.setAccessibleName(self.tr("Open {0}").format(path.name))
        button.clicked.connect(lambda: self.photo_requested.emit(path))
        return button

    def _request_sample(self) -> None:
        sample = sample_photo()
        if sample is not None:
            self.photo_requested.emit(sample)


def sample_photo() -> Path | None:
    """The first photo that came with the program."""
    folder = resources_dir() / "samples"
    photos = sorted(path for path in folder.glob("*.jpg") if "mask" not in path.stem)
    return photos[0] if photos else None
