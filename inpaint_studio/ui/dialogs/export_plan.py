"""What an export would do, worked out before anything is written. No widgets."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication

from inpaint_studio.imaging.formats import SUFFIXES, SaveFormat, WriteOptions, is_lossless
from inpaint_studio.imaging.photo import Photo

FORMATS: Final[tuple[SaveFormat, ...]] = ("png", "tiff", "jpeg", "webp")
DEPTHS: Final = {"uint8": "8 bit", "uint16": "16 bit", "float32": "32 bit float"}

_HELD: Final[dict[str, tuple[str, ...]]] = {
    "png": ("uint8", "uint16"),
    "tiff": ("uint8", "uint16", "float32"),
    "jpeg": ("uint8",),
    "webp": ("uint8",),
}
_ENDINGS: Final = {"png": ".png", "tiff": ".tif", "jpeg": ".jpg", "webp": ".webp"}


def depths_of(kind: str, photo: Photo) -> tuple[str, ...]:
    """The depths `kind` can hold, the photo's own first where it is among them."""
    own = photo.pixels.dtype.name
    held = _HELD[kind]
    return (own, *(depth for depth in held if depth != own)) if own in held else held[::-1]


def suggest_path(photo: Photo, opened: Path | None, folder: Path) -> Path:
    """A new name beside the opened file, in a format that keeps every pixel."""
    stem = opened.stem if opened is not None else _tr("pasted")
    kind = SUFFIXES.get(opened.suffix.lower(), "png") if opened is not None else "png"
    ending = opened.suffix if opened is not None and kind in ("png", "tiff") else ".png"
    if photo.pixels.dtype.name not in _HELD.get(kind, ()) or kind not in ("png", "tiff"):
        ending = ".png" if photo.pixels.dtype.name == "uint8" else ".tif"
    path = folder / f"{stem}-restored{ending}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-restored-{number}{ending}"
        number += 1
    return path


def with_format(path: Path, kind: str) -> Path:
    """`path` with an ending of `kind`, unchanged where it has one already."""
    if SUFFIXES.get(path.suffix.lower()) == kind or not path.name:
        return path
    ending = _ENDINGS[kind]
    return path.with_suffix(ending) if path.suffix.lower() in SUFFIXES else Path(f"{path}{ending}")


def promise(path: Path, photo: Photo, options: WriteOptions) -> tuple[bool, str]:
    """Whether pixels outside the mask will be kept bit for bit, and a sentence that says so."""
    if not is_lossless(path, options):
        return False, _tr(
            "This format re-encodes the whole picture: pixels outside the mask change too, if "
            "only a little. PNG and TIFF change none of them."
        )
    own = photo.pixels.dtype.name
    if options.depth not in (None, own):
        return False, _tr(
            "The photo has {0} per channel: at {1} all its numbers are rounded anew."
        ).format(DEPTHS[own], DEPTHS[str(options.depth)])
    return True, _tr(
        "Pixels outside the mask are saved bit for bit; the file is read back and compared."
    )


def replacement_warning(path: Path, opened: Path | None) -> str:
    """What would be lost by writing to `path`; empty when nothing is there."""
    if not path.is_file():
        return ""
    if opened is not None and _same_file(path, opened):
        return _tr("Replace the photo you opened: the original is lost")
    return _tr("Replace the file of that name")


def _same_file(a: Path, b: Path) -> bool:
    try:
        return a.samefile(b)
    except OSError:
        return False


def _tr(text: str) -> str:
    return QCoreApplication.translate("export", text)
