"""The layers over a photo at any reduced level, each cut to the piece a tile needs. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inpaint_studio.imaging.composite import Overlay, OverlayGroup
from inpaint_studio.imaging.geometry import Box, Point, Size
from inpaint_studio.ui.canvas.pyramid import PatchPyramid, skip_patch

if TYPE_CHECKING:
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.photo import Patch


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPyramid:
    """An overlay with the reduced levels of its patch, which other versions of it share."""

    overlay: Overlay
    pyramid: PatchPyramid

    def cut(self, level: int, box: Box) -> Generator[None, None, Overlay | None]:
        """What of it lies in `box`, in pixels of `level`, placed relative to the box."""
        if self.overlay.patch.box.intersect(scaled_box(box, level)).is_empty:
            return None
        reduced = yield from self.pyramid.build(level)
        piece = reduced.cut(box)
        if piece is None:
            return None
        keep = self.overlay.keep
        if keep is not None:
            where = Size(*piece.alpha.shape).box.shift(piece.at).shift(box.origin)
            keep = reduced_keep(keep, self.overlay.patch.at, where, level=level)
        return self.overlay._replace(patch=piece, keep=keep)

    def skip(self, stride: int) -> Overlay | None:
        """Every `stride`-th pixel of it, for a photo thinned out in the same way."""
        patch = skip_patch(self.overlay.patch, stride)
        if patch is None:
            return None
        keep = self.overlay.keep
        if keep is not None:
            first = (patch.at.top * stride, patch.at.left * stride)
            top, left = (edge - at for edge, at in zip(first, self.overlay.patch.at, strict=True))
            keep = keep[top::stride, left::stride]
        return self.overlay._replace(patch=patch, keep=keep)


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPyramidGroup:
    """Overlays that are faded together."""

    members: tuple[OverlayPyramid | OverlayPyramidGroup, ...]
    opacity: float

    def cut(self, level: int, box: Box) -> Generator[None, None, OverlayGroup | None]:
        members = yield from cut_all(self.members, level, box)
        return OverlayGroup(tuple(members), self.opacity) if members else None

    def skip(self, stride: int) -> OverlayGroup | None:
        members = skip_all(self.members, stride)
        return OverlayGroup(tuple(members), self.opacity) if members else None


Piled = OverlayPyramid | OverlayPyramidGroup


def pile_up(
    overlays: Iterable[Overlay | OverlayGroup], pyramid_of: Callable[[Patch], PatchPyramid]
) -> tuple[Piled, ...]:
    """Overlays with the pyramids of their patches, as `pyramid_of` knows them."""
    piled: list[Piled] = []
    for overlay in overlays:
        if isinstance(overlay, OverlayGroup):
            piled.append(OverlayPyramidGroup(pile_up(overlay.members, pyramid_of), overlay.opacity))
        else:
            piled.append(OverlayPyramid(overlay, pyramid_of(overlay.patch)))
    return tuple(piled)


def cut_all(
    piled: Iterable[Piled], level: int, box: Box
) -> Generator[None, None, list[Overlay | OverlayGroup]]:
    """What of these lies in `box`, in pixels of `level`; yields where it may be stopped."""
    pieces: list[Overlay | OverlayGroup] = []
    for item in piled:
        piece = yield from item.cut(level, box)
        if piece is not None:
            pieces.append(piece)
    return pieces


def skip_all(piled: Iterable[Piled], stride: int) -> list[Overlay | OverlayGroup]:
    """Every `stride`-th pixel of these."""
    return [piece for item in piled if (piece := item.skip(stride)) is not None]


def reduced_keep(keep: Coverage, at: Point, box: Box, *, level: int) -> Coverage:
    """The mean of a layer's mask over each pixel of `box`, which counts in pixels of `level`.

    `keep` is (h, w) uint8 and lies at `at` on the photo. Made when it is needed: a mask changes
    with every stroke, so that levels kept for it would be thrown away before they are used twice.
    """
    if level == 0:
        return keep[box.relative_to(at).slices]
    import cv2

    full = scaled_box(box, level).relative_to(at)
    inside = full.clip(Size(*keep.shape))
    piece = keep[inside.slices]
    rim = (
        (inside.top - full.top, full.bottom - inside.bottom),
        (inside.left - full.left, full.right - inside.right),
    )
    if any(side for sides in rim for side in sides):
        piece = np.pad(piece, rim, mode="edge")
    reduced = cv2.resize(piece, (box.width, box.height), interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.uint8)


def scaled_box(box: Box, level: int) -> Box:
    """The photo pixels that a box of level pixels stands for."""
    return Box(*(edge << level for edge in box))
