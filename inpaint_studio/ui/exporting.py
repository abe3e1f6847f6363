"""Write a document to a file, read it back, and say in one sentence what the file holds."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from inpaint_studio.document.document import Document
from inpaint_studio.document.export import (
    bare,
    export_report,
    flatten_document,
    shown_layers,
    with_provenance,
)
from inpaint_studio.imaging.atomic import clear_unfinished
from inpaint_studio.imaging.files import WriteOptions, read_photo, write_photo
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
    document: Document,
    path: Path,
    options: WriteOptions,
    *,
    overwrite: bool = False,
    provenance: bool = True,
    layers: bool = False,
) -> Generator[str, None, Exported]:
    """Flatten, write and check; yields what it is doing.

    With `provenance` the file's XMP says how its layers were made, whether or not the photo's own
    metadata is kept. With `layers` a TIFF holds them beside the flat picture.

    Raises:
        PhotoError: the file exists and `overwrite` is not given, or could not be written.
    """
    yield _tr("Laying the layers over the photo…")
    result = flatten_document(document)
    if not options.keep_metadata:
        result = Photo(result.pixels, result.profile, bare(result.metadata))
    if provenance:
        result = with_provenance(result, shown_layers(document))
    yield _tr("Writing {0}…").format(path.name)
    clear_unfinished(path.parent)
    whole = _keeping_all(options)
    if layers:
        from inpaint_studio.project.layered_tiff import write_layered_tiff

        write_layered_tiff(path, document, result, options=whole, overwrite=overwrite)
    else:
        write_photo(path, result, options=whole, overwrite=overwrite)
    yield _tr("Checking {0}…").format(path.name)
    report = export_report(document, read_photo(path), path, options=options, say=_tr)
    sentence = _tr("Saved {0}: {1}").format(path.name, report.sentence)
    return Exported(path, report.lossless, report.changed, sentence)


def _keeping_all(options: WriteOptions) -> WriteOptions:
    """What was not to be kept is gone already; what is there now is to be written."""
    return replace(options, keep_metadata=True)


def _tr(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)
