"""The arithmetic of zoom, pan and fit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.ui.canvas.viewport import (
    MAXIMUM_ZOOM,
    Viewport,
    fit_zoom,
    level_for,
)

PHOTO = Size(4000, 6000)
SCREEN = Size(800, 1200)

views = st.builds(
    lambda height, width, zoom, x, y: (
        Viewport(Size(height, width), SCREEN).fit().zoom_at(zoom, 600, 400).pan(x, y)
    ),
    st.integers(1, 12000),
    st.integers(1, 12000),
    st.floats(0.01, 64),
    st.floats(-9000, 9000),
    st.floats(-9000, 9000),
)


def test_a_fitted_photo_shows_whole_and_centred():
    view = Viewport(PHOTO, SCREEN).fit()
    box = view.screen_box(PHOTO.box)
    assert SCREEN.box.contains(box)
    assert abs(box.left - (SCREEN.width - box.right)) <= 1
    assert abs(box.top - (SCREEN.height - box.bottom)) <= 1
    assert view.visible == PHOTO.box


def test_a_small_photo_is_fitted_at_100_percent():
    assert fit_zoom(Size(100, 100), SCREEN) == 1.0


@pytest.mark.parametrize("zoom", [0.1, 0.37, 1.0, 3.3, 40.0])
def test_the_point_under_the_cursor_stays_there(zoom):
    view = Viewport(PHOTO, SCREEN).fit()
    before = view.to_photo(500, 300)
    view = view.zoom_at(zoom, 500, 300)
    after = view.to_photo(500, 300)
    assert math.dist(before, after) <= 1.0 / view.zoom  # the corner snaps to a device pixel


def test_at_100_percent_photo_pixels_are_device_pixels():
    view = Viewport(PHOTO, SCREEN).fit().zoom_at(1.0, 431.7, 77.2).pan(0.4, 13.6)
    assert view.origin.x == int(view.origin.x)
    box = view.screen_box(Box(7, 9, 8, 10))
    assert box.size == Size(1, 1)


@given(views)
def test_neighbouring_boxes_meet_without_gap_or_overlap(view):
    for column in range(0, 1024, 256):
        left = view.screen_box(Box(0, column, 256, column + 256))
        right = view.screen_box(Box(0, column + 256, 256, column + 512))
        assert left.right == right.left


@given(views)
def test_the_photo_can_never_be_lost(view):
    middle = view.to_photo(*view.centre)
    slack = 1.0 / view.zoom
    assert -slack <= middle.x <= view.photo.width + slack
    assert -slack <= middle.y <= view.photo.height + slack


@given(views, st.integers(0, 1199), st.integers(0, 799))
def test_what_a_device_pixel_shows_is_in_the_box_asked_for(view, x, y):
    column, row = (math.floor(at) for at in view.to_photo(x + 0.5, y + 0.5))
    if 0 <= row < view.photo.height and 0 <= column < view.photo.width:
        assert view.photo_box(Box(y, x, y + 1, x + 1)).contains(
            Box(row, column, row + 1, column + 1)
        )


@pytest.mark.parametrize(
    ("zoom", "level"), [(64, 0), (1.0, 0), (0.99, 0), (0.51, 0), (0.5, 1), (0.26, 1), (0.25, 2)]
)
def test_the_level_is_never_coarser_than_the_screen(zoom, level):
    assert level_for(zoom) == level
    assert zoom * 2**level <= max(1.0, zoom)


def test_steps_go_up_and_down_the_same_ladder():
    view = Viewport(PHOTO, SCREEN).fit().zoom_at(1.0, 0, 0)
    assert view.step(1) == 1.5
    assert view.step(-1) == pytest.approx(2 / 3)
    assert view.zoom_at(MAXIMUM_ZOOM, 0, 0).step(1) == MAXIMUM_ZOOM
    assert view.zoom_at(1e-9, 0, 0).zoom == view.minimum_zoom


def test_a_resized_canvas_keeps_a_fitted_photo_fitted():
    view = Viewport(PHOTO, SCREEN).fit().resized(Size(400, 600))
    assert view == Viewport(PHOTO, Size(400, 600)).fit()


def test_a_resized_canvas_keeps_the_middle_in_the_middle():
    view = Viewport(PHOTO, SCREEN).zoom_at(2.0, 0, 0).centre_on(1234, 987)
    after = view.resized(Size(401, 603)).to_photo(603 / 2, 401 / 2)
    assert math.dist(after, (1234, 987)) <= 1


def test_a_strip_30000_long_can_be_fitted():
    view = Viewport(Size(200, 30000), SCREEN).fit()
    assert SCREEN.box.contains(view.screen_box(view.photo.box))
