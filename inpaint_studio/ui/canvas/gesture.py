"""What pointer and tools say to each other. Values only, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.object_selectors import GRABCUT
from inpaint_studio.imaging.selection import Color, How, Selecting, Wand
from inpaint_studio.imaging.strokes import Brush

if TYPE_CHECKING:
    from inpaint_studio.document.commands import PaintMask
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.sight import Bytes, MaskPreview, Sight

XY = tuple[float, float]
Phase = Literal["press", "move", "release", "double", "commit", "back"]
ToolName = Literal[
    "brush", "eraser", "lasso", "polygon", "wand", "object", "pick", "heal", "clone", "hand"
]


class Modifiers(NamedTuple):
    """Keys held with the pointer."""

    shift: bool = False
    alt: bool = False
    ctrl: bool = False


class PointerSample(NamedTuple):
    """One reading of mouse or pen.

    `x` and `y` are photo coordinates (the centre of the first pixel is 0.5, 0.5). `pressure` runs
    from 0 to 1 and is 1 for a mouse. `pixel` is how many photo pixels one screen pixel spans.
    "commit" and "back" are the keys that close a polygon and take back its last corner.
    """

    x: float
    y: float
    pressure: float = 1.0
    modifiers: Modifiers = Modifiers()
    phase: Phase = "move"
    pixel: float = 1.0

    @property
    def at(self) -> XY:
        return self.x, self.y


class SpotPreview(NamedTuple):
    """Pixels a retouching tool has laid over `box` of the photo so far.

    `pixels` is (h, w, 4) uint8 straight sRGB RGBA, stretched over the box and written to as the
    stroke goes on; `dirty` is the box of them that changed last.
    """

    pixels: Bytes
    box: Box
    dirty: Box


class Trace(NamedTuple):
    """What a gesture did with a sample: the mask box it changed, and what to show."""

    box: Box = EMPTY_BOX
    outline: Sequence[XY] = ()
    preview: MaskPreview | None = None
    """What the mask would be; None leaves the one shown before."""
    wand: Wand | None = None
    """What the drag has set the wand to."""
    spot: SpotPreview | None = None


@dataclass(frozen=True, slots=True)
class Stroke:
    """What a gesture paints with.

    `start` is where the stroke before ended: with Shift held at the press a straight line is drawn
    from there. `title` is what the history calls the step.
    """

    canvas: Coverage
    title: str
    brush: Brush
    erase: bool = False
    start: XY | None = None
    wand: Wand | None = None
    sight: Sight | None = None
    """What tools see that look at the photo; other tools get none."""
    visible: Box = EMPTY_BOX
    """The photo pixels on the screen."""
    tool: ToolName = "brush"
    source: XY | None = None
    """Where retouching takes from, as a distance from where it paints; None finds a place."""
    selector: str = GRABCUT
    """Who finds objects, by name (`imaging.object_selectors`)."""


@dataclass(frozen=True, slots=True, eq=False)
class SelectionTask:
    """A selection to be made at full size; `select` starts the work, which may take seconds."""

    title: str
    how: How
    select: Callable[[], Selecting]


@dataclass(frozen=True, slots=True)
class PickedColor:
    """A colour of the photo that was clicked on, and whether it joins those picked before."""

    color: Color
    how: How


@dataclass(frozen=True, slots=True)
class SourcePoint:
    """Where retouching is to take from, in photo coordinates; None: it was not said yet."""

    at: XY | None


@dataclass(frozen=True, slots=True, eq=False)
class RetouchTask:
    """A retouching stroke to be laid on a layer at full size.

    `path` is the line of the pointer; `source` as in `Stroke`.
    """

    title: str
    tool: Literal["heal", "clone"]
    path: tuple[PointerSample, ...]
    brush: Brush
    source: XY | None


Work = SelectionTask | PickedColor | SourcePoint | RetouchTask
"""What a gesture may ask for that is not a change of the mask already made."""
Gesture: TypeAlias = "Generator[Trace, PointerSample, PaintMask | Work | None]"
