"""Everything that can go wrong with a file: one clear sentence, nothing lost, nothing left over."""

import os
import struct
import subprocess
import sys
import tempfile
import textwrap
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.files import WriteOptions, read_photo, write_photo
from inpaint_studio.imaging.limits import MOST_PIXELS
from inpaint_studio.imaging.photo import Photo

NOBODY = 65534


def sentence(error):
    """The text of an error, checked to be one sentence a user can read."""
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert "Error" not in text
    assert "vips" not in text.lower()
    return text


def refused(path, reader=read_photo):
    with pytest.raises(PhotoError) as error:
        reader(path)
    text = sentence(error)
    assert path.name in text
    return text


def png_header(width, height):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_missing_folder_empty_and_text(tmp_path):
    assert "there is no such file" in refused(tmp_path / "none.jpg")
    assert "it is a folder" in refused(tmp_path)
    (tmp_path / "empty.png").touch()
    assert "zero bytes" in refused(tmp_path / "empty.png")
    (tmp_path / "text.jpg").write_text("Dear diary")
    assert "does not begin as a picture does" in refused(tmp_path / "text.jpg")
    assert "can be opened" in refused(tmp_path / "text.jpg")


@pytest.mark.skipif(os.name != "posix", reason="POSIX files")
def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert "not an ordinary file" in refused(tmp_path / "pipe.png")


@pytest.fixture
def ordinary_folder(rgb):
    """A folder of an ordinary user, who the test then is: root may read and write everything."""
    if os.name != "posix":
        pytest.skip("POSIX permissions")
    with tempfile.TemporaryDirectory() as name:
        folder, root = Path(name), os.geteuid() == 0
        write_photo(folder / "a.png", Photo(rgb))  # loads all libraries while still allowed to
        read_photo(folder / "a.png")
        if root:
            for path in (folder, folder / "a.png"):
                os.chown(path, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield folder
        if root:
            os.seteuid(0)
        folder.chmod(0o700)


def test_no_permission_to_read(ordinary_folder):
    path = ordinary_folder / "a.png"
    path.chmod(0)
    assert "not allowed to read it" in refused(path)


@pytest.mark.parametrize("name", ["a.png", "b.tif", "b.jpg"])
def test_read_only_folder(ordinary_folder, rgb, name):
    ordinary_folder.chmod(0o500)
    text = refused(
        ordinary_folder / name, lambda path: write_photo(path, Photo(rgb), overwrite=True)
    )
    assert "may not write there; choose another folder" in text
    assert [path.name for path in ordinary_folder.iterdir()] == ["a.png"]
    assert read_photo(ordinary_folder / "a.png").size == (96, 128)


def test_permission_error_is_said_in_words(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(png_header(1, 1))

    def denied(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert "not allowed to read it" in refused(path)


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"GIF89a", "GIF"), (b"BM6", "BMP"), (b"8BPS\0\1", "PSD"), (b"%PDF-1", "PDF")],
)
def test_other_formats_are_named(tmp_path, head, kind):
    (tmp_path / "a.png").write_bytes(head + bytes(100))
    assert f"{kind}) files" in (text := refused(tmp_path / "a.png")) or f"{kind} files" in text


