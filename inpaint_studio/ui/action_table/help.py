"""The Help menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec(
        "models", "&Models…", "cube-outline", ("Ctrl+Shift+M",), "Install models, see their terms"
    ),
    ActionSpec("shortcuts", "&Keyboard Shortcuts", "keyboard-outline", ("F1",)),
    ActionSpec("about", "&About Inpaint Studio", "information-outline"),
)

MENU: Final = (
    "&Help",
    (
        "shortcuts",
        SEPARATOR,
        "about",
    ),
)
