"""Masks and edge maps as picture files."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import MaskError, PhotoError
from inpaint_studio.imaging.formats import WriteOptions
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage, Mask
from inpaint_studio.imaging.photo import Photo, full_scale
from inpaint_studio.imaging.reader import read_photo
from inpaint_studio.imaging.writer import write_photo

_PNG = WriteOptions(format="png")


class MaskReading(NamedTuple):
    """A mask from a file, and one sentence for each thing that had to be assumed or changed."""

    mask: Mask
    notes: tuple[str, ...] = ()


def read_mask(
    path: Path,
    *,
    size: Size | None,
    white_fills: bool = True,
    scale: bool = False,
    soft: bool = False,
) -> MaskReading:
    """Open any picture as a mask: its brightness (its alpha, when only that varies) says where.
    Paint of any colour counts, red on black as well as red on white.

    `size` is the photo's; None takes any size. Black and white give coverage 0 and 255; greys are
    thresholded at half, or kept as coverage with `soft`. `scale` fits a mask of another size to
    the photo by nearest neighbour.

    Raises:
        MaskError: it cannot be opened, or its size is not the photo's and `scale` is false.
    """
    try:
        photo = read_photo(path)
    except PhotoError as error:
        raise MaskError(str(error)) from None
    levels = _levels(photo, white_fills=white_fills)
    notes: tuple[str, ...] = ()
    if size is not None and photo.size != size:
        levels, notes = _scaled(levels, size, path, allowed=scale)
    if not white_fills:
        levels = 255 - levels
    if not soft:
        levels, more = _hard(levels)
        notes += more
    return MaskReading(Mask(levels), notes)


def write_mask(path: Path, mask: Mask, *, overwrite: bool = False) -> None:
    """Save the coverage as an 8-bit grey PNG, white = fill.

    Raises:
        PhotoError: as `write_photo`.
    """
    write_photo(path, Photo(mask.coverage[:, :, np.newaxis]), options=_PNG, overwrite=overwrite)


def mask_from_alpha(photo: Photo) -> Mask:
    """Where the photo is transparent is filled: coverage = 255 - alpha.

    Raises:
        MaskError: the photo has no alpha channel.
    """
    if photo.alpha is None:
        raise MaskError(
            "The photo has no transparency to make a mask of; give a mask file instead."
        )
    return Mask(255 - _to_levels(photo.alpha))


def read_edges(path: Path, size: Size) -> npt.NDArray[np.float32]:
    """An edge map drawn as a picture: (H, W) float32, 1 = edge, 0 = none, greys between.

    Raises:
        MaskError: it cannot be opened or has another size than the photo.
    """
    try:
        photo = read_photo(path)
    except PhotoError as error:
        raise MaskError(str(error)) from None
    if photo.size != size:
        raise MaskError(
            f"The edge map “{path.name}” is {_spoken(photo.size)} and the photo {_spoken(size)}; "
            "both must be the same size."
        )
    return _levels(photo).astype(np.float32) / np.float32(255)


def write_edges(path: Path, edges: npt.NDArray[np.float32], *, overwrite: bool = False) -> None:
    """Save (H, W) edges in [0, 1] as an 8-bit grey PNG, white = edge.

    Raises:
        PhotoError: as `write_photo`.
    """
    levels = np.rint(np.clip(edges, 0, 1) * 255).astype(np.uint8)
    write_photo(path, Photo(levels[:, :, np.newaxis]), options=_PNG, overwrite=overwrite)


def _levels(photo: Photo, *, white_fills: bool = True) -> Coverage:
    """(H, W) uint8: brightness over black; alpha alone where the colours say nothing.

    Of colours the strongest channel, or the weakest where black is filled: on black and on white
    alike, whatever is painted differs as far as it can.
    """
    color = _to_levels(photo.color)
    grey: Coverage = color.max(axis=2) if white_fills else color.min(axis=2)
    if photo.alpha is None:
        return grey
    alpha = _to_levels(photo.alpha)
    if grey.min() == grey.max():
        return alpha
    return ((grey.astype(np.uint16) * alpha + 127) // 255).astype(np.uint8)


def _to_levels(values: npt.NDArray[np.generic]) -> Coverage:
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    share = np.nan_to_num(values.astype(np.float32) / np.float32(full_scale(values.dtype)))
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)


def _scaled(
    levels: Coverage, size: Size, path: Path, *, allowed: bool
) -> tuple[Coverage, tuple[str, ...]]:
    have = Size(levels.shape[0], levels.shape[1])
    both = f"The mask “{path.name}” is {_spoken(have)} and the photo {_spoken(size)}"
    if not allowed:
        raise MaskError(f"{both}; scale it to the photo's size, or allow it to be scaled.")
    rows = (np.arange(size.height) * 2 + 1) * have.height // (2 * size.height)
    columns = (np.arange(size.width) * 2 + 1) * have.width // (2 * size.width)
    return levels[rows][:, columns], (f"{both}; it was scaled to fit.",)


def _hard(levels: Coverage) -> tuple[Coverage, tuple[str, ...]]:
    hard = np.where(levels >= 128, np.uint8(255), np.uint8(0))
    changed = int(np.count_nonzero(hard != levels))
    if not changed:
        return levels, ()
    share = 100 * changed / levels.size
    return hard, (f"The mask has greys ({share:.1f} % of it); they were cut at half.",)


def _spoken(size: Size) -> str:
    return f"{size.width:,} × {size.height:,} pixels"
