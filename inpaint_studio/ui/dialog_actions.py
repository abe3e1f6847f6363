"""Opens the dialogs. None of them blocks."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.imaging.files import WriteOptions
    from inpaint_studio.settings import Settings
    from inpaint_studio.ui.dialogs.export import ExportDialog
    from inpaint_studio.ui.dialogs.shortcut_keys import KeyStore
    from inpaint_studio.ui.settings_store import SettingsStore
    from inpaint_studio.ui.workspace import Workspace
    from inpaint_studio.weights.library import Library


class DialogActions(QObject):
    """Imports a dialog when it is first wanted, which keeps the start short."""

    models_changed = Signal()
    export_cancelled = Signal()

    def __init__(
        self,
        workspace: Workspace,
        library: Callable[[], Library],
        store: SettingsStore,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._library = library
        self._store = store
        self._window = window
        self.keys: KeyStore | None = None
        """Where changed keys are kept."""

    def export(self) -> None:
        """Ask where and how to save, then do it in the background."""
        from inpaint_studio.ui.dialogs.export import ExportDialog
        from inpaint_studio.ui.dialogs.export_plan import suggest_path

        document = self._workspace.document
        if document is None:
            return
        last = self._store.settings.export
        folder = document.path.parent if document.path else Path(last.folder or Path.home())
        dialog = ExportDialog(
            self._window,
            photo=document.photo,
            opened=document.path,
            suggestion=suggest_path(document.photo, document.path, folder),
            last=last,
        )
        dialog.requested.connect(partial(self._export, dialog))
        dialog.rejected.connect(self.export_cancelled)
        dialog.open()

    def models(self, name: str = "") -> None:
        """Show the models, the one called `name` chosen."""
        from inpaint_studio.ui.dialogs.models import ModelsDialog

        dialog = ModelsDialog(self._window, self._library())
        dialog.choose(name)
        dialog.changed.connect(self.models_changed)
        dialog.open()

    def preferences(self) -> None:
        from inpaint_studio.ui.dialogs.preferences import PreferencesDialog

        PreferencesDialog(self._window, self._store).open()

    def shortcuts(self) -> None:
        from inpaint_studio.ui.dialogs.shortcuts import ShortcutsDialog

        ShortcutsDialog(self._window, self.keys).open()

    def about(self) -> None:
        from inpaint_studio.ui.dialogs.about import AboutDialog

        AboutDialog(self._window).open()

    def _export(
        self, dialog: ExportDialog, path: Path, options: WriteOptions, overwrite: bool
    ) -> None:
        record = dialog.provenance.isChecked()
        self._store.update(lambda settings: _remembering(settings, path, options, record))
        layers = options.format == "tiff" and dialog.layers.isChecked()
        self._workspace.export(path, options, overwrite=overwrite, provenance=record, layers=layers)


def _remembering(settings: Settings, path: Path, options: WriteOptions, record: bool) -> Settings:
    export = replace(
        settings.export,
        quality=options.quality,
        keep_metadata=options.keep_metadata,
        provenance=record,
        folder=str(path.parent),
    )
    return replace(settings, export=export)
