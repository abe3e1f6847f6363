"""Which engine suits which hole: by how wide it is, and by whether what is around it repeats.

What is a few pixels thin needs no choice: `thin_texture` decides place by place. A net of scratches
as large as the photo is then no large hole.

Measured on photos, not guessed: see "How auto chooses" in docs/evaluation.md, and
benchmarks/bench_choice.py. It needs no network, so that it works with nothing installed and asks
for no consent; the bundled networks won in no kind of hole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.engines.api import Engine, EngineSetup, Hole, Part
from inpaint_studio.engines.surroundings import Holes, Surroundings, count_holes, look_around
from inpaint_studio.imaging.photo import Photo

THIN, PATCHES, SURFACE = "thin+texture", "patchmatch", "thin+patchmatch"
ORDER = (THIN, SURFACE, PATCHES)
"""What is mended first is seen by what comes after it: small damage before large holes."""
_THIN = 1 / 700
"""Of the photo's longer side: how far from its rim the middle of a hole may lie that is thin damage
whatever is around it. More left a fog along the cracks of a small painting, which the eye minds
though the measure does not; in a large photo as many pixels hold little that could be seen."""
_THINNEST = 3.0
"""Pixels from the rim: so little is always thin."""
_WIDEST = 32.0
"""Pixels: no wider hole is ever smooth without patches."""
_CHANGE = 0.065
"""How much brightness, of 1, may change across thin damage that is as steep as its surroundings."""
_SOFT = 0.008
"""Steepness up to which surroundings are calm: a surface tells them, and grain does not repeat."""
_REPEATS = -0.2
"""Gain of copying from which on patches know better than a surface what is missing. Below 0, for
a copy has grain and detail, which count although they are in other places."""
_BUSY = 0.05
"""Steepness, in brightness per pixel where the hole is about 100 pixels wide, from which on a
surface is a fog that the eye minds, whatever repeats."""
_SAID: Mapping[str, tuple[str, str]] = {
    THIN: (
        "{n} thin line or speck: continued, with texture where it fits",
        "{n} thin lines and specks: continued, with texture where it fits",
    ),
    SURFACE: (
        "{n} hole, narrow or in calm surroundings: a smooth surface, then patches",
        "{n} holes, narrow or in calm surroundings: a smooth surface, then patches",
    ),
    PATCHES: (
        "{n} hole in surroundings that are busy, repeat or cross it: patches",
        "{n} holes in surroundings that are busy, repeat or cross them: patches",
    ),
}


@dataclass(slots=True)
class AutoEngine:
    """Has thin damage mended, and larger holes filled with patches as their surroundings need."""

    _engines: dict[str, Engine] = field(default_factory=dict[str, Engine])

    def choose(self, photo: Photo, hole: Hole) -> tuple[Sequence[Part], tuple[str, ...]]:
        """One part for each engine that has holes to fill, and one sentence why."""
        from inpaint_studio.engines.thin_photo import thin_part

        thin = thin_part(hole, deepest=max(_THINNEST, _THIN * max(photo.size)))
        holes, names = _of_the_rest(photo, hole, hole & ~thin)
        chosen = {name: holes.of(names == name) for name in ORDER if (names == name).any()}
        counts = {name: int((names == name).sum()) for name in chosen}
        if thin.any():
            chosen[THIN] = chosen[THIN] | thin if THIN in chosen else thin
            counts[THIN] = counts.get(THIN, 0) + count_holes(thin)
        parts = [Part(chosen[name], self._engine(name), name) for name in ORDER if name in chosen]
        return parts, (describe(counts),)

    def _engine(self, name: str) -> Engine:
        if name not in self._engines:
            from inpaint_studio.engines.registry import open_engine

            self._engines[name] = cast(Engine, open_engine(name, EngineSetup()))
        return self._engines[name]


def open_auto(setup: EngineSetup) -> AutoEngine:
    """Nothing to load: the engines are opened when a hole needs them."""
    del setup  # no weights, no device
    return AutoEngine()


def choose_engine(hole: Surroundings) -> str:
    """The name of the engine that suits one hole."""
    repeats = hole.repeats > _REPEATS
    if hole.width > _WIDEST:
        unlike_a_surface = hole.crossed or (repeats and hole.busyness > _SOFT)
        return PATCHES if unlike_a_surface or hole.busyness > _BUSY else SURFACE
    # Never patches alone: these are not cut into tiles.
    change = hole.width * hole.steepness
    return THIN if change <= _CHANGE or hole.steepness <= _SOFT else SURFACE


def _of_the_rest(photo: Photo, hole: Hole, wide: Hole) -> tuple[Holes, npt.NDArray[np.str_]]:
    """The wide holes, and the engine for each."""
    holes = look_around(photo, hole, of=wide)
    return holes, np.array([choose_engine(around) for around in holes.around], np.str_)


def describe(counts: Mapping[str, int]) -> str:
    """What was chosen and why: "2 thin lines and specks: thin damage; 1 hole ..."."""
    clauses = [
        _SAID[name][counts[name] > 1].format(n=counts[name]) for name in ORDER if counts.get(name)
    ]
    return "; ".join(clauses) + "."
