"""The order in which Tab reaches what is added to a window after it was built."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def reach_after(first: QWidget, *others: QWidget) -> None:
    """Have Tab go from `first` to the others, one after the other. Qt reaches last what was added
    last, wherever it lies."""
    # Qt ignores what follows a widget that takes no keys: what comes before that is followed.
    while first.focusPolicy() == Qt.FocusPolicy.NoFocus or first in others:
        before = first.previousInFocusChain()
        if before is None or before.isWindow():
            return
        first = before
    for one, other in pairwise((first, *others)):
        QWidget.setTabOrder(one, other)


def reach_bar_after(first: QWidget, bar: QWidget) -> None:
    """Have Tab go from `first` through all that lies in `bar`, in the order it was put there."""
    children = bar.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    reach_after(first, *(one for one in children if one.focusPolicy() & Qt.FocusPolicy.TabFocus))
