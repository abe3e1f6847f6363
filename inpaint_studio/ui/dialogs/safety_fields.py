"""The rows of the Preferences about surviving a crash."""

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
)

from inpaint_studio.project.recovery import journals_dir
from inpaint_studio.settings import Settings
from inpaint_studio.ui.dialogs.files import make_room
from inpaint_studio.ui.panels.fields import Caption, WrappedLabel


class SafetyFields:
    """Whether a journal is kept, and where; how often a project is saved by itself."""

    def __init__(self, settings: Settings) -> None:
        self.journal = QCheckBox(_tr("Keep every step safe from a crash"))
        self.journal.setChecked(settings.journal)
        self.journal.setToolTip(
            _tr("Writes each step to disk as it is done; the next start offers it back")
        )
        self.folder = QLineEdit(settings.journal_folder)
        self.folder.setPlaceholderText(str(journals_dir()))
        self.folder.setAccessibleName(_tr("Folder of the journal"))
        self.folder.setToolTip(_tr("Where the journal is kept; leave empty for the usual place"))
        self.browse = QPushButton(_tr("Browse…"))
        self.browse.setToolTip(_tr("Choose a folder on another disk"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._browse)
        self.autosave = _intervals(settings.autosave_minutes)
        self.journal.toggled.connect(self._show)
        self._show(settings.journal)

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows to the end of a form."""
        form.addRow(_tr("&Crash recovery"), self.journal)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        form.addRow(Caption(_tr("&Journal in"), self.folder), row)
        note = WrappedLabel(_tr("Written after each step. Takes effect with the next photo."))
        note.setProperty("role", "muted")
        form.addRow("", note)
        form.addRow(_tr("&Save the project"), self.autosave)

    def changed(self, settings: Settings) -> Settings:
        """The settings with what the fields say."""
        folder = self.folder.text().strip()
        place = str(Path(folder).expanduser().absolute()) if folder else ""
        return replace(
            settings,
            journal=self.journal.isChecked(),
            journal_folder=place,
            autosave_minutes=self.autosave.currentData(),
        )

    def _show(self, on: bool) -> None:
        self.folder.setEnabled(on)
        self.browse.setEnabled(on)

    def _browse(self) -> None:
        dialog = QFileDialog(self.folder.window(), _tr("Folder of the journal"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.folder.setText)
        make_room(dialog)
        dialog.open()


def _intervals(minutes: int) -> QComboBox:
    """The usual intervals, and the one that is set."""
    combo = QComboBox()
    combo.addItem(_tr("Only when I say so"), 0)
    for each in sorted({5, 10, 20, 60, minutes} - {0}):
        combo.addItem(_tr("Every {0} min").format(each), each)
    combo.setCurrentIndex(combo.findData(minutes))
    combo.setAccessibleName(_tr("Save the project by itself"))
    combo.setToolTip(_tr("Saves what has changed to the project's file, once it has one"))
    return combo


def _tr(text: str) -> str:
    return QCoreApplication.translate("preferences", text)
