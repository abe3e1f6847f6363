"""Every action of the program, once: what it is called, its icon, its keys, where its menu is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence, QPixmap
from PySide6.QtWidgets import QWidget

from inpaint_studio.ui.action_table import edit, file, fill, help, layer, mask, tools, view
from inpaint_studio.ui.action_table.spec import ActionSpec
from inpaint_studio.ui.icons import icon

CONTEXT: Final = "actions"


_TABLE: Final = (file, edit, tools, mask, fill, layer, view, help)

ACTIONS: Final[tuple[ActionSpec, ...]] = tuple(spec for part in _TABLE for spec in part.ACTIONS)

MENUS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = tuple(part.MENU for part in _TABLE)


_SPECS: Final = {spec.id: spec for spec in ACTIONS}


def translated(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate(CONTEXT, text)


def plain_text(text: str) -> str:
    """A menu text without its mnemonic and dots."""
    return text.replace("&", "").removesuffix("…")


class Actions(QObject):
    """The QActions made from `ACTIONS`, by id. They work wherever the keyboard is in `window`."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._groups: dict[str, QActionGroup] = {}
        self._reasons: dict[str, str] = {}
        # Until the icons are loaded: buttons without one would show their text, cut off.
        self._blank = _blank_icon()
        self._actions = {spec.id: self._make(spec) for spec in ACTIONS}
        window.addActions(list(self._actions.values()))

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[tuple[ActionSpec, QAction]]:
        return ((spec, self._actions[spec.id]) for spec in ACTIONS)

    def connect_all(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        """Say what each action does. Checked state is read from the action itself."""
        for action_id, handler in handlers.items():
            self._actions[action_id].triggered.connect(_without_argument(handler))

    def enable(self, action_ids: tuple[str, ...], enabled: bool, *, why_not: str = "") -> None:
        """Let these actions be used or not; the tooltip of one that cannot says `why_not`."""
        for action_id in action_ids:
            self._actions[action_id].setEnabled(enabled)
            self._reasons[action_id] = "" if enabled else why_not
            self._tell(action_id)

    def reason(self, action_id: str) -> str:
        """Why an action cannot be used now; empty where it can."""
        if self._actions[action_id].isEnabled():
            return ""
        return self._reasons.get(action_id) or translated("This cannot be done now.")

    def give_keys(self, changed: Mapping[str, Sequence[str]]) -> None:
        """Let these actions have other keys than the table says, all others those."""
        for spec, action in self:
            keys = changed.get(spec.id, spec.keys)
            action.setShortcuts([QKeySequence(key) for key in keys])
            self._tell(spec.id)

    def _tell(self, action_id: str) -> None:
        action, spec = self._actions[action_id], _SPECS[action_id]
        keys = [shortcut.toString() for shortcut in action.shortcuts()]
        tip = tooltip(spec, keys=tuple(keys))
        reason = self._reasons.get(action_id, "")
        action.setToolTip(f"{tip}\n{reason}" if reason else tip)

    def load_icons(self) -> None:
        """Give every action its icon. Slow the first time: call it after the first paint."""
        for spec, action in self:
            if spec.icon:
                action.setIcon(icon(spec.icon))

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(translated(spec.text), self)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        if spec.icon:
            action.setIcon(self._blank)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setToolTip(tooltip(spec))
        action.setStatusTip("")
        action.setMenuRole(_MENU_ROLES.get(spec.id, QAction.MenuRole.NoRole))
        action.setEnabled(not spec.photo)
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(self))
            group.addAction(action)
        return action


_MENU_ROLES: Final = {
    "quit": QAction.MenuRole.QuitRole,
    "about": QAction.MenuRole.AboutRole,
    "preferences": QAction.MenuRole.PreferencesRole,
}


def tooltip(spec: ActionSpec, *, keys: Sequence[str] | None = None) -> str:
    """The action's name, its first key (of `keys`, or the table's), and below what it does."""
    name = plain_text(translated(spec.text))
    keys = spec.keys if keys is None else keys
    native = QKeySequence.SequenceFormat.NativeText
    first = f"{name} ({QKeySequence(keys[0]).toString(native)})" if keys else name
    return f"{first}\n{translated(spec.tip)}" if spec.tip else first


def _blank_icon() -> QIcon:
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


def _without_argument(handler: Callable[[], object]) -> Callable[[bool], None]:
    def call(_checked: bool = False) -> None:
        handler()

    return call
