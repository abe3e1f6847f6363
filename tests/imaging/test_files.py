"""Pixels: what is saved is what was opened, bit for bit, wherever the format can."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.composite import as_saved_from
from inpaint_studio.imaging.files import (
    WriteOptions,
    is_lossless,
    read_photo,
    write_photo,
)
from inpaint_studio.imaging.photo import Photo

HOLDS = {
    ".png": ("uint8", "uint16"),
    ".tif": ("uint8", "uint16", "float32"),
    ".webp": ("uint8",),
}


def pictures(dtype, channels):
    floats = st.floats(-4, 1e6, width=32) if dtype == "float32" else None
    sides = st.integers(1, 40)
    return st.tuples(sides, sides, st.sampled_from(channels)).flatmap(
        lambda shape: hnp.arrays(dtype, shape, elements=floats)
    )


@st.composite
def lossless_saves(draw):
    suffix = draw(st.sampled_from(sorted(HOLDS)))
    dtype = draw(st.sampled_from(HOLDS[suffix]))
    compression = draw(st.sampled_from(["deflate", "none"]))
    return suffix, draw(pictures(dtype, (1, 2, 3, 4))), WriteOptions(compression=compression)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(save=lossless_saves())
def test_lossless_formats_keep_every_bit(save, tmp_path_factory):
    suffix, pixels, options = save
    path = tmp_path_factory.mktemp("out") / f"a{suffix}"
    photo = Photo(pixels)
    notes = write_photo(path, photo, options=options)
    assert bool(notes) == (suffix == ".webp" and photo.color_channels == 1)  # WebP has no grey
    back = read_photo(path).pixels
    assert back.dtype == pixels.dtype
    if suffix != ".webp":
        assert back.shape == pixels.shape
    np.testing.assert_array_equal(as_saved_from(photo, back), pixels)


def test_colour_under_transparent_pixels_is_kept(tmp_path, rng):
    pixels = rng.integers(0, 256, (20, 30, 4)).astype(np.uint8)
    pixels[:, :, 3] = 0
    for suffix in HOLDS:
        write_photo(tmp_path / f"a{suffix}", Photo(pixels))
        np.testing.assert_array_equal(read_photo(tmp_path / f"a{suffix}").pixels, pixels)


def test_panorama(tmp_path, rng):
    pixels = rng.integers(0, 256, (200, 30_000, 3)).astype(np.uint8)
    for suffix in (".png", ".tif", ".jpg"):
        write_photo(tmp_path / f"a{suffix}", Photo(pixels))
        assert read_photo(tmp_path / f"a{suffix}").size == (200, 30_000)
    with pytest.raises(PhotoError, match=r"16,383 pixels a side.*30,000 × 200; use PNG or TIFF"):
        write_photo(tmp_path / "a.webp", Photo(pixels))


def test_a_file_saved_again_is_read_anew(tmp_path):
    path = tmp_path / "a.png"
    for level in (10, 20):
        write_photo(path, Photo(np.full((4, 4, 1), level, np.uint8)), overwrite=True)
        assert read_photo(path).pixels.max() == level


def test_grey_webp_comes_back_as_equal_channels(tmp_path, rgb):
    grey = rgb[:, :, :1]
    write_photo(tmp_path / "a.webp", Photo(grey))
    np.testing.assert_array_equal(
        read_photo(tmp_path / "a.webp").pixels, np.repeat(grey, 3, axis=2)
    )


@pytest.mark.parametrize("name", ["a[b].png", "träume 夢.tif", "100% [page=2].jpg", "a.b.webp"])
def test_any_file_name_works(tmp_path, rgb, name):
    write_photo(tmp_path / name, Photo(rgb))
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert read_photo(tmp_path / name).size == (96, 128)


def test_jpeg_is_close_and_in_full_colour_resolution(tmp_path, rgb):
    write_photo(tmp_path / "a.jpg", Photo(rgb))
    write_photo(tmp_path / "b.jpg", Photo(rgb), options=WriteOptions(quality=40, chroma="4:2:0"))
    back = read_photo(tmp_path / "a.jpg").pixels.astype(int)
    assert np.abs(back - rgb).mean() < 3
    assert (tmp_path / "b.jpg").stat().st_size < (tmp_path / "a.jpg").stat().st_size / 2


def test_jpeg_of_a_deep_transparent_photo_says_what_it_cost(tmp_path):
    pixels = np.zeros((8, 8, 4), np.uint16)
    notes = write_photo(tmp_path / "a.jpg", Photo(pixels))
    assert notes == (
        "Converted from 16 bit to 8 bit.",
        "JPEG has no transparency; the picture was laid on white.",
    )
    assert read_photo(tmp_path / "a.jpg").pixels.min() == 255


def test_png_refuses_floats_and_names_the_ways_out(tmp_path):
    photo = Photo(np.full((4, 4, 3), 0.5, np.float32))
    with pytest.raises(PhotoError, match=r"PNG cannot hold 32-bit floating point.*TIFF.*16 bit"):
        write_photo(tmp_path / "a.png", photo)
    assert list(tmp_path.iterdir()) == []
    notes = write_photo(tmp_path / "a.png", photo, options=WriteOptions(depth="uint16"))
    assert notes == ("Converted from 32-bit floating point to 16 bit.",)
    assert read_photo(tmp_path / "a.png").pixels.max() == 32768


@pytest.mark.parametrize(
    ("have", "want", "white"),
    [("uint8", "uint16", 65535), ("uint16", "uint8", 255), ("uint8", "float32", 1.0)],
)
def test_depth_goes_from_full_scale_to_full_scale(tmp_path, have, want, white):
    pixels = np.full((4, 4, 1), np.iinfo(have).max, have)
    pixels[0] = 0
    path = tmp_path / "a.tif"
    write_photo(path, Photo(pixels), options=WriteOptions(depth=want))
    back = read_photo(path).pixels
    assert (back.dtype.name, back.min(), back.max()) == (want, 0, white)


@pytest.mark.parametrize("have", ["uint16", "float32"])
def test_less_depth_is_rounded_to_the_nearest(tmp_path, have):
    every = np.arange(2**16, dtype=np.uint16)
    values = every if have == "uint16" else (every / 65535).astype(np.float32)
    photo = Photo(values.reshape(256, 256, 1))
    write_photo(tmp_path / "a.tif", photo, options=WriteOptions(depth="uint8"))
    eight = read_photo(tmp_path / "a.tif").pixels
    assert np.array_equal(eight.ravel(), np.rint(every / 257).astype(np.uint8))


def test_deeper_and_back_is_the_same(tmp_path, rgb):
    write_photo(tmp_path / "a.tif", Photo(rgb), options=WriteOptions(depth="uint16"))
    deep = read_photo(tmp_path / "a.tif")
    write_photo(tmp_path / "b.png", deep, options=WriteOptions(depth="uint8"))
    np.testing.assert_array_equal(read_photo(tmp_path / "b.png").pixels, rgb)


def test_what_is_lossless():
    assert is_lossless(Path("a.PNG"))
    assert is_lossless(Path("a.tiff"))
    assert is_lossless(Path("a.webp"))
    assert not is_lossless(Path("a.webp"), WriteOptions(lossless=False))
    assert not is_lossless(Path("a.jpeg"))
    assert is_lossless(Path("a.jpg"), WriteOptions(format="png"))


def test_options_refuse_nonsense():
    with pytest.raises(ValueError, match="quality"):
        WriteOptions(quality=0)
    with pytest.raises(ValueError, match="effort"):
        WriteOptions(effort=0)
