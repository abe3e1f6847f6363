"""Lay patches over a photo at its own depth. What a patch does not cover stays, bit for bit."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.blend import Blend, masked
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Point, Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Patch, Photo, Pixels, full_scale
from inpaint_studio.imaging.sheet import Sheet

_TOP_LEFT = Point(0, 0)
_BAND_PIXELS = 1 << 16
"""Work in bands of rows of about this many pixels: their floats stay near the processor, and
threads do not wait for each other between steps that are too short (half of this: a third of what a
second thread brings is lost)."""


class Overlay(NamedTuple):
    """A patch to lay over a photo, and how.

    `opacity` runs from 0 to 1. `keep`, (h, w) uint8 of the patch's size, takes away from its alpha
    (255 leaves it as it is); None leaves all of it.
    """

    patch: Patch
    opacity: float = 1.0
    blend: Blend = "normal"
    keep: Coverage | None = None

    @property
    def alpha(self) -> Coverage:
        """(h, w) uint8: where it shows, opacity not counted."""
        return self.patch.alpha if self.keep is None else masked(self.patch.alpha, self.keep)


class OverlayGroup(NamedTuple):
    """Overlays, first at the bottom, that are faded together: what they make of the picture
    below them counts for `opacity`, 0 to 1, of the result.
    """

    members: "tuple[Overlay | OverlayGroup, ...]"
    opacity: float = 1.0


Overlays = Sequence[Overlay | OverlayGroup | tuple[Patch, float]]
"""What lies over a photo, first at the bottom; a pair is a patch and its opacity."""


def flatten(photo: Photo, overlays: Overlays, box: Box | None = None) -> Pixels:
    """A copy of the photo's pixels in `box` (all of them without one) with the overlays laid over
    it. (h, w, C), the photo's depth, writable. Canvas and export both see what this makes.
    """
    box = photo.size.box if box is None else box.clip(photo.size)
    pixels = photo.pixels[box.slices].copy()
    lay_all(pixels, uncovered(overlays, box), origin=box.origin)
    return pixels


def uncovered(overlays: Overlays, box: Box) -> Overlays:
    """Without what lies below an overlay that hides all of `box`: it would be drawn in vain."""
    for place in range(len(overlays) - 1, 0, -1):
        overlay = overlays[place]
        if not isinstance(overlay, OverlayGroup) and _hides(overlay, box):
            return overlays[place:]
    return overlays


def _hides(overlay: Overlay | tuple[Patch, float], box: Box) -> bool:
    single = overlay if isinstance(overlay, Overlay) else Overlay(*overlay)
    if single.opacity < 1 or single.blend != "normal" or not single.patch.box.contains(box):
        return False
    cut = box.relative_to(single.patch.at).slices
    sheets = (single.patch.alpha, single.keep)
    return all(sheet is None or bool((sheet[cut] == 255).all()) for sheet in sheets)


def lay_on(sheet: Sheet, overlays: Overlays, *, origin: Point = _TOP_LEFT) -> None:
    """Lay overlays over a sheet in place, whose top left pixel lies at `origin`."""
    box = Size(*sheet.colors.shape[1:]).box.shift(origin)
    _lay_all(sheet, box, [_overlay(item) for item in overlays])


def lay_all(target: Pixels, overlays: Overlays, *, origin: Point = _TOP_LEFT) -> Box:
    """Lay overlays over `target` in place, as `lay` does with one.

    They meet as float32 and are rounded to the target's depth once, at the end.
    """
    pile = [_overlay(item) for item in overlays]
    for overlay in pile:
        _check_fit(target, overlay)
    whole = _box_of_target(target, origin)
    changed = _reach(pile).intersect(whole)
    for band in _bands(changed):
        box = _reach(pile, inside=band)
        if not box.is_empty:
            region = target[box.relative_to(origin).slices]
            sheet = Sheet.of(region)
            _lay_all(sheet, box, pile)
            sheet.write_to(region)
    return EMPTY_BOX if changed.is_empty else changed


def lay(target: Pixels, overlay: Overlay, *, origin: Point = _TOP_LEFT) -> Box:
    """Lay an overlay over `target` in place ("over" of Porter and Duff 1984, straight alpha).

    `target` is a writable (h, w, 1..4) piece of the photo whose top left pixel lies at `origin`.
    Where alpha or opacity is 0 nothing is written; where alpha is 255 and opacity 1 the target
    gets exactly the patch's values (blended, unless the blend is normal) and, if it has an alpha
    channel, becomes opaque. Returns the box, in photo coordinates, that may have changed.

    Raises:
        ValueError: the patch has another depth or another number of colours than the target.
    """
    return lay_all(target, (overlay,), origin=origin)


def _overlay(item: Overlay | OverlayGroup | tuple[Patch, float]) -> Overlay | OverlayGroup:
    return item if isinstance(item, Overlay | OverlayGroup) else Overlay(*item)


def _lay_all(sheet: Sheet, box: Box, overlays: Sequence[Overlay | OverlayGroup]) -> None:
    """Lay overlays over a sheet that lies at `box`."""
    for overlay in overlays:
        inside = _reach((overlay,), inside=box)
        if inside.is_empty:
            continue
        part = sheet.cut(inside.relative_to(box.origin))
        if isinstance(overlay, Overlay):
            _lay_one(part, inside, overlay)
        else:
            _lay_group(part, inside, overlay)


def _lay_one(sheet: Sheet, box: Box, overlay: Overlay) -> None:
    patch, opacity, blend, keep = overlay
    cut = box.relative_to(patch.at).slices
    alpha = patch.alpha[cut] if keep is None else masked(patch.alpha[cut], keep[cut])
    sheet.lay(patch.pixels[cut], alpha, opacity, blend=blend)


def _lay_group(sheet: Sheet, box: Box, group: OverlayGroup) -> None:
    """Lay a group's overlays; then go back towards what was there by what opacity leaves."""
    before = None if group.opacity >= 1 else sheet.copy()
    _lay_all(sheet, box, group.members)
    if before is not None:
        sheet.fade(before, group.opacity)


