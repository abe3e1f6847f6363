"""The Layer menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec("layer_rename", "&Rename", keys=("F2",), tip="Rename the layer"),
    ActionSpec(
        "layer_toggle", "&Show or Hide", "eye-outline", ("Ctrl+Shift+H",), "Show or hide the layer"
    ),
    ActionSpec(
        "layer_lock",
        "Loc&k",
        "lock-outline",
        ("Ctrl+/",),
        "Keep the layer's pixels, mask and place as they are",
        True,
    ),
    ActionSpec(
        "layer_duplicate",
        "D&uplicate",
        "content-copy",
        ("Ctrl+J",),
        "Copy the layer, or the group with all in it",
    ),
    ActionSpec(
        "layer_delete", "De&lete", "trash-can-outline", ("Ctrl+Backspace",), "Delete the layer"
    ),
    ActionSpec(
        "fill_edit",
        "&Edit Fill",
        "pencil-outline",
        ("Ctrl+Shift+F",),
        "Change the mask, the engine or its settings and fill the layer again "
        "(or double-click it, or press Return in the list)",
    ),
    ActionSpec(
        "fill_again",
        "Run &Again",
        "refresh",
        ("Ctrl+Alt+Return", "Ctrl+Alt+Enter"),
        "Fill the layer again as before, from what lies below it now",
    ),
    ActionSpec(
        "fill_again_all",
        "Run All &Out-of-Date Fills",
        "update",
        (),
        "Fill every layer again whose surroundings have changed since, from the bottom up",
    ),
    ActionSpec(
        "layer_mask",
        "Paint Layer &Mask",
        "circle-half-full",
        ("Ctrl+M",),
        "Hide part of the layer with the brush, bring it back with the eraser",
        True,
    ),
    ActionSpec("layer_mask_delete", "Dele&te Layer Mask", tip="Show all of the layer again"),
    ActionSpec(
        "layer_group",
        "&Group",
        "folder-plus-outline",
        ("Ctrl+G",),
        "Put the selected layers into a new group",
    ),
    ActionSpec(
        "layer_ungroup",
        "U&ngroup",
        "folder-remove-outline",
        ("Ctrl+Shift+G",),
        "Take the layers out of their group",
    ),
    ActionSpec("layer_up", "Move U&p", "arrow-up", ("Ctrl+]",), "Move the layer up"),
    ActionSpec("layer_down", "Move &Down", "arrow-down", ("Ctrl+[",), "Move the layer down"),
    ActionSpec(
        "layer_merge_down",
        "Merge Do&wn",
        "arrow-collapse-down",
        ("Ctrl+E",),
        "Make one layer of this one and the one below it, of a group, or of all selected",
    ),
    ActionSpec(
        "layer_merge_visible",
        "Merge &Visible",
        "layers-outline",
        ("Ctrl+Alt+E",),
        "Make one layer of all that can be seen; hidden layers stay",
    ),
    ActionSpec(
        "layer_flatten",
        "&Flatten Layers",
        "layers-triple-outline",
        (),
        "Make one layer of all that can be seen and drop what is hidden; the photo stays",
    ),
    ActionSpec(
        "layer_plain",
        "&Convert to Plain Pixels",
        "image-outline",
        (),
        "Apply the layer's mask and forget how it was filled",
    ),
)

MENU: Final = (
    "&Layer",
    (
        *("layer_rename", "layer_toggle", "layer_lock"),
        *("layer_duplicate", "layer_delete"),
        SEPARATOR,
        *("fill_edit", "fill_again", "fill_again_all"),
        SEPARATOR,
        *("layer_mask", "layer_mask_delete"),
        SEPARATOR,
        *("layer_group", "layer_ungroup", "layer_up", "layer_down"),
        SEPARATOR,
        *("layer_merge_down", "layer_merge_visible", "layer_flatten", "layer_plain"),
    ),
)
