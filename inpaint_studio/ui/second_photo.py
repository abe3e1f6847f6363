"""A second photo beside the open one, to compare with."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.canvas.picture import PictureSource
from inpaint_studio.ui.canvas.pyramid import PhotoPyramid
from inpaint_studio.ui.canvas.scene import DisplayOnDemand

if TYPE_CHECKING:
    from inpaint_studio.imaging.photo import Pixels

_ANOTHER_SHAPE = 0.05
"""Of the ratio of width to height: more than a scan that was trimmed a little."""


def read_second(path: Path, size: Size) -> PictureSource:
    """A photo from a file, scaled to `size` where it has another, to be looked at.

    Raises:
        StudioError: it cannot be read, or has another shape, so that it cannot show the same view.
    """
    from inpaint_studio.imaging.files import read_photo

    photo = read_photo(path)
    _check_shape(path, photo.size, size)
    if photo.size != size:
        photo = Photo(_scaled(photo.pixels, size), photo.profile)
    return PictureSource(PhotoPyramid(photo), (), DisplayOnDemand(photo))


def _check_shape(path: Path, other: Size, size: Size) -> None:
    shape = (other.width / other.height) / (size.width / size.height)
    if abs(log(shape)) > _ANOTHER_SHAPE:
        raise PhotoError(
            f"“{path.name}” is {other.width} × {other.height} pixels and the open photo "
            f"{size.width} × {size.height}: of such different shapes they cannot show the same "
            "view. Choose a photo of the same proportions."
        )


def _scaled(pixels: Pixels, size: Size) -> Pixels:
    import cv2

    smaller = size.area < pixels.shape[0] * pixels.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    scaled = cv2.resize(pixels, (size.width, size.height), interpolation=method)
    return scaled.reshape(*size, pixels.shape[2])
