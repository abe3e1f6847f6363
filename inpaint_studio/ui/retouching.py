"""Lays the strokes of the healing and clone brushes on a layer, off the window's thread."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QObject

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Point
from inpaint_studio.ui.canvas.gesture import RetouchTask, SourcePoint
from inpaint_studio.ui.canvas.retouch_tools import path_bounds, stroke_coverage
from inpaint_studio.ui.jobs import run_in_background

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document
    from inpaint_studio.document.layer import Layer
    from inpaint_studio.imaging.composite import Overlays
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.photo import Patch, Photo, Pixels
    from inpaint_studio.ui.main_window import MainWindow

_AROUND = 6
"""Sizes of the stroke that healing looks around for a place to take from."""


class Retouched(NamedTuple):
    """A layer's new pixels, and the box of the photo that changed; None where nothing could."""

    patch: Patch | None
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Retouch:
    """One stroke with all it needs, as the document was when it began."""

    photo: Photo
    overlays: Overlays
    layer: Layer | None
    task: RetouchTask

    def work(self) -> Retouched:
        """The layer's pixels with the stroke laid over them."""
        from inpaint_studio.imaging.healing import RIM, healed, laid_over

        task, size = self.task, self.photo.size
        box = path_bounds(task.path, task.brush, size).pad(RIM).clip(size)
        coverage = stroke_coverage(task.path, task.brush, box)
        step = self._step(box, coverage) if coverage.any() else None  # a stroke beside the photo
        if step is None:
            return Retouched(None, EMPTY_BOX)
        there = box.shift(step).clip(size)
        box = there.shift(Point(-step.top, -step.left))  # what can be taken from the photo
        coverage = stroke_coverage(task.path, task.brush, box)
        if box.is_empty or not coverage.any():
            return Retouched(None, EMPTY_BOX)
        pixels = self._seen(there)
        if task.tool == "heal":
            pixels = healed(self._seen(box), pixels, coverage)
        patch = None if self.layer is None else self.layer.patch
        return Retouched(laid_over(patch, pixels, coverage, box.origin), box)

    def _step(self, box: Box, coverage: Coverage) -> Point | None:
        """How far away the stroke takes from."""
        if self.task.source is not None:
            across, down = self.task.source
            return Point(round(down), round(across))
        import cv2

        from inpaint_studio.imaging.healing import find_source
        from inpaint_studio.ui.canvas.scene import DisplayOnDemand

        around = box.pad(_AROUND * max(box.size)).clip(self.photo.size)
        whole = self._all(around)
        grey = cv2.cvtColor(DisplayOnDemand(self.photo)(whole), cv2.COLOR_RGBA2GRAY)
        return find_source(np.asarray(grey, np.uint8), coverage, box.relative_to(around.origin))

    def _all(self, box: Box) -> Pixels:
        from inpaint_studio.imaging.composite import flatten

        return flatten(self.photo, self.overlays, box)

    def _seen(self, box: Box) -> Pixels:
        """The colours of what is seen."""
        return self._all(box)[:, :, : self.photo.color_channels]


class Retouching(QObject):
    """Runs one stroke after another. They land on the chosen layer if it holds plain pixels, else
    on a new one on top."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._workspace = window.workspace
        self._canvas = window.canvas
        self._queue: deque[tuple[RetouchTask, Document]] = deque()
        window.canvas.painting.requested.connect(self._take)
        window.workspace.opened.connect(self._queue.clear)
        window.workspace.closed.connect(self._queue.clear)

    @property
    def busy(self) -> bool:
        return bool(self._queue)

    def _take(self, work: object) -> None:
        document = self._workspace.document
        if isinstance(work, SourcePoint):
            self._tell(work)
        elif isinstance(work, RetouchTask) and document is not None:
            self._queue.append((work, document))
            if len(self._queue) == 1:
                self._start()

    def _tell(self, source: SourcePoint) -> None:
        if source.at is None:
            sentence = self.tr("Alt+click first on the place to copy from.")
        else:
            x, y = (int(edge) for edge in source.at)
            sentence = self.tr("Copying from {0}, {1}.").format(x, y)
        self._workspace.status.emit(sentence)

    def _start(self) -> None:
        task, document = self._queue[0]
        layer = self._layer(document)
        retouch = Retouch(document.photo, document.overlays(), layer, task)
        run_in_background(
            self,
            retouch.work,
            on_done=lambda made: self._land(made, task, document, layer),
            on_problem=lambda sentence: self._fail(sentence, document),
        )

    def _layer(self, document: Document) -> Layer | None:
        """The layer to paint on; None for a new one."""
        layer = self._workspace.active_layer
        if layer is None or layer not in document.layers or layer.locked or not layer.visible:
            return None
        plain = layer.recipe is None and layer.provenance is None and layer.blend == "normal"
        return layer if plain and layer.opacity == 1.0 else None

    def _land(
        self, made: Retouched, task: RetouchTask, document: Document, layer: Layer | None
    ) -> None:
        if not self._queue or document is not self._workspace.document:
            return
        if layer is not None and layer not in document.layers:
            self._start()  # the layer was changed meanwhile: do it again on what it is now
            return
        if made.patch is None:
            self._workspace.status.emit(
                self.tr("There is nothing to copy from there: choose another place.")
            )
        elif layer is None:
            self._add(made.patch, document)
        else:
            from inpaint_studio.document.retouch import PaintPixels

            self._workspace.push(PaintPixels.of(layer, made.patch, made.box, title=task.title))
        self._next(made.box)

    def _add(self, patch: Patch, document: Document) -> None:
        from inpaint_studio.document.commands import AddLayer
        from inpaint_studio.document.layer import Layer

        name = self.tr("Retouching")
        layer = Layer.from_patch(patch, id=document.new_layer_id(), name=name)
        self._workspace.push(AddLayer(layer))
        self._workspace.set_active_layer(layer.id)

    def _fail(self, sentence: str, document: Document) -> None:
        self._workspace.problem.emit(sentence)
        if self._queue and document is self._workspace.document:
            self._next(EMPTY_BOX)

    def _next(self, box: Box) -> None:
        self._canvas.scene.spots.land(box)
        if self._queue:
            self._queue.popleft()
        if self._queue:
            self._start()
