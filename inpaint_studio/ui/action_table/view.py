"""The View menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec("zoom_fit", "&Fit", "fit-to-screen-outline", ("0",), "Show the whole photo"),
    ActionSpec("zoom_actual", "&100 %", "", ("1",), "One pixel of the photo per screen pixel"),
    ActionSpec("zoom_in", "Zoom &In", "magnify-plus-outline", ("+", "=", "Ctrl++", "Ctrl+=")),
    ActionSpec("zoom_out", "Zoom &Out", "magnify-minus-outline", ("-", "Ctrl+-")),
    ActionSpec(
        "show_mask", "Show &Mask", "eye-outline", ("M",), "Show or hide the mask's tint", True
    ),
    ActionSpec(
        "quick_mask",
        "&Quick Mask",
        "circle-half-full",
        ("Q",),
        "Tint the mask, or show its outline as marching ants",
        True,
    ),
    ActionSpec(
        "mask_alone",
        "Mask A&lone",
        "texture-box",
        ("Shift+Q",),
        "Show the mask by itself, white on black, to find specks and pinholes",
        True,
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
        "compare",
        "&Compare",
        "compare-horizontal",
        ("C",),
        "Two pictures side by side along a line: original, current, or any layer",
        True,
        photo=True,
    ),
    ActionSpec(
        "compare_difference",
        "Show &Difference",
        "vector-difference",
        ("Ctrl+Shift+D",),
        "Show what differs between two pictures, magnified",
        photo=True,
    ),
    ActionSpec(
        "compare_fills",
        "Compare Fills in a &Grid…",
        "view-grid-outline",
        ("G",),
        "The layers that fill the same place, side by side",
        photo=True,
    ),
    ActionSpec(
        "compare_engines",
        "Compare &Engines…",
        "view-grid-plus-outline",
        ("Shift+G",),
        "Run several engines on the mask and keep what is best",
        photo=True,
    ),
    ActionSpec(
        "show_edges", "Show &Edges", "vector-polyline", ("Shift+E",), "Lay the edges over", True
    ),
    ActionSpec(
        "show_context",
        "Show Conte&xt",
        tip="Frame what a fill will look at; pointing at Fill does the same",
        checkable=True,
    ),
    ActionSpec("next_pane", "Ne&xt Pane", keys=("F6",), tip="Move the keyboard to the next pane"),
    ActionSpec("show_panels", "&Panels", "", ("F8",), "Show or hide the panels", True),
    ActionSpec("full_screen", "F&ull Screen", "", ("F11",), "", True),
    ActionSpec("reset_layout", "Reset La&yout", tip="All panels open, at their usual width"),
)

MENU: Final = (
    "&View",
    (
        "zoom_fit",
        "zoom_actual",
        "zoom_in",
        "zoom_out",
        SEPARATOR,
        "show_mask",
        "quick_mask",
        "mask_alone",
        "mask_tint",
        "show_original",
        "compare",
        "compare_difference",
        "compare_fills",
        "compare_engines",
        "show_edges",
        "show_context",
        SEPARATOR,
        "next_pane",
        "show_panels",
        "full_screen",
        "reset_layout",
    ),
)
