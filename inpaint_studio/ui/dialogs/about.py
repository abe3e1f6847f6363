"""What the program is."""

import platform

import numpy as np
from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from inpaint_studio import __version__
from inpaint_studio.paths import resources_dir


class AboutDialog(QDialog):
    """Name, version, licence, and what it runs on (to be copied into a report)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About Inpaint Studio"))
        picture = QLabel()
        icon = QIcon(str(resources_dir() / "icons" / "inpaint-studio.svg"))
        picture.setPixmap(icon.pixmap(72, 72))
        title = QLabel("Inpaint Studio")
        title.setProperty("role", "title")
        lead = QLabel(
            self.tr(
                "Restores pictures with PatchMatch, EdgeConnect and partial convolution.\n"
                "Every pixel outside the mask stays exactly as it was."
            )
        )
        facts = QLabel(
            f"{self.tr('Version')} {__version__} · Python {platform.python_version()} · "
            f"PySide6 {pyside_version} · NumPy {np.__version__}\n{platform.platform()}"
        )
        facts.setProperty("role", "muted")
        facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        licence = QLabel(
            self.tr("Apache License 2.0. Models have licences of their own: see Models.")
        )
        licence.setProperty("role", "muted")
        words = QVBoxLayout()
        words.setSpacing(10)
        for label in (title, lead, facts, licence):
            words.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(20)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 20, 16)
        layout.setSpacing(18)
        layout.addLayout(top)
        layout.addWidget(buttons)
