"""How the program looks: neutral greys, one accent, one font, one style sheet.

The greys are neutral so that they do not tint the eye that judges a photo.
"""

import re
from typing import Final

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from inpaint_studio.paths import resources_dir

COLORS: Final = {
    "window": "#1e1e1e",
    "panel": "#262626",
    "raised": "#363636",
    "hover": "#424242",
    "sunken": "#191919",
    "line": "#3a3a3a",
    "frame": "#4a4a4a",
    "box": "#7a7a7a",
    "text": "#dedede",
    "muted": "#a6a6a6",
    "faint": "#929292",
    "disabled": "#6e6e6e",
    "accent": "#5b9bdc",
    "primary": "#2f6db0",
    "primary_hover": "#3677bd",
    "selection": "#31506f",
    "problem": "#3a2422",
    "problem_text": "#f0a79f",
    "notice": "#22303d",
    "warning": "#e0b25c",
    "good": "#84c28f",
}
"""Every text colour reaches 4.5:1 on `panel`, `window` and `sunken` (WCAG AA), `disabled` apart,
which is for what cannot be used; `box`, which outlines what is to be ticked, 3:1."""

STYLE: Final = ("-style", "Fusion")
"""Arguments for QApplication: `setStyle` would cost the making of a hundred enumerations."""

KNOWN_EDGES: Final = "#7fb2e0"
"""Edges found in the photo."""
INVENTED_EDGES: Final = "#ffa033"
"""Edges an engine drew inside the hole."""

_ROLES: Final = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "sunken",
    QPalette.ColorRole.AlternateBase: "panel",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "text",
    QPalette.ColorRole.Light: "hover",
    QPalette.ColorRole.Midlight: "raised",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "sunken",
    QPalette.ColorRole.Shadow: "sunken",
    QPalette.ColorRole.Highlight: "selection",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
}


def color(name: str) -> QColor:
    """One of `COLORS`."""
    return QColor(COLORS[name])


def apply_theme(application: QApplication) -> None:
    """Palette and font for every window; the application was made with `STYLE`."""
    application.setPalette(_palette())
    application.setFont(_font())


def apply_style_sheet(application: QApplication) -> None:
    """The style sheet, once the first window is built: every move of a widget from one parent to
    another has it styled anew, which doubles the time the building takes."""
    application.setStyleSheet(style_sheet(QFontInfo(application.font()).pixelSize()))


def style_sheet(size: int = 12) -> str:
    """The style sheet with its `@name` colours, `@icons` folder and sizes filled in, for a font
    `size` pixels high."""
    folder = resources_dir()
    sheet = (folder / "styles" / "studio.qss").read_text(encoding="utf-8")
    values = {**COLORS, "icons": (folder / "icons").as_posix(), **_sizes(size)}
    return re.sub(r"@(\w+)", lambda match: values[match.group(1)], sheet)


def _sizes(font: int) -> dict[str, str]:
    """Heights that follow the height of the font, in pixels."""
    return {
        "title": f"{font * 3 // 2}px",
        "button": f"{max(16, font * 5 // 4)}px",
        "field": f"{font * 3 // 2}px",
    }


def _palette() -> QPalette:
    palette = QPalette()
    for role, name in _ROLES.items():
        palette.setColor(role, color(name))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, color("disabled"))
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, color("disabled"))
    return palette


def _font() -> QFont:
    """Inter, which is drawn for small sizes on screens; the system's own where it is missing."""
    for file in sorted((resources_dir() / "fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(file))
    font = QFont("Inter")
    font.setPixelSize(12)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
