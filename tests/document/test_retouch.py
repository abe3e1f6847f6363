"""Strokes on plain layers are undone exactly, keeping only what they covered."""

import numpy as np
import pytest

from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.named_masks import NamedMask
from inpaint_studio.document.retouch import PaintPixels
from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.healing import laid_over
from inpaint_studio.imaging.photo import Patch, Photo


@pytest.fixture
def document(rng):
    document = Document(Photo(rng.integers(0, 65536, (90, 120, 3), dtype=np.uint16)))
    pixels = rng.integers(0, 65536, (20, 30, 3), dtype=np.uint16)
    alpha = rng.integers(0, 256, (20, 30), dtype=np.uint8)
    keep = rng.integers(0, 256, (20, 30), dtype=np.uint8)
    layer = Layer(1, "Retouching", Patch(pixels, alpha, Point(10, 10)), keep=keep)
    document.history.push(document, AddLayer(layer))
    return document


def stroke(document, box, value):
    layer = document.layers[0]
    pixels = np.full((*box.size, 3), value, np.uint16)
    coverage = np.full(box.size, 255, np.uint8)
    patch = laid_over(layer.patch, pixels, coverage, box.origin)
    return PaintPixels.of(layer, patch, box, title="Clone")


def state(document):
    layer = document.layers[0]
    return (
        layer.box,
        layer.patch.pixels.tobytes(),
        layer.patch.alpha.tobytes(),
        layer.keep.tobytes(),
    )


@pytest.mark.parametrize("box", [Box(15, 15, 25, 30), Box(50, 60, 80, 100), Box(0, 0, 15, 15)])
def test_undo_and_redo_are_exact(document, box):
    before = state(document)
    document.history.push(document, stroke(document, box, 777))
    after = state(document)
    assert after != before
    for _ in range(2):
        change = document.history.undo(document)
        assert state(document) == before
        assert change.kind == "layers"
        document.history.redo(document)
        assert state(document) == after


def test_it_keeps_what_it_covered_only(document):
    command = stroke(document, Box(15, 15, 20, 20), 5)
    document.history.push(document, command)
    assert command.held.nbytes == 5 * 5 * (3 * 2 + 1)


def test_it_comes_back_from_disk(document, tmp_path):
    before = state(document)
    command = stroke(document, Box(15, 15, 60, 60), 5)
    document.history.push(document, command)
    command.held.spill(tmp_path)
    assert command.held.nbytes == 0
    assert command.held.disk_bytes > 0
    document.history.undo(document)
    assert state(document) == before
    assert list(tmp_path.iterdir()) == []


def test_a_lost_file_is_said_and_nothing_changes(document, tmp_path):
    command = stroke(document, Box(15, 15, 60, 60), 5)
    document.history.push(document, command)
    command.held.spill(tmp_path)
    for file in tmp_path.iterdir():
        file.unlink()
    before = state(document)
    with pytest.raises(StudioError, match="cannot be undone"):
        document.history.undo(document)
    assert state(document) == before


def test_a_named_mask_comes_back(rng):
    coverage = rng.integers(0, 256, (40, 50), dtype=np.uint8)
    assert np.array_equal(NamedMask.of("Sky", coverage).coverage, coverage)
