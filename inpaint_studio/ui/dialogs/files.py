"""File dialogs that do not block: they call back with the chosen path."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QTreeView, QWidget

from inpaint_studio.imaging.formats import READABLE_SUFFIXES
from inpaint_studio.ui.dialogs.sizes import resize_within

Chosen = Callable[[Path], object]
_MARGINS = 40
"""Of a cell in a list, and what a longer date takes."""


def ask_for_picture(
    parent: QWidget,
    title: str,
    *,
    folder: Path | None,
    chosen: Chosen,
    projects: bool = False,
) -> None:
    """Let the user choose a picture to read, or with `projects` a project."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    suffixes = " ".join(f"*{suffix}" for suffix in READABLE_SUFFIXES)
    pictures = QCoreApplication.translate("files", "Pictures")
    if projects:
        pictures = QCoreApplication.translate("files", "Pictures and projects")
        suffixes += " *.ora"
    everything = QCoreApplication.translate("files", "All files")
    dialog.setNameFilters([f"{pictures} ({suffixes})", f"{everything} (*)"])
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails)
    _open(dialog, folder or _pictures(), chosen)


def ask_for_path(
    parent: QWidget, title: str, *, suggestion: Path, filters: str, chosen: Chosen
) -> None:
    """Let the user choose where to save; the system's dialog asks before replacing a file."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilter(filters)
    dialog.setDefaultSuffix(suggestion.suffix.removeprefix("."))
    dialog.selectFile(suggestion.name)
    _open(dialog, suggestion.parent, chosen)


def ask_for_weights(parent: QWidget, title: str, *, folders: bool, chosen: Chosen) -> None:
    """Let the user choose a weights file, or a folder of them."""
    dialog = QFileDialog(parent, title)
    if folders:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        weights = QCoreApplication.translate("files", "Weights")
        dialog.setNameFilter(f"{weights} (*.pth *.pt *.ckpt *.safetensors)")
    _open(dialog, None, chosen)


def _pictures() -> Path:
    """Where this user keeps pictures."""
    place = QStandardPaths.StandardLocation.PicturesLocation
    folder = Path(QStandardPaths.writableLocation(place))
    return folder if folder.is_dir() else Path.home()


def _open(dialog: QFileDialog, folder: Path | None, chosen: Chosen) -> None:
    if folder is not None and folder.is_dir():
        dialog.setDirectory(str(folder))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def choose(name: str) -> None:
        chosen(Path(name))

    dialog.fileSelected.connect(choose)
    make_room(dialog)
    dialog.open()


def make_room(dialog: QFileDialog) -> None:
    """Qt's own dialog, where the system has none, is sized for lists without a margin."""
    tree = dialog.findChild(QTreeView, "treeView")
    if tree is None:  # pyright: ignore[reportUnnecessaryComparison]
        return
    header = tree.header()
    for column in range(1, header.count()):
        header.resizeSection(column, header.sectionSize(column) + _MARGINS)
    resize_within(dialog, 860, 560)
