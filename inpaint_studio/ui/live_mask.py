"""Operations on the mask that are shown while they are set: what they are, and their preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.selection import How, Selecting, combine
from inpaint_studio.steps import exhausted
from inpaint_studio.ui.canvas.gesture import SelectionTask
from inpaint_studio.ui.canvas.pyramid import level_box, level_size
from inpaint_studio.ui.canvas.sight import MaskPreview
from inpaint_studio.ui.jobs import BackgroundJob, run_in_background

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.ui.canvas.picture import PictureSource
    from inpaint_studio.ui.canvas.view import CanvasView

Bytes = npt.NDArray[np.uint8]
Values = Mapping[str, int]

_LARGEST = 3_000_000
"""Pixels a preview may have."""
_SETTLE = 60
"""Milliseconds without a change before a preview is made."""
_MARGIN = 64
"""Pixels looked at beyond what shows."""


class MaskView(NamedTuple):
    """A part of the photo to work on.

    `pixels` is (h, w, 4) uint8 sRGB RGBA (empty for operations that do not look), `mask` (h, w)
    uint8; both cover `box`, in pixels of `level`.
    """

    pixels: Bytes
    mask: Coverage
    level: int
    box: Box

    @property
    def scale(self) -> float:
        """Pixels of the view to a pixel of the photo."""
        return 1.0 / (1 << self.level)


@dataclass(frozen=True, slots=True)
class Field:
    """A number the user sets, or with `choices` one of these."""

    key: str
    label: str
    tip: str
    low: int = 0
    high: int = 100
    value: int = 0
    suffix: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LiveOperation:
    """Something to do with the mask.

    `apply` makes a (h, w) uint8 coverage of a view, with what the fields are set to. With `how`
    the result joins the mask that way, and the user may choose another; without it replaces it.
    """

    title: str
    hint: str
    fields: tuple[Field, ...]
    apply: Callable[[MaskView, Values], Coverage]
    looks: bool = False
    """Whether it looks at the photo."""
    how: How | None = None

    def task(
        self, source: PictureSource, mask: Coverage, values: Values, how: How
    ) -> SelectionTask:
        """The operation on the whole photo at full size; `mask` is not changed meanwhile."""

        def select() -> Selecting:
            box = source.photo.photo.size.box
            pixels = (yield from source.seen(0, box)) if self.looks else _NOTHING
            yield
            return self.apply(MaskView(pixels, mask, 0, box), values)

        return SelectionTask(self.title, how, select)


_NOTHING: Bytes = np.empty((0, 0, 4), np.uint8)


class LivePreview(QObject):
    """Shows on the canvas what an operation would make of the mask, as it is being set."""

    def __init__(self, canvas: CanvasView, operation: LiveOperation, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._operation = operation
        self._wanted: tuple[Values, How] | None = None
        self._job: BackgroundJob | None = None
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE)
        self._timer.timeout.connect(self._start)
        canvas.navigation.changed.connect(self._again)

    def show(self, values: Values, how: How) -> None:
        """Show what comes of these values, as soon as what is under way is done."""
        self._wanted = (dict(values), how)
        self._again()

    def leave(self) -> None:
        """Make no more previews; what shows stays."""
        self._wanted = None
        self._timer.stop()
        if self._job is not None:
            self._job.stop()
            self._job = None

    def clear(self) -> None:
        """Show the document's own mask."""
        self.leave()
        self._canvas.preview_mask(None)

    def _again(self) -> None:
        if self._wanted is not None and not self._timer.isActive():
            self._timer.start()

    def _start(self) -> None:
        if self._wanted is None or self._job is not None:
            return
        (values, how), look = self._wanted, self._canvas.scene.look()
        level, box = self._part()
        mask = self._canvas.scene.mask_in(level, box)
        if look is None or mask is None or box.is_empty:
            return
        operation, asked = self._operation, self._wanted

        def work() -> MaskPreview:
            seen = exhausted(look.source.seen(level, box)) if operation.looks else _NOTHING
            found = operation.apply(MaskView(seen, mask, level, box), values)
            joined = combine(mask, found, how)
            return MaskPreview(joined, Box(*(edge << level for edge in box)))

        self._job = run_in_background(
            self,
            work,
            on_done=lambda preview: self._show(preview, asked),
            on_problem=lambda _: self._end(),
        )

    def _show(self, preview: MaskPreview, asked: tuple[Values, How]) -> None:
        self._end()
        if self._wanted is not None:
            self._canvas.preview_mask(preview)
            if self._wanted is not asked:
                self._again()

    def _end(self) -> None:
        self._job = None

    def _part(self) -> tuple[int, Box]:
        """The finest level at which what shows is not too much, and its box there."""
        viewport = self._canvas.navigation.viewport
        if viewport is None:
            return 0, Box(0, 0, 0, 0)
        visible, level = viewport.visible, 0
        while (visible.area >> (2 * level)) > _LARGEST:
            level += 1
        box = level_box(visible, level).pad(_MARGIN)
        return level, box.clip(level_size(viewport.photo, level))
