"""Tiles of strokes: exact both ways, small, and safe on disk."""

import numpy as np
import pytest

from inpaint_studio.document.pixels import TILE, StrokeRecorder, TileDelta
from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box
from inpaint_studio.imaging.strokes import Brush, stamp_line


def stroke(canvas, a, b, diameter=30.0):
    recorder = StrokeRecorder(canvas)
    pad = int(diameter / 2) + 2
    xs, ys = sorted((int(a[0]), int(b[0]))), sorted((int(a[1]), int(b[1])))
    recorder.touch(Box(ys[0] - pad, xs[0] - pad, ys[1] + pad, xs[1] + pad))
    stamp_line(canvas, a, b, Brush(diameter))
    return recorder.finish()


@pytest.fixture
def canvas():
    return np.zeros((500, 700), np.uint8)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "steps"
    folder.mkdir()
    return folder


def test_swapping_takes_a_stroke_back_and_puts_it_on_again(canvas):
    delta = stroke(canvas, (100, 100), (600, 400))
    painted = canvas.copy()
    box = delta.swap(canvas)
    assert not canvas.any()
    assert not delta.applied
    assert delta.swap(canvas) == box
    assert np.array_equal(canvas, painted)
    assert delta.applied
    rows, columns = np.nonzero(painted)
    assert box.contains(Box(rows.min(), columns.min(), rows.max() + 1, columns.max() + 1))


def test_memory_goes_with_the_tiles_touched_not_with_the_photo():
    sizes = {}
    for side in (1000, 4000):
        sizes[side] = stroke(np.zeros((side, side), np.uint8), (300, 300), (500, 300)).nbytes
    assert sizes[1000] == sizes[4000]
    wide = np.random.default_rng(0).integers(0, 256, (2000, 2000), dtype=np.uint8)
    per_tile = []
    for width in (1, 4, 8):
        recorder = StrokeRecorder(wide)
        recorder.touch(Box(0, 0, TILE, TILE * width))
        wide[:TILE, : TILE * width] ^= 255
        per_tile.append(recorder.finish().nbytes / width)
    assert max(per_tile) == pytest.approx(min(per_tile), rel=0.01)
    assert min(per_tile) > TILE * TILE  # noise does not compress: the count is honest


def test_tiles_that_did_not_change_are_dropped(canvas):
    recorder = StrokeRecorder(canvas)
    recorder.touch(Box(0, 0, 500, 700))
    canvas[300, 300] = 9
    delta = recorder.finish()
    assert delta.box == Box(256, 256, 384, 384)
    recorder = StrokeRecorder(canvas)
    recorder.touch(Box(0, 0, 500, 700))
    untouched = recorder.finish()
    assert untouched.is_empty
    assert untouched.nbytes == 0
    assert untouched.swap(canvas) == EMPTY_BOX


def test_a_tile_is_remembered_as_it_was_before_the_first_touch(canvas):
    recorder = StrokeRecorder(canvas)
    for value in (10, 20, 30):
        recorder.touch(Box(0, 0, 10, 10))
        canvas[:10, :10] = value
    recorder.finish().swap(canvas)
    assert not canvas.any()


def test_touching_outside_the_canvas_is_harmless(canvas):
    recorder = StrokeRecorder(canvas)
    recorder.touch(Box(-50, -50, 9999, 9999))
    recorder.touch(Box(900, 900, 950, 950))
    canvas[-1, -1] = 1
    delta = recorder.finish()
    assert delta.box == Box(384, 640, 500, 700)
    delta.swap(canvas)
    assert not canvas.any()


def test_a_cancelled_stroke_leaves_no_trace(canvas):
    canvas[:] = 7
    recorder = StrokeRecorder(canvas)
    recorder.touch(Box(0, 0, 300, 300))
    canvas[:300, :300] = 200
    assert recorder.cancel() == Box(0, 0, 384, 384)
    assert (canvas == 7).all()
    assert recorder.finish().is_empty


def test_capture_waits_until_it_is_applied(canvas, rng):
    wanted = rng.integers(0, 256, canvas.shape, dtype=np.uint8)
    delta = TileDelta.capture(canvas, wanted)
    assert not delta.applied
    assert not canvas.any()
    delta.swap(canvas)
    assert np.array_equal(canvas, wanted)
    delta.swap(canvas)
    assert not canvas.any()
    assert TileDelta.capture(canvas, canvas.copy()).is_empty
    with pytest.raises(ValueError, match="does not fit"):
        TileDelta.capture(canvas, wanted[1:])


def test_spilling_frees_memory_and_swap_reads_it_back(canvas, folder):
    delta = stroke(canvas, (100, 100), (600, 400))
    painted, held = canvas.copy(), delta.nbytes
    delta.spill(folder)
    delta.spill(folder)  # twice is once
    files = list(folder.iterdir())
    assert len(files) == 1
    assert delta.nbytes == 0
    assert delta.disk_bytes == files[0].stat().st_size
    assert 0 < delta.disk_bytes <= held
    delta.swap(canvas)
    assert not canvas.any()
    assert delta.nbytes > 0
    assert delta.disk_bytes == 0
    assert not list(folder.iterdir())
    delta.swap(canvas)
    assert np.array_equal(canvas, painted)


@pytest.mark.parametrize("damage", ["missing", "truncated", "garbage"])
def test_a_lost_file_is_one_sentence_and_changes_nothing(canvas, folder, damage):
    delta = stroke(canvas, (100, 100), (600, 400))
    painted = canvas.copy()
    delta.spill(folder)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content[:-5] if damage == "truncated" else b"?" * len(content))
    with pytest.raises(StudioError, match=r"cannot be undone.*missing or damaged.*export") as error:
        delta.swap(canvas)
    assert str(file) in str(error.value)
    assert np.array_equal(canvas, painted)
    assert delta.applied


def test_a_spill_that_fails_keeps_everything(canvas, folder):
    delta = stroke(canvas, (100, 100), (600, 400))
    held = delta.nbytes
    with pytest.raises(FileNotFoundError):
        delta.spill(folder / "nowhere")
    assert delta.nbytes == held
    delta.swap(canvas)
    assert not canvas.any()


def test_discarding_removes_the_file(canvas, folder):
    delta = stroke(canvas, (100, 100), (600, 400))
    delta.spill(folder)
    delta.discard()
    assert not list(folder.iterdir())
    assert delta.nbytes == delta.disk_bytes == 0
