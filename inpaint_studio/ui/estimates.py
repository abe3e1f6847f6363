"""What a fill will look at, and about how long it will take: known before it runs. No Qt.

The seconds are a plain model of each engine's arithmetic on one core, divided by the cores and
corrected by how long the last fills really took here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from inpaint_studio.engines.regions import plan_regions
from inpaint_studio.imaging.fit import plan_fit
from inpaint_studio.imaging.geometry import Box, SizeRule
from inpaint_studio.imaging.mask import hole_bounds

if TYPE_CHECKING:
    from inpaint_studio.engines.registry import EngineEntry
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.photo import Photo
    from inpaint_studio.weights.card import ModelCard

PATCH_RULE: Final = SizeRule(context=704)
"""As the engine that copies patches says itself; asking it would load its compiler."""
_NETWORK_RATE: Final = 1.0
"""Core seconds per megapixel and megabyte of weights (16 bit): measured on EdgeConnect."""
_PATCH_RATE: Final = 14.0
_THIN_RATE: Final = 3.0
"""Core seconds per megapixel looked at."""
_PATCH_BYTES: Final = 110
_NETWORK_BYTES: Final = 900
"""Bytes per pixel looked at."""
_MAKE_READY: Final = 0.4
"""Seconds for cutting out, converting and handing over."""
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
    seconds = _rate(entry) * looked_at
    nbytes = 2.0 * photo.pixels.nbytes + 1e6 * looked_at * _PATCH_BYTES
    if card is not None:
        inside = looked_at if "patchmatch" not in entry.name else 0.07 * len(frames)
        seconds += _NETWORK_RATE * weights * inside
        nbytes += 250e6 + 2 * weights * 1e6 + inside * 1e6 * _NETWORK_BYTES
    return Estimate(frames, _MAKE_READY + seconds / (os.cpu_count() or 1), int(nbytes))


def corrected(known: float, work: float, took: float) -> float:
    """The correction of an engine after a fill: halfway to what this one would have needed."""
    now = min(max(took / max(work, 1e-3), 1 / LARGEST_CORRECTION), LARGEST_CORRECTION)
    return round(float(np.sqrt(known * now)), 3)


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


def _rate(entry: EngineEntry) -> float:
    if entry.name in ("telea", "navier-stokes"):
        return 1.0
    if entry.name == "thin":
        return _THIN_RATE
    return _PATCH_RATE if entry.name == "auto" or "patchmatch" in entry.name else 0.0
