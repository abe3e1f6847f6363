import numpy as np
import pytest
from PIL import Image

from inpaint_studio.errors import MaskError, PhotoError
from inpaint_studio.imaging.files import (
    mask_from_alpha,
    read_edges,
    read_mask,
    read_photo,
    write_edges,
    write_mask,
    write_photo,
)
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo

SIZE = Size(12, 20)


@pytest.fixture
def hole():
    hole = np.zeros(SIZE, bool)
    hole[3:7, 5:15] = True
    return hole


def as_mode(hole, mode):
    grey = Image.fromarray(np.where(hole, 255, 0).astype(np.uint8))
    if mode == "I;16":
        return Image.fromarray(np.where(hole, 65535, 0).astype(np.uint16))
    if mode == "alpha":
        picture = Image.new("RGBA", grey.size, "white")
        picture.putalpha(grey)
        return picture
    return grey.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "alpha"])
def test_any_picture_serves_as_a_mask(tmp_path, hole, mode):
    as_mode(hole, mode).save(tmp_path / "m.png")
    reading = read_mask(tmp_path / "m.png", size=SIZE)
    np.testing.assert_array_equal(reading.mask.hole, hole)
    assert reading.notes == ()


def test_other_sense(tmp_path, hole):
    as_mode(~hole, "L").save(tmp_path / "m.tif")
    reading = read_mask(tmp_path / "m.tif", size=SIZE, white_fills=False)
    np.testing.assert_array_equal(reading.mask.hole, hole)


@pytest.mark.parametrize("paint", [(255, 0, 0), (0, 0, 255), (0, 200, 0), (200, 30, 160)])
@pytest.mark.parametrize("ground", ["black", "white"])
def test_paint_of_any_colour_is_a_mask(tmp_path, hole, paint, ground):
    picture = Image.new("RGB", (SIZE.width, SIZE.height), ground)
    picture.paste(paint, mask=as_mode(hole, "L"))
    picture.save(tmp_path / "m.png")
    reading = read_mask(tmp_path / "m.png", size=SIZE, white_fills=ground == "black")
    np.testing.assert_array_equal(reading.mask.hole, hole)


def test_greys_are_cut_at_half_and_said_so(tmp_path):
    ramp = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    Image.fromarray(ramp).save(tmp_path / "m.png")
    mask, notes = read_mask(tmp_path / "m.png", size=None)
    np.testing.assert_array_equal(mask.coverage, np.where(ramp >= 128, 255, 0))
    assert "greys (99.2 % of it); they were cut at half" in notes[0]
    soft = read_mask(tmp_path / "m.png", size=None, soft=True)
    np.testing.assert_array_equal(soft.mask.coverage, ramp)
    assert soft.notes == ()


def test_another_size_is_refused_with_both_sizes_or_scaled(tmp_path, hole):
    as_mode(hole, "L").save(tmp_path / "m.png")
    big = Size(24, 40)
    with pytest.raises(MaskError, match=r"m\.png” is 20 × 12 pixels and the photo 40 × 24"):
        read_mask(tmp_path / "m.png", size=big)
    mask, notes = read_mask(tmp_path / "m.png", size=big, scale=True)
    np.testing.assert_array_equal(mask.hole, hole.repeat(2, axis=0).repeat(2, axis=1))
    assert "it was scaled to fit" in notes[0]
    small, _ = read_mask(tmp_path / "m.png", size=Size(6, 10), scale=True)
    assert small.hole.sum() in range(8, 16)


def test_empty_and_full_masks_are_masks(tmp_path):
    for level in (0, 255):
        Image.new("L", (20, 12), level).save(tmp_path / "m.png")
        assert read_mask(tmp_path / "m.png", size=SIZE).mask.coverage.min() == level


def test_a_bad_mask_file_is_a_mask_error(tmp_path):
    with pytest.raises(MaskError, match=r"no\.png.*no such file"):
        read_mask(tmp_path / "no.png", size=SIZE)


def test_soft_coverage_is_saved_and_read_exactly(tmp_path, rng):
    mask = Mask(rng.integers(0, 256, SIZE).astype(np.uint8))
    write_mask(tmp_path / "m.png", mask)
    with Image.open(tmp_path / "m.png") as saved:
        assert saved.mode == "L"
    back = read_mask(tmp_path / "m.png", size=SIZE, soft=True).mask
    np.testing.assert_array_equal(back.coverage, mask.coverage)
    with pytest.raises(PhotoError, match="exists"):
        write_mask(tmp_path / "m.png", mask)


@pytest.mark.parametrize(("dtype", "opaque"), [("uint8", 255), ("uint16", 65535), ("float32", 1)])
def test_transparency_as_a_mask(tmp_path, hole, dtype, opaque):
    pixels = np.zeros((*SIZE, 4), dtype)
    pixels[:, :, 3] = np.where(hole, 0, opaque)
    write_photo(tmp_path / "a.tif", Photo(pixels))
    photo = read_photo(tmp_path / "a.tif")
    np.testing.assert_array_equal(mask_from_alpha(photo).hole, hole)
    with pytest.raises(MaskError, match="no transparency"):
        mask_from_alpha(Photo(pixels[:, :, :3]))


def test_edges_go_out_and_come_back(tmp_path, rng):
    edges = (rng.integers(0, 256, SIZE) / np.float32(255)).astype(np.float32)
    write_edges(tmp_path / "e.png", edges)
    np.testing.assert_array_equal(read_edges(tmp_path / "e.png", SIZE), edges)
    with pytest.raises(MaskError, match=r"edge map “e\.png” is 20 × 12 pixels and the photo 9 × 9"):
        read_edges(tmp_path / "e.png", Size(9, 9))
