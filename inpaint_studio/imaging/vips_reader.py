"""JPEG, PNG, TIFF, WebP and AVIF files to `Decoded`, through libvips."""

import mmap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging import metadata, tags, vips
from inpaint_studio.imaging.atomic import reason_in
from inpaint_studio.imaging.decoded import Decoded, UnreadableError
from inpaint_studio.imaging.limits import check_size
from inpaint_studio.imaging.odd_tiff import decode_odd_tiff
from inpaint_studio.imaging.tags import Directory, TagsError

if TYPE_CHECKING:
    import pyvips

_CUT_OFF = ("premature end", "truncat", "unexpected end", "end of file", "eof", "not enough data")
_KNOWN_COMPRESSIONS = (1, 2, 3, 4, 5, 7, 8, 32773, 32946)
"""None, CCITT, LZW, JPEG, deflate, PackBits: for any other libvips may give black silently."""
_UNSUPPORTED = ("not configured", "not been built in", "unsupported", "out of range")
_CIELAB = 8
_ASSOCIATED_ALPHA = 1
_PNG_DEFAULT_RESOLUTIONS = (2.834, 1.0)
"""What libvips says of a PNG without pHYs, or without a unit in it; a real 72 dpi is 2.835."""
_BAND_BYTES = {"uchar": 1, "char": 1, "ushort": 2, "short": 2, "double": 8, "dpcomplex": 16}


def decode_jpeg(path: Path) -> Decoded:
    return _decode(path, "jpeg")


def decode_webp(path: Path) -> Decoded:
    return _decode(path, "webp")


def decode_png(path: Path) -> Decoded:
    return _decode(path, "png")


def decode_avif(path: Path) -> Decoded:
    """Already upright: HEIF keeps the turn outside EXIF and libvips applies it."""
    return replace(_decode(path, "avif"), orientation=1)


def decode_tiff(path: Path) -> Decoded:
    """The first page. Straight alpha; EXIF gathered from the tags; odd kinds through Pillow.

    Raises:
        UnreadableError: damaged, cut off, too large, or of a kind neither library reads.
    """
    directory = _tiff_directory(path)
    if directory.fields.get(tags.DNG_VERSION):
        raise UnreadableError("it is a camera raw file (DNG); develop it and open the TIFF or JPEG")
    odd = _is_odd(directory)
    decoded = _decode_odd(path, directory) if odd else _decode(path, "tiff", directory)
    pixels, alpha_notes = _straight_alpha(decoded.pixels, directory)
    return Decoded(
        pixels,
        decoded.profile,
        metadata.exif_from_tiff(directory),
        _bytes_of(directory, tags.XMP),
        _iptc_of(directory),
        metadata.resolution_of(directory),
        1 if odd else _orientation_of(directory),  # Pillow turns TIFFs itself
        (*decoded.notes, *alpha_notes),
    )


def _decode(path: Path, loader: vips.Loader, directory: Directory | None = None) -> Decoded:
    try:
        image = vips.open_image(path, loader)
        band_bytes = _BAND_BYTES.get(str(image.format), 4)
        check_size(
            image.width, image.height, path.stat().st_size, pixel_bytes=image.bands * band_bytes
        )
        converted, notes = _to_rgb_or_grey(image)
        pixels = vips.pixels_of(converted)
    except vips.VipsError as error:
        raise UnreadableError(_in_words(str(error))) from None
    if directory is not None:
        pixels = _without_invented_alpha(pixels, directory)
    return _with_blocks(image, pixels, converted is image, (*_page_notes(image, loader), *notes))


def _is_odd(directory: Directory) -> bool:
    """Whether libvips refuses such a TIFF or gets it wrong."""
    eight_bit = directory.number(tags.BITS_PER_SAMPLE, 8) == 8
    return (
        tags.PHOTOMETRIC not in directory.fields
        or directory.number(tags.COMPRESSION, 1) not in _KNOWN_COMPRESSIONS
        or (eight_bit and directory.number(tags.PHOTOMETRIC, 1) == _CIELAB)
    )


def _decode_odd(path: Path, directory: Directory) -> Decoded:
    pixels, notes = decode_odd_tiff(path)
    if pixels.dtype == np.uint8 and directory.number(tags.BITS_PER_SAMPLE, 8) > 8:
        raise UnreadableError(  # Pillow would quietly drop bits
            "its compression is not supported at this depth; save it anew with LZW or ZIP"
        )
    profile = None if notes else _bytes_of(directory, tags.PROFILE)
    return Decoded(pixels, profile, notes=notes)


def _with_blocks(
    image: "pyvips.Image", pixels: npt.NDArray[Any], unconverted: bool, notes: tuple[str, ...]
) -> Decoded:
    exif, xmp, iptc = (
        vips.block(image, name) for name in (vips.EXIF_BLOCK, vips.XMP_BLOCK, vips.IPTC_BLOCK)
    )
    raw = _raw_profiles(image)
    exif = metadata.bare_exif(exif or raw.get("exif") or raw.get("app1") or b"") or None
    iptc = iptc or raw.get("iptc") or raw.get("8bim")
    return Decoded(
        pixels,
        vips.block(image, vips.PROFILE) if unconverted else None,
        exif,
        xmp or raw.get("xmp"),
        metadata.bare_iptc(iptc) if iptc else None,
        _resolution_of(image, exif),
        vips.number(image, "orientation", 0) or metadata.exif_orientation(exif),
        notes,
    )


