"""The Help menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec(
        "models", "&Models…", "cube-outline", ("Ctrl+Shift+M",), "Install models, see their terms"
    ),
    ActionSpec(
        "palette",
        "Find a &Command…",
        "magnify",
        ("Ctrl+K", "Ctrl+F", "Ctrl+Shift+P"),
        "Type a few letters of what you want to do",
    ),
    ActionSpec(
        "shortcuts",
        "&Keyboard Shortcuts…",
        "keyboard-outline",
        ("F1",),
        "See, search and change all keys",
    ),
    ActionSpec("tour", "&Tour of the Sample Photo", "school-outline", tip="Three steps, a minute"),
    ActionSpec("about", "&About Inpaint Studio", "information-outline"),
)

MENU: Final = (
    "&Help",
    (
        "palette",
        "shortcuts",
        "tour",
        SEPARATOR,
        "about",
    ),
)
