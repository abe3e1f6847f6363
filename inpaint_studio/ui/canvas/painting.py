"""The brush in the user's hand: which tool, how large, and the gesture under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, get_args

from PySide6.QtCore import QCoreApplication, QObject, Signal

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.object_selectors import GRABCUT
from inpaint_studio.imaging.selection import Wand
from inpaint_studio.imaging.strokes import LARGEST, SMALLEST, Brush
from inpaint_studio.ui.canvas.clone_source import CloneSource
from inpaint_studio.ui.canvas.gesture import (
    XY,
    Gesture,
    PointerSample,
    SourcePoint,
    Stroke,
    ToolName,
    Trace,
    Work,
)
from inpaint_studio.ui.canvas.tools import GESTURES

if TYPE_CHECKING:
    from inpaint_studio.document.commands import PaintMask
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.sight import Sight

LOOKING: tuple[ToolName, ...] = ("wand", "object", "pick", "heal", "clone")
"""Tools that look at the photo."""
RETOUCHING: tuple[ToolName, ...] = ("heal", "clone")
TAKING: tuple[ToolName, ...] = ("lasso", "polygon", "wand", "object", "pick")
"""Tools that take away where Alt is held."""


class Outlook(Protocol):
    """What tools see of the photo."""

    def sight(self) -> Sight | None: ...
    def visible(self) -> Box: ...


class MaskPainting(QObject):
    """Runs tool gestures on the mask canvas and says what they touched.

    `stroke_finished` carries a PaintMask whose delta is already applied to the canvas, `requested`
    the `gesture.Work` a gesture asks for.
    """

    beginning = Signal(object, bool)
    """A gesture is about to begin: the PointerSample, and whether it takes away."""
    stroke_finished = Signal(object)
    requested = Signal(object)
    previewed = Signal(object)
    """A MaskPreview to show in place of the mask; None shows the mask again."""
    spotted = Signal(object)
    """A SpotPreview to show over the photo; None takes the one under way back."""
    wand_changed = Signal()
    touched = Signal(object)
    """A Box of photo pixels whose mask is different now."""
    outline_changed = Signal()
    brush_changed = Signal()
    tool_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tool: ToolName = "brush"
        self.size = 80.0
        self.hardness = 0.8
        self.pressure_sizes = True
        self.wand = Wand()
        self.selector = GRABCUT
        self.clone = CloneSource()
        self.outlook: Outlook | None = None
        self.outline: Sequence[XY] = ()
        self._canvas: Coverage | None = None
        self._land: Callable[[PaintMask], object] = self.stroke_finished.emit
        self._gesture: Gesture | None = None
        self._kind: ToolName = "hand"
        self._last: PointerSample | None = None
        self._ended_at: XY | None = None
        self._touched = EMPTY_BOX

    @property
    def is_active(self) -> bool:
        """Whether a gesture is under way."""
        return self._gesture is not None

    @property
    def is_drawing(self) -> bool:
        """Whether a gesture is under way that ends when the button is let go."""
        return self._gesture is not None and self._kind != "polygon"

    def set_canvas(
        self, canvas: Coverage | None, *, land: Callable[[PaintMask], object] | None = None
    ) -> None:
        """Paint on another mask, or none; a gesture under way is taken back.

        What is painted goes to `land` instead of to `stroke_finished`, if it is given.
        """
        self.cancel()
        self._land = land or self.stroke_finished.emit
        self.clone.forget()
        self._canvas = canvas
        self._ended_at = None

    def set_tool(self, tool: ToolName) -> None:
        if tool not in get_args(ToolName):
            raise ValueError(f"no such tool: {tool}")
        if tool != self.tool:
            self.settle()
            if self.is_active:
                self.cancel()
            self.tool = tool
            self.tool_changed.emit(tool)

    def set_brush(self, size: float, hardness: float) -> None:
        """Diameter in photo pixels (1 to 2000) and hardness (0 to 1); both are clamped."""
        size = min(max(float(size), SMALLEST), LARGEST)
        hardness = min(max(float(hardness), 0.0), 1.0)
        if (size, hardness) != (self.size, self.hardness):
            self.size, self.hardness = size, hardness
            self.brush_changed.emit()

    def set_wand(self, wand: Wand) -> None:
        if wand != self.wand:
            self.wand = wand
            self.wand_changed.emit()

    def press(self, sample: PointerSample, *, secondary: bool = False) -> None:
        """A button went down: begin a gesture, or set the next corner of the polygon under way.

        `secondary` is the right button or the pen's eraser: it takes away instead of adding.
        """
        if self._gesture is not None:
            if self._kind == "polygon":
                self.send(sample)
            return
        make = GESTURES.get(self.tool)
        if make is None or self._canvas is None:
            return
        self._kind = self.tool
        erase = self._erases(sample, secondary)
        self.beginning.emit(sample, erase)
        stroke = self._stroke(self._canvas, sample, erase)
        self._last = self._adjusted(sample)
        self._gesture = make(stroke, self._last)
        self._advance(None)

    def send(self, sample: PointerSample) -> None:
        """Pass a sample to the gesture under way, if any."""
        if self._gesture is not None:
            self._last = self._adjusted(sample)
            self._advance(self._last)

    def key(self, phase: str) -> None:
        """Close the polygon under way ("commit") or take back its last corner ("back")."""
        if self._last is not None and not self.is_drawing:
            self.send(self._last._replace(phase="commit" if phase == "commit" else "back"))

    def settle(self) -> None:
        """Finish the stroke under way as if the button had been let go (a polygon goes on)."""
        if self.is_drawing and self._last is not None:
            self.send(self._last._replace(phase="release"))

    def cancel(self) -> None:
        """Take back the gesture under way: the mask is exactly as before."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.close()
            self.previewed.emit(None)
            self.spotted.emit(None)
            self._clean_up()

    def _advance(self, sample: PointerSample | None) -> None:
        gesture = self._gesture
        if gesture is None:
            return
        try:
            trace = next(gesture) if sample is None else gesture.send(sample)
        except StopIteration as end:
            self._finish(end.value)
            return
        self._show(trace)

    def _show(self, trace: Trace) -> None:
        self.outline = trace.outline
        if trace.outline:
            self.outline_changed.emit()
        if trace.preview is not None:
            self.previewed.emit(trace.preview)
        if trace.spot is not None:
            self.spotted.emit(trace.spot)
        if trace.wand is not None:
            self.set_wand(trace.wand)
        if not trace.box.is_empty:
            self._touched = self._touched.union(trace.box)
            self.touched.emit(trace.box)

    def _finish(self, outcome: PaintMask | Work | None) -> None:
        self._gesture = None
        if self._last is not None:
            self._ended_at = self._last.at
        self._clean_up()
        if isinstance(outcome, SourcePoint) and outcome.at is not None:
            self.clone.set(outcome.at)
        if isinstance(outcome, Work):
            self.requested.emit(outcome)
        elif outcome is not None:
            self.touched.emit(outcome.delta.box)
            self._land(outcome)

    def _clean_up(self) -> None:
        touched, self._touched = self._touched, EMPTY_BOX
        self.outline = ()
        self.outline_changed.emit()
        if not touched.is_empty:
            self.touched.emit(touched)

    def _erases(self, sample: PointerSample, secondary: bool) -> bool:
        takes = self.tool in TAKING and sample.modifiers.alt
        return secondary or self.tool == "eraser" or takes

    def _stroke(self, canvas: Coverage, sample: PointerSample, erase: bool) -> Stroke:
        outlook = self.outlook if self.tool in LOOKING else None
        retouches = self.tool in RETOUCHING and not sample.modifiers.alt
        return Stroke(
            canvas,
            step_title(self.tool, erase=erase),
            Brush(self.size, self.hardness),
            erase=erase,
            start=self._ended_at,
            wand=self.wand,
            sight=outlook.sight() if outlook is not None else None,
            visible=outlook.visible() if outlook is not None else EMPTY_BOX,
            tool=self.tool,
            source=self.clone.distance_for(sample.at) if retouches else None,
            selector=self.selector,
        )

    def _adjusted(self, sample: PointerSample) -> PointerSample:
        return sample if self.pressure_sizes else sample._replace(pressure=1.0)


def step_title(tool: ToolName, *, erase: bool) -> str:
    """What the history calls a gesture of a tool, or the same taking away."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("MaskPainting", text)

    titles = {
        "lasso": (tr("Lasso"), tr("Lasso: take away")),
        "polygon": (tr("Polygon"), tr("Polygon: take away")),
        "wand": (tr("Magic wand"), tr("Magic wand: take away")),
        "object": (tr("Select object"), tr("Select object: take away")),
        "heal": (tr("Heal"), tr("Heal")),
        "clone": (tr("Clone"), tr("Clone")),
    }
    painted = (tr("Paint mask"), tr("Erase mask"))
    return titles.get(tool, painted)[1 if erase else 0]
