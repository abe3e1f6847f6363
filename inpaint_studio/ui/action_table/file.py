"""The File menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import RECENT, SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec("open", "&Open…", "folder-open-outline", ("Ctrl+O",), "Open a photo or a project"),
    ActionSpec(
        "paste_new",
        "&Paste as New",
        "content-paste",
        ("Ctrl+V",),
        "Open the picture on the clipboard",
    ),
    ActionSpec(
        "save_project",
        "&Save Project",
        "content-save-outline",
        ("Ctrl+S",),
        "Save photo, layers, mask and edges to one file to go on with later",
        photo=True,
    ),
    ActionSpec(
        "save_project_as",
        "Save Project &As…",
        keys=("Ctrl+Shift+S",),
        tip="Save the project to another file",
        photo=True,
    ),
    ActionSpec(
        "export",
        "&Export…",
        "tray-arrow-up",
        ("Ctrl+Shift+E", "Ctrl+Alt+Shift+S", "Ctrl+Alt+Shift+W"),
        "Save the restored photo to a picture file",
        photo=True,
    ),
    ActionSpec("close", "&Close Photo", keys=("Ctrl+W",), tip="Close the photo", photo=True),
    ActionSpec("quit", "&Quit", keys=("Ctrl+Q",), tip="Leave the program"),
)

MENU: Final = (
    "&File",
    (
        *("open", RECENT, "paste_new", SEPARATOR),
        *("save_project", "save_project_as", "export", SEPARATOR),
        *("close", "quit"),
    ),
)
