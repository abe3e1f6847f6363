import io
import struct
import threading

import numpy as np
import pytest
from PIL import Image, ImageCms

from inpaint_studio.imaging.color import (
    DisplayTransform,
    from_working,
    profile_is_two_way,
    profile_works,
    to_working,
)
from inpaint_studio.imaging.files import read_photo
from inpaint_studio.imaging.icc import read_shaper

D50 = (0.9642, 1.0, 0.8249)


def s15(value):
    return struct.pack(">i", round(value * 65536))


def gamma(value):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256)) + bytes(2)


def table(values):
    points = np.round(np.asarray(values) * 65535).astype(">u2").tobytes()
    return b"curv" + bytes(4) + struct.pack(">I", len(values)) + points + bytes(len(points) % 4)


def parametric(kind, *numbers):
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + b"".join(map(s15, numbers))


def icc(space, tags):
    """A profile of these tags, laid out as ICC.1 section 7 says."""
    body, table_of_tags = b"", struct.pack(">I", len(tags))
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table_of_tags += name + struct.pack(">II", start + len(body), len(data))
        body += data
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"test", 0x02400000, b"mntr", space, b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + b"".join(map(s15, D50))
    return header.ljust(128, b"\0") + table_of_tags + body


def rgb_profile(primaries, curve, white=(0.3127, 0.3290)):
    """A matrix profile from xy primaries, adapted to D50 by Bradford."""

    def xyz(x, y):
        return np.array([x / y, 1, (1 - x - y) / y])

    columns = np.stack([xyz(*p) for p in primaries], axis=1)
    columns = columns * np.linalg.solve(columns, xyz(*white))
    bradford = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    scale = (bradford @ np.array(D50)) / (bradford @ xyz(*white))
    columns = np.linalg.inv(bradford) @ np.diag(scale) @ bradford @ columns
    tags = {b"wtpt": b"XYZ " + bytes(4) + b"".join(map(s15, D50))}
    for index, name in enumerate("rgb"):
        column = b"".join(map(s15, columns[:, index]))
        tags[f"{name}XYZ".encode()] = b"XYZ " + bytes(4) + column
        tags[f"{name}TRC".encode()] = curve
    return icc(b"RGB ", tags)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SRGB_CURVE = parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
ADOBE = rgb_profile([(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)], gamma(2.19921875))
P3 = rgb_profile([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)], SRGB_CURVE)
PROPHOTO = rgb_profile(
    [(0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)], gamma(1.8), white=(0.3457, 0.3585)
)
LINEAR = rgb_profile([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)], b"curv" + bytes(8))
GREY_22 = icc(b"GRAY", {b"kTRC": gamma(2.2)})
GREY_DOT_GAIN = icc(b"GRAY", {b"kTRC": table(np.linspace(0, 1, 64) ** 1.75)})

WIDE = {"adobe": ADOBE, "p3": P3, "prophoto": PROPHOTO, "linear": LINEAR}
GREYS = {"none": None, "gamma 2.2": GREY_22, "dot gain": GREY_DOT_GAIN}
DEPTHS = ["uint8", "uint16", "float32"]


@pytest.fixture
def srgb(rng):
    """(64, 64, 3) float32: every corner of the cube and a random filling."""
    colors = rng.random((64, 64, 3)).astype(np.float32)
    corners = np.stack(np.meshgrid([0, 1], [0, 1], [0, 1]), axis=-1).reshape(8, 3)
    colors[0, :8] = corners
    colors[1] = np.linspace(0, 1, 64)[:, np.newaxis]
    return colors


def levels_off(a, b, dtype):
    scale = 1 if dtype == "float32" else np.iinfo(dtype).max
    return np.abs(a.astype(np.float64) - b.astype(np.float64)).max() / scale


