"""Every action of the program, once: what it is called, its icon, its keys, where its menu is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence, QPixmap
from PySide6.QtWidgets import QWidget

from inpaint_studio.ui.icons import icon

CONTEXT: Final = "actions"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action. `keys` are tried in order; the first is the one shown."""

    id: str
    text: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    tip: str = ""
    checkable: bool = False
    group: str = ""
    """Of actions in one group exactly one is checked."""
    photo: bool = False
    """Only makes sense with a photo open."""


ACTIONS: Final[tuple[ActionSpec, ...]] = (
    # File
    ActionSpec("open", "&Open…", "folder-open-outline", ("Ctrl+O",), "Open a photo"),
    ActionSpec(
        "paste_new",
        "&Paste as New",
        "content-paste",
        ("Ctrl+V",),
        "Open the picture on the clipboard",
    ),
    ActionSpec(
        "export",
        "&Export…",
        "tray-arrow-up",
        ("Ctrl+Shift+E", "Ctrl+S"),
        "Save the restored photo to a file",
        photo=True,
    ),
    ActionSpec("close", "&Close Photo", keys=("Ctrl+W",), tip="Close the photo", photo=True),
    ActionSpec("quit", "&Quit", keys=("Ctrl+Q",), tip="Leave the program"),
    # Edit
    ActionSpec("undo", "&Undo", "undo", ("Ctrl+Z",), "Take back the last step"),
    ActionSpec("redo", "&Redo", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Do again what was taken back"),
    ActionSpec(
        "preferences", "Pre&ferences…", "cog-outline", ("Ctrl+,",), "Tint, memory, device, engine"
    ),
    # Tools
    ActionSpec(
        "brush",
        "&Brush",
        "brush",
        ("B",),
        "Paint over what is to be filled; right button erases, Shift draws straight lines",
        True,
        "tool",
    ),
    ActionSpec("eraser", "&Eraser", "eraser", ("E",), "Take paint off the mask", True, "tool"),
    ActionSpec(
        "lasso", "&Lasso", "lasso", ("L",), "Draw around an area; Alt takes it away", True, "tool"
    ),
    ActionSpec(
        "polygon",
        "&Polygon Lasso",
        "vector-polygon",
        ("Shift+L",),
        "Click corner by corner; Enter or double-click closes, Alt takes away",
        True,
        "tool",
    ),
    ActionSpec(
        "hand",
        "&Hand",
        "hand-back-right-outline",
        ("H",),
        "Move the view; any tool does with Space held",
        True,
        "tool",
    ),
    ActionSpec("brush_smaller", "S&maller Brush", keys=("[",)),
    ActionSpec("brush_larger", "Lar&ger Brush", keys=("]",)),
    ActionSpec("brush_softer", "So&fter Brush", keys=("Shift+[", "{")),
    ActionSpec("brush_harder", "Ha&rder Brush", keys=("Shift+]", "}")),
    ActionSpec("swap_tools", "S&wap Brush and Eraser", "swap-horizontal", ("X",)),
    # Mask
    ActionSpec(
        "mask_invert",
        "&Invert",
        "invert-colors",
        ("Ctrl+I",),
        "Fill what is kept and keep what is filled",
        photo=True,
    ),
    ActionSpec("mask_clear", "&Clear", "selection-off", ("Ctrl+D",), "Empty the mask", photo=True),
    ActionSpec(
        "mask_grow",
        "&Grow…",
        "arrow-expand-all",
        ("Ctrl+Shift+Up",),
        "Widen the mask by some pixels",
        photo=True,
    ),
    ActionSpec(
        "mask_shrink",
        "&Shrink…",
        "arrow-collapse-all",
        ("Ctrl+Shift+Down",),
        "Narrow the mask by some pixels",
        photo=True,
    ),
    ActionSpec(
        "mask_load",
        "&Load…",
        "file-import-outline",
        ("Ctrl+Shift+O",),
        "Use a picture as the mask: white is filled",
        photo=True,
    ),
    ActionSpec(
        "mask_save",
        "Sa&ve…",
        "file-export-outline",
        ("Ctrl+Shift+S",),
        "Save the mask as a grey picture",
        photo=True,
    ),
    # Fill
    ActionSpec(
        "fill",
        "&Fill",
        "auto-fix",
        ("Ctrl+Return", "Ctrl+Enter"),
        "Fill the mask with the chosen engine",
        photo=True,
    ),
    ActionSpec("stop", "&Stop", "stop", ("Esc",), "Stop the fill; nothing is changed"),
    # Layer
    ActionSpec("layer_rename", "&Rename", keys=("F2",), tip="Rename the layer", photo=True),
    ActionSpec(
        "layer_toggle", "&Show or Hide", "eye-outline", ("Ctrl+Shift+H",), "Show or hide the layer"
    ),
    ActionSpec("layer_up", "Move &Up", "arrow-up", ("Ctrl+]",), "Move the layer up"),
    ActionSpec("layer_down", "Move &Down", "arrow-down", ("Ctrl+[",), "Move the layer down"),
    ActionSpec(
        "layer_delete", "De&lete", "trash-can-outline", ("Ctrl+Backspace",), "Delete the layer"
    ),
    # View
    ActionSpec("zoom_fit", "&Fit", "fit-to-screen-outline", ("0",), "Show the whole photo"),
    ActionSpec("zoom_actual", "&100 %", "", ("1",), "One pixel of the photo per screen pixel"),
    ActionSpec("zoom_in", "Zoom &In", "magnify-plus-outline", ("+", "=", "Ctrl++", "Ctrl+=")),
    ActionSpec("zoom_out", "Zoom &Out", "magnify-minus-outline", ("-", "Ctrl+-")),
    ActionSpec(
        "show_mask", "Show &Mask", "eye-outline", ("M",), "Show or hide the mask's tint", True
    ),
    ActionSpec("mask_tint", "Mask &Tint…", "palette-outline", (), "Colour of the mask's tint"),
    ActionSpec(
        "show_original",
        "Show O&riginal",
        "compare",
        ("\\",),
        "Show the photo as it was opened; holding Tab does the same",
        True,
    ),
    ActionSpec(
        "show_edges", "Show &Edges", "vector-polyline", ("Shift+E",), "Lay the edges over", True
    ),
    ActionSpec("next_pane", "Ne&xt Pane", keys=("F6",), tip="Move the keyboard to the next pane"),
    ActionSpec("show_panels", "&Panels", "", ("F8",), "Show or hide the panels", True),
    ActionSpec("full_screen", "F&ull Screen", "", ("F11",), "", True),
    # Models and help
    ActionSpec(
        "models", "&Models…", "cube-outline", ("Ctrl+Shift+M",), "Install models, see their terms"
    ),
    ActionSpec("shortcuts", "&Keyboard Shortcuts", "keyboard-outline", ("F1",)),
    ActionSpec("about", "&About Inpaint Studio", "information-outline"),
)

SEPARATOR: Final = ""
RECENT: Final = "recent"
"""Where the recent files go."""

MENUS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "&File",
        ("open", RECENT, "paste_new", SEPARATOR, "export", SEPARATOR, "close", "quit"),
    ),
    ("&Edit", ("undo", "redo", SEPARATOR, "preferences")),
    (
        "&Mask",
        (
            *("brush", "eraser", "lasso", "polygon", "hand", SEPARATOR),
            *("brush_smaller", "brush_larger", "brush_softer", "brush_harder", "swap_tools"),
            *(SEPARATOR, "mask_invert", "mask_clear", "mask_grow", "mask_shrink"),
            *(SEPARATOR, "mask_load", "mask_save"),
        ),
    ),
    (
        "F&ill",
        ("fill", "stop", SEPARATOR, "models"),
    ),
    (
        "&Layer",
        ("layer_rename", "layer_toggle", "layer_up", "layer_down", SEPARATOR, "layer_delete"),
    ),
    (
        "&View",
        (
            *("zoom_fit", "zoom_actual", "zoom_in", "zoom_out", SEPARATOR),
            *("show_mask", "mask_tint", "show_original", "show_edges", SEPARATOR),
            *("next_pane", "show_panels", "full_screen"),
        ),
    ),
    ("&Help", ("shortcuts", SEPARATOR, "about")),
)


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

    def enable(self, action_ids: tuple[str, ...], enabled: bool) -> None:
        for action_id in action_ids:
            self._actions[action_id].setEnabled(enabled)

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


def tooltip(spec: ActionSpec) -> str:
    """The action's name, its first key, and below them what it does."""
    name = plain_text(translated(spec.text))
    keys = (
        QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
        if spec.keys
        else ""
    )
    first = f"{name} ({keys})" if keys else name
    return f"{first}\n{translated(spec.tip)}" if spec.tip else first


def _blank_icon() -> QIcon:
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


def _without_argument(handler: Callable[[], object]) -> Callable[[bool], None]:
    def call(_checked: bool = False) -> None:
        handler()

    return call
