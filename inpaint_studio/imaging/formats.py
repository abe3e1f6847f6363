"""Which picture formats there are, how to tell them apart, and how they are saved."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inpaint_studio.errors import PhotoError

SaveFormat = Literal["jpeg", "png", "tiff", "webp"]
Depth = Literal["uint8", "uint16", "float32"]
Chroma = Literal["4:4:4", "4:2:0"]

TITLES = {
    "jpeg": "JPEG",
    "png": "PNG",
    "tiff": "TIFF",
    "webp": "WebP",
    "heic": "HEIC",
    "avif": "AVIF",
}

SUFFIXES = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jpe": "jpeg",
    ".jfif": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
    ".heic": "heic",
    ".heif": "heic",
    ".hif": "heic",
    ".avif": "avif",
}

READABLE_SUFFIXES = tuple(SUFFIXES)
WRITABLE_SUFFIXES = tuple(s for s, kind in SUFFIXES.items() if kind not in ("heic", "avif"))

RAW_SUFFIXES = frozenset(
    [".3fr", ".arw", ".cr2", ".cr3", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mrw", ".nef"]
) | {".nrw", ".orf", ".pef", ".raf", ".rw2", ".srw"}

_UNREADABLE = (
    (b"GIF8", "GIF"),
    (b"BM", "Windows bitmap (BMP)"),
    (b"8BPS", "Photoshop (PSD)"),
    (b"\0\0\1\0", "Windows icon"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"<svg", "SVG drawing"),
    (b"<?xml", "XML or SVG"),
    (b"P1", "portable bitmap (PBM)"),
    (b"P2", "portable greymap (PGM)"),
    (b"P3", "portable pixmap (PPM)"),
    (b"P4", "portable bitmap (PBM)"),
    (b"P5", "portable greymap (PGM)"),
    (b"P6", "portable pixmap (PPM)"),
    (b"PK\3\4", "zip archive"),
)

_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def sniff(head: bytes) -> str | None:
    """The format a file's first bytes (32 are enough) announce, one of `TITLES`; None if none."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(_TIFF_MAGIC):
        return "tiff"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return _sniff_heif(head) if head[4:8] == b"ftyp" else None


def _sniff_heif(head: bytes) -> str | None:
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, len(head) - 3, 4)}
    if brands & {b"avif", b"avis"}:
        return "avif"
    return "heic" if brands & _HEIC_BRANDS else None


def unreadable_kind(head: bytes) -> str | None:
    """What a file of no supported format seems to be, in words; None when nothing is known."""
    return next((name for magic, name in _UNREADABLE if head.startswith(magic)), None)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a photo is saved. The defaults lose nothing the format can hold."""

    format: SaveFormat | None = None
    """None: as the file name's ending says."""
    depth: Depth | None = None
    """None: as the photo is; 8 bit for JPEG and WebP, which have no other."""
    quality: int = 95
    """1 to 100, for JPEG and for WebP that is not lossless."""
    chroma: Chroma = "4:4:4"
    """JPEG colour resolution; "4:2:0" halves it for smaller files."""
    lossless: bool = True
    """WebP: keep every pixel."""
    compression: Literal["deflate", "none"] = "deflate"
    """TIFF."""
    effort: int = 4
    """PNG and deflate TIFF: 1 (fast, large) to 9 (slow, small); the pixels are the same."""
    keep_metadata: bool = True
    """Carry EXIF, XMP and IPTC; profile and resolution are always carried."""

    def __post_init__(self) -> None:
        if not 1 <= self.quality <= 100:
            raise ValueError(f"quality must be 1 to 100, not {self.quality}")
        if not 1 <= self.effort <= 9:
            raise ValueError(f"effort must be 1 to 9, not {self.effort}")


def save_format(path: Path, options: WriteOptions) -> SaveFormat:
    """The format `path` will be saved in.

    Raises:
        PhotoError: the ending names no format that can be written.
    """
    if options.format is not None:
        return options.format
    match SUFFIXES.get(path.suffix.lower()):
        case "jpeg" | "png" | "tiff" | "webp" as found:
            return found
        case "heic" | "avif":
            wrong = f"{path.suffix} files can be opened but not saved"
        case _:
            ending = f"“{path.suffix}”" if path.suffix else "a name without an ending"
            wrong = f"{ending} names no picture format that can be saved"
    raise PhotoError(
        f"Could not save “{path.name}”: {wrong}. Use .png, .tif, .jpg or .webp instead."
    )


def is_lossless(path: Path, options: WriteOptions | None = None) -> bool:
    """Whether saving at `path` keeps every pixel as it is.

    True says nothing of depth: asking for fewer bits than the photo has changes pixels even in a
    lossless format.
    """
    chosen = options or WriteOptions()
    match save_format(path, chosen):
        case "jpeg":
            return False
        case "webp":
            return chosen.lossless
        case _:
            return True
