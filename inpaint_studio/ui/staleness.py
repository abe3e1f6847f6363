"""Watches which fills are out of date, off the window's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from inpaint_studio.document.below import BelowDigests
from inpaint_studio.document.pile import is_shown
from inpaint_studio.ui.jobs import BackgroundJob, run_in_background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inpaint_studio.document.change import Change
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import FillRecipe
    from inpaint_studio.imaging.composite import Overlay, OverlayGroup
    from inpaint_studio.imaging.geometry import Size
    from inpaint_studio.ui.workspace import Workspace

_PAUSE_MS = 150
"""Dragging a slider makes many changes: look once they pause."""

_Question = tuple[int, "FillRecipe", "tuple[Overlay | OverlayGroup, ...]"]


class Staleness(QObject):
    """Compares what lies below each fill with what lay there when it was made."""

    changed = Signal()
    """Which fills are out of date may be different."""
    settled = Signal()
    """What `stale` says is so for the document as it is now."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._digests = BelowDigests()
        self._job: BackgroundJob | None = None
        self._again = False
        self.stale: tuple[int, ...] = ()
        """Ids of the layers that are out of date, bottom first."""
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._look)
        workspace.opened.connect(self._start_anew)
        workspace.closed.connect(self._start_anew)
        workspace.changed.connect(self._follow)

    def _follow(self, change: Change) -> None:
        if change.kind == "layers":
            self._timer.start()

    def _start_anew(self) -> None:
        self._digests = BelowDigests()
        self._set(())
        self._timer.start()

    def _look(self) -> None:
        document = self._workspace.document
        if self._job is not None:
            self._again = True
            return
        questions = [] if document is None else _questions(document)
        if document is None or not questions:
            self._finish(document, ())
            return
        digests, size = self._digests, document.size
        self._job = run_in_background(
            self,
            lambda: _stale(questions, size, digests),
            on_done=lambda stale: self._finish(document, stale),
            on_problem=lambda _: self._finish(document, ()),
        )

    def _finish(self, document: Document | None, stale: tuple[int, ...]) -> None:
        self._job = None
        if self._again or document is not self._workspace.document:
            self._again = False
            self._timer.start()
            return
        self._set(stale)
        if not self._timer.isActive():
            self.settled.emit()

    def _set(self, stale: tuple[int, ...]) -> None:
        if stale != self.stale:
            self.stale = stale
            self.changed.emit()


def _questions(document: Document) -> list[_Question]:
    """Every fill that is seen, with what lies below it now."""
    return [
        (layer.id, layer.recipe, document.overlays(below=layer.id))
        for layer in document.layers
        if layer.recipe is not None and is_shown(layer, document.groups)
    ]


def _stale(questions: Sequence[_Question], size: Size, digests: BelowDigests) -> tuple[int, ...]:
    found = tuple(
        id
        for id, recipe, overlays in questions
        if digests.under(recipe, overlays, size) != recipe.below
    )
    digests.forget_unused()
    return found
