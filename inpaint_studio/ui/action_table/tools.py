"""The Tools menu."""

from typing import Final

from inpaint_studio.ui.action_table.spec import SEPARATOR, ActionSpec

ACTIONS: Final = (
    ActionSpec(
        "brush",
        "&Brush",
        "brush",
        ("B",),
        "Paint over what is to be filled; right button erases, Shift draws straight lines",
        True,
        "tool",
    ),
    ActionSpec("eraser", "&Eraser", "eraser", ("E",), "Take paint off the mask", True, "tool"),
    ActionSpec(
        "lasso", "&Lasso", "lasso", ("L",), "Draw around an area; Alt takes it away", True, "tool"
    ),
    ActionSpec(
        "polygon",
        "&Polygon Lasso",
        "vector-polygon",
        ("Shift+L",),
        "Click corner by corner; Enter or double-click closes, Alt takes away",
        True,
        "tool",
    ),
    ActionSpec(
        "wand",
        "Magic &Wand",
        "magic-staff",
        ("W",),
        "Click selects what looks alike; dragging changes the tolerance, Alt takes away",
        True,
        "tool",
    ),
    ActionSpec(
        "object",
        "Select &Object",
        "select-drag",
        ("Shift+W",),
        "Drag a box round an object, or click on it; Alt takes away",
        True,
        "tool",
    ),
    ActionSpec(
        "heal",
        "Heal&ing Brush",
        "bandage",
        ("J",),
        "Copy texture, keep the tones around; Alt+click says from where, else it finds a place",
        True,
        "tool",
    ),
    ActionSpec(
        "clone",
        "&Clone Brush",
        "stamper",
        ("S",),
        "Copy from another place, pixel by pixel; Alt+click says from where",
        True,
        "tool",
    ),
    ActionSpec(
        "hand",
        "&Hand",
        "hand-back-right-outline",
        ("H",),
        "Move the view; any tool does with Space held",
        True,
        "tool",
    ),
    ActionSpec("brush_smaller", "S&maller Brush", keys=("[",)),
    ActionSpec("brush_larger", "Lar&ger Brush", keys=("]",)),
    ActionSpec("brush_softer", "So&fter Brush", keys=("Shift+[", "{")),
    ActionSpec("brush_harder", "Ha&rder Brush", keys=("Shift+]", "}")),
    ActionSpec("swap_tools", "&Swap Brush and Eraser", "swap-horizontal", ("X",)),
)

MENU: Final = (
    "&Tools",
    (
        "brush",
        "eraser",
        "lasso",
        "polygon",
        "wand",
        "object",
        SEPARATOR,
        "heal",
        "clone",
        SEPARATOR,
        "hand",
        SEPARATOR,
        "brush_smaller",
        "brush_larger",
        "brush_softer",
        "brush_harder",
        "swap_tools",
    ),
)
