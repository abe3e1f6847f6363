"""What the Mask menu selects: shapes and colours with a live preview, copies, named masks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inpaint_studio.ui import mask_operations as operations
from inpaint_studio.ui.jobs import run_in_background
from inpaint_studio.ui.mask_clipboard import MaskClipboard
from inpaint_studio.ui.selecting import Selecting

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.imaging.selection import How
    from inpaint_studio.ui.canvas.picture import PictureSource
    from inpaint_studio.ui.dialogs.live import LiveDialog
    from inpaint_studio.ui.live_mask import LiveOperation, Values
    from inpaint_studio.ui.main_window import MainWindow


class SelectionActions(QObject):
    """Opens the live dialogs and hands what was agreed on to `Selecting`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace
        self._canvas = window.canvas
        self.selecting = Selecting(window.workspace, window.canvas, self)
        self.clipboard = MaskClipboard(window.workspace, self.selecting, self)
        self.dialog: LiveDialog | None = None
        """The one that is open."""
        self._amounts = {"grow": 4, "shrink": 4, "feather": 8, "smooth": 6, "border": 8}
        workspace = window.workspace
        workspace.opened.connect(self.close_dialog)
        workspace.closed.connect(self.close_dialog)
        window.commands.connect_all(
            {
                **{f"mask_{name}": lambda name=name: self.change(name) for name in self._amounts},
                "select_similar": self.select_similar,
                "select_range": self.select_range,
                "select_defects": lambda: self.open(operations.defects()),
                "select_difference": self.select_difference,
                "mask_copy": self.clipboard.copy,
                "mask_paste": self.clipboard.paste,
                "named_masks": self.show_named,
            }
        )

    def change(self, name: str) -> None:
        """Grow, shrink, feather, smooth, or keep the border: shown while it is set."""
        makes = {
            "grow": operations.grow,
            "shrink": operations.shrink,
            "feather": operations.feather,
            "smooth": operations.smooth,
            "border": operations.border,
        }
        if not self._has_mask():
            return
        operation = makes[name](self._amounts[name])

        def agreed(values: Values, how: How) -> None:
            self._amounts[name] = values["px"]
            self._run(operation, values, how)

        self._show(operation, agreed)

    def select_similar(self) -> None:
        """Select the colours of the mask, wherever they are."""
        if self._has_mask():
            self.open(operations.similar())

    def _has_mask(self) -> bool:
        """Whether there is a mask to work on; says so where there is none."""
        document = self._workspace.document
        if document is not None and document.mask.any():
            return True
        self._workspace.status.emit(self.tr("There is no mask yet: paint or select one first."))
        return False

    def open(self, operation: LiveOperation) -> None:
        """Open the dialog of an operation."""
        self._show(operation, lambda values, how: self._run(operation, values, how))

    def select_range(self) -> None:
        """Select by colours that are clicked on."""
        from inpaint_studio.ui.color_picking import ColorPicking

        if self._workspace.document is None:
            return
        self.close_dialog()
        picking = ColorPicking(self._canvas)
        operation = operations.color_range(lambda: picking.colors)
        dialog = self._show(
            operation, lambda values, how: self._run(operation, values, how), extra=picking
        )
        if dialog is not None:
            picking.changed.connect(dialog.refresh)
            dialog.finished.connect(picking.end)

    def select_difference(self) -> None:
        """Ask for a second photo and select where it differs."""
        from inpaint_studio.ui.dialogs.files import ask_for_picture

        document = self._workspace.document
        if document is not None:
            folder = document.path.parent if document.path else None
            title = self.tr("Compare with")
            ask_for_picture(self._window, title, folder=folder, chosen=self.compare_with)

    def compare_with(self, path: Path) -> None:
        """Read a second photo, in the background, and open the dialog."""
        from inpaint_studio.ui.second_photo import read_second

        document = self._workspace.document
        if document is None:
            return
        size, workspace = document.size, self._workspace

        def opened(other: PictureSource) -> None:
            workspace.busy_changed.emit("")
            if workspace.document is document:
                self.open(operations.difference(other, path.name))

        def failed(sentence: str) -> None:
            workspace.busy_changed.emit("")
            workspace.problem.emit(sentence)

        workspace.busy_changed.emit(self.tr("Opening {0}…").format(path.name))
        run_in_background(self, lambda: read_second(path, size), on_done=opened, on_problem=failed)

    def show_named(self) -> None:
        """The masks kept under a name, to store and to load."""
        from inpaint_studio.ui.dialogs.named_masks import NamedMasksDialog

        document = self._workspace.document
        if document is not None:
            self._canvas.settle()
            push = self._workspace.push
            NamedMasksDialog(self._window, document, self.selecting, push=push).open()

    def close_dialog(self) -> None:
        """Take back what is being set."""
        if self.dialog is not None:
            self.dialog.reject()

    def _show(
        self,
        operation: LiveOperation,
        agreed: Callable[[Values, How], None],
        *,
        extra: QWidget | None = None,
    ) -> LiveDialog | None:
        """Open a dialog in place of the one that is open; None without a photo."""
        from inpaint_studio.ui.dialogs.live import LiveDialog

        if self._workspace.document is None:
            return None
        self._canvas.settle()
        self.close_dialog()
        dialog = LiveDialog(self._window, self._canvas, operation, agreed=agreed, extra=extra)
        self.dialog = dialog
        dialog.finished.connect(self._forget)
        dialog.open_beside()
        return dialog

    def _forget(self) -> None:
        self.dialog = None

    def _run(self, operation: LiveOperation, values: Values, how: How) -> None:
        document, look = self._workspace.document, self._canvas.scene.look()
        if document is None or look is None:
            return
        mask = document.mask.copy()
        self.selecting.run(operation.task(look.source, mask, values=values, how=how))
