"""Fills that wait their turn: while one runs, others can be ordered, moved and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from inpaint_studio.document.change import Change
from inpaint_studio.document.commands import PaintMask
from inpaint_studio.document.layer import FillRecipe
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.ui.fill_request import FillOrder, FillSubject

if TYPE_CHECKING:
    from inpaint_studio.document.commands import Command
    from inpaint_studio.document.document import Document
    from inpaint_studio.imaging.geometry import Box, Size
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.fill_controller import FillController
    from inpaint_studio.ui.fill_request import FillChoice
    from inpaint_studio.ui.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class QueuedFill:
    """A fill that waits. `hole` is (h, w) uint8 inside `box` of the photo."""

    id: int
    choice: FillChoice
    hole: Coverage
    box: Box
    order: FillOrder | None = None
    """What a fill that takes a layer's place was ordered as; None for one that makes a layer."""

    def mask(self, size: Size) -> Mask:
        coverage = np.zeros(size, np.uint8)
        coverage[self.box.slices] = self.hole
        return Mask(coverage)


class FillQueue(QObject):
    """Hands one fill after another to the controller, in an order that can be changed."""

    changed = Signal()
    """`waiting` or `current` are others now."""
    message = Signal(str)

    def __init__(
        self, workspace: Workspace, controller: FillController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._controller = controller
        self._numbers = count(1)
        self._document: Document | None = None
        self.waiting: tuple[QueuedFill, ...] = ()
        self.current: QueuedFill | None = None
        """The one that runs, if it came from here."""
        controller.running_changed.connect(self._follow)
        workspace.opened.connect(self._drop)
        workspace.closed.connect(self._drop)

    def submit(self, choice: FillChoice, order: FillOrder | None = None) -> None:
        """Fill the mask (or what `order` says) now, or when what runs has ended."""
        document = self._workspace.document
        if document is None or not (self._controller.running or self.waiting):
            self._controller.start(choice, order)
            return
        coverage = document.mask if order is None else order.subject.mask.coverage
        if not coverage.any():
            self.message.emit(self.tr("Paint over what should go next, then press Fill."))
            return
        self.add(choice, *FillRecipe.hole_of(coverage), order=order)

    def add(
        self, choice: FillChoice, hole: Coverage, box: Box, *, order: FillOrder | None = None
    ) -> None:
        """Have a hole filled when its turn comes, which may be at once."""
        self._document = self._workspace.document
        item = QueuedFill(next(self._numbers), choice, hole, box, order)
        self._set((*self.waiting, item))
        self._start_next()

    def move(self, id: int, by: int) -> None:
        """Let a fill come `by` places later, or earlier when negative."""
        items = list(self.waiting)
        place = next((at for at, item in enumerate(items) if item.id == id), None)
        if place is not None:
            item = items.pop(place)
            items.insert(min(max(place + by, 0), len(items)), item)
            self._set(tuple(items))

    def cancel(self, id: int) -> None:
        """Take back one that waits, or stop the one that runs."""
        if self.current is not None and self.current.id == id:
            self._controller.stop()
        else:
            self._set(tuple(item for item in self.waiting if item.id != id))

    def cancel_all(self) -> None:
        """Take back all that wait, and stop the one that runs."""
        self._set(())
        self._controller.stop()

    def _start_next(self) -> None:
        document = self._workspace.document
        if self._controller.running or not self.waiting or document is not self._document:
            return
        assert document is not None
        item, *rest = self.waiting
        self.current = item
        self._set(tuple(rest))
        order = item.order or FillOrder(FillSubject.of(document, mask=item.mask(document.size)))
        self._controller.start(item.choice, order)

    def _follow(self, running: bool) -> None:
        if not running:
            self.current = None
            self.changed.emit()
            QTimer.singleShot(0, self, self._start_next)

    def _drop(self) -> None:
        if self._workspace.document is not self._document:
            self.current = None
            self._set(())

    def _set(self, waiting: tuple[QueuedFill, ...]) -> None:
        self.waiting = waiting
        self.changed.emit()


def hole_of_stroke(document: Document, command: Command) -> tuple[Coverage, Box] | None:
    """What a stroke that is already applied added to the mask; None where it added nothing."""
    if not isinstance(command, PaintMask) or not command.delta.applied:
        return None
    box = command.delta.box.clip(document.size)
    after = document.mask[box.slices].copy()
    command.delta.swap(document.mask)
    added = np.where(after > document.mask[box.slices], after, np.uint8(0))
    command.delta.swap(document.mask)
    if not added.any():
        return None
    hole, inside = FillRecipe.hole_of(added)
    return hole, inside.shift(box.origin)


def take_back(document: Document, command: PaintMask) -> Change:
    """Take a stroke off the mask again, outside the history."""
    return Change("mask", command.delta.swap(document.mask))
