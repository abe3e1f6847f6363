"""Lay patches over a photo at its own depth. What a patch does not cover stays, bit for bit."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.blend import Blend, blended, masked
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box, Point, Size
from inpaint_studio.imaging.mask import Coverage, hole_bounds
from inpaint_studio.imaging.photo import Patch, Photo, Pixels, full_scale

_TOP_LEFT = Point(0, 0)
_BAND_PIXELS = 1 << 18
"""Work in bands of rows of about this many pixels: the float copies stay small."""


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
    lay_all(pixels, _uncovered(overlays, box), origin=box.origin)
    return pixels


def _uncovered(overlays: Overlays, box: Box) -> Overlays:
    """Without what lies below an overlay that hides all of `box`: it would be drawn in vain."""
    for place in range(len(overlays) - 1, 0, -1):
        overlay = overlays[place]
        if not isinstance(overlay, OverlayGroup) and _hides(overlay, box):
            return overlays[place:]
    return overlays


def _hides(overlay: Overlay | tuple[Patch, float], box: Box) -> bool:
    single = overlay if isinstance(overlay, Overlay) else Overlay(*overlay)
    if single.opacity < 1 or single.blend != "normal" or not _box_of(single.patch).contains(box):
        return False
    cut = box.relative_to(single.patch.at).slices
    sheets = (single.patch.alpha, single.keep)
    return all(sheet is None or bool((sheet[cut] == 255).all()) for sheet in sheets)


def lay_all(target: Pixels, overlays: Overlays, *, origin: Point = _TOP_LEFT) -> Box:
    """Lay overlays over `target` in place, as `lay` does with one."""
    changed = EMPTY_BOX
    for overlay in overlays:
        if isinstance(overlay, OverlayGroup):
            changed = changed.union(_lay_group(target, overlay, origin))
        else:
            single = overlay if isinstance(overlay, Overlay) else Overlay(*overlay)
            changed = changed.union(lay(target, single, origin=origin))
    return changed


def lay(target: Pixels, overlay: Overlay, *, origin: Point = _TOP_LEFT) -> Box:
    """Lay an overlay over `target` in place ("over" of Porter and Duff 1984, straight alpha).

    `target` is a writable (h, w, 1..4) piece of the photo whose top left pixel lies at `origin`.
    Where alpha or opacity is 0 nothing is written; where alpha is 255 and opacity 1 the target
    gets exactly the patch's values (blended, unless the blend is normal) and, if it has an alpha
    channel, becomes opaque. Returns the box, in photo coordinates, that may have changed.

    Raises:
        ValueError: the patch has another depth or another number of colours than the target.
    """
    patch, opacity, blend, keep = overlay
    _check_fit(target, patch)
    box = _box_of(patch).intersect(_box_of_target(target, origin))
    if box.is_empty or opacity <= 0:
        return EMPTY_BOX
    for band in _bands(box):
        cut = band.relative_to(patch.at).slices
        alpha = patch.alpha[cut] if keep is None else masked(patch.alpha[cut], keep[cut])
        region = target[band.relative_to(origin).slices]
        _lay(region, patch.pixels[cut], alpha, min(opacity, 1.0), blend=blend)
    return box


def _lay_group(target: Pixels, group: OverlayGroup, origin: Point) -> Box:
    """Lay a group's overlays; then go back towards what was there by what opacity leaves."""
    reach = _reach(group).intersect(_box_of_target(target, origin))
    if reach.is_empty or group.opacity <= 0:
        return EMPTY_BOX
    if group.opacity >= 1:
        return lay_all(target, group.members, origin=origin)
    region = target[reach.relative_to(origin).slices]
    before = region.copy()
    lay_all(region, group.members, origin=reach.origin)
    for band in _bands(Size(*region.shape[:2]).box):
        _fade(region[band.slices], before[band.slices], group.opacity)
    return reach


def _fade(after: Pixels, before: Pixels, opacity: float) -> None:
    """Make `after`, in place, the mean of both weighted with `opacity`, where they differ.

    With an alpha channel colours count by how opaque they are.
    """
    where = _differ(_bits(before), _bits(after))
    if not where.any():
        return
    colors, share = _colors(after), np.float32(opacity)
    weight: Any = share
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if after.shape[2] > colors:
            low, high = (pixels[:, :, colors].astype(np.float32) for pixels in (before, after))
            mean = low + (high - low) * share
            weight = np.where(mean > 0, high * share / mean, share)
            np.copyto(after[:, :, colors], _as_depth(mean, after.dtype), where=where)
        for channel in range(colors):
            low = before[:, :, channel].astype(np.float32)
            mixed = low + (after[:, :, channel].astype(np.float32) - low) * weight
            np.copyto(after[:, :, channel], _as_depth(mixed, after.dtype), where=where)


