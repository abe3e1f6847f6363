"""The Edit menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec("undo", "&Undo", "undo", ("Ctrl+Z", "Ctrl+Alt+Z"), "Take back the last step"),
    ActionSpec("redo", "&Redo", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Do again what was taken back"),
    ActionSpec(
        "preferences", "Pre&ferences…", "cog-outline", ("Ctrl+,",), "Tint, memory, device, engine"
    ),
)

MENU: Final = (
    "&Edit",
    (
        *("undo", "redo"),
        SEPARATOR,
        "preferences",
    ),
)
