"""A picture from the clipboard as a Photo."""

import numpy as np
from PySide6.QtGui import QColorSpace, QImage

from inpaint_studio.imaging.photo import Photo


def photo_of_image(image: QImage) -> Photo:
    """8 or 16 bits as the image has, straight alpha where it has any, with its ICC profile."""
    deep = image.depth() > 32 or image.format() == QImage.Format.Format_Grayscale16
    alpha = image.hasAlphaChannel()
    kinds = {
        (False, False): QImage.Format.Format_RGB888,
        (False, True): QImage.Format.Format_RGBA8888,
        (True, False): QImage.Format.Format_RGBX64,
        (True, True): QImage.Format.Format_RGBA64,
    }
    made = image.convertToFormat(kinds[deep, alpha])
    kind, channels = (np.uint16, 4) if deep else (np.uint8, 4 if alpha else 3)
    rows = np.frombuffer(made.constBits(), np.uint8)
    rows = rows.reshape(made.height(), made.bytesPerLine()).copy()
    used = made.width() * channels * np.dtype(kind).itemsize
    pixels = np.ascontiguousarray(rows[:, :used]).view(kind)
    pixels = pixels.reshape(made.height(), made.width(), channels)
    return Photo(pixels if alpha else pixels[:, :, :3], _profile(made.colorSpace()))


def _profile(space: QColorSpace) -> bytes | None:
    if not space.isValid() or space == QColorSpace(QColorSpace.NamedColorSpace.SRgb):
        return None
    return bytes(space.iccProfile().data()) or None
