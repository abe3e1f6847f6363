"""A document as it was when its journal began."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from inpaint_studio.document.change import CANVASES
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.named_masks import NamedMask
from inpaint_studio.document.pixels import TILE, Tile, pack_tile, tile_area
from inpaint_studio.document.project_file import ProjectFile, Stamp
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Metadata, Photo
from inpaint_studio.project.values import Put, to_plain


@dataclass(frozen=True, slots=True, eq=False)
class Pile:
    """All layers, bottom first, and the groups they lie in."""

    layers: tuple[Layer, ...]
    groups: tuple[Group, ...] = ()

    @classmethod
    def of(cls, document: Document) -> "Pile":
        return cls(document.layers, document.groups)


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What belongs to bare pixels."""

    profile: bytes | None
    metadata: Metadata


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What the steps of a journal start from. Everything in it is immutable."""

    photo: Photo
    path: Path | None
    name: str
    stamp: Stamp | None
    """Of the photo's file as it was read; None where there is none, or it is a project."""
    pile: Pile | None
    """None for a photo without layers."""
    mask: Coverage | None
    """A copy; None for one that is empty."""
    allowed: Coverage | None
    forbidden: Coverage | None
    named: tuple[NamedMask, ...]
    project: ProjectFile | None

    @classmethod
    def of(cls, document: Document, *, name: str) -> "Opening":
        """The opening of a document nothing was done to yet."""
        path = document.path
        pile = Pile.of(document) if document.layers or document.groups else None
        painted = {name: _painted(document.canvas(name)) for name in CANVASES}
        stamp = Stamp.of(path) if path is not None and document.project is None else None
        return cls(
            photo=document.photo,
            path=path,
            name=name,
            stamp=stamp,
            pile=pile,
            named=document.named_masks,
            project=document.project,
            **painted,
        )


def plain_project(project: ProjectFile | None, put: Put) -> Any:  # noqa: ANN401
    """A project file as a record holds it; what only this run of the program knows is left out."""
    return None if project is None else to_plain(replace(project, pictures=None), put)


def packed_tiles(mask: Coverage | None) -> dict[str, bytes] | None:
    """The tiles of a mask, (H, W) uint8, that are not empty, by "row,column"; None for None."""
    if mask is None:
        return None
    size = Size(*mask.shape)
    found = {tile: mask[tile_area(tile, size).slices] for tile in size.box.tiles(TILE)}
    return {tile_name(tile): pack_tile(pixels) for tile, pixels in found.items() if pixels.any()}


def tile_name(tile: Tile) -> str:
    return f"{tile[0]},{tile[1]}"


def tile_of(name: str) -> Tile:
    """The (row, column) `tile_name` was given. ValueError for anything else."""
    row, column = name.split(",")
    return int(row), int(column)


def copied_tiles(mask: Coverage, tiles: tuple[Tile, ...]) -> dict[Tile, Coverage]:
    """Copies of some tiles, made at once: the mask itself goes on changing."""
    size = Size(*mask.shape)
    return {tile: np.array(mask[tile_area(tile, size).slices]) for tile in tiles}


def _painted(canvas: Coverage) -> Coverage | None:
    return canvas.copy() if canvas.any() else None
