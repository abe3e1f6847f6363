"""The File menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import RECENT, SEPARATOR, ActionSpec

ACTIONS: Final = (
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
)

MENU: Final = (
    "&File",
    ("open", RECENT, "paste_new", SEPARATOR, "export", SEPARATOR, "close", "quit"),
)
