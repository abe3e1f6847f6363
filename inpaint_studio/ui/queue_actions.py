"""Fill as one paints: each stroke is filled when the button is let go, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox

from inpaint_studio.document.commands import PaintMask
from inpaint_studio.ui.queue import FillQueue, hole_of_stroke, take_back
from inpaint_studio.ui.queue_panel import QueueList, QueueMarks

if TYPE_CHECKING:
    from inpaint_studio.document.commands import Command
    from inpaint_studio.ui.main_window import MainWindow


class Queueing(QObject):
    """Puts the queue into the window: its list, its marks, and the switch that fills strokes."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._switch = window.commands["brush_fills"]
        self.queue = FillQueue(window.workspace, window.controller, self)
        self.marks = QueueMarks(window.canvas, self.queue)
        self.list = QueueList(self.queue)
        self.check = QCheckBox(self.tr("Fill as I paint"))
        self.check.setToolTip(self._switch.toolTip())
        window.column.fill.add_below(self.check, self.list)
        self._switch.setChecked(window.store.settings.brush_fills)
        self.check.setChecked(self._switch.isChecked())
        window.commands.connect_all({"brush_fills": self._remember})
        self.check.toggled.connect(self._switch.setChecked)
        self.check.clicked.connect(self._remember)
        self._switch.toggled.connect(self.check.setChecked)
        self.queue.message.connect(window.controller.message)
        window.filling.submit = self.queue.submit

    def take_stroke(self, command: Command) -> None:
        """A stroke of the mask has ended: a step of the history, or a fill of its own."""
        window = self._window
        document = window.workspace.document
        found = None
        editing = window.parts.rerun.edited is not None
        if document is not None and self._switch.isChecked() and not editing:
            found = hole_of_stroke(document, command)
        if document is None or found is None or not isinstance(command, PaintMask):
            window.workspace.push(command)
            return
        if not window.filling.ready:
            window.workspace.push(command)
            return
        window.canvas.refresh(take_back(document, command))
        self.queue.add(window.filling.choice, *found)

    @property
    def has_strokes(self) -> bool:
        """Whether strokes that were painted to be filled are not filled yet."""
        ordered = bool(self.queue.waiting) or self.queue.current is not None
        return self._switch.isChecked() and ordered

    def take_back_last(self) -> bool:
        """Take back the stroke that was painted last, if it is not filled yet: it is no step of the
        history, but it is what was done last. Returns whether there was one."""
        if not self.has_strokes:
            return False
        current = () if self.queue.current is None else (self.queue.current,)
        last = max(item.id for item in (*current, *self.queue.waiting))  # they may be in any order
        self.queue.cancel(last)
        return True

    def _remember(self) -> None:
        wanted = self._switch.isChecked()
        self._window.store.update(lambda settings: replace(settings, brush_fills=wanted))
