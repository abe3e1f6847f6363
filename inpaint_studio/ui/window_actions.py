"""Which actions make sense now, and what the window itself can do: panes, panels, full screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from inpaint_studio.ui.actions import ACTIONS, Actions

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.ui.main_window import MainWindow

PHOTO_ACTIONS = tuple(spec.id for spec in ACTIONS if spec.photo)
MASK_ACTIONS = (
    *("mask_clear", "mask_grow", "mask_shrink", "mask_feather", "mask_smooth", "mask_border"),
    *("select_similar", "mask_copy", "mask_save", "compare_engines"),
)
"""What there is nothing to do with while the mask is empty."""


class WindowActions(QObject):
    """Enables actions, and moves the keyboard between the panes of the window."""

    def __init__(self, window: MainWindow, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        actions["show_panels"].setChecked(True)
        actions.connect_all(
            {
                "next_pane": self.next_pane,
                "show_panels": self._show_panels,
                "full_screen": self._full_screen,
            }
        )

    def show_state(self, document: Document | None, *, running: bool) -> None:
        """Enable what can be done with `document` just now."""
        actions = self._actions
        none = self.tr("Open a photo first.")
        actions.enable(PHOTO_ACTIONS, document is not None, why_not=none)
        masked = document is not None and bool(document.mask.max())
        empty = none if document is None else self.tr("The mask is empty: paint or select first.")
        actions.enable(MASK_ACTIONS, masked, why_not=empty)
        self._window.column.fill.invite(document is not None and not masked)
        waiting = self._window.parts.queueing.has_strokes
        can_undo = document is not None and (document.history.can_undo or waiting)
        can_redo = document is not None and document.history.can_redo
        actions.enable(("undo",), can_undo, why_not=self.tr("There is nothing to take back."))
        actions.enable(("redo",), can_redo, why_not=self.tr("Nothing was taken back."))
        self._window.column.fill.set_available(document is not None)
        stops = running or self._window.mode_bar.is_on
        actions.enable(("stop",), stops, why_not=self.tr("No fill is running."))

    def next_pane(self) -> None:
        """Move the keyboard to the next pane: photo, panels, tools, options."""
        panes = self._panes()
        focused = QApplication.focusWidget()
        holding = [i for i, pane in enumerate(panes) if focused and _holds(pane, focused)]
        following = panes[(holding[0] + 1) % len(panes)] if holding else panes[0]
        target = following if following.focusPolicy() & Qt.FocusPolicy.TabFocus else None
        (target or _first_field(following) or following).setFocus(Qt.FocusReason.TabFocusReason)

    def _panes(self) -> list[QWidget]:
        window = self._window
        current = window.pages.currentWidget()
        panels = [section for section in window.column.sections if window.column.isVisible()]
        return [*([current] if current else []), *panels, window.options]

    def _show_panels(self) -> None:
        self._window.column.setVisible(self._actions["show_panels"].isChecked())

    def _full_screen(self) -> None:
        if self._actions["full_screen"].isChecked():
            self._window.showFullScreen()
        else:
            self._window.showNormal()


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)


def _first_field(pane: QWidget) -> QWidget | None:
    """The first control in `pane` the Tab key would reach."""
    for child in pane.findChildren(QWidget):
        if (
            child.focusPolicy() & Qt.FocusPolicy.TabFocus
            and child.isVisible()
            and child.isEnabled()
        ):
            return child
    return None
