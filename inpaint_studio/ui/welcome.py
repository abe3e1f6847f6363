"""What the middle of the window shows while no photo is open."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from inpaint_studio.paths import resources_dir
from inpaint_studio.ui.tab_order import reach_after

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
        self.open = QPushButton(self.tr("Open Photo…"))
        self.open.setProperty("role", "primary")
        self.open.setToolTip(self.tr("Open a photo (Ctrl+O)"))
        self.open.clicked.connect(self.open_requested)
        self.sample = QPushButton(self.tr("Try a Sample"))
        self.sample.setProperty("role", "tall")
        self.sample.setToolTip(self.tr("Open a photo that came with the program"))
        self.sample.clicked.connect(self._request_sample)
        self.sample.setVisible(sample_photo() is not None)
        self._recent_title = _label(self.tr("Recent"), "heading")
        self._line = QFrame()
        self._line.setProperty("role", "line")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self.setFocusProxy(self.open)
        self._lay_out()
        self.show_recent(())

    def _lay_out(self) -> None:
        lead = self.tr(
            "Paint over what is damaged or in the way. Only those pixels are filled;\n"
            "all others stay exactly as they were."
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open)
        buttons.addWidget(self.sample)
        buttons.addStretch()
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(_label(self.tr("Restore a picture"), "title"))
        column.addWidget(_label(lead, "muted"))
        column.addSpacing(4)
        column.addLayout(buttons)
        hint = self.tr("or drop a photo here, or paste one with Ctrl+V")
        column.addWidget(_label(hint, "muted"))
        column.addSpacing(18)
        column.addWidget(self._line)
        column.addWidget(self._recent_title)
        column.addLayout(self._recent)
        middle = QVBoxLayout()
        middle.addStretch(2)
        middle.addLayout(column)
        middle.addStretch(3)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(1)

    def show_recent(self, files: Sequence[str]) -> None:
        """Offer the newest of `files` that are still there."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        there = [path for path in map(Path, files) if path.is_file()][:SHOWN_RECENT]
        for path in there:
            self._recent.addWidget(self._recent_button(path), alignment=Qt.AlignmentFlag.AlignLeft)
        shown = (self._recent.itemAt(place) for place in range(self._recent.count()))
        widgets = (item.widget() for item in shown if item is not None)
        reach_after(self.sample, *(one for one in widgets if one is not None))
        self._recent_title.setVisible(bool(there))
        self._line.setVisible(bool(there))

    def _recent_button(self, path: Path) -> QPushButton:
        metrics = self.fontMetrics()
        name = metrics.elidedText(path.name, Qt.TextElideMode.ElideMiddle, 420)
        button = QPushButton(name.replace("&", "&&"))
        button.setProperty("role", "link")
        button.setToolTip(str(path))
        button.setAccessibleName(self.tr("Open {0}").format(path.name))
        button.clicked.connect(lambda: self.photo_requested.emit(path))
        return button

    def _request_sample(self) -> None:
        sample = sample_photo()
        if sample is not None:
            self.photo_requested.emit(sample)


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


def sample_photo() -> Path | None:
    """The first photo that came with the program."""
    folder = resources_dir() / "samples"
    photos = sorted(path for path in folder.glob("*.jpg") if "mask" not in path.stem)
    return photos[0] if photos else None
