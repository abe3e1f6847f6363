"""The menu bar and the tool bar, made from the actions."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton

from inpaint_studio.ui.action_table.spec import RECENT, SEPARATOR
from inpaint_studio.ui.actions import MENUS, Actions, plain_text, translated
from inpaint_studio.ui.view_actions import TOOLS

TOOL_BAR = (*TOOLS, SEPARATOR, "undo", "redo", SEPARATOR, "zoom_fit", "show_mask", "show_original")


def build_menus(window: QMainWindow, actions: Actions) -> QMenu:
    """Fill the menu bar; returns the submenu of the recent files."""
    bar = window.menuBar()
    recent = QMenu(translated("Open &Recent"), window)
    for title, ids in MENUS:
        menu = bar.addMenu(translated(title))
        for action_id in ids:
            if action_id == SEPARATOR:
                menu.addSeparator()
            elif action_id == RECENT:
                menu.addMenu(recent)
            else:
                menu.addAction(actions[action_id])
    return recent


def fill_recent(menu: QMenu, files: Sequence[str], chosen: Callable[[Path], object]) -> None:
    """Offer the recent files, newest first."""
    menu.clear()
    menu.setEnabled(bool(files))
    for number, file in enumerate(files, start=1):
        path = Path(file)
        name = menu.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, 360)
        mnemonic = f"&{number} " if number < 10 else ""
        action = menu.addAction(mnemonic + name.replace("&", "&&"))
        action.setToolTip(file)
        action.triggered.connect(lambda _=False, path=path: chosen(path))


def build_tool_bar(window: QMainWindow, actions: Actions) -> QToolBar:
    """The slim bar of tools on the left."""
    bar = QToolBar(window)
    bar.setObjectName("tools")
    bar.setWindowTitle(window.tr("Tools"))
    bar.setMovable(False)
    bar.setFloatable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    bar.setOrientation(Qt.Orientation.Vertical)
    for action_id in TOOL_BAR:
        if action_id == SEPARATOR:
            bar.addSeparator()
            continue
        bar.addAction(actions[action_id])
        button = bar.widgetForAction(actions[action_id])
        if isinstance(button, QToolButton):
            button.setAccessibleName(plain_text(actions[action_id].text()))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setFixedSize(QSize(32, 32))
            button.setProperty("role", "tool" if action_id in TOOLS else "switch")
    return bar
