"""The Mask menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
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
)

MENU: Final = (
    "&Mask",
    (
        "mask_invert",
        "mask_clear",
        SEPARATOR,
        "mask_grow",
        "mask_shrink",
        SEPARATOR,
        "mask_load",
        "mask_save",
    ),
)
