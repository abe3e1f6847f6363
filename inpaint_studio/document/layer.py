"""One fill on top of the photo, and the record of how it was made."""

from dataclasses import dataclass
from typing import Self

from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.photo import Patch


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


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A patch with a name; immutable, a change is a new layer of the same `id`.

    `opacity` runs from 0 to 1.
    """

    id: int
    name: str
    patch: Patch
    opacity: float = 1.0
    visible: bool = True
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.opacity <= 1.0:
            raise ValueError(f"layer opacity must be 0 to 1, not {self.opacity}")

    @classmethod
    def from_patch(
        cls,
        patch: Patch,
        *,
        id: int,
        name: str = "",
        provenance: Provenance | None = None,
    ) -> Self:
        """A visible layer of `patch`, called after what made it unless `name` is given."""
        if not name:
            name = (provenance.title or provenance.engine if provenance else "") or "Fill"
        return cls(id, name, patch, provenance=provenance)

    @property
    def box(self) -> Box:
        """Where the layer lies on the photo."""
        top, left = self.patch.at
        height, width = self.patch.alpha.shape
        return Box(top, left, top + height, left + width)

    @property
    def nbytes(self) -> int:
        """Bytes of picture it holds."""
        return self.patch.pixels.nbytes + self.patch.alpha.nbytes
