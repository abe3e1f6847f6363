"""Opening photos from wherever they come, and asking before unsaved work is lost."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from inpaint_studio.ui.jobs import run_in_background
from inpaint_studio.ui.mask_actions import MaskActions, spoken
from inpaint_studio.ui.messages import MessageBar
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.ui.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QImage

    from inpaint_studio.document.document import Document
    from inpaint_studio.imaging.photo import Photo


class PhotoActions(QObject):
    """Open, recent, drop, paste and close."""

    save_requested = Signal()
    """The user wants the project saved before the document goes."""
    export_requested = Signal()
    """The user wants to export before the document goes."""

    def __init__(
        self,
        workspace: Workspace,
        masks: MaskActions,
        messages: MessageBar,
        store: SettingsStore,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._masks = masks
        self._messages = messages
        self._store = store
        self._window = window
        self._after_save: Callable[[], object] | None = None
        self._after_writing: Callable[[], object] | None = None
        workspace.opened.connect(self._remember)
        workspace.exported.connect(self.go_on)
        workspace.problem.connect(self.stay)
        workspace.overtaken.connect(self.settle)
        workspace.written.connect(self._close_at_last)

    def open(self) -> None:
        """Ask for a photo and open it."""
        from inpaint_studio.ui.dialogs.files import ask_for_picture

        ask_for_picture(
            self._window,
            self.tr("Open photo or project"),
            folder=self._folder(),
            chosen=self.open_path,
            projects=True,
        )

    def open_path(self, path: Path) -> None:
        """Open a photo, asking first about unsaved work."""
        self.settle(lambda: self._workspace.open(path))

    def close(self) -> None:
        """Close the photo, asking first about unsaved work."""
        self.settle(self._workspace.close_document)

    def settle(self, proceed: Callable[[], object]) -> None:
        """Call `proceed` at once, or after the user has saved or given up unsaved work."""
        document = self._workspace.document
        if document is None or not document.modified:
            proceed()
            return
        from inpaint_studio.ui.dialogs.unsaved import UnsavedQuestion

        question = UnsavedQuestion(self._window, name=title_of(document))
        question.discarded.connect(lambda: proceed())
        question.saving.connect(lambda: self._save_then(proceed, self.save_requested))
        question.exporting.connect(lambda: self._save_then(proceed, self.export_requested))
        question.open()

    def closes_later(self, close: Callable[[], object]) -> bool:
        """Whether a file is being written: then `close` is called once it is there."""
        if not self._workspace.writing:
            return False
        self._after_writing = close
        self._workspace.status.emit(self.tr("The window closes when the file is written."))
        return True

    def _close_at_last(self, whole: bool) -> None:
        close, self._after_writing = self._after_writing, None
        if whole and close is not None:
            close()

    def paste(self) -> None:
        """Open the picture on the clipboard as a photo without a file."""
        data = QGuiApplication.clipboard().mimeData() or QMimeData()  # none where it is empty
        files = picture_paths(data)
        if files:
            self.open_path(files[0])
        elif data.hasImage():
            self.settle(partial(self._paste_image, QGuiApplication.clipboard().image()))
        else:
            self._messages.show_notice(self.tr("There is no picture on the clipboard."))

    def drop(self, path: Path) -> None:
        """Open a dropped picture; with a photo of its size open, ask whether it is a mask."""
        from inpaint_studio.project.archive import is_project

        document = self._workspace.document
        if document is None or is_project(path):
            self.open_path(path)
            return

        def read() -> Photo:
            from inpaint_studio.imaging.files import read_photo

            return read_photo(path)

        self._workspace.busy_changed.emit(self.tr("Opening {0}…").format(path.name))
        run_in_background(
            self,
            read,
            on_done=partial(self._take_dropped, document, path),
            on_problem=self._fail_dropped,
        )

    def _take_dropped(self, document: Document, path: Path, photo: Photo) -> None:
        self._workspace.busy_changed.emit("")
        if document is not self._workspace.document:
            return

        def open_photo() -> None:
            self.settle(lambda: self._workspace.new_document(photo, path))

        named_mask = "mask" in path.stem.casefold()
        if photo.size != document.size and not named_mask:
            open_photo()
            return
        as_mask = (self.tr("Use as Mask"), lambda: self._masks.read(path))
        as_photo = (self.tr("Open as Photo"), open_photo)
        question = self.tr("{0} is {1}: use it as the mask of this photo, or open it?")
        self._messages.ask(
            question.format(path.name, spoken(photo.size)),
            [as_mask, as_photo] if named_mask else [as_photo, as_mask],
        )

    def _fail_dropped(self, sentence: str) -> None:
        self._workspace.busy_changed.emit("")
        self._workspace.problem.emit(sentence)

    def _paste_image(self, image: QImage) -> None:
        from inpaint_studio.ui.clipboard import photo_of_image

        self._workspace.new_document(photo_of_image(image))

    def stay(self) -> None:
        """The document was not saved after all: nothing is closed or replaced."""
        self._after_save = None

    def _save_then(self, proceed: Callable[[], object], requested: SignalInstance) -> None:
        """Proceed once the document has been saved, unless that is cancelled or fails."""
        self._after_save = proceed
        requested.emit()

    def go_on(self) -> None:
        """The document has been saved or exported."""
        proceed, self._after_save = self._after_save, None
        document = self._workspace.document
        if proceed is not None and document is not None and not document.modified:
            proceed()

    def _remember(self, document: Document) -> None:
        if document.path is not None:
            path = document.path
            self._store.update(lambda settings: settings.with_recent(path))

    def _folder(self) -> Path | None:
        document = self._workspace.document
        if document is not None and document.path is not None:
            return document.path.parent
        recent = self._store.settings.recent_files
        return Path(recent[0]).parent if recent else None


def picture_paths(data: QMimeData) -> list[Path]:
    """The local files a drag or the clipboard holds."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def title_of(document: Document) -> str:
    """What to call a document: its file's name, or that it came from the clipboard."""
    if document.project is not None:
        return document.project.path.name
    if document.path is not None:
        return document.path.name
    return QCoreApplication.translate("PhotoActions", "Pasted picture")
