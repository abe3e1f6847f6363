"""Profile, EXIF, XMP, IPTC, resolution and orientation, through every format that holds them."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, IptcImagePlugin

from inpaint_studio.imaging.files import WriteOptions, read_photo, write_photo
from inpaint_studio.imaging.metadata import (
    bare_iptc,
    from_raw_profile,
    photoshop_iptc,
    to_raw_profile,
    upright_exif,
    upright_xmp,
)
from inpaint_studio.imaging.photo import Metadata, Photo
from inpaint_studio.imaging.reader import turned_upright

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf/>' + b" " * 100 + b"</x:xmpmeta>"
IPTC = b"\x1c\x02\x05\x00\x05Title\x1c\x02\x50\x00\x06Author"
PER_MM = (300 / 25.4, 300 / 25.4)


def exif_block(orientation=1, **more):
    exif = Image.Exif()
    exif[271], exif[272], exif[306], exif[33432] = "Maker", "Model", "2020:02:03 04:05:06", "Me"
    exif[274] = orientation
    exif.get_ifd(0x8769).update({33434: 0.004, 40962: 128, 40963: 96, **more})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0)})
    return exif.tobytes().removeprefix(b"Exif\0\0")


def described(path):
    """What Pillow, another program, reads of the file's EXIF."""
    with Image.open(path) as image:
        exif = image.getexif()
        wanted = {tag: exif.get(tag) for tag in (271, 272, 306, 33432)}
        return {
            **wanted,
            "exposure": float(exif.get_ifd(0x8769)[33434]),
            "latitude": tuple(float(v) for v in exif.get_ifd(0x8825)[2]),
        }


EXPECTED = {
    271: "Maker",
    272: "Model",
    306: "2020:02:03 04:05:06",
    33432: "Me",
    "exposure": 0.004,
    "latitude": (52.0, 30.0, 0.0),
}


@pytest.fixture
def photo(rgb):
    return Photo(rgb, PROFILE, Metadata(exif_block(), XMP, IPTC, PER_MM))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_everything_is_carried(tmp_path, photo, suffix):
    path = tmp_path / f"a{suffix}"
    notes = write_photo(path, photo)
    back = read_photo(path)
    assert back.profile == PROFILE
    assert back.metadata.xmp == XMP
    assert back.metadata.resolution == pytest.approx(PER_MM, rel=1e-4)
    if suffix == ".webp":
        assert notes == ("WebP cannot hold IPTC data; it was left out.",)
    else:
        assert notes == ()
        assert back.metadata.iptc == IPTC
    if suffix in (".jpg", ".png"):
        assert back.metadata.exif == photo.metadata.exif  # byte for byte, makers' notes included


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_other_programs_read_it(tmp_path, photo, suffix):
    path = tmp_path / f"a{suffix}"
    write_photo(path, photo)
    assert described(path) == EXPECTED
    with Image.open(path) as image:
        image.load()
        assert image.info["icc_profile"] == PROFILE
        assert image.info["xmp"] == XMP
        if suffix != ".webp":
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        if suffix in (".jpg", ".tif"):
            assert IptcImagePlugin.getiptcinfo(image)[(2, 80)] == b"Author"


@pytest.mark.parametrize("first", [".jpg", ".png", ".tif"])
@pytest.mark.parametrize("second", [".jpg", ".png", ".tif"])
def test_a_chain_of_formats_loses_nothing(tmp_path, photo, first, second):
    write_photo(tmp_path / f"a{first}", photo)
    write_photo(tmp_path / f"b{second}", read_photo(tmp_path / f"a{first}"))
    back = read_photo(tmp_path / f"b{second}")
    assert described(tmp_path / f"b{second}") == EXPECTED
    assert (back.profile, back.metadata.xmp, back.metadata.iptc) == (PROFILE, XMP, IPTC)


