"""The document as state, and what leaves it."""

from dataclasses import replace

import numpy as np
import pytest

from inpaint_studio.document.asked import asked_words
from inpaint_studio.document.commands import AddLayer, ReplaceLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.export import (
    export_report,
    flatten_document,
    layer_coverage,
    origin_of,
    shown_layers,
    with_provenance,
)
from inpaint_studio.document.layer import FillRecipe, Layer, Provenance
from inpaint_studio.document.packed import PackedMask
from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Metadata, Patch, Photo


@pytest.fixture
def document(rgb):
    document = Document.from_photo(Photo(rgb, b"profile", Metadata(exif=b"exif")))
    yield document
    document.close()


def cross(value, at):
    alpha = np.zeros((20, 20), np.uint8)
    alpha[8:12] = alpha[:, 8:12] = 255
    alpha[0, 8] = 100
    return Patch(np.full((20, 20, 3), value, np.uint8), alpha, at)


def add(document, patch, **changes):
    layer = Layer(document.new_layer_id(), "Fill", patch, **changes)
    document.history.push(document, AddLayer(layer))
    return layer


def test_a_fresh_document_is_the_photo(document, rgb):
    assert np.array_equal(document.flatten(), rgb)
    assert document.size == (96, 128)
    assert document.mask.shape == (96, 128)
    assert not document.mask.any()
    assert not document.modified
    assert document.overlays() == ()


def test_layer_ids_are_never_used_twice(document):
    one = add(document, cross(1, Point(0, 0)))
    document.history.undo(document)
    assert document.new_layer_id() != one.id
    with pytest.raises(KeyError):
        document.layer(one.id)
    document.history.redo(document)
    assert document.layer(one.id).name == "Fill"


def test_a_mask_snapshot_is_safe_from_later_strokes(document):
    document.mask[3, 3] = 200
    snapshot = document.snapshot_mask()
    document.mask[:] = 0
    assert snapshot.coverage[3, 3] == 200
    assert not snapshot.coverage.flags.writeable


def test_hidden_layers_are_left_out(document, rgb):
    add(document, cross(9, Point(0, 0)), visible=False)
    assert document.overlays() == ()
    assert np.array_equal(document.flatten(), rgb)
    assert not layer_coverage(document).any()


def test_the_export_carries_profile_and_metadata(document):
    add(document, cross(9, Point(30, 40)))
    photo = flatten_document(document)
    assert (photo.profile, photo.metadata.exif) == (b"profile", b"exif")
    assert photo.pixels.dtype == document.photo.pixels.dtype
    assert (photo.pixels[38:42, 40:60] == 9).all()


def test_the_report_counts_what_really_differs(document, tmp_path):
    add(document, cross(9, Point(-10, -10)))
    add(document, cross(200, Point(80, 120)), opacity=0.3)
    result = flatten_document(document)
    path = tmp_path / "out.png"

    def said(pixels):
        return export_report(document, Photo(pixels), path).sentence

    assert said(result.pixels).startswith("0 pixels changed outside the mask")
    pixels = result.pixels.copy()
    pixels[0, 0] ^= 1  # under a layer
    assert said(pixels.copy()).startswith("0 pixels changed outside the mask")
    pixels[50, 50] ^= 1
    pixels[60, 60, 2] ^= 1
    with pytest.raises(PhotoError, match=r"2 pixels changed outside the mask\. Do not rely"):
        said(pixels.copy())
    lossy = export_report(document, Photo(pixels), tmp_path / "out.jpg")
    assert (lossy.lossless, lossy.changed) == (False, 2)
    assert "another depth" in said(pixels.astype(np.uint16))


def test_the_origin_is_the_strongest_of_what_is_shown(document):
    assert origin_of(shown_layers(document)) is None
    add(document, cross(9, Point(0, 0)))
    assert origin_of(shown_layers(document)).source == "hand"
    patches = Provenance(engine="patchmatch", seed=3)
    add(document, cross(9, Point(5, 5)), provenance=patches)
    assert origin_of(shown_layers(document)).source == "algorithm"
    network = Provenance(engine="pconv", card="studio-pconv", weights="ab12", seed=7)
    merged = add(document, cross(9, Point(9, 9)), provenance=Provenance(merged=(patches, network)))
    origin = origin_of(shown_layers(document))
    assert origin.source == "network"
    assert [event.action for event in origin.events] == ["edited"] * 4 + ["saved"]
    words = origin.events[3].parameters
    assert "model: studio-pconv; weights sha256: ab12; seed: 7" in words
    document.history.push(document, ReplaceLayer(replace(merged, visible=False), "Hide"))
    assert origin_of(shown_layers(document)).source == "algorithm"


def test_the_record_tells_what_a_fill_was_asked_for(document):
    layer = add(document, cross(9, Point(0, 0)), provenance=Provenance(engine="patchmatch", seed=3))
    recipe = FillRecipe(
        hole=np.full((2, 2), 255, np.uint8),
        box=Box(0, 0, 2, 2),
        engine="patchmatch",
        options={"zeal": 2, "strength": 0.4, "sources": "left", "mirrored": True},
        grow=3,
        context=96,
        forbidden=PackedMask.of(document.mask),
    )
    document.history.push(document, ReplaceLayer(replace(layer, recipe=recipe), "Fill"))
    words = origin_of(shown_layers(document)).events[0].parameters
    assert words.endswith(
        "strength: 0.4; sources: left; mirrored: yes; zeal: 2; grown by: 3 px; context: 96 px; "
        "not copied from: a painted area"
    )
    plain = replace(recipe, options={}, grow=0, context=None, forbidden=None)
    assert asked_words(plain) == {}


def test_metadata_that_cannot_be_added_to_stays(document):
    add(document, cross(9, Point(0, 0)))
    photo = Photo(document.photo.pixels, None, Metadata(xmp=b"not xml"))
    told = with_provenance(photo, shown_layers(document)).metadata
    assert told.xmp == b"not xml"
    assert "damaged" in told.notes[-1]


def test_coverage_is_the_union_of_visible_layers(document):
    add(document, cross(9, Point(-10, -10)))
    add(document, cross(9, Point(-10, -2)))
    coverage = layer_coverage(document)
    assert coverage.shape == document.size
    assert coverage.max() == 255
    assert (coverage[0, :10] == 255).all()
    assert not coverage[30:].any()


def test_a_layer_is_called_after_what_made_it():
    patch = cross(1, Point(3, 4))
    made = Provenance(engine="pconv", title="Partial convolution", seed=3)
    assert Layer.from_patch(patch, id=1, provenance=made).name == "Partial convolution"
    assert Layer.from_patch(patch, id=1, name="Sky", provenance=made).name == "Sky"
    assert Layer.from_patch(patch, id=1).name == "Fill"
    assert Layer.from_patch(patch, id=1).box == Box(3, 4, 23, 24)
    with pytest.raises(ValueError, match="opacity"):
        Layer(1, "x", patch, opacity=1.5)