def _reach(overlay: Overlay | OverlayGroup) -> Box:
    if isinstance(overlay, Overlay):
        return _box_of(overlay.patch)
    box = EMPTY_BOX
    for member in overlay.members:
        box = box.union(_reach(member))
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


def _box_of(patch: Patch) -> Box:
    return Size(*patch.alpha.shape).box.shift(patch.at)


def _box_of_target(target: Pixels, origin: Point) -> Box:
    return Size(*target.shape[:2]).box.shift(origin)


def _colors(pixels: Pixels) -> int:
    return 1 if pixels.shape[2] <= 2 else 3


def _check_fit(target: Pixels, patch: Patch) -> None:
    if patch.pixels.dtype != target.dtype or patch.pixels.shape[2] != _colors(target):
        raise ValueError(
            f"a patch of {patch.pixels.dtype} {patch.pixels.shape} cannot lie on "
            f"{target.dtype} {target.shape}"
        )


def _lay(target: Pixels, above: Pixels, alpha: Coverage, opacity: float, *, blend: Blend) -> None:
    box = hole_bounds(alpha)
    if box.is_empty:
        return
    target, above, alpha = target[box.slices], above[box.slices], alpha[box.slices]
    # What lies where nothing is to be written (and is not) may be anything, even NaN.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if blend != "normal":
            above = _met(target, above, blend)
        solid = alpha == 255 if opacity >= 1.0 else np.zeros(alpha.shape, np.bool_)
        if solid.any():
            _replace(target, _as_depth(above, target.dtype), solid)
        soft = np.greater(alpha, 0) & ~solid
        box = hole_bounds(soft)
        if not box.is_empty:
            cut = box.slices
            weight = alpha[cut].astype(np.float32) * np.float32(opacity / 255)
            _blend(target[cut], above[cut], weight, soft[cut])


def _met(target: Pixels, above: Pixels, blend: Blend) -> npt.NDArray[np.float32]:
    """The colours to lay: `above` as it meets what is there, as far as anything is."""
    colors, white = above.shape[2], np.float32(full_scale(target.dtype))
    met = blended(target[:, :, :colors], above, blend, white=float(white))
    if target.shape[2] > colors:
        met -= above
        met *= target[:, :, colors:].astype(np.float32) / white
        met += above
    return met


def _replace(target: Pixels, above: Pixels, where: npt.NDArray[np.bool_]) -> None:
    """Plane by plane, here and below: numpy is slow where its innermost loop runs over colours."""
    colors = above.shape[2]
    if where.all():
        target[:, :, :colors] = above
        target[:, :, colors:] = full_scale(target.dtype)
        return
    for channel in range(colors):
        np.copyto(target[:, :, channel], above[:, :, channel], where=where)
    if target.shape[2] > colors:
        target[:, :, colors][where] = full_scale(target.dtype)


def _blend(
    target: Pixels,
    above: Pixels,
    weight: npt.NDArray[np.float32],
    where: npt.NDArray[np.bool_],
) -> None:
    """Lay (h, w, 1 | 3) colours over `target` at `weight` (h, w), 0 to 1, where `where` is set."""
    colors = above.shape[2]
    share = weight
    if target.shape[2] > colors:
        scale = np.float32(full_scale(target.dtype))
        alpha = target[:, :, colors].astype(np.float32) / scale
        alpha += (np.float32(1) - alpha) * weight
        share = weight / alpha
        np.copyto(target[:, :, colors], _as_depth(alpha * scale, target.dtype), where=where)
    for channel in range(colors):
        color = target[:, :, channel].astype(np.float32)
        difference = above[:, :, channel].astype(np.float32)
        difference -= color
        difference *= share
        color += difference
        np.copyto(target[:, :, channel], _as_depth(color, target.dtype), where=where)


def _as_depth(values: npt.NDArray[Any], dtype: np.dtype[Any]) -> Pixels:
    """Floats as the photo's depth; what is of that depth already stays."""
    if values.dtype == dtype:
        return values
    values = np.rint(values)
    np.clip(values, 0, full_scale(dtype), out=values)
    return values.astype(dtype)