def test_metadata_can_be_left_out_but_not_the_profile(tmp_path, photo):
    path = tmp_path / "a.jpg"
    write_photo(path, photo, options=WriteOptions(keep_metadata=False))
    back = read_photo(path)
    assert (back.metadata.exif, back.metadata.xmp, back.metadata.iptc) == (None, None, None)
    assert back.profile == PROFILE


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_nothing_is_invented(tmp_path, rgb, suffix):
    path = tmp_path / f"a{suffix}"
    write_photo(path, Photo(rgb))
    back = read_photo(path)
    assert back.profile is None
    assert back.metadata == Metadata()


def test_blocks_too_large_for_a_jpeg_are_named(tmp_path, rgb):
    photo = Photo(rgb, None, Metadata(xmp=XMP + b" " * 70_000))
    notes = write_photo(tmp_path / "a.jpg", photo)
    assert notes == ("The XMP data is too large for a JPEG and was left out.",)
    assert read_photo(tmp_path / "a.jpg").metadata.xmp is None
    assert write_photo(tmp_path / "a.png", photo) == ()
    assert read_photo(tmp_path / "a.png").metadata.xmp == photo.metadata.xmp


def corner_picture():
    """Which corner is which after turning: 40 x 30, each corner of its own level."""
    picture = np.full((30, 40), 128, np.uint8)
    picture[:10, :10], picture[:10, -10:] = 0, 60
    picture[-10:, :10], picture[-10:, -10:] = 200, 255
    return picture


def stored_as(upright, orientation):
    """How a camera held that way stores the scene: the EXIF table read backwards."""
    transposed = upright.T if orientation >= 5 else upright
    # where the scene's top and left side lie in the stored picture (EXIF 2.32, tag 274)
    flips = {1: "", 2: "h", 3: "hv", 4: "v", 5: "", 6: "v", 7: "hv", 8: "h"}[orientation]
    stored = transposed[::-1] if "v" in flips else transposed
    return stored[:, ::-1] if "h" in flips else stored


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_all_eight_orientations_open_upright_and_are_reset(tmp_path, orientation, suffix):
    path = tmp_path / f"a{suffix}"
    image = Image.fromarray(stored_as(corner_picture(), orientation))
    exif = Image.Exif()
    exif[274] = orientation
    exif.get_ifd(0x8769).update({40962: 1, 40963: 2})
    more = {"lossless": True} if suffix == ".webp" else {"quality": 100} if suffix == ".jpg" else {}
    if suffix == ".tif":
        image.save(path, tiffinfo={274: orientation})
    else:
        xmp = b'<rdf tiff:Orientation="%d"/>' % orientation
        image.save(path, exif=exif, xmp=xmp, **more) if suffix != ".png" else image.save(
            path, exif=exif
        )
    photo = read_photo(path)
    assert np.abs(photo.pixels[:, :, 0].astype(int) - corner_picture()).max() < 12
    write_photo(tmp_path / "b.jpg", photo)
    with Image.open(tmp_path / "b.jpg") as saved:
        assert saved.getexif().get(274, 1) == 1
        if suffix in (".jpg", ".webp"):
            assert saved.getexif().get_ifd(0x8769)[40962] == 40
            assert saved.getexif().get_ifd(0x8769)[40963] == 30
            assert saved.info["xmp"] == b'<rdf tiff:Orientation="1"/>'


def test_upright_agrees_with_pillow():
    """Against an independent implementation of the EXIF table."""
    from PIL import ImageOps

    stored = np.arange(12, dtype=np.uint8).reshape(3, 4)
    for orientation in range(1, 9):
        image = Image.fromarray(stored)
        image.getexif()[274] = orientation
        expected = np.asarray(ImageOps.exif_transpose(image))
        ours = turned_upright(stored[:, :, np.newaxis], orientation)[:, :, 0]
        np.testing.assert_array_equal(ours, expected)


def test_embedded_preview_is_removed(tmp_path, rgb):
    """It would show what a fill took away."""
    preview = io.BytesIO()
    Image.fromarray(rgb[::4, ::4]).save(preview, "JPEG")
    exif = struct.pack("<2sHIH", b"II", 42, 8, 1) + struct.pack("<HHIHHI", 274, 3, 1, 6, 0, 26)
    exif += struct.pack("<H", 2) + struct.pack("<HHII", 513, 4, 1, 56)
    exif += struct.pack("<HHIII", 514, 4, 1, len(preview.getvalue()), 0) + preview.getvalue()
    path = tmp_path / "a.jpg"
    Image.fromarray(rgb).save(path, exif=b"Exif\0\0" + exif)
    back = read_photo(path)
    assert preview.getvalue()[:20] not in back.metadata.exif
    assert back.size == (128, 96)
    assert upright_exif(back.metadata.exif, back.size) == back.metadata.exif


