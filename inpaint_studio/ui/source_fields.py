"""The fields of the Fill panel that say where texture is copied from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton

from inpaint_studio.ui.panels.fields import ElidedCombo

if TYPE_CHECKING:
    from collections.abc import Container

    from inpaint_studio.document.change import CanvasName
    from inpaint_studio.ui.actions import Actions
    from inpaint_studio.ui.fill_request import FillChoice
    from inpaint_studio.ui.panels.advanced import AdvancedOptions

OPTIONS: Final = ("sources", "mirrored", "turned")
"""The options of engines that these fields set."""


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("SourceFields", text)


class SourceFields:
    """Two lists, and a button for each of the areas that can be painted."""

    def __init__(self, advanced: AdvancedOptions, commands: Actions) -> None:
        self.side = ElidedCombo()
        self.ways = ElidedCombo()
        self.paint, self.paint_not = QPushButton(), QPushButton()
        self._fill_lists()
        tip = tr("Which side of the hole texture is copied from")
        advanced.add_row(tr("Co&py"), self.side, tip)
        tip = tr("Whether texture is also copied mirrored or turned, which takes more memory")
        advanced.add_row(tr("T&urn"), self.ways, tip)
        for button, action in ((self.paint, "sources"), (self.paint_not, "sources_not")):
            button.setAutoDefault(False)
            advanced.add_row("", button, commands[action].toolTip())
            button.clicked.connect(commands[action].trigger)

    @property
    def options(self) -> dict[str, str]:
        """What the lists say, as engines are told it."""
        side: str = self.side.currentData()
        ways: str = self.ways.currentData()
        return ({"sources": side} if side != "around" else {}) | dict.fromkeys(ways.split(), "yes")

    def show_choice(self, choice: FillChoice) -> None:
        """Have the lists say what a choice says."""
        options = choice.options
        self.side.setCurrentIndex(max(0, self.side.findData(options.get("sources", "around"))))
        ways = " ".join(name for name in ("mirrored", "turned") if options.get(name))
        self.ways.setCurrentIndex(max(0, self.ways.findData(ways)))

    def show_areas(self, painted: Container[CanvasName], *, usable: bool) -> None:
        """Say in which areas something is painted, and whether the engine copies at all."""
        here, there = tr("Area to Copy From (painted)…"), tr("Paint Area to Copy From…")
        self.paint.setText(here if "allowed" in painted else there)
        here, there = tr("Area Not to Copy From (painted)…"), tr("Paint Area Not to Copy From…")
        self.paint_not.setText(here if "forbidden" in painted else there)
        for field in (self.side, self.ways, self.paint, self.paint_not):
            field.setEnabled(usable)

    def _fill_lists(self) -> None:
        for name, title in (
            ("around", tr("All around")),
            ("sides", tr("Left and right")),
            ("above-below", tr("Above and below")),
            ("left", tr("Left only")),
            ("right", tr("Right only")),
            ("above", tr("Above only")),
            ("below", tr("Below only")),
        ):
            self.side.addItem(title, name)
        for ways, title in (
            ("", tr("Not turned")),
            ("mirrored", tr("Mirrored, too")),
            ("turned", tr("Turned by quarters, too")),
            ("mirrored turned", tr("Mirrored and turned, too")),
        ):
            self.ways.addItem(title, ways)
