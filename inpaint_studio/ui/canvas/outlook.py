"""What the tools of a canvas see of its photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.ui.canvas.painting import LOOKING
from inpaint_studio.ui.jobs import run_in_background

if TYPE_CHECKING:
    from inpaint_studio.ui.canvas.navigation import Navigation
    from inpaint_studio.ui.canvas.scene import Scene
    from inpaint_studio.ui.canvas.sight import ReducedLook, Sight


class ToolOutlook(QObject):
    """Answers tools that look at the photo, and has ready what they will look at."""

    def __init__(self, scene: Scene, navigation: Navigation, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._navigation = navigation

    def sight(self) -> Sight | None:
        """The photo with its layers as it is seen, reduced; None without a photo."""
        return self._scene.sight()

    def visible(self) -> Box:
        """The photo pixels that show."""
        viewport = self._navigation.viewport
        return EMPTY_BOX if viewport is None else viewport.visible

    def prepare(self, tool: str) -> None:
        """Look in the background at what the tool needs, so that the first click is not slow."""
        look = self._scene.look() if tool in LOOKING else None
        if look is not None:
            run_in_background(self, lambda: _look_over(look))


def _look_over(look: ReducedLook) -> None:
    """Have the picture and, which takes as long, OpenCV."""
    from inpaint_studio.imaging.selection import color_distance

    color_distance(look.pixels[:1, :1], (0, 0, 0))
