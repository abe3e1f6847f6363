"""Colours between drawn edges: carried from the rim, cut by lines."""

import numpy as np
import pytest

from inpaint_studio.engines.api import FillRequest, FillResult, Progress
from inpaint_studio.engines.drawn_edges import KeepsToDrawnEdges
from inpaint_studio.engines.edge_colors import colors_between
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.steps import exhausted

HOLE = (slice(12, 36), slice(10, 40))


@pytest.fixture
def hole():
    hole = np.zeros((48, 50), bool)
    hole[HOLE] = True
    return hole


@pytest.fixture
def wall():
    """Red above row 24, green below: (48, 50, 3) float32."""
    picture = np.zeros((48, 50, 3), np.float32)
    picture[:24, :, 0] = 0.8
    picture[24:, :, 1] = 0.6
    return picture


def damaged(picture, hole):
    return np.where(hole[:, :, None], np.float32(np.nan), picture)


def test_a_line_from_rim_to_rim_keeps_two_colours_apart(wall, hole):
    lines = np.zeros_like(hole)
    lines[24, 8:42] = True
    pixels, reached = colors_between(damaged(wall, hole), hole, lines)
    assert np.array_equal(reached, hole)
    away = hole & ~lines
    assert np.abs(pixels - wall)[away].max() < 1e-5
    assert np.array_equal(pixels[~hole], wall[~hole])
    assert np.isfinite(pixels).all()


def test_without_the_line_they_run_into_each_other(wall, hole):
    pixels, _ = colors_between(damaged(wall, hole), hole, np.zeros_like(hole))
    assert np.abs(pixels - wall)[23, 25].max() > 0.2


def test_a_slanted_line_one_pixel_wide_has_no_leak(hole):
    rows, columns = np.mgrid[:48, :50]
    picture = np.where((rows > columns)[:, :, None], np.float32([1, 0, 0]), np.float32([0, 0, 1]))
    pixels, _ = colors_between(damaged(picture, hole), hole, rows == columns)
    away = hole & (rows != columns)
    assert np.abs(pixels - picture)[away].max() < 1e-5


def test_a_gradient_goes_on_as_it_was(hole):
    picture = np.repeat(np.linspace(0, 1, 50, dtype=np.float32)[None, :, None], 48, axis=0)
    picture = np.repeat(picture, 3, axis=2)
    pixels, _ = colors_between(damaged(picture, hole), hole, np.zeros_like(hole))
    assert np.abs(pixels - picture).max() < 1e-4


def test_what_lines_enclose_is_not_made_up(wall, hole):
    lines = np.zeros_like(hole)
    lines[16:31, 16:31] = True
    lines[18:29, 18:29] = False
    _, reached = colors_between(damaged(wall, hole), hole, lines)
    assert not reached[18:29, 18:29].any()
    assert reached[13, 13]


class Network:
    size_rule = SizeRule()
    notes = ("a note",)

    def __init__(self, edges):
        self.edges = edges

    def fill(self, request):
        yield Progress("Drawing", 0.5)
        return FillResult(np.full_like(request.photo, 0.5), edges=self.edges)


@pytest.mark.parametrize("drawn", [True, False])
def test_a_networks_colours_give_way_to_drawn_edges_only(wall, hole, drawn):
    lines = np.zeros(hole.shape, np.float32)
    lines[24, 8:42] = 1
    lines[30:35, 20:25] = 1
    lines[31:34, 21:24] = 0
    engine = KeepsToDrawnEdges(Network(lines))
    request = FillRequest(damaged(wall, hole), hole, edges=lines if drawn else None)
    result = exhausted(engine.fill(request))
    assert (abs(result.pixels[20, 25] - wall[20, 25]).max() < 1e-5) == drawn
    assert result.pixels[32, 22] == pytest.approx(0.5)  # enclosed: the network's
    assert engine.notes == ("a note",)
