"""What a fill will look at, and about how long it will take: known before it runs. No Qt.

The seconds are a plain model of each engine's arithmetic on one core, divided by the cores and
corrected by how long the last fills really took here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from inpaint_studio.engines.patchmatch_options import PATCH_RULE
from inpaint_studio.engines.regions import plan_regions
from inpaint_studio.imaging.fit import plan_fit
from inpaint_studio.imaging.geometry import Box, SizeRule
from inpaint_studio.imaging.mask import hole_bounds

if TYPE_CHECKING:
    from inpaint_studio.engines.registry import EngineEntry
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.photo import Photo
    from inpaint_studio.weights.card import ModelCard

_NETWORK_RATE: Final = 1.0
"""Core seconds per megapixel looked at and megabyte of weights (16 bit)."""
_NETWORK_EACH: Final = 0.6
"""Core seconds for each part of the hole that a network draws, in several poses."""
_PATCH_BYTES: Final = 110
_NETWORK_BYTES: Final = 900
"""Bytes per pixel looked at."""
_MAKE_READY: Final = 0.2
_HAND_OVER: Final = 0.01
"""Seconds for any fill, and for each megabyte of the photo: composing, handing over, landing."""
LARGEST_CORRECTION: Final = 20.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """`frames` are the parts of the photo that are looked at, in photo pixels."""

    frames: tuple[Box, ...]
    work: float
    """Seconds by the plain model, to be corrected."""
    nbytes: int


def rule_of(entry: EngineEntry, card: ModelCard | None) -> SizeRule:
    """How large the crops are that an engine is given."""
    if card is not None and "patchmatch" not in entry.name:
        return card.size_rule
    patches = entry.name == "auto" or "patchmatch" in entry.name
    return PATCH_RULE if patches else SizeRule()


def estimate(
    entry: EngineEntry,
    card: ModelCard | None,
    photo: Photo,
    coverage: Coverage,
    *,
    context: int | None = None,
) -> Estimate | None:
    """What filling the mask (H, W) uint8 will take; None where there is nothing to fill.

    `context` is as `RestoreOptions` has it. Takes as long as the engine takes to plan: not for the
    window's thread.
    """
    if hole_bounds(coverage).is_empty:
        return None
    rule = rule_of(entry, card)
    frames = tuple(region.crop for region in plan_regions(coverage > 0, rule, context=context))
    looked_at = sum(plan_fit(frame.size, rule).fitted.area for frame in frames) / 1e6
    weights = sum(file.bytes or 0 for file in card.files.values()) / 1e6 if card else 0.0
    seconds = _rate(entry).seconds(looked_at, np.count_nonzero(coverage) / 1e6)
    nbytes = 2.0 * photo.pixels.nbytes + 1e6 * looked_at * _PATCH_BYTES
    if card is not None:
        inside = looked_at if "patchmatch" not in entry.name else 0.07 * len(frames)
        seconds += _NETWORK_RATE * weights * inside + _NETWORK_EACH * len(frames)
        nbytes += 250e6 + 2 * weights * 1e6 + inside * 1e6 * _NETWORK_BYTES
    around = _MAKE_READY + _HAND_OVER * photo.pixels.nbytes / 1e6
    cores = 1 if entry.name in _ONE_CORE else os.cpu_count() or 1
    return Estimate(frames, around + seconds / cores, int(nbytes))


def corrected(known: float | None, work: float, took: float) -> float:
    """The correction of an engine after a fill: what this one would have needed, or, where
    something is `known` of earlier ones, halfway there."""
    now = min(max(took / max(work, 1e-3), 1 / LARGEST_CORRECTION), LARGEST_CORRECTION)
    return round(float(now if known is None else np.sqrt(known * now)), 3)


def spoken(seconds: float, nbytes: int) -> tuple[str, str]:
    """About how long, and how much memory, in figures no finer than they are known."""
    if seconds < 1.5:
        time = "1 s"
    elif seconds < 10:
        time = f"{seconds:.0f} s"
    elif seconds < 90:
        time = f"{round(seconds / 5) * 5} s"
    else:
        time = f"{seconds / 60:.0f} min"
    megabytes = nbytes / 1e6
    memory = (
        f"{megabytes / 1000:.1f} GB"
        if megabytes >= 1000
        else f"{max(round(megabytes, -1), 10):.0f} MB"
    )
    return time, memory


class _Rate(NamedTuple):
    """Core seconds: once, per megapixel looked at, per megapixel of hole."""

    once: float = 0.0
    looked_at: float = 0.0
    hole: float = 0.0

    def seconds(self, looked_at: float, hole: float) -> float:
        return self.once + self.looked_at * looked_at + self.hole * hole


_ONE_CORE: Final = ("telea", "navier-stokes")
_RATES: Final = {
    **dict.fromkeys(_ONE_CORE, _Rate(hole=4.0)),
    "thin": _Rate(looked_at=0.2, hole=2.0),
    "thin+texture": _Rate(looked_at=0.3, hole=2.6),
}
_PATCHES: Final = _Rate(0.4, 1.0, 6.0)


def _rate(entry: EngineEntry) -> _Rate:
    patches = entry.name == "auto" or "patchmatch" in entry.name
    return _PATCHES if patches else _RATES.get(entry.name, _Rate())
