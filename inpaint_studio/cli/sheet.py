"""A picture of what a fill did: before, mask, edges and after, side by side."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import PhotoError, UsageError
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically
from inpaint_studio.imaging.color import to_working
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 sRGB."""

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
MASK_TINT = (235, 60, 60)
PANEL = 640
"""Longest side of one picture on the sheet."""
GAP = 16
CAPTION = 32
BACKGROUND = (30, 31, 34)
INK = (222, 223, 226)


@dataclass(frozen=True, slots=True)
class Panel:
    """One captioned picture."""

    caption: str
    picture: Picture


def sheet_format(path: Path) -> str:
    """Pillow's name for the format of a sheet, from the suffix.

    Raises:
        UsageError: naming the suffixes there are.
    """
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(FORMATS)
        raise UsageError(f"The sheet {path} must end in one of: {known}.") from None


def write_sheet(path: Path, panels: Sequence[Panel], *, overwrite: bool = False) -> None:
    """Save the panels side by side, scaled down to fit; whole or not at all.

    Raises:
        PhotoError: the file cannot be written.
    """
    data = io.BytesIO()
    make_sheet(panels).save(data, sheet_format(path))
    try:
        write_bytes_atomically(path, data.getvalue(), overwrite=overwrite)
    except OSError as error:
        raise PhotoError(f"The sheet {path} cannot be saved: {reason(error)}.") from error


def make_sheet(panels: Sequence[Panel]) -> "Image":
    """The panels as one Pillow picture, RGB."""
    from PIL import Image, ImageDraw

    pictures = [_fitted(panel.picture) for panel in panels]
    width = sum(picture.width + GAP for picture in pictures) + GAP
    height = max(picture.height for picture in pictures) + CAPTION + 2 * GAP
    sheet = Image.new("RGB", (width, height), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    left = GAP
    for panel, picture in zip(panels, pictures, strict=True):
        draw.text((left, GAP), panel.caption, fill=INK, font_size=18)
        sheet.paste(picture, (left, GAP + CAPTION))
        left += picture.width + GAP
    return sheet


def panels_of(photo: Photo, result: Photo, mask: Mask, edges: Floats | None) -> list[Panel]:
    """Before, mask, the (H, W) edges where there are any, and after, as the screen shows them."""
    step = max(1, max(photo.size) // (2 * PANEL))  # no need to convert pixels nobody will see
    before = _shown(photo, step)
    marked = tint(before, mask.coverage[::step, ::step], MASK_TINT)
    panels = [Panel("before", before), Panel("mask", marked)]
    if edges is not None:
        grey = _to_bytes(edges[::step, ::step, None])
        panels.append(Panel("edges", np.repeat(grey, 3, axis=2)))
    return [*panels, Panel("after", _shown(result, step))]


def tint(picture: Picture, coverage: npt.NDArray[np.uint8], color: Sequence[int]) -> Picture:
    """`picture` with `color` laid over it at 60 % where `coverage` (H, W) says so."""
    strength = coverage[..., None].astype(np.float32) * (0.6 / 255)
    mixed: npt.NDArray[Any] = picture * (1 - strength) + np.asarray(color, np.float32) * strength
    return mixed.round().astype(np.uint8)


def _fitted(picture: Picture) -> "Image":
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((PANEL, PANEL), Image.Resampling.LANCZOS)
    return image


def _shown(picture: Photo, step: int) -> Picture:
    return _to_bytes(to_working(picture.color[::step, ::step], picture.profile))


def _to_bytes(values: Floats) -> Picture:
    return (values.clip(0, 1) * 255).round().astype(np.uint8)
