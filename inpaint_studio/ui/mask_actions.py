"""What the Mask menu does, off the window's thread where it may be slow."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inpaint_studio.document.commands import PaintMask
from inpaint_studio.document.document import Document
from inpaint_studio.document.pixels import TileDelta
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage, Mask
from inpaint_studio.ui.canvas.view import CanvasView
from inpaint_studio.ui.jobs import run_in_background
from inpaint_studio.ui.messages import MessageBar
from inpaint_studio.ui.workspace import Workspace

EXACT_SUFFIXES = frozenset({".png", ".tif", ".tiff"})
Operation = Callable[[Coverage], Coverage]


class MaskActions(QObject):
    """Changes the mask of the open document as undoable steps; loads and saves it."""

    def __init__(
        self, workspace: Workspace, canvas: CanvasView, messages: MessageBar, window: QWidget
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._canvas = canvas
        self._messages = messages
        self._window = window
        self._amount = 4

    def invert(self) -> None:
        from inpaint_studio.imaging.maskops import invert

        self.apply(self.tr("Invert mask"), invert)

    def clear(self) -> None:
        """At once: the next stroke often comes right after it, and must not be in its way."""
        document = self._workspace.document
        if document is not None:
            self._canvas.settle()
            empty, title = np.zeros_like(document.mask), self.tr("Clear mask")
            command = PaintMask.to(document, empty, title=title)
            self._push(document, document.history.state, command)

    def grow(self) -> None:
        """Ask how far, then grow."""
        self._ask(self.tr("Grow"), self.tr("Grow the mask by"), self.grow_by)

    def shrink(self) -> None:
        """Ask how far, then shrink."""
        self._ask(self.tr("Shrink"), self.tr("Shrink the mask by"), self.shrink_by)

    def grow_by(self, px: int) -> None:
        from inpaint_studio.imaging.maskops import grow_coverage

        self._amount = px
        title = self.tr("Grow mask by {0} px").format(px)
        self.apply(title, lambda mask: grow_coverage(mask, px))

    def shrink_by(self, px: int) -> None:
        from inpaint_studio.imaging.maskops import shrink_coverage

        self._amount = px
        title = self.tr("Shrink mask by {0} px").format(px)
        self.apply(title, lambda mask: shrink_coverage(mask, px))

    def apply(self, title: str, operation: Operation) -> None:
        """Replace the mask by `operation` of it, as one undo step called `title`."""
        document = self._workspace.document
        if document is None:
            return
        self._canvas.settle()
        before, state = document.mask.copy(), document.history.state
        run_in_background(
            self,
            lambda: TileDelta.capture(before, operation(before)),
            on_done=lambda delta: self._push(document, state, PaintMask(delta, title)),
            on_problem=self._workspace.problem.emit,
        )

    def load(self) -> None:
        """Ask for a picture and use it as the mask."""
        from inpaint_studio.ui.dialogs.files import ask_for_picture

        document = self._workspace.document
        if document is not None:
            folder = document.path.parent if document.path else None
            ask_for_picture(self._window, self.tr("Load mask"), folder=folder, chosen=self.read)

    def read(self, path: Path) -> None:
        """Use a picture as the mask; one of another size is offered to be scaled."""
        document = self._workspace.document
        if document is None:
            return

        def work() -> tuple[Mask, tuple[str, ...]]:
            from inpaint_studio.imaging.files import read_mask

            return read_mask(path, size=None, soft=keeps_greys(path))

        run_in_background(
            self,
            work,
            on_done=lambda reading: self._take(document, path, *reading),
            on_problem=self._workspace.problem.emit,
        )

    def save(self) -> None:
        """Ask where, and save the mask as a grey PNG, white where it is filled."""
        from inpaint_studio.ui.dialogs.files import ask_for_path

        document = self._workspace.document
        if document is None:
            return
        path = document.path or Path(self.tr("picture.png"))
        ask_for_path(
            self._window,
            self.tr("Save mask"),
            suggestion=path.with_name(f"{path.stem}-mask.png"),
            filters="PNG (*.png)",
            chosen=self.write,
        )

    def write(self, path: Path) -> None:
        """Save the mask to a file that may be replaced."""
        document = self._workspace.document
        if document is None:
            return
        mask = document.snapshot_mask()

        def work() -> None:
            from inpaint_studio.imaging.files import write_mask

            write_mask(path, mask, overwrite=True)

        saved = self.tr("Saved the mask as {0}.").format(path.name)
        run_in_background(
            self,
            work,
            on_done=lambda _: self._workspace.status.emit(saved),
            on_problem=self._workspace.problem.emit,
        )

    def _ask(self, title: str, label: str, chosen: Callable[[int], object]) -> None:
        from inpaint_studio.ui.dialogs.amount import AmountDialog

        dialog = AmountDialog(
            self._window, title=title, label=label, value=self._amount, chosen=chosen
        )
        dialog.open()

    def _push(self, document: Document, state: int, command: PaintMask) -> None:
        if document is not self._workspace.document:
            return
        if command.delta.is_empty:
            self._workspace.status.emit(self.tr("That changes nothing of the mask."))
        elif document.history.state != state or self._canvas.is_painting:
            self._workspace.problem.emit(
                self.tr("The mask was painted on meanwhile, so it was left as it is: try again.")
            )
        else:
            self._workspace.push(command)

    def _take(self, document: Document, path: Path, mask: Mask, notes: tuple[str, ...]) -> None:
        if document is not self._workspace.document:
            return
        if mask.size == document.size:
            self._replace(path, mask, notes)
            return
        question = self.tr("{0} is {1} and the photo is {2}. Scale it to fit?").format(
            path.name, spoken(mask.size), spoken(document.size)
        )
        scale = partial(self._read_scaled, document, path)
        self._messages.ask(question, [(self.tr("Scale"), scale)])

    def _read_scaled(self, document: Document, path: Path) -> None:
        size = document.size

        def work() -> tuple[Mask, tuple[str, ...]]:
            from inpaint_studio.imaging.files import read_mask

            return read_mask(path, size=size, scale=True, soft=keeps_greys(path))

        run_in_background(
            self,
            work,
            on_done=lambda reading: self._take(document, path, *reading),
            on_problem=self._workspace.problem.emit,
        )

    def _replace(self, path: Path, mask: Mask, notes: tuple[str, ...]) -> None:
        self.apply(self.tr("Load mask {0}").format(path.name), lambda _: mask.coverage)
        if mask.is_empty:
            empty = self.tr("{0} is black everywhere: it marks nothing to fill.")
            self._messages.show_notice(empty.format(path.name))
        elif notes:
            self._workspace.status.emit(" ".join(notes))


def keeps_greys(path: Path) -> bool:
    """Whether greys in the file are strengths that were meant, not what compression left of black
    and white."""
    return path.suffix.lower() in EXACT_SUFFIXES


def spoken(size: Size) -> str:
    """For example "6000 × 4000"."""
    return f"{size.width} × {size.height}"
