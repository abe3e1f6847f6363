"""How large a dialog may be: what it would like, within the window it belongs to."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog

_EDGE = QSize(24, 48)
"""What is to be left of the window around a dialog, its title bar among it."""


def resize_within(dialog: QDialog, width: int, height: int) -> None:
    """Give it this size, or as much of it as its window or screen has room for."""
    parent = dialog.parentWidget()
    room = dialog.screen().availableSize()
    if parent is not None:  # pyright: ignore[reportUnnecessaryComparison]
        room = room.boundedTo(parent.window().size().expandedTo(QSize(640, 480)))
    dialog.resize(QSize(width, height).boundedTo(room - _EDGE))
