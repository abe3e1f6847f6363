"""Where the photo lies on the screen: zoom, pan and fit as pure arithmetic, no Qt.

Everything here counts in device pixels (what the screen really has), so that 100 % means one
photo pixel on one screen pixel whatever the desktop's scaling is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Size

MINIMUM_ZOOM = 1 / 256
MAXIMUM_ZOOM = 64.0
CRISP_ZOOM = 2.0
"""From here on photo pixels are shown as squares instead of being smoothed."""
FIT_MARGIN = 24
"""Device pixels left free round a fitted photo."""

_STEPS = (1 / 3, 2 / 3, 1.5, 3.0, 6.0, 12.0, 24.0, 48.0)
ZOOM_STEPS = tuple(sorted((*(2.0**power for power in range(-8, 7)), *_STEPS)))


class Spot(NamedTuple):
    """A position with fractions: x to the right, y down."""

    x: float
    y: float


_CORNER = Spot(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Viewport:
    """The transformation from photo pixels to device pixels of the canvas.

    Photo position (x, y), where pixel (row r, column c) covers [c, c+1) x [r, r+1), appears at
    `origin + zoom * (x, y)`. `screen` is the canvas in device pixels. While `fitted` is set the
    photo is fitted anew when the canvas changes size.
    """

    photo: Size
    screen: Size
    zoom: float = 1.0
    origin: Spot = _CORNER
    fitted: bool = True

    def to_screen(self, x: float, y: float) -> Spot:
        """The device position of a photo position."""
        return Spot(self.origin.x + self.zoom * x, self.origin.y + self.zoom * y)

    def to_photo(self, x: float, y: float) -> Spot:
        """The photo position under a device position."""
        return Spot((x - self.origin.x) / self.zoom, (y - self.origin.y) / self.zoom)

    def screen_box(self, box: Box) -> Box:
        """The device pixels a box of photo pixels covers, with neighbours meeting exactly."""
        left, top = self.to_screen(box.left, box.top)
        right, bottom = self.to_screen(box.right, box.bottom)
        return Box(
            math.floor(top + 0.5),
            math.floor(left + 0.5),
            math.floor(bottom + 0.5),
            math.floor(right + 0.5),
        )

    def photo_box(self, screen: Box) -> Box:
        """The photo pixels that show, wholly or in part, in a box of device pixels."""
        left, top = self.to_photo(screen.left - 1, screen.top - 1)
        right, bottom = self.to_photo(screen.right + 1, screen.bottom + 1)
        box = Box(math.floor(top), math.floor(left), math.ceil(bottom), math.ceil(right))
        return box.clip(self.photo)

    @property
    def visible(self) -> Box:
        """The photo pixels the canvas shows."""
        return EMPTY_BOX if self.screen.area == 0 else self.photo_box(self.screen.box)

    @property
    def level(self) -> int:
        """Which reduced level (each half the one before) to draw from: never one too coarse."""
        return level_for(self.zoom)

    @property
    def centre(self) -> Spot:
        return Spot(self.screen.width / 2, self.screen.height / 2)

    def fit(self) -> Viewport:
        """The whole photo, centred; a photo smaller than the canvas is shown at 100 %."""
        zoom = fit_zoom(self.photo, self.screen)
        return replace(self, zoom=zoom, fitted=True)._centred()

    def zoom_at(self, zoom: float, x: float, y: float) -> Viewport:
        """Change the zoom while the photo position under device position (x, y) stays there."""
        zoom = min(max(zoom, self.minimum_zoom), MAXIMUM_ZOOM)
        fixed = self.to_photo(x, y)
        origin = Spot(x - zoom * fixed.x, y - zoom * fixed.y)
        return replace(self, zoom=zoom, origin=origin, fitted=False)._held()

    def step(self, direction: int) -> float:
        """The next zoom of the ladder: larger for +1, smaller for -1."""
        if direction > 0:
            return next((step for step in ZOOM_STEPS if step > self.zoom * 1.001), MAXIMUM_ZOOM)
        smaller = [step for step in ZOOM_STEPS if step < self.zoom * 0.999]
        return max(smaller, default=self.minimum_zoom)

    def pan(self, dx: float, dy: float) -> Viewport:
        """Move the photo by device pixels."""
        origin = Spot(self.origin.x + dx, self.origin.y + dy)
        return replace(self, origin=origin, fitted=False)._held()

    def shift_from(self, other: Viewport) -> tuple[int, int] | None:
        """By how many device pixels (x, y) all of `other`'s picture moved to become this one;
        None when it was not merely moved."""
        if (self.photo, self.screen, self.zoom) != (other.photo, other.screen, other.zoom):
            return None
        return round(self.origin.x - other.origin.x), round(self.origin.y - other.origin.y)

    def centre_on(self, x: float, y: float) -> Viewport:
        """Bring a photo position to the middle of the canvas."""
        origin = Spot(self.centre.x - self.zoom * x, self.centre.y - self.zoom * y)
        return replace(self, origin=origin, fitted=False)._held()

    def resized(self, screen: Size) -> Viewport:
        """The canvas changed size: stay fitted, or keep what is in the middle in the middle."""
        if self.fitted:
            return replace(self, screen=screen).fit()
        middle = self.to_photo(*self.centre)
        return replace(self, screen=screen).centre_on(*middle)

    @property
    def minimum_zoom(self) -> float:
        return min(MINIMUM_ZOOM, fit_zoom(self.photo, self.screen))

    def _centred(self) -> Viewport:
        origin = Spot(
            (self.screen.width - self.zoom * self.photo.width) / 2,
            (self.screen.height - self.zoom * self.photo.height) / 2,
        )
        return replace(self, origin=origin)._snapped()

    def _held(self) -> Viewport:
        """Keep a part of the photo under the middle of the canvas, so that it cannot be lost."""
        lowest_x = self.centre.x - self.zoom * self.photo.width
        lowest_y = self.centre.y - self.zoom * self.photo.height
        x = min(max(self.origin.x, lowest_x), self.centre.x)
        y = min(max(self.origin.y, lowest_y), self.centre.y)
        return replace(self, origin=Spot(x, y))._snapped()

    def _snapped(self) -> Viewport:
        """Put the photo's corner on a whole device pixel: at 100 % nothing is resampled."""
        origin = Spot(
            float(math.floor(self.origin.x + 0.5)), float(math.floor(self.origin.y + 0.5))
        )
        return replace(self, origin=origin)


def fit_zoom(photo: Size, screen: Size) -> float:
    """The zoom at which all of the photo shows inside the margins, at most 100 %."""
    height = max(1, screen.height - 2 * FIT_MARGIN)
    width = max(1, screen.width - 2 * FIT_MARGIN)
    return min(1.0, height / max(1, photo.height), width / max(1, photo.width))


def level_for(zoom: float) -> int:
    """0 for full resolution, k for a picture reduced 2**k times that still has enough pixels."""
    return max(0, math.floor(math.log2(1.0 / zoom) + 1e-9)) if zoom < 1.0 else 0