def _reach(overlays: Sequence[Overlay | OverlayGroup], *, inside: Box | None = None) -> Box:
    """The smallest box around all that these may change, or may change `inside` a box."""
    box = EMPTY_BOX
    for overlay in overlays:
        if overlay.opacity <= 0:
            continue
        if isinstance(overlay, OverlayGroup):
            box = box.union(_reach(overlay.members, inside=inside))
        else:
            here = overlay.patch.box
            box = box.union(here if inside is None else here.intersect(inside))
    return box


def as_saved_from(photo: Photo, pixels: Pixels) -> Pixels | None:
    """What was read back from a file, with the channels of the photo that was saved in it.

    WebP reads grey back as three equal channels and leaves out alpha that is opaque everywhere.
    None where depth, size or kind of colour differ.
    """
    if pixels.dtype != photo.pixels.dtype or pixels.shape[:2] != photo.size:
        return None
    if photo.color_channels == 1 and _colors(pixels) == 3 and _is_grey(pixels):
        pixels = np.delete(pixels, (1, 2), axis=2)
    if photo.has_alpha and pixels.shape[2] in (1, 3):
        opaque = np.full((*photo.size, 1), full_scale(pixels.dtype), pixels.dtype)
        pixels = np.concatenate([pixels, opaque], axis=2)
    return pixels if pixels.shape == photo.pixels.shape else None


def _is_grey(pixels: Pixels) -> bool:
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    return np.array_equal(red, green) and np.array_equal(red, blue)


def count_changed(photo: Photo, pixels: Pixels, coverage: Coverage) -> int:
    """How many pixels differ from the photo in any bit where `coverage`, (H, W) uint8, is 0.

    Raises:
        ValueError: the shapes or depths differ.
    """
    if pixels.shape != photo.pixels.shape or pixels.dtype != photo.pixels.dtype:
        raise ValueError(f"cannot compare {pixels.dtype} {pixels.shape} with the photo")
    if coverage.shape != photo.size:
        raise ValueError(f"coverage {coverage.shape} does not fit the photo {photo.size}")
    changed = 0
    for band in _bands(photo.size.box):
        before, after = _bits(photo.pixels[band.slices]), _bits(pixels[band.slices])
        if np.array_equal(before, after):
            continue
        differs = coverage[band.slices] == 0
        differs &= _differ(before, after)
        changed += int(np.count_nonzero(differs))
    return changed


def _differ(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """(h, w) bool: pixels with any channel different. Channel by channel is the fast way."""
    differs = before[:, :, 0] != after[:, :, 0]
    for channel in range(1, before.shape[2]):
        differs |= before[:, :, channel] != after[:, :, channel]
    return differs


def _bits(pixels: Pixels) -> npt.NDArray[Any]:
    """Floats as the bits they are made of, so that NaN equals itself and -0.0 is not 0.0."""
    if pixels.dtype.kind != "f":
        return pixels
    return np.ascontiguousarray(pixels).view(np.uint32)


def _bands(box: Box) -> Iterator[Box]:
    rows = max(1, _BAND_PIXELS // max(1, box.width))
    for top in range(box.top, box.bottom, rows):
        yield Box(top, box.left, min(top + rows, box.bottom), box.right)


def _box_of_target(target: Pixels, origin: Point) -> Box:
    return Size(*target.shape[:2]).box.shift(origin)


def _colors(pixels: Pixels) -> int:
    return 1 if pixels.shape[2] <= 2 else 3


def _check_fit(target: Pixels, overlay: Overlay | OverlayGroup) -> None:
    if isinstance(overlay, OverlayGroup):
        for member in overlay.members:
            _check_fit(target, member)
        return
    patch = overlay.patch
    if patch.pixels.dtype != target.dtype or patch.pixels.shape[2] != _colors(target):
        raise ValueError(
            f"a patch of {patch.pixels.dtype} {patch.pixels.shape} cannot lie on "
            f"{target.dtype} {target.shape}"
        )
