"""Picture files: everything the rest of the program may know of them.

`read_photo` and `write_photo` are the one reader and the one writer; what lies behind them
(libvips, pi-heif, metadata blocks) is nobody else's business.
"""

from inpaint_studio.imaging.formats import (
    READABLE_SUFFIXES,
    WRITABLE_SUFFIXES,
    WriteOptions,
    is_lossless,
    save_format,
)
from inpaint_studio.imaging.mask_files import (
    MaskReading,
    mask_from_alpha,
    read_edges,
    read_mask,
    write_edges,
    write_mask,
)
from inpaint_studio.imaging.reader import read_photo, readable
from inpaint_studio.imaging.writer import write_photo

__all__ = [
    "READABLE_SUFFIXES",
    "WRITABLE_SUFFIXES",
    "MaskReading",
    "WriteOptions",
    "is_lossless",
    "mask_from_alpha",
    "read_edges",
    "read_mask",
    "read_photo",
    "readable",
    "save_format",
    "write_edges",
    "write_mask",
    "write_photo",
]
