"""Icons by name, loaded late: qtawesome takes longer to import than Qt itself.

Nothing here may be called before the first window is painted (`Actions.load_icons` is the door).
"""

from typing import cast

from PySide6.QtGui import QIcon

from inpaint_studio.ui.theme import COLORS


def icon(name: str, *, color: str = "text") -> QIcon:
    """A Material Design icon ("brush") in one of the theme's colours."""
    import qtawesome  # pyright: ignore[reportMissingTypeStubs]

    made = qtawesome.icon(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        f"mdi6.{name}",
        color=COLORS[color],
        color_disabled=COLORS["disabled"],
        color_on="#ffffff",
    )
    return cast("QIcon", made)