def _raw_profiles(image: "pyvips.Image") -> dict[str, bytes]:
    """Blocks that older programs store in PNG text chunks."""
    found = (
        metadata.from_raw_profile(text)
        for name, text in vips.texts(image, "png-comment-").items()
        if "Raw profile type" in name
    )
    return dict(entry for entry in found if entry is not None)


def _resolution_of(image: "pyvips.Image", exif: bytes | None) -> tuple[float, float] | None:
    """Pixels per millimetre; None where libvips only filled in its default."""
    loader = image.get("vips-loader")
    if loader == "pngload":
        known = image.xres not in _PNG_DEFAULT_RESOLUTIONS
    elif loader == "jpegload":
        known = bool(image.get_typeof("resolution-unit")) and image.xres > 0 and image.yres > 0
    else:
        return metadata.exif_resolution(exif)
    return (image.xres, image.yres) if known else None


def _page_notes(image: "pyvips.Image", loader: vips.Loader) -> tuple[str, ...]:
    pages = vips.number(image, "n-pages", 1)
    if pages < 2:
        return ()
    what = {"tiff": "pages", "webp": "frames"}.get(loader, "pictures")
    return (f"The file holds {pages} {what}; the first was opened.",)


def _to_rgb_or_grey(image: "pyvips.Image") -> tuple["pyvips.Image", tuple[str, ...]]:
    space = str(image.interpretation)
    deep = str(image.format) != "uchar"
    if space == "cmyk":
        embedded = vips.block(image, vips.PROFILE) is not None
        by = "its profile" if embedded else "a standard print profile, as it has none of its own"
        return _from_cmyk(image, deep), (f"Converted from CMYK to sRGB by {by}.",)
    if space in ("lab", "labs", "labq"):
        return vips.to_interpretation(image, "rgb16"), ("Converted from Lab to 16-bit sRGB.",)
    if space in ("xyz", "yxy"):
        return vips.to_interpretation(image, "rgb16"), ("Converted from XYZ to 16-bit sRGB.",)
    return image, ()


def _from_cmyk(image: "pyvips.Image", deep: bool) -> "pyvips.Image":
    try:
        return vips.to_srgb(image, fallback="cmyk", deep=deep)
    except vips.VipsError:  # an embedded profile that is broken or for another colour space
        return vips.to_srgb(vips.with_profile(image, None), fallback="cmyk", deep=deep)


def _in_words(message: str) -> str:
    lowered = message.lower()
    if any(sign in lowered for sign in _CUT_OFF):
        return "it is cut off; copy it again from where it came"
    if any(sign in lowered for sign in _UNSUPPORTED):
        return "it is of a kind that is not supported; save it anew as an 8 or 16-bit TIFF or PNG"
    if "out of memory" in lowered:
        raise MemoryError
    known = reason_in(message)
    return known or "its data is damaged; copy it again from where it came"


def _tiff_directory(path: Path) -> Directory:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            view = memoryview(data)
            try:
                layout = tags.layout_of(view)
                offset = tags.first_offset(view, layout)
                return tags.read_directory(view, layout, offset)[0]
            finally:
                view.release()
    except (TagsError, ValueError):
        raise UnreadableError("its data is damaged; copy it again from where it came") from None


def _bytes_of(directory: Directory, tag: int) -> bytes | None:
    value = directory.fields.get(tag)
    return value.data if value else None


def _iptc_of(directory: Directory) -> bytes | None:
    for tag in (tags.IPTC, tags.PHOTOSHOP):  # plain records, or wrapped as Photoshop resources
        data = _bytes_of(directory, tag)
        found = metadata.bare_iptc(data) if data else None
        if found:
            return found
    return None


def _orientation_of(directory: Directory) -> int:
    value = directory.number(tags.ORIENTATION, 1)
    return value if 1 <= value <= 8 else 1


def _without_invented_alpha(pixels: npt.NDArray[Any], directory: Directory) -> npt.NDArray[Any]:
    """Undo libtiff's RGBA path, which adds an opaque channel to some RGB TIFFs."""
    invented = pixels.shape[2] == 4 and directory.number(tags.SAMPLES_PER_PIXEL, 4) == 3
    return pixels[:, :, :3] if invented else pixels


def _straight_alpha(
    pixels: npt.NDArray[Any], directory: Directory
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Divide alpha out of colours that were stored multiplied by it (ExtraSamples = 1)."""
    stored = directory.number(tags.EXTRA_SAMPLES, 0) == _ASSOCIATED_ALPHA
    if not stored or pixels.shape[2] not in (2, 4):
        return pixels, ()
    top = 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
    alpha = pixels[:, :, -1:]
    if (alpha == top).all():
        return pixels, ()
    share = np.maximum(alpha, 1 if top > 1 else 1e-6) / np.float64(top)
    color = pixels[:, :, :-1] / share
    if top > 1:
        color = np.minimum(np.rint(color), top)
    straight = np.concatenate([color.astype(pixels.dtype), alpha], axis=2)
    return straight, ("Its colours were stored multiplied by alpha; they were divided by it.",)
