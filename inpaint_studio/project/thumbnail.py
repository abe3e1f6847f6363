"""The small picture that file managers show of a project."""

import numpy as np

from inpaint_studio.imaging.color import to_working
from inpaint_studio.imaging.photo import Pixels
from inpaint_studio.project.pictures import encode_png

SIDE = 256
"""The longest, as the specification has it."""


def thumbnail_of(merged: Pixels, profile: bytes | None) -> bytes:
    """An 8-bit sRGB PNG of (H, W, 1..4) uint8 pixels, at most 256 pixels a side."""
    import cv2

    height, width = merged.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(merged, size, interpolation=cv2.INTER_AREA)
    small = small.reshape(size[1], size[0], merged.shape[2])
    colors = 1 if merged.shape[2] <= 2 else 3
    srgb = np.rint(to_working(small[:, :, :colors], profile) * 255).astype(np.uint8)
    return encode_png(np.concatenate([srgb, small[:, :, colors:]], axis=2))
