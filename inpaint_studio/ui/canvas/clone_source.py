"""Where the clone and healing brushes take from."""

from __future__ import annotations

from inpaint_studio.ui.canvas.gesture import XY


class CloneSource:
    """A point on the photo, and how far it is from where the first stroke began.

    While `aligned`, later strokes keep that distance; else each starts from the point again.
    """

    def __init__(self) -> None:
        self.point: XY | None = None
        self.aligned = True
        self._distance: XY | None = None

    def set(self, point: XY) -> None:
        self.point = point
        self._distance = None

    def forget(self) -> None:
        self.point = None
        self._distance = None

    def distance_for(self, start: XY) -> XY | None:
        """From a stroke that starts at `start` to where it takes from, in whole pixels; None
        where no point was set."""
        if self.point is None:
            return None
        if self._distance is None or not self.aligned:
            across, down = self.point[0] - start[0], self.point[1] - start[1]
            self._distance = (float(round(across)), float(round(down)))
        return self._distance

    def shown_at(self, pointer: XY) -> XY | None:
        """What lies under the source while the brush is at `pointer`."""
        if self.point is None:
            return None
        if self._distance is None or not self.aligned:
            return self.point
        return pointer[0] + self._distance[0], pointer[1] + self._distance[1]
