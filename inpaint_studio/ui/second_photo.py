"""A second photo beside the open one, to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.canvas.picture import PictureSource
from inpaint_studio.ui.canvas.pyramid import PhotoPyramid
from inpaint_studio.ui.canvas.scene import DisplayOnDemand

if TYPE_CHECKING:
    from inpaint_studio.imaging.photo import Pixels


def read_second(path: Path, size: Size) -> PictureSource:
    """A photo from a file, scaled to `size` where it has another, to be looked at.

    Raises:
        StudioError: it cannot be read.
    """
    from inpaint_studio.imaging.files import read_photo

    photo = read_photo(path)
    if photo.size != size:
        photo = Photo(_scaled(photo.pixels, size), photo.profile)
    return PictureSource(PhotoPyramid(photo), (), DisplayOnDemand(photo))


def _scaled(pixels: Pixels, size: Size) -> Pixels:
    import cv2

    smaller = size.area < pixels.shape[0] * pixels.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    scaled = cv2.resize(pixels, (size.width, size.height), interpolation=method)
    return scaled.reshape(*size, pixels.shape[2])
