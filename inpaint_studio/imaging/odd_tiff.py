"""TIFFs that libvips refuses or gets wrong, decoded by Pillow: 8-bit Lab, compressions its
wheels lack (old-style JPEG, ZSTD, LZMA), no photometric tag."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.decoded import UnreadableError
from inpaint_studio.imaging.limits import check_size

if TYPE_CHECKING:
    from PIL import Image

_LAB = "Converted from Lab to sRGB."


def decode_odd_tiff(path: Path) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """(H, W, C) pixels and what had to be converted.

    Raises:
        UnreadableError: Pillow cannot read it either.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=["TIFF"]) as opened:
                check_size(*opened.size, path.stat().st_size)
                opened.load()
                return _array_of(opened)
    except UnreadableError:
        raise
    except Exception as error:  # Pillow's TIFF reader raises nearly anything on a fuzzed file
        raise UnreadableError(
            "this kind of TIFF is not supported, or its data is damaged"
        ) from error


def _array_of(picture: "Image.Image") -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    if picture.mode == "LAB":
        picture, notes = _lab_to_srgb(picture), (_LAB,)
    if picture.mode not in ("L", "LA", "RGB", "RGBA", "F", "I;16"):
        picture = picture.convert("RGBA" if "A" in picture.mode else "RGB")
    array = np.array(picture)
    return (array[:, :, np.newaxis] if array.ndim == 2 else array), notes


def _lab_to_srgb(picture: "Image.Image") -> "Image.Image":
    from PIL import ImageCms

    lab = ImageCms.ImageCmsProfile(cast("Any", ImageCms.createProfile("LAB")))
    srgb = ImageCms.ImageCmsProfile(cast("Any", ImageCms.createProfile("sRGB")))
    converted = ImageCms.profileToProfile(
        picture, lab, srgb, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"
    )
    return converted or picture