def test_previews_in_xmp_are_removed_and_orientation_reset():
    packet = b"<r><xmp:Thumbnails><a>\nface</a></xmp:Thumbnails><tiff:Orientation>8</r>"
    assert upright_xmp(packet) == b"<r><tiff:Orientation>1</r>"


def test_damaged_exif_costs_only_itself(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.metadata.exif is None
    assert photo.metadata.notes == ("Its EXIF data is damaged and was left out.",)


def test_profile_for_another_kind_of_picture_is_left_out(tmp_path, rgb):
    Image.fromarray(rgb[:, :, 0]).save(tmp_path / "a.jpg", icc_profile=PROFILE)
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.profile is None
    assert "is meant for colour pictures" in photo.metadata.notes[0]


@pytest.mark.parametrize("damage", [slice(0, 60), slice(36, 40), slice(140, 400)])
def test_damaged_profile_is_left_out_with_a_note(tmp_path, rgb, damage):
    broken = bytearray(PROFILE)
    broken[damage] = bytes(len(broken[damage]))
    Image.fromarray(rgb).save(tmp_path / "a.tif", icc_profile=bytes(broken))
    photo = read_photo(tmp_path / "a.tif")
    assert photo.profile is None
    assert "profile" in photo.metadata.notes[0]


def test_iptc_survives_its_wrappings():
    assert bare_iptc(photoshop_iptc(IPTC)) == IPTC
    assert bare_iptc(IPTC) == IPTC
    assert bare_iptc(b"Photoshop 3.0\x008BIM\x04\x25\0\0\0\0\0\x02ab" + b"8BIM\x04") is None
    assert from_raw_profile(to_raw_profile("iptc", IPTC)) == ("iptc", IPTC)
    assert from_raw_profile("iptc 3 xyz") is None


def test_tiff_of_either_byte_order_and_bigtiff(tmp_path, rgb):
    for order in "<>":
        for big in (False, True):
            path = tmp_path / "a.tif"
            tifffile.imwrite(
                path,
                rgb,
                byteorder=order,
                bigtiff=big,
                photometric="rgb",
                metadata=None,
                description="Ein Bild",
                resolution=(300, 300),
                resolutionunit="INCH",
                extratags=[(271, "s", 0, "Maker", True)],
            )
            photo = read_photo(path)
            np.testing.assert_array_equal(photo.pixels, rgb)
            assert photo.metadata.resolution == pytest.approx(PER_MM)
            write_photo(path, photo, overwrite=True)
            with Image.open(path) as image:
                assert image.tag_v2[270] == "Ein Bild"
                assert image.tag_v2[271] == "Maker"


def test_multi_page_tiff_opens_its_first_page_and_says_so(tmp_path, rgb):
    pages = [Image.fromarray(rgb), Image.fromarray(255 - rgb)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    photo = read_photo(tmp_path / "a.tif")
    np.testing.assert_array_equal(photo.pixels, rgb)
    assert photo.metadata.notes == ("The file holds 2 pages; the first was opened.",)


def test_png_profiles_of_older_programs_are_read(tmp_path, rgb):
    from PIL import PngImagePlugin

    texts = PngImagePlugin.PngInfo()
    texts.add_text("Raw profile type iptc", to_raw_profile("iptc", photoshop_iptc(IPTC)), zip=True)
    texts.add_text("Raw profile type exif", to_raw_profile("exif", b"Exif\0\0" + exif_block(3)))
    Image.fromarray(rgb).save(tmp_path / "a.png", pnginfo=texts)
    photo = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(photo.pixels, rgb[::-1, ::-1])
    assert photo.metadata.iptc == IPTC
