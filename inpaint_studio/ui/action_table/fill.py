"""The Fill menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec(
        "fill",
        "&Fill",
        "auto-fix",
        ("Ctrl+Return", "Ctrl+Enter"),
        "Fill the mask with the chosen engine",
        photo=True,
    ),
    ActionSpec("stop", "&Stop", "stop", ("Esc",), "Stop the fill; nothing is changed"),
)

MENU: Final = (
    "F&ill",
    (
        *("fill", "stop"),
        SEPARATOR,
        "models",
    ),
)
