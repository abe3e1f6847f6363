"""The canvas: the open photo with its mask, to look at and to paint on.

CanvasView, a QWidget. Signals:
    stroke_finished(object)   a PaintMask command, already applied: push it to the history
    zoom_changed(float)       1.0 = one photo pixel on one screen pixel
    cursor_moved(int, int)    photo pixel (x, y) under the pointer; (-1, -1) when off the photo
    brush_changed()           brush_size or hardness is different
    tool_changed(str)         one of `gesture.ToolName`
    original_shown(bool)      the photo without layers and mask is shown (Tab held)
    open_requested()          the empty canvas was double-clicked

Properties (read, and written where noted): zoom, tool, brush_size (written), hardness (written),
pressure_sizes (written: does the pen's pressure change the size), mask_visible (written),
is_painting (a stroke or polygon is under way), visible_box (photo pixels that show).

Slots: show_document(document | None), refresh(change), set_tool(name), swap_tool(),
set_brush_size(px), set_hardness(0..1), brush_size_step(+-1), hardness_step(+-1), zoom_fit(),
zoom_to(zoom), zoom_in(), zoom_out(), centre_on(x, y), mask_tint(color, opacity),
set_mask_visible(bool), show_original(bool), set_preview(pixels, hole, box), clear_preview(),
show_edges(edges, hole, box), clear_edges(), preview_mask(preview | None), settle() (finish the
stroke in hand; call it before an undo that does not come from the keyboard), cancel() (take it
back), shutdown() (join the threads; called once, when closing).

The canvas keeps for itself, while it has the focus: Space, Tab, and during a stroke or polygon
Escape, Enter, Backspace and Undo. All other keys belong to the window's actions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.ui.canvas.ants import STEP, MaskStyle
from inpaint_studio.ui.canvas.fill_overlay import Floats, Hole
from inpaint_studio.ui.canvas.surface import CanvasSurface

if TYPE_CHECKING:
    from inpaint_studio.document.change import Change
    from inpaint_studio.document.document import Document
    from inpaint_studio.ui.canvas.gesture import ToolName


class CanvasView(CanvasSurface):
    """Shows a document and lets the user paint its mask; see the module's description."""

    stroke_finished = Signal(object)
    zoom_changed = Signal(float)
    brush_changed = Signal()
    tool_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.painting.stroke_finished.connect(self.stroke_finished)
        self.painting.brush_changed.connect(self.brush_changed)
        self.painting.tool_changed.connect(self.tool_changed)
        self.navigation.zoom_changed.connect(self.zoom_changed)
        self.march = QTimer(self)
        self.march.timeout.connect(self._march)

    # -- document --------------------------------------------------------------------------------

    def show_document(self, document: Document | None) -> None:
        """Show all of another document, or an invitation to open one."""
        self.painting.set_canvas(None if document is None else document.mask)
        self.scene.show(document)
        self.navigation.show(None if document is None else document.photo.size)
        self.request_tiles()  # a photo of the same size is looked at from the same place
        self.update_cursor()
        self.update()

    def refresh(self, change: Change) -> None:
        """Paint again what a change of the document touched."""
        if change.kind == "mask":
            self.scene.mask_changed(change.box)
            self.update_photo(change.box)
        elif change.kind == "layers":
            self.scene.layers_changed(change.box)
            if self.scene.original:
                self.request_tiles()  # with the first layer the original becomes another picture
        elif change.kind == "photo":
            self.show_document(self.scene.document)

    def shutdown(self) -> None:
        """Take back what is being painted and join the threads. Called once, when closing."""
        self.painting.cancel()
        self.scene.store.shutdown()
        self.scene.comparison.shutdown()

    # -- tools -----------------------------------------------------------------------------------

    @property
    def tool(self) -> ToolName:
        return self.painting.tool

    def set_tool(self, name: ToolName) -> None:
        """Choose a tool; a stroke in hand is finished, a polygon taken back."""
        self.painting.set_tool(name)

    def swap_tool(self) -> None:
        """Brush to eraser, anything else to brush."""
        self.set_tool("eraser" if self.tool == "brush" else "brush")

    @property
    def brush_size(self) -> float:
        """Diameter in photo pixels, 1 to 2000."""
        return self.painting.size

    @brush_size.setter
    def brush_size(self, size: float) -> None:
        self.painting.set_brush(size, self.hardness)

    @property
    def hardness(self) -> float:
        """0 = fades from the centre, 1 = full up to the rim."""
        return self.painting.hardness

    @hardness.setter
    def hardness(self, hardness: float) -> None:
        self.painting.set_brush(self.brush_size, hardness)

    def set_brush_size(self, size: float) -> None:
        self.brush_size = size

    def set_hardness(self, hardness: float) -> None:
        self.hardness = hardness

    def brush_size_step(self, direction: int) -> None:
        """One step larger (+1) or smaller (-1)."""
        self.brush_size = next_brush_size(self.brush_size, direction)

    def hardness_step(self, direction: int) -> None:
        """A tenth harder (+1) or softer (-1)."""
        self.hardness = round(self.hardness + 0.1 * direction, 2)

    @property
    def pressure_sizes(self) -> bool:
        """Whether the pen's pressure changes the size of the brush."""
        return self.painting.pressure_sizes

    @pressure_sizes.setter
    def pressure_sizes(self, wanted: bool) -> None:
        self.painting.pressure_sizes = wanted

    @property
    def is_painting(self) -> bool:
        return self.painting.is_active

    def settle(self) -> None:
        """Finish the stroke in hand as if the button had been let go."""
        self.painting.settle()

    def cancel(self) -> None:
        """Take back the stroke or polygon under way."""
        self.painting.cancel()

    # -- where to look ---------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        return self.navigation.zoom

    @property
    def visible_box(self) -> Box:
        """The photo pixels that show."""
        return self.outlook.visible()

    def zoom_fit(self) -> None:
        self.navigation.fit()

    def zoom_to(self, zoom: float) -> None:
        self.navigation.zoom_to(zoom)

    def zoom_in(self) -> None:
        self.navigation.step(1)

    def zoom_out(self) -> None:
        self.navigation.step(-1)

    def centre_on(self, x: float, y: float) -> None:
        self.navigation.centre_on(x, y)

    # -- what lies over the photo ----------------------------------------------------------------

    def mask_tint(self, color: QColor, opacity: float) -> None:
        self.scene.set_tint(color, opacity)
        self.update()

    @property
    def mask_visible(self) -> bool:
        return self.scene.mask_visible

    @mask_visible.setter
    def mask_visible(self, visible: bool) -> None:
        self.set_mask_visible(visible)

    def set_mask_visible(self, visible: bool) -> None:
        self.scene.mask_visible = visible
        self.update()

    @property
    def mask_style(self) -> MaskStyle:
        """How the mask is shown: "tint", "ants" (its outline, marching) or "mask" (by itself)."""
        return self.scene.mask_style

    def set_mask_style(self, style: MaskStyle) -> None:
        self.scene.set_mask_style(style)
        self.march.setInterval(STEP)
        if style == "ants":
            self.march.start()
        else:
            self.march.stop()
        self.update()

    def set_preview(self, pixels: Floats, hole: Hole, box: Box) -> None:
        """Show (h, w, 3) float32 sRGB inside (h, w) `hole`, stretched over `box` of the photo."""
        self.scene.fill.set_preview(pixels, hole, box)

    def clear_preview(self) -> None:
        """Take the previews away as soon as what lies below them is drawn."""
        self.scene.fill.clear_preview()

    def show_edges(self, edges: Floats, hole: Hole, box: Box) -> None:
        """Show an (h, w) edge map over `box`, found and invented edges in different colours."""
        self.scene.fill.show_edges(edges, hole, box)

    def clear_edges(self) -> None:
        self.scene.fill.clear_edges()

    def _march(self) -> None:
        if self.isVisible() and self.isActiveWindow():
            self.update_photo(self.scene.march())


def next_brush_size(size: float, direction: int) -> float:
    """The next rounded size: one pixel at a time up to 10, then about an eighth at a time."""
    if size + direction <= 10:
        return max(1.0, round(size) + direction)
    grown = size * 1.125 if direction > 0 else size / 1.125
    step = 1 if grown < 100 else 5 if grown < 500 else 10
    return float(round(grown / step) * step)
