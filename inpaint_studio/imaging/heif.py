"""HEIC through pi-heif: the libvips wheels come without the HEVC decoder (a patent matter)."""

from pathlib import Path
from typing import Any, cast

import numpy as np

from inpaint_studio.imaging.decoded import Decoded, UnreadableError
from inpaint_studio.imaging.limits import check_size
from inpaint_studio.imaging.metadata import bare_exif


def decode_heic(path: Path) -> Decoded:
    """The file's primary picture: 8 bits, or 16 where the file has more; already upright.

    Raises:
        UnreadableError: it is damaged, too large, or not HEVC.
    """
    import pi_heif

    try:
        # Nothing is decoded before the pixels are asked for, so the size check comes in time.
        opened = cast(Any, pi_heif.open_heif(path, convert_hdr_to_8bit=False))
        width, height = cast("tuple[int, int]", opened.size)
        check_size(width, height, path.stat().st_size)
        # A copy: pi-heif frees the memory its array interface points at with `opened`.
        pixels = cast("np.ndarray[Any, Any]", np.array(opened, copy=True))
    except (ValueError, RuntimeError, EOFError, SyntaxError, NotImplementedError) as error:
        raise UnreadableError(f"its data is damaged ({str(error).rstrip('.')})") from None
    info = cast("dict[str, Any]", opened.info)
    exif = cast("bytes | None", info.get("exif"))
    notes = (
        ()
        if len(opened) == 1
        else (f"The file holds {len(opened)} pictures; the main one was opened.",)
    )
    return Decoded(
        pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels,
        profile=cast("bytes | None", info.get("icc_profile")),
        exif=bare_exif(exif) if exif else None,
        xmp=cast("bytes | None", info.get("xmp")),
        notes=notes,
    )
