"""Whether a fill is out of date: names what lay below it, as far as it looked."""

import hashlib
from typing import NamedTuple

import numpy as np

from inpaint_studio.document.layer import FillRecipe
from inpaint_studio.imaging.blend import masked
from inpaint_studio.imaging.composite import Overlay, OverlayGroup, Overlays
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import Hole
from inpaint_studio.imaging.maskops import grow_coverage

_LEAST = 256
"""Pixels that any engine may look at round a hole."""


def seen_by(recipe: FillRecipe, size: Size) -> Box:
    """The part of a photo of `size` that a fill may have looked at.

    What was asked for, or as much as the hole is long: no engine is given more.
    """
    margin = recipe.context if recipe.context is not None else max(recipe.box.size)
    return recipe.box.pad(max(_LEAST, margin + max(recipe.grow, 0))).clip(size)


class BelowDigests:
    """Names what lies in a box of the photo under a layer; empty where nothing does.

    Equal names, equal pictures: they are made of the pixels themselves, not of layers' ids, so that
    they hold in a saved document too. The photo does not count, it never changes. Each piece of a
    patch is read once, as long as the same object keeps this alive; not for use between threads.
    """

    def __init__(self) -> None:
        self._known: dict[_Key, _Known] = {}
        self._used: dict[_Key, _Known] = {}

    def under(self, recipe: FillRecipe, overlays: Overlays, size: Size) -> str:
        """The name of these as far as a fill of a photo of `size` may have looked at them: not
        inside its own hole, where a fill that it covers makes no difference to it."""
        return self.of(overlays, seen_by(recipe, size), apart=recipe)

    def of(self, overlays: Overlays, box: Box, *, apart: FillRecipe | None = None) -> str:
        """The name of these, which are what can be seen below the layer, first at the bottom;
        without what lies in the hole of the recipe `apart`."""
        digest = hashlib.blake2b(digest_size=16)
        seen = self._add(digest, overlays, box, apart)
        return digest.hexdigest() if seen else ""

    def forget_unused(self) -> None:
        """Let go of what was not asked for since the last call."""
        self._known, self._used = self._used, {}

    def _add(
        self, digest: "hashlib.blake2b", overlays: Overlays, box: Box, apart: FillRecipe | None
    ) -> bool:
        seen = False
        for overlay in overlays:
            if isinstance(overlay, OverlayGroup):
                inner = hashlib.blake2b(digest_size=16)
                if self._add(inner, overlay.members, box, apart):
                    digest.update(f"group {overlay.opacity:.6f} ".encode() + inner.digest())
                    seen = True
                continue
            single = overlay if isinstance(overlay, Overlay) else Overlay(*overlay)
            piece = self._piece(single, box, apart)
            if piece is not None:
                digest.update(f"{single.opacity:.6f} {single.blend} ".encode() + piece)
                seen = True
        return seen

    def _piece(self, overlay: Overlay, box: Box, apart: FillRecipe | None) -> bytes | None:
        """A digest of what of a patch and its mask lies in the box; None for nothing."""
        patch = overlay.patch
        inside = patch.box.intersect(box)
        if inside.is_empty:
            return None
        if apart is not None and apart.box.pad(max(apart.grow, 0)).intersect(inside).is_empty:
            apart = None
        hole = None if apart is None else apart.hole
        key = id(patch), id(overlay.keep), id(hole), inside
        known = self._known.get(key) or self._used.get(key)
        if known is None or not known.is_of(overlay, apart):
            known = _Known(overlay, apart, _read(overlay, inside, apart))
        self._used[key] = known
        return known.digest or None


_Key = tuple[int, int, int, Box]


class _Known(NamedTuple):
    """What was read once, and of what: kept so that no other object gets its id."""

    overlay: Overlay
    apart: FillRecipe | None
    digest: bytes

    def is_of(self, overlay: Overlay, apart: FillRecipe | None) -> bool:
        if self.overlay.patch is not overlay.patch or self.overlay.keep is not overlay.keep:
            return False
        if self.apart is None or apart is None:
            return self.apart is apart
        return self.apart.hole is apart.hole and self.apart.grow == apart.grow


def _read(overlay: Overlay, inside: Box, apart: FillRecipe | None) -> bytes:
    """Of the pixels that show; empty where none does."""
    cut = inside.relative_to(overlay.patch.at).slices
    alpha, pixels = overlay.patch.alpha[cut], overlay.patch.pixels[cut]
    if overlay.keep is not None:
        alpha = masked(alpha, overlay.keep[cut])
    if apart is not None:
        hole = _hole(apart, inside)
        alpha = np.where(hole, np.uint8(0), alpha)
        pixels = np.where(hole[:, :, np.newaxis], pixels.dtype.type(0), pixels)
    if not alpha.any():
        return b""
    digest = hashlib.blake2b(repr(tuple(inside)).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(alpha).data)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()


def _hole(recipe: FillRecipe, inside: Box) -> Hole:
    """Which pixels of a box a fill made itself, the rim it was asked to grow by included."""
    box = recipe.box.pad(max(recipe.grow, 0)).intersect(inside)
    reach = box.pad(max(recipe.grow, 0))
    coverage = np.zeros(reach.size, np.uint8)
    known = reach.intersect(recipe.box)
    coverage[known.relative_to(reach.origin).slices] = recipe.hole[
        known.relative_to(recipe.box.origin).slices
    ]
    hole = np.zeros(inside.size, bool)
    grown = grow_coverage(coverage, recipe.grow)[box.relative_to(reach.origin).slices]
    hole[box.relative_to(inside.origin).slices] = grown > 0
    return hole
