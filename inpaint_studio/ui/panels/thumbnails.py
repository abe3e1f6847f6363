"""Small pictures of a photo and of its layers, for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from inpaint_studio.ui.canvas.images import picture_image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.photo import Patch, Photo

SIDE = 64
"""Longest side of a thumbnail in pixels: twice what it is shown at, for dense screens."""


class Thumbnails:
    """Makes each thumbnail once. Reads every n-th pixel only, so that a photo of any size costs
    a millisecond."""

    def __init__(self) -> None:
        self._photo: Photo | None = None
        self._images: dict[int, tuple[object, QImage]] = {}

    def show_photo(self, photo: Photo | None) -> None:
        """Whose colours they are in; those of another photo are forgotten."""
        if photo is not self._photo:
            self._photo = photo
            self._images.clear()

    def keep(self, patches: Iterable[Patch], masks: Iterable[Coverage | None] = ()) -> None:
        """Forget the thumbnails of all other patches and masks."""
        kept = {id(thing) for thing in (*patches, *masks)} | {id(self._photo)}
        self._images = {key: image for key, image in self._images.items() if key in kept}

    def of(self, subject: Photo | Patch) -> QImage:
        """The thumbnail of the photo or of a patch of it, transparent where that is."""
        known = self._images.get(id(subject))
        if known is None:
            known = subject, self._make(subject)
            self._images[id(subject)] = known
        return known[1]

    def of_mask(self, mask: Coverage) -> QImage:
        """The thumbnail of a layer's mask, (h, w) uint8: white where the layer shows."""
        known = self._images.get(id(mask))
        if known is None:
            step = max(1, -(-max(mask.shape) // (2 * SIDE)))
            grey = np.ascontiguousarray(mask[::step, ::step])
            rgba = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
            known = mask, _scaled(picture_image(rgba, opaque=True))
            self._images[id(mask)] = known
        return known[1]

    def _make(self, subject: Photo | Patch) -> QImage:
        from inpaint_studio.imaging.color import DisplayTransform

        photo = self._photo
        step = max(1, -(-max(subject.pixels.shape[:2]) // (2 * SIDE)))
        pixels = np.ascontiguousarray(subject.pixels[::step, ::step])
        profile = photo.profile if photo is not None else None
        transform = DisplayTransform(profile, pixels.shape[2], pixels.dtype)
        rgba = transform(pixels)
        if subject is not photo and subject.alpha is not None:
            rgba[:, :, 3] = subject.alpha[::step, ::step]
        return _scaled(picture_image(rgba, opaque=False))


def _scaled(image: QImage) -> QImage:
    return image.scaled(
        image.size().boundedTo(QSize(SIDE, SIDE)),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
