"""The Layer menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec("layer_rename", "&Rename", keys=("F2",), tip="Rename the layer", photo=True),
    ActionSpec(
        "layer_toggle", "&Show or Hide", "eye-outline", ("Ctrl+Shift+H",), "Show or hide the layer"
    ),
    ActionSpec("layer_up", "Move &Up", "arrow-up", ("Ctrl+]",), "Move the layer up"),
    ActionSpec("layer_down", "Move &Down", "arrow-down", ("Ctrl+[",), "Move the layer down"),
    ActionSpec(
        "layer_delete", "De&lete", "trash-can-outline", ("Ctrl+Backspace",), "Delete the layer"
    ),
)

MENU: Final = (
    "&Layer",
    ("layer_rename", "layer_toggle", "layer_up", "layer_down", SEPARATOR, "layer_delete"),
)
