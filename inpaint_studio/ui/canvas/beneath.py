"""What lies below the layer somebody changes, tile by tile: laid once and kept. No Qt.

Whoever fades one of ten layers, paints on its mask or shows it and hides it changes nothing below
it. A tile that is drawn for the second time keeps its lower layers as the floats they met in, so
that what is laid over them rounds as it would have done without.
"""

from __future__ import annotations

import threading
from collections.abc import Container, Generator, Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from inpaint_studio.imaging.composite import flatten, lay_on, uncovered
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.imaging.sheet import Sheet
from inpaint_studio.ui.canvas.overlays import OverlayPyramid, OverlayPyramidGroup, cut_all

if TYPE_CHECKING:
    from inpaint_studio.imaging.geometry import Box
    from inpaint_studio.imaging.photo import Pixels
    from inpaint_studio.ui.canvas.overlays import Piled

BUDGET: Final = 96 << 20
"""Bytes of kept floats: a view of 8 megapixels, a screen of 3840 x 2160."""
_WORTH: Final = 2
"""Fewer lower layers than this are laid as fast as they are copied."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """What a tile was drawn with the last time, and its `depth` lowest layers if they are kept."""

    piled: tuple[Piled, ...]
    depth: int = 0
    sheet: Sheet | None = None


class Beneath:
    """Lower layers of tiles by key, as long as there is room. Safe between threads.

    What does not fit is laid every time: in a view too large for the budget, dropping what was used
    longest ago would drop each tile just before its turn.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._nbytes = 0
        self._lock = threading.Lock()
        self._kept: dict[Hashable, _Kept] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of floats that are kept."""
        return self._nbytes

    def flatten(
        self, key: Hashable, pixels: Pixels, piled: tuple[Piled, ...], level: int, box: Box
    ) -> Generator[None, None, Pixels]:
        """What `composite.flatten` makes of `box`, in pixels of `level`, and the layers over it.

        `pixels` is what the photo shows there; equal keys stand for the same part of the same
        photo. Yields where it may be stopped.
        """
        with self._lock:
            before = self._kept.get(key, _Kept(()))
        shared = _shared(before.piled, piled)
        kept = before if before.depth <= shared else _Kept(())
        lower = yield from cut_all(piled[kept.depth : shared], level, box)
        upper = yield from cut_all(piled[shared:], level, box)
        photo = Photo(pixels)
        bare = uncovered(upper, photo.size.box)
        if (kept.sheet is None and len(lower) < _WORTH) or len(bare) < len(upper):
            self._keep(key, replace(kept, piled=piled))
            return flatten(photo, bare if len(bare) < len(upper) else [*lower, *upper])
        below = kept.sheet
        if below is None or lower:
            sheet = Sheet.of(pixels) if below is None else below.taken_up()
            lay_on(sheet, lower)
            below = sheet.put_by()
        self._keep(key, _Kept(piled, shared, below))
        sheet = below.taken_up()
        lay_on(sheet, upper)
        flat = np.empty_like(pixels)
        sheet.write_to(flat)
        return flat

    def keep_only(self, keys: Container[Hashable]) -> None:
        """Drop all other tiles: layers may be gone by the time they are drawn again."""
        with self._lock:
            for key in [key for key in self._kept if key not in keys]:
                self._drop(key)

    def clear(self) -> None:
        self.keep_only(())

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        with self._lock:
            self._drop(key)
            if self._nbytes + _nbytes(kept) > self._budget:
                kept = _Kept(kept.piled)
            self._kept[key] = kept
            self._nbytes += _nbytes(kept)

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        self._nbytes -= 0 if kept is None else _nbytes(kept)


def _nbytes(kept: _Kept) -> int:
    return 0 if kept.sheet is None else kept.sheet.nbytes


def _shared(before: tuple[Piled, ...], now: tuple[Piled, ...]) -> int:
    """How many of the lowest are what they were."""
    pairs = zip(before, now, strict=False)
    return next(
        (place for place, pair in enumerate(pairs) if not _same(*pair)), min(len(before), len(now))
    )


def _same(one: Piled, other: Piled) -> bool:
    if isinstance(one, OverlayPyramid) and isinstance(other, OverlayPyramid):
        mine, its = one.overlay, other.overlay
        return (
            one.pyramid is other.pyramid
            and mine.keep is its.keep
            and (mine.opacity, mine.blend) == (its.opacity, its.blend)
        )
    if isinstance(one, OverlayPyramidGroup) and isinstance(other, OverlayPyramidGroup):
        return (
            one.opacity == other.opacity
            and len(one.members) == len(other.members)
            and all(map(_same, one.members, other.members))
        )
    return False
