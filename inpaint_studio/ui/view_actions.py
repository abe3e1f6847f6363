"""What the View menu and the tools do to the canvas, and the canvas to them."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from inpaint_studio.document.change import Change
from inpaint_studio.settings import Settings
from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.canvas.view import CanvasView
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.ui.tool_options import ToolOptions

TOOLS = ("brush", "eraser", "lasso", "polygon", "wand", "object", "heal", "clone", "hand")


class ViewActions(QObject):
    """Keeps canvas, tool actions, tool options and the remembered brush and tint in step."""

    def __init__(
        self,
        canvas: CanvasView,
        actions: Actions,
        options: ToolOptions,
        store: SettingsStore,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._canvas = canvas
        self._actions = actions
        self._options = options
        self._store = store
        self._window = window
        self._uncovered = False
        self.keep_covered: Callable[[], bool] = lambda: False
        """Whether the tint is to stay on a fresh fill, as it shows a mask begun meanwhile."""
        settings = store.settings
        canvas.brush_size, canvas.hardness = settings.brush_size, settings.brush_hardness
        self._connect()
        self._show_tool(canvas.tool)
        self._show_brush()
        self.show_tint(settings)
        actions["show_mask"].setChecked(True)

    def choose_color(self) -> None:
        """Let the user choose the colour of the mask's tint."""
        from PySide6.QtWidgets import QColorDialog

        dialog = QColorDialog(QColor(self._store.settings.mask_color), self._window)
        dialog.setWindowTitle(self.tr("Colour of the mask's tint"))
        dialog.colorSelected.connect(self.set_color)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def set_color(self, color: QColor) -> None:
        self._update(mask_color=color.name())

    def set_opacity(self, opacity: float) -> None:
        self._update(mask_opacity=round(opacity, 2))

    def show_tint(self, settings: Settings) -> None:
        """Tint the mask as the settings say."""
        color = QColor(settings.mask_color)
        self._canvas.mask_tint(color, settings.mask_opacity)
        self._options.show_tint(color, settings.mask_opacity)

    @property
    def uncovered(self) -> bool:
        """Whether the tint is off because a fill has just come."""
        return self._uncovered

    def show_result(self) -> None:
        """Take the tint off a fresh fill, so that it can be judged; painting brings it back."""
        if self._actions["show_mask"].isChecked() and not self.keep_covered():
            self._uncovered = True
            self._show_mask(False)

    def reveal_mask(self) -> None:
        """Show the tint again where `show_result` took it off."""
        if self._uncovered:
            self._show_mask(True)

    def show_change(self, change: Change) -> None:
        """A mask that was changed is to be seen."""
        if change.kind == "mask":
            self.reveal_mask()

    def _show_mask(self, shown: bool) -> None:
        self._actions["show_mask"].setChecked(shown)
        self._canvas.set_mask_visible(shown)
        if shown:
            self._uncovered = False

    def _connect(self) -> None:
        canvas, actions, options = self._canvas, self._actions, self._options
        canvas.tool_changed.connect(self._show_tool)
        canvas.brush_changed.connect(self._show_brush)
        canvas.painting.touched.connect(self.reveal_mask)
        options.brush_edited.connect(self._set_brush)
        options.extra.follow(canvas.painting)
        options.tint_edited.connect(self.set_opacity)
        options.color_requested.connect(self.choose_color)
        self._store.changed.connect(self.show_tint)
        actions.connect_all(
            {
                **{tool: lambda tool=tool: canvas.set_tool(tool) for tool in TOOLS},
                "swap_tools": canvas.swap_tool,
                "brush_smaller": lambda: canvas.brush_size_step(-1),
                "brush_larger": lambda: canvas.brush_size_step(1),
                "brush_softer": lambda: canvas.hardness_step(-1),
                "brush_harder": lambda: canvas.hardness_step(1),
                "zoom_fit": canvas.zoom_fit,
                "zoom_actual": lambda: canvas.zoom_to(1.0),
                "zoom_in": canvas.zoom_in,
                "zoom_out": canvas.zoom_out,
                "show_mask": lambda: self._show_mask(actions["show_mask"].isChecked()),
                "show_original": lambda: canvas.show_original(actions["show_original"].isChecked()),
                "mask_tint": self.choose_color,
            }
        )
        canvas.original_shown.connect(actions["show_original"].setChecked)

    def _set_brush(self, size: float, hardness: float) -> None:
        self._canvas.brush_size, self._canvas.hardness = size, hardness

    def _show_tool(self, tool: str) -> None:
        if tool in TOOLS:
            self._actions[tool].setChecked(True)
        self._options.show_tool(tool)

    def _show_brush(self) -> None:
        size, hardness = self._canvas.brush_size, self._canvas.hardness
        self._options.show_brush(size, hardness)
        self._update(brush_size=size, brush_hardness=hardness)

    def _update(self, **values: object) -> None:
        self._store.update(lambda settings: msgspec.structs.replace(settings, **values))