@pytest.mark.parametrize("profile", [None, SRGB], ids=["none", "sRGB"])
@pytest.mark.parametrize("dtype", DEPTHS)
def test_srgb_is_scaled_exactly_both_ways(srgb, profile, dtype):
    pixels = from_working(srgb, dtype=dtype, profile=profile, channels=3)
    working = to_working(pixels, profile)
    scale = 1 if dtype == "float32" else np.iinfo(dtype).max
    np.testing.assert_array_equal(working, pixels.astype(np.float32) / np.float32(scale))
    again = from_working(working, dtype=dtype, profile=profile, channels=3)
    np.testing.assert_array_equal(again, pixels)
    assert again.dtype == np.dtype(dtype)


def test_every_8_and_16_bit_level_survives():
    for dtype in ("uint8", "uint16"):
        ramp = np.arange(np.iinfo(dtype).max + 1).astype(dtype).reshape(1, -1, 1)
        for profile in GREYS.values():
            working = to_working(ramp, profile)
            back = from_working(working, dtype=dtype, profile=profile, channels=1)
            assert np.abs(back.astype(int) - ramp).max() <= (0 if profile is None else 1)


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize(
    ("dtype", "most"), [("uint8", 1 / 255), ("uint16", 1e-3), ("float32", 1e-3)]
)
def test_colours_inside_srgb_come_back(srgb, name, dtype, most):
    profile = WIDE[name]
    pixels = from_working(srgb, dtype=dtype, profile=profile, channels=3)
    back = from_working(to_working(pixels, profile), dtype=dtype, profile=profile, channels=3)
    assert levels_off(back, pixels, dtype) <= most * 1.0001


@pytest.mark.parametrize("name", WIDE)
def test_numbers_agree_with_little_cms(srgb, name):
    """An independent colour engine, which works at 8 bits here."""
    pixels = np.rint(srgb * 255).astype(np.uint8)
    expected = np.asarray(
        ImageCms.profileToProfile(
            Image.fromarray(pixels),
            ImageCms.ImageCmsProfile(io.BytesIO(WIDE[name])),
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    ).astype(float)
    working = to_working(pixels, WIDE[name]) * 255
    difference = np.abs(working - expected)
    if name == "linear":  # Little CMS rounds linear shadows to 8 bits on the way
        assert difference.mean() < 0.6
    else:
        assert difference.max() < 2
    shown = DisplayTransform(WIDE[name], 3, "uint8")(pixels)[:, :, :3]
    assert np.abs(shown - working).max() < 1.01


def test_colours_outside_srgb_are_clipped_to_its_edge():
    green = np.array([[[0, 255, 0]]], np.uint8)
    working = to_working(green, PROPHOTO)
    assert working.min() == 0
    assert working[0, 0, 1] == pytest.approx(1)
    neutral = to_working(np.full((1, 1, 3), 128, np.uint8), PROPHOTO)
    assert np.ptp(neutral) < 1e-3


@pytest.mark.parametrize("name", GREYS)
@pytest.mark.parametrize("dtype", DEPTHS)
def test_grey_stays_grey(rng, name, dtype):
    profile = GREYS[name]
    top = 1 if dtype == "float32" else np.iinfo(dtype).max
    pixels = (rng.random((32, 32, 1)) * top).astype(dtype)
    working = to_working(pixels, profile)
    assert working.shape == (32, 32, 3)
    assert np.ptp(working, axis=2).max() == 0
    back = from_working(working, dtype=dtype, profile=profile, channels=1)
    assert back.shape == pixels.shape
    assert levels_off(back, pixels, dtype) <= (1e-3 if dtype != "uint8" else 1 / 255)


def test_grey_profile_changes_brightness_as_it_says():
    half = np.full((1, 1, 1), 128, np.uint8)
    light = (128 / 255) ** 1.75
    expected = 1.055 * light ** (1 / 2.4) - 0.055
    assert to_working(half, GREY_DOT_GAIN)[0, 0, 0] == pytest.approx(expected, abs=2e-3)


def test_floats_beyond_white_and_not_a_number_are_tamed():
    pixels = np.array([[[np.nan, 7.5, -3.0], [np.inf, 0.25, -np.inf]]], np.float32)
    expected = [[[0, 1, 0], [1, 0.25, 0]]]
    np.testing.assert_array_equal(to_working(pixels, None), expected)
    assert np.isfinite(to_working(pixels, ADOBE)).all()
    assert DisplayTransform(None, 3, "float32")(pixels)[0, 0].tolist() == [0, 255, 0, 255]


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"not a profile" * 20,
        SRGB[:200],
        SRGB[:132] + bytes(len(SRGB) - 132),
        icc(b"RGB ", {b"rTRC": gamma(2.2)}),
        icc(b"RGB ", {name: b"XYZ " + bytes(16) for name in (b"rXYZ", b"gXYZ", b"bXYZ")}),
        GREY_22,
        icc(b"CMYK", {}),
    ],
)
def test_unusable_profile_counts_as_srgb(srgb, profile):
    pixels = np.rint(srgb * 255).astype(np.uint8)
    assert not profile_works(profile, 3)
    np.testing.assert_array_equal(to_working(pixels, profile), to_working(pixels, None))
    back = from_working(srgb, dtype="uint8", profile=profile, channels=3)
    np.testing.assert_array_equal(back, pixels)
    np.testing.assert_array_equal(DisplayTransform(profile, 3, "uint8")(pixels)[:, :, :3], pixels)


