"""Valid files that other programs stumble over, each with what must come of it."""

import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.files import read_photo, write_photo
from inpaint_studio.imaging.profiles import profile_name

pytestmark = pytest.mark.data

UNSUPPORTED = {"python-pil_hopper_16bit.pgm"}

KINDS = {  # name: (depth, height, width, channels)
    "drewnoakes_Issue_151.tif": ("uint16", 964, 1280, 1),
    "drewnoakes_Multiple_ICC_segments.jpg": ("uint8", 140, 140, 3),
    "drewnoakes_basn4a16.png": ("uint16", 32, 32, 2),
    "drewnoakes_bgan6a16.png": ("uint16", 32, 32, 4),
    "imagemagic_input_256_matte.tiff": ("uint8", 46, 70, 4),
    "imagemagic_input_gray_12bit.tiff": ("uint16", 256, 320, 1),
    "imagemagic_input_truecolor_16.tiff": ("uint16", 46, 70, 3),
    "libvips_2bit.tif": ("uint8", 4, 256, 1),
    "libvips_4bit.tif": ("uint8", 4, 256, 1),
    "libvips_indexed.png": ("uint8", 442, 290, 3),
    "libvips_ojpeg-tile.tif": ("uint8", 213, 234, 3),
    "libvips_sample.tif": ("uint16", 442, 290, 3),
    "libvips_subsampled.tif": ("uint8", 325, 250, 3),
    "python-pil_10ct_32bit_128.tiff": ("float32", 128, 128, 1),
    "python-pil_12in16bit.tif": ("uint16", 100, 100, 1),
    "python-pil_1_trns.png": ("uint8", 64, 64, 2),
    "python-pil_hopper.Lab.tif": ("uint8", 128, 128, 3),
    "python-pil_hopper_g4_500.tif": ("uint8", 500, 500, 1),
    "python-pil_tiff_16bit_RGBa.tiff": ("uint16", 40, 100, 4),
    "python-pil_tiff_strip_cmyk_16l_jpeg.tif": ("uint16", 100, 100, 3),
    "python-pil_tiff_strip_planar_16bit_RGB.tiff": ("uint16", 40, 100, 3),
    "recurser_Portrait_6.jpg": ("uint8", 1800, 1200, 3),
    "scikit-ima_foo3x5x4indexed.png": ("uint8", 3, 5, 4),
}

NOTES = {
    "drewnoakes_Multiple_ICC_segments.jpg": "Converted from CMYK to sRGB by its profile.",
    "python-pil_pil_sample_cmyk.jpg": "by a standard print profile",
    "python-pil_tiff_strip_cmyk_16l_jpeg.tif": "Converted from CMYK",
    "python-pil_hopper.Lab.tif": "Converted from Lab",
    "python-pil_tiff_16bit_RGBa.tiff": "stored multiplied by alpha",
    "libvips_sample-xyb.jpg": "its colour profile can only be read",
}

PROFILES = {
    "photoprism_Iceland-P3.jpg": "Display P3",
    "photoprism_flash.jpg": "Adobe RGB (1998)",
    "photoprism_example.tif": "Adobe RGB (1998)",
    "photoprism_beach_colorfilter.jpg": "Camera RGB Profile",
    "ianare_landscape_6.jpg": "Generic RGB Profile",
}


def test_every_odd_file_opens_and_saves_bit_for_bit(data_dir, tmp_path):
    for path in sorted((data_dir / "odd").iterdir()):
        if path.name in UNSUPPORTED or path.suffix == ".csv":
            with pytest.raises(PhotoError, match="can be opened"):
                read_photo(path)
            continue
        photo = read_photo(path)
        saved = tmp_path / f"{path.name}.tif"
        assert write_photo(saved, photo) == ()
        back = read_photo(saved)
        np.testing.assert_array_equal(back.pixels, photo.pixels, err_msg=path.name)
        assert back.pixels.dtype == photo.pixels.dtype
        assert back.profile == photo.profile, path.name
        assert back.metadata.xmp == photo.metadata.xmp, path.name
        assert back.metadata.iptc == photo.metadata.iptc, path.name


@pytest.mark.parametrize("name", KINDS)
def test_depth_size_and_channels(data_dir, name):
    photo = read_photo(data_dir / "odd" / name)
    assert (photo.pixels.dtype.name, *photo.pixels.shape) == KINDS[name]


@pytest.mark.parametrize("name", NOTES)
def test_conversions_are_said(data_dir, name):
    photo = read_photo(data_dir / "odd" / name)
    assert NOTES[name] in " ".join(photo.metadata.notes)
    assert photo.profile is None or "alpha" in NOTES[name]


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_are_kept(data_dir, name):
    assert profile_name(read_photo(data_dir / "odd" / name).profile) == PROFILES[name]


def test_eight_bit_pixels_agree_with_pillow(data_dir):
    """An independent decoder; JPEG decoders may differ by rounding."""
    compared = 0
    for path in sorted((data_dir / "odd").iterdir()):
        if path.name in UNSUPPORTED | set(NOTES) or path.suffix == ".csv":
            continue
        photo = read_photo(path)
        if photo.pixels.dtype != np.uint8:
            continue
        mode = ("L", "LA", "RGB", "RGBA")[photo.pixels.shape[2] - 1]
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")
            if image.mode == "PA":  # Pillow forgets the alpha of palettes
                continue
            expected = np.asarray(ImageOps.exif_transpose(image).convert(mode)).astype(int)
        difference = np.abs(photo.pixels.reshape(expected.shape) - expected)
        if photo.has_alpha:
            difference = difference[photo.alpha > 0]
        assert difference.max() <= (3 if "jp" in path.suffix else 0), path.name
        compared += 1
    assert compared > 25


def test_the_large_photos_open_with_their_metadata(data_dir):
    for path in sorted((data_dir / "large").glob("*.jp*g")):
        photo = read_photo(path)
        assert photo.size.area > 9_000_000
        assert photo.metadata.notes == ()
