"""The Fill menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec(
        "fill",
        "&Fill",
        "auto-fix",
        ("Ctrl+Return", "Ctrl+Enter", "Shift+F5", "Shift+Backspace", "Shift+Delete"),
        "Fill the mask with the chosen engine",
        photo=True,
    ),
    ActionSpec(
        "brush_fills",
        "Fill as I &Paint",
        "brush-variant",
        ("Shift+B",),
        "Fill each stroke as soon as the button is let go; further ones wait their turn",
        True,
    ),
    ActionSpec(
        "sources",
        "Paint Area to &Copy From",
        "texture",
        ("Ctrl+Shift+A",),
        "Paint where patches may be copied from; nothing painted means everywhere",
        True,
        photo=True,
    ),
    ActionSpec(
        "sources_not",
        "Paint Area N&ot to Copy From",
        "texture",
        ("Ctrl+Alt+A",),
        "Paint where patches must not be copied from",
        True,
        photo=True,
    ),
    ActionSpec(
        "fill_try",
        "&Try Again",
        "dice-multiple-outline",
        ("Ctrl+T",),
        "Fill the same hole another way, as a further layer; the fill that is there is hidden",
    ),
    ActionSpec("stop", "&Stop", "stop", ("Esc",), "Stop the fill; nothing is changed"),
    ActionSpec(
        "edit_edges",
        "&Edit Edges",
        "vector-polyline-edit",
        ("D",),
        "Draw the edges EdgeConnect fills from, on the photo",
        True,
    ),
    ActionSpec(
        "fill_from_edges",
        "Fill from T&hese Edges",
        "auto-fix",
        ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        "Colour the layer again from its edges as they are drawn now",
    ),
    ActionSpec(
        "edges_auto",
        "Fill on &Release",
        tip="Fill again whenever an edge was drawn",
        checkable=True,
    ),
    ActionSpec("edges_clear", "C&lear Edges", tip="Take away all invented edges"),
    ActionSpec(
        "edges_import", "&Import Edges…", tip="Take edges from a picture: white lines on black"
    ),
    ActionSpec("edges_export", "E&xport Edges…", tip="Save the edges as a picture"),
    ActionSpec(
        "copy_command",
        "Copy as Comma&nd",
        tip="Put the command that fills a folder of photos with these settings on the clipboard",
    ),
)

MENU: Final = (
    "F&ill",
    (
        *("fill", "fill_try", "brush_fills", "sources", "sources_not", "stop"),
        SEPARATOR,
        *("edit_edges", "fill_from_edges", "edges_auto", "edges_clear"),
        *("edges_import", "edges_export"),
        SEPARATOR,
        *("copy_command", "models"),
    ),
)
