"""One fill against its original: every measure there is the means for."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from inpaint_studio.evaluation.edge_scores import EdgeCounts, count_edges
from inpaint_studio.evaluation.jobs import Fill
from inpaint_studio.evaluation.metrics import (
    Floats,
    Hole,
    Picture,
    distances,
)
from inpaint_studio.evaluation.perceptual import (
    FeatureMeter,
    Features,
    find_feature_file,
    open_meter,
)
from inpaint_studio.evaluation.records import ItemRecord, PhotoRecord, packed
from inpaint_studio.evaluation.standard import StandardMeters, open_standard_meters


@dataclass(frozen=True, slots=True)
class Meters:
    """What looks at pictures with networks; what is missing is None and noted."""

    vgg: FeatureMeter | None = None
    standard: StandardMeters = field(default_factory=StandardMeters)
    notes: tuple[str, ...] = ()
    vgg_file: str = ""
    """Name of the file VGG-11 came from."""


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """A photo that fills are compared with."""

    name: str
    picture: Picture
    features: Features | None = None


def open_meters(features: Path | None) -> Meters:
    """Open VGG-11 from `features`, or from where it is found, and the standard measures.

    Raises:
        WeightsError: the file cannot be read or holds another network.
    """
    path = features or find_feature_file()
    standard = open_standard_meters()
    if path is None:
        lack = "The VGG-11 distances were left out: no weights were found; see --features."
        return Meters(None, standard, (lack, *standard.notes))
    return Meters(open_meter(path), standard, standard.notes, path.name)


def look_at(name: str, picture: Picture, meters: Meters) -> Original:
    """The photo with what VGG-11 sees in it."""
    return Original(name, picture, meters.vgg.look(picture) if meters.vgg else None)


def describe(original: Original, meters: Meters) -> PhotoRecord:
    """The features that the Fréchet distances need of every original."""
    look = meters.standard.inception
    return PhotoRecord(
        photo=original.name,
        features=packed(original.features.mean if original.features else None),
        inception=packed(look(original.picture) if look else None),
    )


def compare(
    record: ItemRecord, original: Original, fill: Fill, *, hole: Hole, meters: Meters
) -> ItemRecord:
    """The record with everything that can be measured of the fill."""
    truth, result = original.picture, fill.picture
    values = {**distances(result, truth, hole), "seconds": fill.seconds}
    features = inception = None
    if meters.vgg and original.features:
        seen = meters.vgg.look(result)
        features = seen.mean
        values["vgg11"] = meters.vgg.distance(seen, original.features, hole)
    if meters.standard.lpips:
        values["lpips"] = meters.standard.lpips(result, truth)
    if meters.standard.inception:
        inception = meters.standard.inception(result)
    return msgspec.structs.replace(
        record,
        values=values,
        edges=None if fill.edges is None else _count_edges(fill.edges, truth, hole),
        peak_bytes=fill.peak_bytes,
        gpu_bytes=fill.gpu_bytes,
        features=packed(features),
        inception=packed(inception),
    )


def _count_edges(generated: Floats, truth: Picture, hole: Hole) -> EdgeCounts:
    from inpaint_studio.imaging.edges import canny, rgb_to_grey

    return count_edges(generated, canny(rgb_to_grey(truth)), hole)
