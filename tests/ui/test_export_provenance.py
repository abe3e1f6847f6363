"""What an exported file says of itself, in every format."""

import numpy as np
import pytest

from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.imaging.files import WriteOptions, read_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Metadata, Patch, Photo
from inpaint_studio.imaging.provenance import source_type_of
from inpaint_studio.ui.exporting import export_photo

pytestmark = pytest.mark.gui


@pytest.fixture
def document(qapp, rgb):
    document = Document(Photo(rgb, None, Metadata(exif=None, iptc=b"\x1c\x02\x50\x00\x01A")))
    patch = Patch(np.full((9, 9, 3), 7, np.uint8), np.full((9, 9), 255, np.uint8), Point(3, 3))
    made = Provenance(engine="pconv", card="studio-pconv", weights="ab12", seed=7)
    document.adopt([Layer.from_patch(patch, id=1, provenance=made)])
    return document


def export(document, path, **options):
    keep = options.pop("keep_metadata", True)
    run = export_photo(document, path, WriteOptions(keep_metadata=keep), **options)
    try:
        while True:
            next(run)
    except StopIteration as end:
        return end.value


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_the_file_says_how_it_was_made(document, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    export(document, path)
    xmp = read_photo(path).metadata.xmp
    assert source_type_of(xmp).endswith("compositeWithTrainedAlgorithmicMedia")
    assert b"weights sha256: ab12; seed: 7" in xmp


def test_it_can_be_left_out(document, tmp_path):
    export(document, tmp_path / "out.png", provenance=False)
    assert read_photo(tmp_path / "out.png").metadata.xmp is None


def test_other_metadata_can_be_left_out_without_it(document, tmp_path):
    export(document, tmp_path / "out.png", keep_metadata=False)
    metadata = read_photo(tmp_path / "out.png").metadata
    assert metadata.iptc is None
    assert source_type_of(metadata.xmp)
    export(document, tmp_path / "kept.png")
    assert read_photo(tmp_path / "kept.png").metadata.iptc


def test_a_photo_without_layers_says_nothing_new(document, tmp_path):
    document.adopt([])
    export(document, tmp_path / "out.png")
    assert read_photo(tmp_path / "out.png").metadata.xmp is None


def test_a_tiff_can_keep_its_layers(document, tmp_path):
    import psdtags

    path = tmp_path / "out.tif"
    exported = export(document, path, layers=True)
    assert exported.sentence.startswith("Saved out.tif: 0 pixels changed outside the mask")
    data = psdtags.TiffImageSourceData.fromtiff(path)
    assert [layer.name for layer in data.layers] == ["Photo", "pconv"]
    assert source_type_of(read_photo(path).metadata.xmp)
