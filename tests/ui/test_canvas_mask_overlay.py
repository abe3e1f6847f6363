"""The mask's tint and outline."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.ui.canvas.mask_overlay import MaskOverlay, outlined, stroke_margin
from inpaint_studio.ui.canvas.viewport import Viewport

pytestmark = pytest.mark.gui

SCREEN = Size(300, 400)


def paint(overlay, view, dirty=SCREEN.box, onto=None):
    """(h, w, 3) of the overlay on black."""
    image = onto
    if image is None:
        image = QImage(SCREEN.width, SCREEN.height, QImage.Format.Format_RGB32)
        image.fill(0)
    painter = QPainter(image)
    painter.setClipRect(dirty.left, dirty.top, dirty.width, dirty.height)
    painter.fillRect(dirty.left, dirty.top, dirty.width, dirty.height, QColor(0, 0, 0))
    overlay.paint(painter, view, dirty)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(SCREEN.height, SCREEN.width, 4)
    return rows[:, :, 2::-1].copy(), image


@pytest.fixture
def overlay(qtbot):
    overlay = MaskOverlay(np.zeros((600, 800), np.uint8))
    overlay.set_tint(QColor(200, 0, 100), 0.5)
    return overlay


def view(zoom, x=400, y=300):
    return Viewport(Size(600, 800), SCREEN).fit().zoom_at(zoom, 0, 0).centre_on(x, y)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.7, 20.0])
def test_the_tint_lies_over_the_mask_only(overlay, zoom):
    overlay.canvas[290:310, 390:410] = 255
    overlay.update(Box(290, 390, 310, 410))
    where = view(zoom)
    shown, _ = paint(overlay, where)
    box = where.screen_box(Box(290, 390, 310, 410)).pad(-3)
    assert np.abs(shown[box.slices].reshape(-1, 3) - (100, 0, 50)).max() <= 1
    outside = np.ones(SCREEN, bool)
    outside[where.screen_box(Box(290, 390, 310, 410)).pad(3).clip(SCREEN).slices] = False
    assert not shown[outside].any()


def test_coverage_scales_the_tint(overlay):
    overlay.canvas[...] = 100
    overlay.update(Box(0, 0, 600, 800))
    shown, _ = paint(overlay, view(1.0))
    assert shown[150, 200, 0] == pytest.approx(200 * 0.5 * 100 / 255, abs=2)


@pytest.mark.parametrize("zoom", [0.37, 1.0, 6.3])
def test_painting_a_part_again_equals_painting_all(overlay, rng, zoom):
    where = view(zoom)
    _, image = paint(overlay, where)
    box = Box(280, 380, 330, 425)
    overlay.canvas[box.slices] = rng.integers(0, 255, box.size, dtype=np.uint8)
    overlay.update(box)
    part = where.screen_box(box).pad(stroke_margin(where)).clip(SCREEN)
    partly, _ = paint(overlay, where, part, image)
    fresh = MaskOverlay(overlay.canvas)
    fresh.set_tint(QColor(200, 0, 100), 0.5)
    entirely, _ = paint(fresh, where)
    # Qt's fixed-point scaling rounds differently by one level when it starts elsewhere.
    assert np.abs(partly.astype(int) - entirely).max() <= 1


def test_the_outline_is_light_inside_and_dark_outside():
    coverage = np.zeros((20, 20), np.uint8)
    coverage[5:15, 5:15] = 255
    indices = outlined(coverage)
    assert (indices[5, 5:15] == 254).all()
    assert (indices[4, 5:15] == 255).all()
    assert (indices[7:13, 7:13] == 253).all()
    assert indices[2, 2] == 0


def test_a_wider_outline_is_wider():
    coverage = np.zeros((20, 20), np.uint8)
    coverage[5:15, 5:15] = 255
    indices = outlined(coverage, 2)
    assert (indices[5:7, 8] == 254).all()
    assert (indices[3:5, 8] == 255).all()
    assert indices[7, 8] == 253


def test_the_outline_can_be_told_from_any_flat_photo(overlay):
    overlay.canvas[200:400, 300:500] = 255
    overlay.update(Box(200, 300, 400, 500))
    for level in (0, 128, 255):
        image = QImage(SCREEN.width, SCREEN.height, QImage.Format.Format_RGB32)
        image.fill(QColor(level, level, level))
        painter = QPainter(image)
        overlay.paint(painter, view(1.0), SCREEN.box)
        painter.end()
        row = [image.pixelColor(x, 150).lightness() for x in range(80, 120)]
        assert max(row) - min(row) > 60


def test_at_the_photos_rim_there_is_no_line(overlay):
    overlay.canvas[...] = 255
    overlay.update(Box(0, 0, 600, 800))
    shown, _ = paint(overlay, view(1.0, 0, 0))
    tinted = shown[shown.any(axis=2)]
    assert (tinted == tinted[0]).all()


@pytest.mark.parametrize("zoom", [0.4, 1.0, 5.0])
def test_panning_and_touching_draw_nothing_anew(overlay, zoom, monkeypatch):
    from inpaint_studio.ui.canvas import mask_overlay

    overlay.canvas[100:500, 100:700] = 255
    where = view(zoom)
    paint(overlay, where)
    made = []
    original = mask_overlay.indexed_image
    monkeypatch.setattr(
        mask_overlay, "indexed_image", lambda *args: made.append(1) or original(*args)
    )
    paint(overlay, where.pan(3, 2).pan(-3, -2))
    overlay.update(Box(150, 150, 450, 650))  # touched, but as before
    paint(overlay, where)
    assert made == []
    overlay.canvas[300:304, 400:404] = 0
    overlay.update(Box(300, 400, 304, 404))
    paint(overlay, where)
    assert len(made) == 1


def test_the_tiles_kept_are_bounded(overlay):
    overlay.canvas[...] = 255
    for step in range(300):
        paint(overlay, view(3.0 + step / 50))
    assert len(overlay._tiles) < 250
    assert len(overlay._touched) <= len(overlay._tiles)


def test_a_mask_without_coverage_costs_no_images(overlay):
    paint(overlay, view(1.0))
    assert overlay._tiles
    assert all(drawn.image is None for drawn in overlay._tiles.values())
