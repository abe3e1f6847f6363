"""The before/after sheet."""

import numpy as np
import pytest
from PIL import Image

from inpaint_studio.cli.sheet import PANEL, Panel, make_sheet, sheet_format, tint, write_sheet
from inpaint_studio.errors import UsageError


@pytest.fixture
def panels(rgb):
    return [Panel("before", rgb), Panel("mask", rgb), Panel("after", np.full_like(rgb, 255))]


def test_pictures_stand_side_by_side_in_order(panels, rgb):
    sheet = np.asarray(make_sheet(panels))
    height, width = rgb.shape[:2]
    assert sheet.shape[1] > 3 * width
    first = sheet[-16 - height : -16, 16 : 16 + width]
    last = sheet[-16 - height : -16, -16 - width : -16]
    assert np.array_equal(first, rgb)
    assert (last == 255).all()


def test_large_pictures_are_scaled_down():
    large = np.zeros((50, PANEL * 3, 3), np.uint8)
    assert make_sheet([Panel("before", large)]).width == PANEL + 32


def test_the_sheet_is_written_whole(tmp_path, panels):
    path = tmp_path / "sheet.png"
    write_sheet(path, panels)
    with Image.open(path) as sheet:
        assert np.array_equal(np.asarray(sheet), np.asarray(make_sheet(panels)))
    assert list(tmp_path.iterdir()) == [path]


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.png"):
        sheet_format(tmp_path / "sheet.xyz")


def test_the_tint_touches_only_the_mask(rgb):
    coverage = np.zeros(rgb.shape[:2], np.uint8)
    coverage[10:20, 10:20] = 255
    tinted = tint(rgb, coverage, (255, 0, 0))
    assert np.array_equal(tinted[coverage == 0], rgb[coverage == 0])
    assert (tinted[coverage > 0][:, 0] > rgb[coverage > 0][:, 0]).all()