def test_camera_raw_is_explained(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.nef", format="TIFF")
    assert "raw converter" in refused(tmp_path / "a.nef")
    Image.fromarray(rgb).save(tmp_path / "a.tif", tiffinfo={50706: bytes([1, 4, 0, 0])})
    assert "DNG" in refused(tmp_path / "a.tif")


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("compression", ["zstd", "lzma", "tiff_lzw", "packbits", None])
def test_tiff_compressions_are_read_right_not_black(tmp_path, rgb, compression, orientation):
    path = tmp_path / "a.tif"
    Image.fromarray(rgb).save(path, compression=compression, tiffinfo={274: orientation})
    upright = np.rot90(rgb, {1: 0, 3: 2, 6: -1}[orientation])
    np.testing.assert_array_equal(read_photo(path).pixels, upright)


@pytest.mark.parametrize("dtype", ["float64", "uint64", "complex64"])
def test_number_formats_that_are_not_read_are_named_as_such(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", np.ones((9, 9), dtype))
    assert "not supported" in refused(tmp_path / "a.tif")


@pytest.mark.parametrize(("dtype", "top"), [("int16", 32767), ("uint32", 2**32 - 1)])
def test_wide_integers_become_floats_with_a_note(tmp_path, dtype, top):
    tifffile.imwrite(tmp_path / "a.tif", np.full((9, 9), top, dtype))
    photo = read_photo(tmp_path / "a.tif")
    assert photo.pixels.dtype == np.float32
    assert photo.pixels.max() == 1
    assert "integers to floating point" in photo.metadata.notes[0]


def test_extra_channels_are_left_out_with_a_note(tmp_path, rng):
    planes = rng.integers(0, 256, (9, 9, 6)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="rgb", planarconfig="contig")
    photo = read_photo(tmp_path / "a.tif")
    np.testing.assert_array_equal(photo.pixels, planes[:, :, :4])
    assert photo.metadata.notes == ("Left out 2 extra channels.",)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_truncated(tmp_path, rng, suffix, kept):
    path = tmp_path / f"a{suffix}"
    write_photo(path, Photo(rng.integers(0, 256, (200, 300, 3)).astype(np.uint8)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    text = refused(path)
    assert "cut off" in text or "damaged" in text


def test_bomb_is_refused_by_its_header(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(60_000, 60_000))
    assert "60,000 × 60,000 pixels" in refused(path)
    path.write_bytes(png_header(20_000, 20_000))
    assert "20,000 × 20,000 pixels in a file of" in refused(path)
    assert MOST_PIXELS > 20_000 * 20_000


def test_wrong_ending_is_opened_by_content_with_a_note(tmp_path, rgb):
    write_photo(tmp_path / "a.png", Photo(rgb))
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    photo = read_photo(tmp_path / "a.jpg")
    np.testing.assert_array_equal(photo.pixels, rgb)
    assert photo.metadata.notes == ("The file is a PNG although its name ends in “.jpg”.",)


def test_animation_opens_its_first_frame(tmp_path, rgb):
    frames = [Image.fromarray(rgb), Image.fromarray(255 - rgb)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    photo = read_photo(tmp_path / "a.webp")
    np.testing.assert_array_equal(photo.pixels[:, :, :3], rgb)
    assert photo.metadata.notes == ("The file holds 2 frames; the first was opened.",)


def test_existing_file_is_not_replaced_unless_told(tmp_path, rgb):
    path = tmp_path / "a.png"
    path.write_bytes(b"precious")
    assert "exists" in refused(path, lambda p: write_photo(p, Photo(rgb)))
    assert path.read_bytes() == b"precious"
    write_photo(path, Photo(rgb), overwrite=True)
    np.testing.assert_array_equal(read_photo(path).pixels, rgb)


def test_missing_folder_for_saving(tmp_path, rgb):
    path = tmp_path / "none" / "a.png"
    text = refused(path, lambda p: write_photo(p, Photo(rgb)))
    assert "the folder does not exist; create it" in text


@pytest.mark.parametrize("name", ["a.gif", "a", "a.heic"])
def test_endings_that_cannot_be_saved(tmp_path, rgb, name):
    text = refused(tmp_path / name, lambda p: write_photo(p, Photo(rgb)))
    assert "Use .png, .tif, .jpg or .webp" in text
    write_photo(tmp_path / name, Photo(rgb), options=WriteOptions(format="png"))
    assert read_photo(tmp_path / name).size == (96, 128)


FULL_DISK = """
    import resource, signal, sys
    import numpy as np
    from pathlib import Path
    from inpaint_studio.errors import PhotoError
    from inpaint_studio.imaging.files import write_photo
    from inpaint_studio.imaging.photo import Photo

    path, most = Path(sys.argv[1]), int(sys.argv[2])
    photo = Photo(np.random.default_rng(0).integers(0, 65536, (300, 400, 3)).astype(np.uint16))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    try:
        write_photo(path, photo, overwrite=True)
    except PhotoError as error:
        print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes")
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("most", [0, 100_000])
def test_disk_that_takes_no_more_keeps_the_old_file(tmp_path, suffix, most):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"old")
    script = textwrap.dedent(FULL_DISK)
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(most)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert "the file would be larger than this disk allows" in done.stdout
    assert done.stderr == ""
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(path.name, b"old")]
