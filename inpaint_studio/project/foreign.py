"""Layers of other programs: laid over a photo of one depth, one number of channels, one profile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging import color
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Metadata, Patch, Photo, Pixels
from inpaint_studio.imaging.writer import to_depth
from inpaint_studio.project.pictures import Picture
from inpaint_studio.project.stack import NORMAL, PictureEntry, Stack


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A layer as the file has it, and the group it lies in."""

    entry: PictureEntry
    picture: Picture
    group: int | None

    @property
    def at(self) -> Point:
        return Point(self.entry.y, self.entry.x)


def base_of(listed: Stack, placed: Sequence[Placed]) -> tuple[Photo, list[Placed]]:
    """A photo to lay the layers on, and those that are not in it.

    The lowest layer where it covers the image and nothing is done to it; else nothing at all, a
    transparent sheet. As deep and colourful as the deepest and most colourful layer.
    """
    resolution = listed.resolution
    per_mm = None if resolution is None else (resolution[0] / 25.4, resolution[1] / 25.4)
    metadata = Metadata(resolution=per_mm)
    depth = max((one.picture.pixels.dtype for one in placed), key=lambda kind: kind.itemsize)
    colors = max(one.picture.colors for one in placed)
    lowest = placed[0]
    if _is_photo(lowest, listed):
        picture = _with_colors(to_depth(lowest.picture.pixels, depth.name), colors)
        return Photo(picture, _profile(lowest, colors), metadata), list(placed[1:])
    sheet = np.zeros((listed.height, listed.width, colors + 1), depth)
    profiles = [one.picture.profile for one in placed if one.picture.colors == colors]
    return Photo(sheet, profiles[0], metadata), list(placed)


def layer_of(placed: Placed, photo: Photo, *, id: int) -> Layer:
    """A layer of plain pixels, in the depth, colours and profile of the photo."""
    entry, picture = placed.entry, placed.picture
    alpha = picture.alpha
    if alpha is None:
        alpha = np.full(picture.pixels.shape[:2], 255, np.uint8)
    patch = Patch(_fitted(picture, photo), alpha, placed.at)
    return Layer(id, entry.name or "Layer", patch, entry.opacity, entry.visible, group=placed.group)


def _fitted(picture: Picture, photo: Photo) -> Pixels:
    colors = picture.pixels[:, :, : picture.colors]
    channels = photo.color_channels
    if picture.profile == photo.profile and picture.colors <= channels:
        return _with_colors(to_depth(colors, photo.pixels.dtype.name), channels)
    working = color.to_working(colors, picture.profile)
    return color.from_working(
        working, dtype=photo.pixels.dtype, profile=photo.profile, channels=channels
    )


def _is_photo(placed: Placed, listed: Stack) -> bool:
    entry, shape = placed.entry, placed.picture.pixels.shape
    whole = shape[:2] == (listed.height, listed.width) and placed.at == (0, 0)
    plain = entry.visible and entry.opacity == 1 and entry.operator == NORMAL
    return whole and plain and placed.group is None


def _with_colors(pixels: Pixels, colors: int) -> Pixels:
    """(h, w, C) with grey repeated where three colours are wanted; alpha stays."""
    if colors == 1 or pixels.shape[2] >= 3:
        return pixels
    return np.concatenate([pixels[:, :, :1]] * 3 + [pixels[:, :, 1:]], axis=2)


def _profile(placed: Placed, colors: int) -> bytes | None:
    return placed.picture.profile if placed.picture.colors == colors else None
