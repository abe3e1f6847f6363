"""Picture tiles: made off the window's thread, kept within a byte budget, never waited for."""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.ui.canvas.beneath import Beneath
from inpaint_studio.ui.canvas.picture import OVERVIEW, SIDE, PictureSource, TileKey
from inpaint_studio.ui.canvas.pyramid import level_box

BUDGET = 128 << 20
"""Bytes of tiles that are kept."""
PATIENCE = 30
"""Milliseconds that a finished tile may wait for the others that show."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A finished tile, and what it was drawn from."""

    key: TileKey
    image: QImage
    source: PictureSource


class TileCache:
    """Tiles by key, least recently used dropped first once they take more than `budget` bytes."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.nbytes = 0
        self._images: OrderedDict[TileKey, QImage] = OrderedDict()

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[TileKey]:
        return iter(self._images)

    def get(self, key: TileKey) -> QImage | None:
        image = self._images.get(key)
        if image is not None:
            self._images.move_to_end(key)
        return image

    def put(self, key: TileKey, image: QImage) -> None:
        previous = self._images.pop(key, None)
        self.nbytes += image.sizeInBytes() - (previous.sizeInBytes() if previous else 0)
        self._images[key] = image
        while self.nbytes > self.budget and len(self._images) > 1:
            _, dropped = self._images.popitem(last=False)
            self.nbytes -= dropped.sizeInBytes()

    def clear(self) -> None:
        self._images.clear()
        self.nbytes = 0


class TileWorkers:
    """Threads that draw the tiles asked for last, first asked first served."""

    def __init__(self, deliver: Callable[[Rendered], None], count: int, beneath: Beneath) -> None:
        self._deliver = deliver
        self._beneath = beneath
        self._wake = threading.Condition()
        self._source: PictureSource | None = None
        self._queue: list[TileKey] = []
        self._busy: set[TileKey] = set()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, name=f"canvas-tiles-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def request(self, source: PictureSource | None, keys: Iterable[TileKey]) -> None:
        """Forget what was asked for before and draw these. What is being drawn is finished."""
        with self._wake:
            if source is not self._source:
                self._busy.clear()
            self._source = source
            self._queue = [key for key in keys if key not in self._busy]
            self._wake.notify_all()

    def stop(self) -> None:
        """End the threads and wait for them."""
        with self._wake:
            self._stopping = True
            self._queue = []
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            source, key = job
            try:
                image = self._render(source, key)
            except Exception:
                _log.exception("Drawing tile %s failed", key)
                image = None
            if image is None:
                continue
            try:
                self._deliver(Rendered(key, image, source))
            except RuntimeError:
                return  # the window went away without saying so

    def _next(self) -> tuple[PictureSource, TileKey] | None:
        with self._wake:
            while not self._stopping and not (self._queue and self._source):
                self._wake.wait()
            if self._stopping or self._source is None:
                return None
            key = self._queue.pop(0)
            self._busy.add(key)
            return self._source, key

    def _render(self, source: PictureSource, key: TileKey) -> QImage | None:
        run = source.render(key, self._beneath)
        try:
            while not self._abandoned(source):
                next(run)
        except StopIteration as end:
            return end.value
        finally:
            run.close()
            with self._wake:
                if source is self._source:
                    self._busy.discard(key)
        return None

    def _abandoned(self, source: PictureSource) -> bool:
        """Whether nobody wants anything of this photo any more."""
        current = self._source
        return self._stopping or current is None or current.photo is not source.photo


class TileStore(QObject):
    """The tiles of the open picture, for the window's thread.

    `ready` says in photo coordinates where there is something new to paint. A tile that was
    overtaken by a change stays in use until the new one is there: the picture never blinks.
    """

    ready = Signal(object)
    _rendered = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, budget: int = BUDGET, threads: int = 3
    ) -> None:
        super().__init__(parent)
        self.cache = TileCache(budget)
        self._budget = budget
        self._source: PictureSource | None = None
        self._stale: set[TileKey] = set()
        self._wanted: Sequence[TileKey] = ()
        self._shown: frozenset[TileKey] = frozenset()
        self._overviews: dict[bool, QImage] = {}
        self._news = EMPTY_BOX
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE)
        self._patience.timeout.connect(self._tell_news)
        self._rendered.connect(self._accept, Qt.ConnectionType.QueuedConnection)
        threads = min(threads, os.cpu_count() or 1)
        self._beneath = Beneath()
        self._workers = TileWorkers(self._rendered.emit, threads, self._beneath)
        self.destroyed.connect(self._workers.stop, Qt.ConnectionType.DirectConnection)

    @property
    def source(self) -> PictureSource | None:
        return self._source

    def show(self, source: PictureSource | None) -> None:
        """Another photo, or none."""
        self.cache.clear()
        self._beneath.clear()
        self._stale.clear()
        self._overviews.clear()
        self._wanted = ()
        self._shown = frozenset()
        self._source = source
        self._workers.request(source, self._missing())

    def revise(self, source: PictureSource, box: Box) -> None:
        """The layers changed inside `box`: draw the tiles there again."""
        self._source = source
        self._stale.update(
            key for key in self.cache if not key.original and not key.box.intersect(box).is_empty
        )
        self._stale.add(OVERVIEW)
        self._beneath.keep_only(self._wanted)
        self._workers.request(source, self._missing())

    def want(self, keys: Sequence[TileKey], ahead: Sequence[TileKey] = ()) -> None:
        """Draw the missing ones of `keys` (what shows now, most urgent first), then of `ahead`."""
        self._shown = frozenset(keys)
        self._wanted = (*keys, *ahead)
        self.cache.budget = max(self._budget, (len(keys) + 16) * SIDE * SIDE * 4)
        self._workers.request(self._source, self._missing())

    def find(self, key: TileKey, box: Box) -> tuple[QImage, QRectF] | None:
        """The tile that covers `box` (in pixels of its level), or a piece of a coarser one.

        Returns the image and the part of it to stretch over the box.
        """
        for up in range(8):
            coarse = TileKey(key.level + up, key.row >> up, key.column >> up, key.original)
            image = self.cache.get(coarse)
            if image is not None:
                return image, _piece(box, coarse, up)
        return None

    def overview(self, *, original: bool) -> QImage | None:
        """The rough whole picture, as soon as there is one."""
        return self._overviews.get(original, self._overviews.get(False))

    def is_complete(self, keys: Iterable[TileKey]) -> bool:
        """Whether all of these can be painted as they should be."""
        return all(self.cache.get(key) is not None and key not in self._stale for key in keys)

    def is_stale_in(self, box: Box) -> bool:
        """Whether any tile that shows inside `box` is still to be drawn anew."""
        return any(
            key in self._stale and not key.box.intersect(box).is_empty for key in self._wanted
        )

    def shutdown(self) -> None:
        """Stop drawing and wait for the threads. Nothing can be drawn afterwards."""
        self._workers.stop()

    def _missing(self) -> list[TileKey]:
        if self._source is None:
            return []
        held = set(self.cache) - self._stale
        sharp = [key for key in self._wanted if key not in held]
        if False not in self._overviews:
            return [OVERVIEW, *sharp]
        # It only stands in for tiles that are not there: what shows comes first.
        return [*sharp, OVERVIEW] if OVERVIEW in self._stale else sharp

    @Slot(object)
    def _accept(self, rendered: Rendered) -> None:
        current, key = self._source, rendered.key
        if current is None or rendered.source.photo is not current.photo:
            return
        if rendered.source is current:
            self._stale.discard(key)
        else:
            self._stale.add(key)
        if key == OVERVIEW:
            self._overviews[key.original] = rendered.image
            self._tell(current.photo.photo.size.box, key)
        else:
            self._tell(key.box.clip(current.photo.photo.size), key)
            self.cache.put(key, rendered.image)
            self._stale.intersection_update({*self.cache, OVERVIEW})
        if rendered.source is not current:
            self._workers.request(current, self._missing())

    def _tell(self, box: Box, key: TileKey) -> None:
        """Say that there is something new in `box`, if anything that shows is drawn with it."""
        if key in self._shown or any(
            self.cache.get(shown) is None and not shown.box.intersect(box).is_empty
            for shown in self._shown
        ):
            self._news = self._news.union(box)
        if self.is_complete(self._shown):
            self._tell_news()
        elif not self._news.is_empty and not self._patience.isActive():
            self._patience.start()

    def _tell_news(self) -> None:
        """Tiles that are drawn at about the same time are painted at the same time: a layer that
        is shown or hidden does not crawl over the picture, and the window paints once."""
        self._patience.stop()
        news, self._news = self._news, EMPTY_BOX
        if not news.is_empty:
            self.ready.emit(news)


def _piece(box: Box, coarse: TileKey, up: int) -> QRectF:
    """Where a box of level pixels lies in a tile `up` levels coarser."""
    scale = 1.0 / (1 << up)
    left = box.left * scale - coarse.level_box.left
    top = box.top * scale - coarse.level_box.top
    return QRectF(left, top, box.width * scale, box.height * scale)


def visible_keys(box: Box, level: int, *, original: bool = False) -> list[TileKey]:
    """The tiles of a level that a box of photo pixels touches, from its middle outwards."""
    area = level_box(box, level)
    middle = ((area.top + area.bottom) / 2 / SIDE - 0.5, (area.left + area.right) / 2 / SIDE - 0.5)
    keys = [TileKey(level, row, column, original) for row, column in area.tiles(SIDE)]
    return sorted(keys, key=lambda key: abs(key.row - middle[0]) + abs(key.column - middle[1]))
