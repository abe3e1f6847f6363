import numpy as np
import pytest
from skimage import feature

from inpaint_studio.imaging.edges import canny, lines_of, rgb_to_grey


@pytest.fixture(params=["photo0", "photo1"])
def original(request, data_dir):
    with np.load(data_dir / "parity" / "edgeconnect_edge.npz") as pairs:
        return {
            key.removeprefix(request.param + "_"): pairs[key]
            for key in pairs.files
            if key.startswith(request.param)
        }


@pytest.mark.data
def test_grey_is_that_of_the_original(original):
    grey = rgb_to_grey(original["rgb_u8"])
    assert np.abs(grey - original["gray_f64"]).max() <= 1e-9
    assert np.abs(rgb_to_grey(original["rgb_u8"] / 255.0) - original["gray_f64"]).max() <= 1e-9


@pytest.mark.data
def test_edges_around_a_hole_are_those_of_the_original_to_the_pixel(original):
    hole = original["mask_u8"] > 0
    edges = canny(rgb_to_grey(original["rgb_u8"]), hole)
    assert edges.dtype == np.float32
    assert np.array_equal(edges, original["canny_test"].reshape(edges.shape))


@pytest.mark.data
def test_edges_of_a_whole_picture_are_those_of_the_original_to_the_pixel(original):
    edges = canny(rgb_to_grey(original["rgb_u8"]))
    assert np.array_equal(edges, original["canny_nomask"].reshape(edges.shape))


def test_no_edges_in_the_hole_nor_from_what_lies_in_it(rgb):
    hole = np.zeros(rgb.shape[:2], bool)
    hole[40:70, 60:100] = True
    edges = canny(rgb_to_grey(rgb), hole)
    painted = rgb.copy()
    painted[hole] = (0, 255, 0)
    assert not edges[hole].any()
    assert edges[~hole].any()
    assert np.array_equal(edges, canny(rgb_to_grey(painted), hole))


def test_edges_are_looked_for_with_the_blur_of_the_original(rgb):
    grey = rgb_to_grey(rgb)
    assert np.array_equal(canny(grey), feature.canny(grey, sigma=2).astype(np.float32))


def haze_along(row, *, peak, size=64):
    """A likelihood that is highest along one row and fades away from it."""
    away = np.abs(np.arange(size, dtype=np.float32) - row)[:, np.newaxis]
    return np.repeat(peak * np.exp(-((away / 4) ** 2)), size, axis=1).astype(np.float32)


def test_a_haze_becomes_the_line_along_its_crest():
    lines = lines_of(haze_along(30, peak=0.5), low=0.2, high=0.3)
    assert lines.dtype == np.float32
    assert lines[30, 5:-5].all()
    assert np.count_nonzero(lines) <= 64


def test_an_even_haze_has_no_lines():
    assert not lines_of(np.full((40, 40), 0.6, np.float32), low=0.2, high=0.3).any()


def test_a_faint_piece_stays_only_where_it_goes_on_from_a_certain_one():
    faint = haze_along(30, peak=0.25)
    assert not lines_of(faint, low=0.2, high=0.3).any()
    stronger_to_the_left = np.linspace(0.5, 0.22, 64, dtype=np.float32)[np.newaxis]
    going_on = haze_along(30, peak=1) * stronger_to_the_left
    assert lines_of(going_on, low=0.2, high=0.3)[30, 55]
