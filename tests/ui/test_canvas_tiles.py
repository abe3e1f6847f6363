"""Tiles: drawn elsewhere, kept within a budget, made anew only where something changed."""

import threading

import numpy as np
import pytest
from PySide6.QtGui import QImage

from inpaint_studio.imaging.composite import Overlay
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.canvas.images import indexed_image, picture_image
from inpaint_studio.ui.canvas.overlays import OverlayPyramid
from inpaint_studio.ui.canvas.picture import PictureSource, TileKey
from inpaint_studio.ui.canvas.pyramid import PatchPyramid, PhotoPyramid
from inpaint_studio.ui.canvas.tiles import TileCache, TileStore, visible_keys

pytestmark = pytest.mark.gui


def as_rgba(pixels):
    return np.dstack([pixels[:, :, :3], np.full(pixels.shape[:2], 255, np.uint8)])


def as_array(image: QImage) -> np.ndarray:
    """(h, w, 3) of what an image shows."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[:, :, :3].copy()


@pytest.fixture
def store(qtbot):
    store = TileStore()
    yield store
    store.shutdown()


@pytest.fixture
def photo(rng):
    return Photo(rng.integers(0, 255, (600, 700, 3), dtype=np.uint8))


def solid(box: Box, value: int) -> Patch:
    color = np.full((*box.size, 3), value, np.uint8)
    return Patch(color, np.full(box.size, 255, np.uint8), box.origin)


def source(photo, *patches, transform=as_rgba, pyramid=None):
    layers = tuple(OverlayPyramid(Overlay(patch), PatchPyramid(patch)) for patch in patches)
    return PictureSource(pyramid or PhotoPyramid(photo), layers, transform)


def test_images_own_their_bytes(rng):
    rgba = rng.integers(0, 255, (37, 53, 4), dtype=np.uint8)
    wide = np.zeros((37, 100, 4), np.uint8)
    wide[:, 10:63] = rgba
    view = wide[:, 10:63]  # neither contiguous nor 4-byte friendly to a careless converter
    image = picture_image(view, opaque=True)
    wide[...] = 0
    assert np.array_equal(as_array(image), rgba[:, :, :3])


def test_indexed_images_of_odd_width_are_not_skewed():
    indices = np.tile(np.arange(13, dtype=np.uint8), (5, 1))
    image = indexed_image(indices, [0xFF000000 + index for index in range(256)])
    assert (as_array(image)[:, :, 2] == np.arange(13)).all()


def test_tiles_at_full_size_show_the_very_pixels(store, photo, qtbot):
    store.show(source(photo))
    keys = visible_keys(photo.size.box, 0)
    store.want(keys)
    qtbot.waitUntil(lambda: store.is_complete(keys))
    for key in keys:
        box = key.box.clip(photo.size)
        assert np.array_equal(as_array(store.cache.get(key)), photo.pixels[box.slices])


def test_layers_show_at_every_level_and_not_in_the_original(store, photo, qtbot):
    patch = solid(Box(0, 0, 600, 700), 99)
    store.show(source(photo, patch))
    for level in (0, 1, 2):
        keys = visible_keys(photo.size.box, level)
        originals = visible_keys(photo.size.box, level, original=True)
        store.want([*keys, *originals])
        qtbot.waitUntil(lambda: store.is_complete([*keys, *originals]))  # noqa: B023
        assert all((as_array(store.cache.get(key)) == 99).all() for key in keys)
        assert all((as_array(store.cache.get(key)) != 99).any() for key in originals)


def test_only_tiles_in_the_changed_box_are_drawn_again(store, photo, qtbot):
    drawn = []

    def counting(pixels):
        drawn.append(pixels.shape)
        return as_rgba(pixels)

    first = source(photo, transform=counting)
    store.show(first)
    keys = visible_keys(photo.size.box, 0)
    store.want(keys)
    qtbot.waitUntil(lambda: store.is_complete(keys) and store.overview(original=False) is not None)
    kept = {key: store.cache.get(key) for key in keys}
    drawn.clear()
    box = Box(300, 300, 310, 310)
    store.revise(source(photo, solid(box, 200), transform=counting, pyramid=first.photo), box)
    qtbot.waitUntil(lambda: store.is_complete(keys))
    changed = TileKey(0, 1, 1)
    assert drawn.count((256, 256, 3)) == 1
    assert all((store.cache.get(key) is kept[key]) == (key != changed) for key in keys)
    inside = box.relative_to(Point(256, 256)).slices
    assert (as_array(store.cache.get(changed))[inside] == 200).all()


def test_a_stale_tile_is_shown_until_the_new_one_is_there(store, photo, qtbot):
    gate = threading.Event()
    gate.set()

    def gated(pixels):
        gate.wait(10)
        return as_rgba(pixels)

    first = source(photo, transform=gated)
    store.show(first)
    keys = visible_keys(photo.size.box, 0)
    store.want(keys)
    qtbot.waitUntil(lambda: store.is_complete(keys))
    gate.clear()
    box = photo.size.box
    store.revise(source(photo, solid(box, 7), transform=gated, pyramid=first.photo), box)
    assert not store.is_complete(keys)
    assert all(store.find(key, key.level_box) is not None for key in keys)
    gate.set()
    qtbot.waitUntil(lambda: store.is_complete(keys))
    assert (as_array(store.cache.get(keys[0])) == 7).all()


def test_a_change_while_a_tile_is_being_drawn_is_not_lost(store, photo, qtbot):
    started, gate = threading.Event(), threading.Event()

    def gated(pixels):
        started.set()
        gate.wait(10)
        return as_rgba(pixels)

    first = source(photo, transform=gated)
    store.show(first)
    keys = visible_keys(photo.size.box, 0)
    store.want(keys)
    started.wait(10)
    box = photo.size.box
    store.revise(source(photo, solid(box, 5), transform=gated, pyramid=first.photo), box)
    gate.set()
    qtbot.waitUntil(lambda: store.is_complete(keys))
    assert all((as_array(store.cache.get(key)) == 5).all() for key in keys)


def test_missing_tiles_are_replaced_by_a_piece_of_a_coarser_one(store, photo, qtbot):
    store.show(source(photo))
    coarse = TileKey(1, 0, 0)
    store.want([coarse])
    qtbot.waitUntil(lambda: store.is_complete([coarse]))
    key = TileKey(0, 1, 0)
    image, piece = store.find(key, key.level_box)
    assert image is store.cache.get(coarse)
    assert (piece.left(), piece.top(), piece.width(), piece.height()) == (0, 128, 128, 128)


def test_the_photo_is_roughly_there_before_any_level_is_made(store, photo, qtbot):
    store.show(source(photo))
    qtbot.waitUntil(lambda: store.overview(original=False) is not None)
    assert store.find(TileKey(0, 0, 0), Box(0, 0, 256, 256)) is None


def test_tiles_drawn_ahead_cause_no_painting(store, photo, qtbot):
    store.show(source(photo))
    shown, ahead = [TileKey(0, 0, 0)], [TileKey(1, 0, 0), TileKey(0, 0, 1)]
    store.want(shown)
    qtbot.waitUntil(lambda: store.is_complete(shown) and store.overview(original=False) is not None)
    told = []
    store.ready.connect(told.append)
    store.want(shown, ahead)
    qtbot.waitUntil(lambda: store.is_complete(ahead))
    assert told == []


def test_the_cache_keeps_to_its_budget_and_drops_the_oldest():
    def image():
        return QImage(256, 256, QImage.Format.Format_RGB32)

    cache = TileCache(4 * 256 * 256 * 4)
    for column in range(4):
        cache.put(TileKey(0, 0, column), image())
    cache.get(TileKey(0, 0, 0))
    cache.put(TileKey(0, 0, 9), image())
    assert cache.nbytes == 4 * 256 * 256 * 4
    assert TileKey(0, 0, 0) in list(cache)
    assert TileKey(0, 0, 1) not in list(cache)
    cache.put(TileKey(0, 0, 9), image())
    assert cache.nbytes == 4 * 256 * 256 * 4


def test_tiles_of_another_photo_never_arrive(store, photo, qtbot):
    started, gate = threading.Event(), threading.Event()

    def gated(pixels):
        started.set()
        gate.wait(10)
        return as_rgba(pixels)

    store.show(source(photo, transform=gated))
    store.want(visible_keys(photo.size.box, 0))
    started.wait(10)
    other = Photo(np.full((300, 300, 3), 44, np.uint8))
    store.show(source(other))
    gate.set()
    keys = visible_keys(other.size.box, 0)
    store.want(keys)
    qtbot.waitUntil(lambda: store.is_complete(keys))
    assert all((as_array(store.cache.get(key)) == 44).all() for key in list(store.cache))


def test_shutting_down_ends_every_thread(qtbot, photo):
    before = threading.active_count()
    store = TileStore()
    assert threading.active_count() > before
    store.show(source(photo))
    store.want(visible_keys(photo.size.box, 0))
    store.shutdown()
    assert threading.active_count() == before


def test_a_tile_that_fails_does_not_end_the_thread(store, photo, qtbot, caplog):
    broken = threading.Event()
    broken.set()

    def sometimes(pixels):
        if broken.is_set():
            raise ValueError("no")
        return as_rgba(pixels)

    store.show(source(photo, transform=sometimes))
    keys = visible_keys(photo.size.box, 0)
    store.want(keys)
    qtbot.waitUntil(lambda: "failed" in caplog.text)
    broken.clear()
    store.want(keys)
    qtbot.waitUntil(lambda: store.is_complete(keys))


def test_16_bit_and_grey_photos_are_drawn(store, qtbot):
    from inpaint_studio.imaging.color import DisplayTransform

    for pixels in (
        np.full((300, 300, 3), 65535, np.uint16),
        np.full((300, 300, 1), 255, np.uint8),
        np.ones((300, 300, 3), np.float32),
    ):
        photo = Photo(pixels)
        transform = DisplayTransform(None, channels=pixels.shape[2], dtype=pixels.dtype)
        store.show(source(photo, transform=transform))
        keys = visible_keys(photo.size.box, 1)
        store.want(keys)
        qtbot.waitUntil(lambda: store.is_complete(keys))  # noqa: B023
        assert (as_array(store.cache.get(keys[0])) == 255).all()
