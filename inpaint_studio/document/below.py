"""Whether a fill is out of date: names what lay below it, as far as it looked."""

import hashlib

import numpy as np

from inpaint_studio.document.layer import FillRecipe
from inpaint_studio.imaging.blend import masked
from inpaint_studio.imaging.composite import Overlay, OverlayGroup, Overlays
from inpaint_studio.imaging.geometry import Box, Size

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
        self._known: dict[tuple[int, Box], tuple[Overlay, bytes]] = {}
        self._used: dict[tuple[int, Box], tuple[Overlay, bytes]] = {}

    def of(self, overlays: Overlays, box: Box) -> str:
        """The name of these, which are what can be seen below the layer, first at the bottom."""
        digest = hashlib.blake2b(digest_size=16)
        seen = self._add(digest, overlays, box)
        return digest.hexdigest() if seen else ""

    def forget_unused(self) -> None:
        """Let go of what was not asked for since the last call."""
        self._known, self._used = self._used, {}

    def _add(self, digest: "hashlib.blake2b", overlays: Overlays, box: Box) -> bool:
        seen = False
        for overlay in overlays:
            if isinstance(overlay, OverlayGroup):
                inner = hashlib.blake2b(digest_size=16)
                if self._add(inner, overlay.members, box):
                    digest.update(f"group {overlay.opacity:.6f} ".encode() + inner.digest())
                    seen = True
                continue
            single = overlay if isinstance(overlay, Overlay) else Overlay(*overlay)
            piece = self._piece(single, box)
            if piece is not None:
                digest.update(f"{single.opacity:.6f} {single.blend} ".encode() + piece)
                seen = True
        return seen

    def _piece(self, overlay: Overlay, box: Box) -> bytes | None:
        """A digest of what of a patch and its mask lies in the box; None for nothing."""
        patch = overlay.patch
        inside = patch.box.intersect(box)
        if inside.is_empty:
            return None
        key = id(patch) ^ id(overlay.keep), inside
        known = self._known.get(key) or self._used.get(key)
        same = known is not None and known[0].patch is patch and known[0].keep is overlay.keep
        if known is None or not same:
            known = overlay, _read(overlay, inside)
        self._used[key] = known
        return known[1] or None


def _read(overlay: Overlay, inside: Box) -> bytes:
    """Of the pixels that show; empty where none does."""
    cut = inside.relative_to(overlay.patch.at).slices
    alpha = overlay.patch.alpha[cut]
    if overlay.keep is not None:
        alpha = masked(alpha, overlay.keep[cut])
    if not alpha.any():
        return b""
    digest = hashlib.blake2b(repr(tuple(inside)).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(alpha).data)
    digest.update(np.ascontiguousarray(overlay.patch.pixels[cut]).data)
    return digest.digest()
