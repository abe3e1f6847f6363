"""How large a picture may be. Checked on the header, before anything is decoded."""

from inpaint_studio.imaging.decoded import UnreadableError

MOST_PIXELS = 1_000_000_000
_HARMLESS_BYTES = 256 << 20
_MOST_EXPANSION = 20_000
"""Decoded bytes per file byte. An all-white page packed hard reaches a few thousand."""


def check_size(width: int, height: int, file_bytes: int, *, pixel_bytes: int = 4) -> None:
    """Refuse a picture that is too large to work on, or far too large for its file.

    Raises:
        UnreadableError: saying the size.
    """
    check_pixels(width, height)
    decoded = width * height * pixel_bytes
    if decoded > _HARMLESS_BYTES and decoded > _MOST_EXPANSION * file_bytes:
        raise UnreadableError(
            f"it claims {width:,} × {height:,} pixels in a file of {file_bytes:,} bytes, which no "
            "real picture does"
        )


def check_pixels(width: int, height: int) -> None:
    """Refuse a picture that is too large to work on.

    Raises:
        UnreadableError: saying the size.
    """
    if width * height > MOST_PIXELS:
        raise UnreadableError(
            f"it is {width:,} × {height:,} pixels, and the limit is {MOST_PIXELS:,} pixels in all"
        )
