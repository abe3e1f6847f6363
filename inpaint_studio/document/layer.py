"""One fill on top of the photo: its pixels, how they are shown, and how they were made."""

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from inpaint_studio.document.packed import PackedMask
from inpaint_studio.imaging.blend import Blend, masked
from inpaint_studio.imaging.edge_drawing import EdgeDrawing
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import Coverage, hole_bounds
from inpaint_studio.imaging.photo import Patch, frozen
from inpaint_studio.imaging.sparse import sparse_copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a layer came about; enough to make it again."""

    engine: str = ""
    card: str = ""
    """Name of the model card; empty for engines without one."""
    title: str = ""
    """What to call the model or engine in the window."""
    digest: str = ""
    """sha256 of the request (photo, mask and options) the fill was made from."""
    seed: int = 0
    device: str = ""
    seconds: float = 0.0
    version: str = ""
    """Of the program."""
    weights: str = ""
    """sha256 of the weights files."""
    notes: tuple[str, ...] = ()
    merged: "tuple[Provenance, ...]" = ()
    """Of the layers it was merged from; all else is empty then."""

    def sources(self) -> "Iterator[Provenance]":
        """What really made the pixels: itself, or all that it was merged from."""
        if not self.merged:
            yield self
        for part in self.merged:
            yield from part.sources()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FillRecipe:
    """What a fill was asked for, so that it can be asked for again.

    `hole` is the mask as it was painted, (h, w) uint8 (0 = keep, 255 = fill) inside `box` of the
    photo; everything outside the box was to be kept.
    """

    hole: Coverage
    box: Box
    engine: str
    card: str = ""
    """Name of the model card; empty for the engine's default, or an engine without one."""
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Options of the engine itself, "strength" and sides among them: text, numbers, booleans, or
    tuples of these."""
    seed: int = 0
    grow: int = 0
    feather: int | None = None
    """None where the rim is matched instead of blended."""
    context: int | None = None
    """None where it was chosen by the width of the hole."""
    allowed: PackedMask | None = None
    """Where texture might be copied from, the photo's size; None for everywhere."""
    forbidden: PackedMask | None = None
    """Where it might not; None for nowhere."""
    edges: EdgeDrawing | None = None
    """Edges a person gave the engine."""
    below: str = ""
    """Names what lay below, as far as the fill looked (`document.below`): a layer is out of date
    when it is no longer the same. Empty where nothing did."""

    def __post_init__(self) -> None:
        _check_coverage(self.hole, self.box.size, "hole")
        object.__setattr__(self, "hole", frozen(self.hole))

    @classmethod
    def hole_of(cls, coverage: Coverage) -> tuple[Coverage, Box]:
        """The (hole, box) to make a recipe with from a mask of the whole photo, (H, W) uint8."""
        box = hole_bounds(coverage)
        return sparse_copy(coverage[box.slices]), box

    @property
    def nbytes(self) -> int:
        return self.hole.nbytes + (0 if self.edges is None else self.edges.nbytes)

    def coverage(self, size: Size) -> Coverage:
        """The mask of a photo of `size` again: (H, W) uint8, writable."""
        mask = np.zeros(size, np.uint8)
        inside = self.box.clip(size)
        mask[inside.slices] = self.hole[inside.relative_to(self.box.origin).slices]
        return mask


@dataclass(frozen=True, slots=True)
class Group:
    """Layers that are shown, hidden and faded together, and fold into one row.

    The layers of a group, and of the groups in it, lie next to each other in the pile. A group
    without any layer does not exist. `id` is never that of a layer; `parent` is the group it lies
    in. `opacity`, 0 to 1, fades what the whole group makes of the picture below it.
    """

    id: int
    name: str
    visible: bool = True
    opacity: float = 1.0
    parent: int | None = None

    def __post_init__(self) -> None:
        _check_opacity(self.opacity, "group")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A patch with a name; immutable, a change is a new layer of the same `id`.

    `opacity` runs from 0 to 1. `keep` is the layer's mask, (h, w) uint8 of the patch's own size:
    255 = the layer shows, 0 = what lies below shows instead; None shows all of it.
    """

    id: int
    name: str
    patch: Patch
    opacity: float = 1.0
    visible: bool = True
    provenance: Provenance | None = None
    _: KW_ONLY
    blend: Blend = "normal"
    locked: bool = False
    """Its pixels, mask and place stay as they are until it is unlocked."""
    keep: Coverage | None = None
    group: int | None = None
    """Id of the group it lies in."""
    recipe: FillRecipe | None = None
    """How to make it again; None for plain pixels."""
    edges: EdgeDrawing | None = None
    """The edges it was filled from, to draw on and fill from again."""

    def __post_init__(self) -> None:
        _check_opacity(self.opacity, "layer")
        if self.keep is not None:
            _check_coverage(self.keep, self.box.size, "layer mask")
            object.__setattr__(self, "keep", frozen(self.keep))

    @classmethod
    def from_patch(
        cls,
        patch: Patch,
        *,
        id: int,
        name: str = "",
        provenance: Provenance | None = None,
        recipe: FillRecipe | None = None,
        edges: EdgeDrawing | None = None,
    ) -> Self:
        """A visible layer of `patch`, called after what made it unless `name` is given."""
        if not name:
            name = (provenance.title or provenance.engine if provenance else "") or "Fill"
        return cls(id, name, patch, provenance=provenance, recipe=recipe, edges=edges)

    @property
    def box(self) -> Box:
        """Where the layer lies on the photo."""
        return self.patch.box

    @property
    def coverage(self) -> Coverage:
        """(h, w) uint8: the patch's alpha with the layer's mask applied, read-only."""
        alpha = self.patch.alpha
        return alpha if self.keep is None else masked(alpha, self.keep)

    @property
    def nbytes(self) -> int:
        """Bytes of picture it holds."""
        keep = 0 if self.keep is None else self.keep.nbytes
        recipe = 0 if self.recipe is None else self.recipe.nbytes
        edges = 0 if self.edges is None else self.edges.nbytes
        return self.patch.pixels.nbytes + self.patch.alpha.nbytes + keep + recipe + edges


def _check_opacity(opacity: float, what: str) -> None:
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f"{what} opacity must be 0 to 1, not {opacity}")


def _check_coverage(coverage: Coverage, size: Size | None, what: str) -> None:
    fits = coverage.ndim == 2 if size is None else coverage.shape == size
    if coverage.dtype != np.uint8 or not fits:
        wanted = size if size is not None else "(h, w)"
        raise ValueError(f"{what} must be uint8 {wanted}, not {coverage.dtype} {coverage.shape}")