def test_usable_profiles_work_both_ways():
    for profile in (SRGB, *WIDE.values()):
        assert profile_works(profile, 3)
        assert profile_is_two_way(profile)
    assert profile_works(GREY_22, 1)
    assert read_shaper(SRGB).is_srgb
    assert not read_shaper(ADOBE).is_srgb


@pytest.mark.data
def test_table_profiles(data_dir):
    """A scanner's tables: Lab there and back; an XYB profile that leads nowhere is not kept."""
    photo = read_photo(data_dir / "odd" / "python-pil_icc_profile_big.jpg")
    assert profile_is_two_way(photo.profile)
    working = to_working(photo.pixels, photo.profile)
    back = from_working(working, dtype="uint8", profile=photo.profile, channels=3)
    assert np.abs(back.astype(int) - photo.pixels).mean() < 3  # its own tables are this coarse
    shown = DisplayTransform(photo.profile, 3, "uint8")(photo.pixels)[:, :, :3]
    assert np.abs(shown - working * 255).mean() < 1
    xyb = read_photo(data_dir / "odd" / "libvips_sample-xyb.jpg")
    plain = read_photo(data_dir / "odd" / "libvips_sample.jpg")
    same = to_working(xyb.pixels, xyb.profile) - to_working(plain.pixels, plain.profile)
    assert np.abs(same).mean() < 0.02


@pytest.mark.parametrize("dtype", DEPTHS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("profile", [None, "own"])
def test_display_shows_every_kind_with_straight_alpha(rng, dtype, channels, profile):
    own = GREY_22 if channels <= 2 else P3
    used = own if profile else None
    top = 1 if dtype == "float32" else np.iinfo(dtype).max
    tile = (rng.random((30, 50, channels)) * top).astype(dtype)
    shown = DisplayTransform(used, channels, dtype)(tile)
    assert shown.shape == (30, 50, 4)
    assert shown.dtype == np.uint8
    colors = tile[:, :, : 1 if channels <= 2 else 3]
    assert np.abs(shown[:, :, :3] - to_working(colors, used) * 255.0).max() < 1.01
    if channels in (2, 4):
        expected = tile[:, :, -1] / np.float64(top) * 255
        assert np.abs(shown[:, :, 3] - expected).max() <= 0.51
    else:
        assert (shown[:, :, 3] == 255).all()


def test_display_is_the_same_from_many_threads(rng):
    tiles = [rng.integers(0, 65536, (64, 64, 3)).astype(np.uint16) for _ in range(8)]
    transform = DisplayTransform(ADOBE, 3, "uint16")
    expected = [transform(tile) for tile in tiles]
    shown = [None] * len(tiles)

    def show(index):
        for _ in range(5):
            shown[index] = transform(tiles[index])

    threads = [threading.Thread(target=show, args=(i,)) for i in range(len(tiles))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(shown, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_display_takes_views_of_a_photo(rgb):
    view = rgb[10:40:2, ::-1]
    shown = DisplayTransform(None, 3, "uint8")(view)
    np.testing.assert_array_equal(shown[:, :, :3], view)
