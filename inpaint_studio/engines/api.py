"""What every engine is and says. numpy only, so that the window may import it."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.geometry import Box, SizeRule
from inpaint_studio.imaging.mask import Hole
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.weights.card import ModelCard

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FillRequest:
    """One crop to fill, already fitted to the engine's size rule.

    `photo` is (H, W, 3) float32 sRGB in [0, 1]; what lies under the hole is undefined and must not
    be looked at. `hole` is (H, W) bool, True = fill, at least one pixel of it set. `edges` is
    (H, W) float32 in [0, 1] where a user drew the edges, None where the engine finds its own.
    `asked` is the part of the hole that will be kept, None for all of it; `invented` are known
    pixels that came from an earlier fill, not from the photo, None for none. `allowed` are the
    pixels that an engine which copies may copy, None for all. All three (H, W) bool. `own` means
    that nobody else needs the photo's array: its hole may be written to.
    """

    photo: Floats
    hole: Hole
    edges: Floats | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    asked: Hole | None = None
    invented: Hole | None = None
    allowed: Hole | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """`stage` names the step in a user's words ("Finding edges"); `done` runs from 0 to 1 over
    the whole fill."""

    stage: str
    done: float


@dataclass(frozen=True, slots=True, eq=False)
class EdgeMap:
    """The edges an engine fills from.

    `edges` is (h, w) float32 in [0, 1] at the engine's working size; `hole` is (h, w) bool: inside
    it edges are invented, outside they were found in the photo. `box` is where it lies on the
    picture the engine (or, from `restore`, the photo) was given.
    """

    edges: Floats
    hole: Hole
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A picture of the fill so far: (h, w, 3) float32 sRGB in [0, 1] at working size, to be shown
    inside `hole` (h, w) bool only, stretched over `box`."""

    pixels: Floats
    hole: Hole
    box: Box


FillEvent = Progress | EdgeMap | Preview


@dataclass(frozen=True, slots=True, eq=False)
class FillResult:
    """The filled crop: (H, W, 3) float32 sRGB in [0, 1]; only the hole of it is kept.

    Outside the hole it holds what the engine makes of the known pixels. An engine that redraws
    them gets its levels matched at the rim by `restore`; one that returns them as they are has
    filled from those very pixels and is left alone, unless it `copied` the fill from elsewhere.
    `edges` as in `EdgeMap.edges` where the engine works from edges.
    """

    pixels: Floats
    edges: Floats | None = None
    copied: bool = False


FillRun = Generator[FillEvent, None, FillResult]


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """What an engine is opened with."""

    card: ModelCard | None = None
    """Which model; None for engines that need none."""
    files: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    """Role -> verified safetensors file on this disk (see `weights.library`)."""
    device: str = "auto"
    """"auto", "cpu", "cuda", "cuda:1" or "mps"."""


class Engine(Protocol):
    """Fills the hole of one crop. Same request, same device: same bytes."""

    @property
    def size_rule(self) -> SizeRule: ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the last fill ("Ran on the CPU: the GPU was full.")."""
        ...

    def fill(self, request: FillRequest) -> FillRun:
        """Yield events while working and return the result. `close()` stops it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some of a photo's holes, (H, W) bool, and the engine that is to fill them."""

    hole: Hole
    engine: Engine
    name: str = ""
    """Which engine that is, where a `Chooser` chose it."""


@runtime_checkable
class Chooser(Protocol):
    """Fills nothing itself, but has each hole filled by the engine that suits it."""

    def choose(self, photo: Photo, hole: Hole) -> tuple[Sequence[Part], tuple[str, ...]]:
        """Divide all of the hole (H, W), in the order to be filled, and say why in sentences."""
        ...
