"""What the canvas's input handlers need of the widget they belong to."""

from __future__ import annotations

from typing import Protocol

from inpaint_studio.ui.canvas.comparison import LineGrip
from inpaint_studio.ui.canvas.navigation import Navigation
from inpaint_studio.ui.canvas.painting import MaskPainting


class Canvas(Protocol):
    """The surface as its input sees it. Positions are device pixels."""

    navigation: Navigation
    painting: MaskPainting
    grip: LineGrip

    def device_scale(self) -> float: ...
    def show_original(self, shown: bool) -> None: ...
    def pointer_moved(self, at: tuple[float, float] | None) -> None: ...
    def update_cursor(self) -> None: ...
    def ask_to_open(self) -> None: ...
    def take_focus(self) -> None: ...
