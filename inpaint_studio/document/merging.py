"""Several layers as one that looks the same. Slow for large layers: not for the window's thread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.imaging.composite import Overlay, OverlayGroup, lay_on
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.mask import Coverage, hole_bounds
from inpaint_studio.imaging.photo import Patch, Photo, Pixels, full_scale
from inpaint_studio.imaging.sheet import Sheet

Weights = npt.NDArray[np.float32]
_BAND_ROWS = 128


@dataclass(frozen=True, slots=True, eq=False)
class Merging:
    """What is to become one patch: `over`, as it looks on the photo with `under` laid on it."""

    photo: Photo
    under: tuple[Overlay | OverlayGroup, ...]
    over: tuple[Overlay | OverlayGroup, ...]

    def patch(self) -> Patch | None:
        """One patch that looks like `over` does on what lies below; None where nothing shows.

        Its alpha is what the overlays cover together; its colours are those that give the very
        picture: bit for bit on a photo of whole numbers without alpha, else but for what rounding
        alpha to eight bits takes away. Directly on a photo without alpha, which never changes,
        what is covered is simply covered.
        """
        box = _reach(self.over).clip(self.photo.size)
        if box.is_empty:
            return None
        colors = np.zeros((*box.size, self.photo.color_channels), self.photo.pixels.dtype)
        alpha = np.zeros(box.size, np.uint8)
        for band in _bands(box):
            here = band.relative_to(box.origin).slices
            alpha[here] = self._alpha(band)
            colors[here] = self._colors(band, alpha[here])
        tight = hole_bounds(alpha)
        if tight.is_empty:
            return None
        return Patch(colors[tight.slices], alpha[tight.slices], tight.shift(box.origin).origin)

    @property
    def _covers(self) -> bool:
        return not self.under and not self.photo.has_alpha

    def _alpha(self, band: Box) -> Coverage:
        """(h, w) uint8: rounded up, so that nothing that shows is lost."""
        covered = _covered(self.over, band)
        if self._covers:
            return np.where(covered > 0, np.uint8(255), np.uint8(0))
        # A product of shares of 255 may come out a rounding error above a whole number.
        return np.ceil(covered * 255 - np.float32(1e-3)).clip(0, 255).astype(np.uint8)

    def _colors(self, band: Box, alpha: Coverage) -> Pixels:
        """Which colours, laid with `alpha`, make the picture that is seen now.

        What lies below is taken as it is before it is rounded, for so it meets the patch, too.
        """
        pixels = self.photo.pixels[band.slices]
        below = Sheet.of(pixels)
        lay_on(below, self.under, origin=band.origin)
        above = below.copy()
        lay_on(above, self.over, origin=band.origin)
        after = np.empty_like(pixels)
        above.write_to(after)
        high = after[:, :, : self.photo.color_channels]
        made = _colors_over(below, high, alpha)
        solid, nothing = alpha == 255, alpha == 0
        made[solid] = high[solid]
        made[nothing] = 0
        return made


def _colors_over(below: Sheet, wanted: Pixels, alpha: Coverage) -> Pixels:
    """(h, w, C) colours that look as `wanted` once laid over `below` with `alpha` (h, w) uint8."""
    share = (alpha.astype(np.float32) / np.float32(255))[:, :, np.newaxis]
    kept: Weights = 1 - share
    high, low = wanted.astype(np.float32), below.colors.transpose(1, 2, 0)
    if below.alpha is not None:
        kept *= below.alpha[:, :, np.newaxis]
        high *= kept + share
    high -= low * kept
    np.divide(high, share, out=high, where=share > 0)
    if wanted.dtype.kind != "f":
        high = np.rint(high).clip(0, full_scale(wanted.dtype))
    return high.astype(wanted.dtype)


def merged_provenance(layers: Sequence[Layer]) -> Provenance | None:
    """How a layer that was merged from these came about."""
    made = tuple(layer.provenance for layer in layers if layer.provenance is not None)
    return Provenance(merged=made) if made else None


def _covered(overlays: Sequence[Overlay | OverlayGroup], box: Box) -> Weights:
    """(h, w) float32, 0 to 1: how much of what lies below the overlays hide together."""
    left = np.ones(box.size, np.float32)
    for overlay in overlays:
        if isinstance(overlay, OverlayGroup):
            left *= 1 - _covered(overlay.members, box) * np.float32(overlay.opacity)
            continue
        inside = _reach((overlay,)).intersect(box)
        if not inside.is_empty:
            alpha = overlay.alpha[inside.relative_to(overlay.patch.at).slices]
            weight = alpha.astype(np.float32) * np.float32(overlay.opacity / 255)
            left[inside.relative_to(box.origin).slices] *= 1 - weight
    return 1 - left


def _reach(overlays: Sequence[Overlay | OverlayGroup]) -> Box:
    box = EMPTY_BOX
    for overlay in overlays:
        if isinstance(overlay, OverlayGroup):
            box = box.union(_reach(overlay.members))
        else:
            box = box.union(overlay.patch.box)
    return box


def _bands(box: Box) -> Iterator[Box]:
    for top in range(box.top, box.bottom, _BAND_ROWS):
        yield box._replace(top=top, bottom=min(top + _BAND_ROWS, box.bottom))
