"""The document as one picture: what it says of itself, and the proof of what it kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inpaint_studio import __version__
from inpaint_studio.document.asked import asked_words
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.document.pile import is_shown
from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.composite import as_saved_from, count_changed
from inpaint_studio.imaging.formats import TITLES, WriteOptions, is_lossless, save_format
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Metadata, Photo, Pixels
from inpaint_studio.imaging.promise import promise
from inpaint_studio.imaging.provenance import Event, Origin, Source, XmpError, with_origin

AGENT = f"Inpaint Studio {__version__}"


@dataclass(frozen=True, slots=True)
class Report:
    """What comparing a written file with the photo gave."""

    changed: int | None
    """Pixels outside the layers that differ; None where the file holds another kind of number."""
    lossless: bool
    sentence: str


def flatten_document(document: Document) -> Photo:
    """The photo with its visible layers laid over it: same depth, profile and metadata."""
    return Photo(document.flatten(), document.photo.profile, document.photo.metadata)


def layer_coverage(document: Document) -> Coverage:
    """(H, W) uint8: the highest alpha of the visible layers, which is where pixels may differ."""
    coverage = np.zeros(document.size, np.uint8)
    for layer in shown_layers(document):
        _raise_to(coverage, layer)
    return coverage


def shown_layers(document: Document) -> tuple[Layer, ...]:
    """The layers something of which can be seen, bottom first."""
    return tuple(layer for layer in document.layers if is_shown(layer, document.groups))


def count_changed_outside(
    photo: Photo, saved: Pixels, coverage: Coverage, path: Path, *, options: WriteOptions | None
) -> int | None:
    """How many pixels that were read back from `path` differ from the photo outside `coverage`.

    `coverage` is (H, W) uint8; None where the file holds another depth or kind of colour.

    Raises:
        PhotoError: any differ, in a format that keeps every pixel.
    """
    pixels = as_saved_from(photo, saved)
    if pixels is None:
        return None
    changed = count_changed(photo, pixels, coverage)
    if changed and is_lossless(path, options):
        raise PhotoError(
            f"{path} was saved, but reading it back shows {changed:,} pixels changed outside the "
            "mask. Do not rely on this file; save it again on another disk."
        )
    return changed


def export_report(
    document: Document,
    written: Photo,
    path: Path,
    *,
    options: WriteOptions | None = None,
    say: Callable[[str], str] = str,
) -> Report:
    """Compare every pixel of a file, as it was read back, with the photo; say it in one sentence.

    `say` translates. Raises PhotoError as `count_changed_outside`.
    """
    changed = count_changed_outside(
        document.photo, written.pixels, layer_coverage(document), path, options=options
    )
    lossless = is_lossless(path, options)
    kind = TITLES[save_format(path, options or WriteOptions())]
    sentence = promise(
        changed=changed, total=document.size.area, lossless=lossless, kind=kind, say=say
    )
    return Report(changed, lossless, sentence)


def origin_of(layers: Sequence[Layer]) -> Origin | None:
    """How the layers of a picture were made, as its metadata is to say; None without layers."""
    if not layers:
        return None
    events: list[Event] = []
    sources: set[Source] = set()
    for layer in layers:
        made = tuple(layer.provenance.sources()) if layer.provenance is not None else ()
        for one in made or (Provenance(),):
            sources.add(_source(one))
            events.append(Event("edited", _agent(one), _parameters(layer, one)))
    # No time of day: the same fill gives the same bytes again.
    events.append(Event("saved", AGENT))
    strongest: tuple[Source, ...] = ("network", "algorithm", "hand")
    return Origin(next(one for one in strongest if one in sources), tuple(events))


def with_provenance(photo: Photo, layers: Sequence[Layer]) -> Photo:
    """The photo with the record of its layers in its XMP.

    A packet that cannot be read stays as it is, and a note says so.
    """
    origin = origin_of(layers)
    if origin is None:
        return photo
    metadata = photo.metadata
    try:
        metadata = replace(metadata, xmp=with_origin(metadata.xmp, origin))
    except XmpError:
        note = "Its XMP data is damaged, so how it was made could not be added to it."
        metadata = replace(metadata, notes=(*metadata.notes, note))
    return Photo(photo.pixels, photo.profile, metadata)


def bare(metadata: Metadata) -> Metadata:
    """Without what the camera and others wrote; resolution and notes stay."""
    return replace(metadata, exif=None, xmp=None, iptc=None)


def _source(made: Provenance) -> Source:
    if made.weights or made.card:
        return "network"
    return "algorithm" if made.engine else "hand"


def _agent(made: Provenance) -> str:
    return f"Inpaint Studio {made.version}" if made.version else AGENT


def _parameters(layer: Layer, made: Provenance) -> str:
    """What it takes to make the layer again, in words."""
    box = layer.box
    words = {
        "layer": layer.name,
        "engine": made.engine or "brush",
        "model": made.card,
        "weights sha256": made.weights,
        "seed": str(made.seed) if made.engine else "",
        "device": made.device,
        "request sha256": made.digest,
        "area": f"{box.width} x {box.height} at {box.left}, {box.top}",
        "opacity": f"{layer.opacity:.0%}" if layer.opacity < 1 else "",
    }
    if layer.recipe is not None:
        words |= asked_words(layer.recipe)
    return "; ".join(f"{name}: {word}" for name, word in words.items() if word)


def _raise_to(coverage: Coverage, layer: Layer) -> None:
    box = layer.box
    inside = box.clip(Size(coverage.shape[0], coverage.shape[1]))
    region = coverage[inside.slices]
    np.maximum(region, layer.coverage[inside.relative_to(box.origin).slices], out=region)
