"""Previews and edge maps as images."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from inpaint_studio.ui.canvas.fill_overlay import (
    INVENTED_EDGE,
    KNOWN_EDGE,
    edge_image,
    preview_image,
)

pytestmark = pytest.mark.gui


def rgba(image):
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8)
    return rows.reshape(image.height(), image.width(), 4).copy()


def test_a_preview_shows_its_pixels_in_the_hole_and_nothing_outside(qtbot, rng):
    pixels = rng.random((150, 90, 3)).astype(np.float32)
    hole = rng.random((150, 90)) > 0.5
    hole[:20] = hole[:, 80:] = False
    shown = rgba(preview_image(pixels, hole))
    assert (shown[:, :, 3] == np.where(hole, 255, 0)).all()
    assert np.array_equal(shown[hole][:, :3], np.floor(pixels[hole] * 255 + 0.5).astype(np.uint8))


def test_values_outside_the_range_are_clipped(qtbot):
    pixels = np.array([[[-1.0, 0.5, 7.0]]], np.float32)
    assert rgba(preview_image(pixels, np.ones((1, 1), bool)))[0, 0].tolist() == [0, 128, 255, 255]


def test_a_preview_without_a_hole_shows_nothing(qtbot):
    shown = rgba(preview_image(np.ones((4, 4, 3), np.float32), np.zeros((4, 4), bool)))
    assert not shown.any()


def test_edges_are_coloured_by_where_they_come_from(qtbot):
    edges = np.array([[1.0, 1.0, 0.0]], np.float32)
    shown = rgba(edge_image(edges, np.array([[False, True, True]])))
    assert shown[0, 0].tolist() == [*KNOWN_EDGE.getRgb()]
    assert shown[0, 1].tolist() == [*INVENTED_EDGE.getRgb()]
    assert shown[0, 2, 3] == 0
