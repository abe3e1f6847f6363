"""Write a document to a file, read it back, and say in one sentence what the file holds."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from inpaint_studio.document.document import Document
from inpaint_studio.document.export import flatten_document, layer_coverage
from inpaint_studio.imaging.composite import as_saved_from, count_changed
from inpaint_studio.imaging.files import WriteOptions, is_lossless, read_photo, write_photo
from inpaint_studio.imaging.photo import Photo

CONTEXT = "exporting"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written. `changed` counts the pixels of the file, as read back, that differ
    from the photo outside the layers; None when the depth is another, so that they cannot agree."""

    path: Path
    lossless: bool
    changed: int | None
    sentence: str


def export_photo(
    document: Document, path: Path, options: WriteOptions, *, overwrite: bool = False
) -> Generator[str, None, Exported]:
    """Flatten, write and check; yields what it is doing.

    Raises:
        PhotoError: the file exists and `overwrite` is not given, or could not be written.
    """
    yield _tr("Laying the layers over the photo…")
    result = flatten_document(document)
    yield _tr("Writing {0}…").format(path.name)
    write_photo(path, result, options=options, overwrite=overwrite)
    yield _tr("Checking {0}…").format(path.name)
    lossless = is_lossless(path, options)
    changed = _count(document, read_photo(path))
    return Exported(path, lossless, changed, _sentence(path, document, lossless, changed))


def _count(document: Document, written: Photo) -> int | None:
    pixels = as_saved_from(document.photo, written.pixels)
    if pixels is None:
        return None
    return count_changed(document.photo, pixels, layer_coverage(document))


def _sentence(path: Path, document: Document, lossless: bool, changed: int | None) -> str:
    if changed is None:
        text = _tr("Saved {0} at another depth or kind of colour, so its numbers differ.")
        return text.format(path.name)
    if lossless:
        noun = _tr("pixel") if changed == 1 else _tr("pixels")
        text = _tr("Saved {0}: {1} {2} changed outside the mask (checked in the file).")
        return text.format(path.name, f"{changed:,}", noun)
    share = 100 * changed / document.size.area
    text = _tr(
        "Saved {0}: re-encoding changed {1} % of the pixels outside the mask; "
        "PNG or TIFF would change none."
    )
    return text.format(path.name, f"{share:.0f}")


def _tr(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)
