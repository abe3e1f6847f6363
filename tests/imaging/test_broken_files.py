"""Files that crashed other readers, and files damaged here: a photo or one sentence, nothing else.

They are read in a process of their own, so that a crash of a native library is a failure too.
"""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_studio.imaging.files import WriteOptions, write_photo
from inpaint_studio.imaging.photo import Metadata, Photo

READ_ALL = textwrap.dedent(
    """
    import json, sys
    from pathlib import Path
    from inpaint_studio.errors import PhotoError
    from inpaint_studio.imaging.files import read_photo

    for path in sorted(Path(sys.argv[1]).iterdir()):
        try:
            photo = read_photo(path)
            outcome = list(photo.pixels.shape)
        except PhotoError as error:
            outcome = str(error)
        print(json.dumps([path.name, outcome]), flush=True)
    """
)


def outcomes(folder):
    """{file name: shape or sentence} for every file in the folder."""
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(folder)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    read = dict(json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 0, f"died after {list(read)[-1:]}: {done.stderr[-2000:]}"
    assert done.stderr == ""
    return read


def check(read):
    for name, outcome in read.items():
        if isinstance(outcome, str):
            assert outcome.startswith(f"Could not open “{name}”: ")
            assert outcome.endswith(".")
            assert "\n" not in outcome
        else:
            assert len(outcome) == 3
            assert 0 not in outcome


@pytest.mark.data
def test_every_broken_file_is_a_photo_or_a_sentence(data_dir):
    folder = data_dir / "broken"
    read = outcomes(folder)
    assert set(read) == {path.name for path in folder.iterdir()}
    check(read)
    assert "17,000 × 17,000 pixels" in read["libvips_17000x17000.avif"]
    assert "cut off" in read["libvips_truncated.jpg"]
    assert "cut off" in read["python-pil_truncated_jpeg.jpg"]
    assert "GIF files are not supported" in read["libvips_invalid_multiframe.gif"]


def write_samples(folder, rng):
    """One small file per format and kind, with metadata."""
    pixels = rng.integers(0, 256, (40, 50, 4)).astype(np.uint8)
    exif = Image.Exif()
    exif[271] = "Maker"
    exif.get_ifd(0x8769)[33434] = 0.01
    data = Metadata(
        exif.tobytes().removeprefix(b"Exif\0\0"), b"<x:xmpmeta/>", b"\x1c\x02\x05\0\1a", (3.0, 4.0)
    )
    for suffix in (".jpg", ".png", ".tif", ".webp"):
        write_photo(folder / f"a{suffix}", Photo(pixels, None, data))
    deep = Photo(pixels.astype(np.float32), None, data)
    write_photo(folder / "b.tif", deep, options=WriteOptions(compression="none"))
    Image.fromarray(pixels).convert("CMYK").save(folder / "c.jpg")
    Image.fromarray(pixels).convert("CMYK").save(folder / "c.tif")
    Image.fromarray(pixels[:, :, :3]).convert("LAB").save(folder / "d.tif")
    Image.fromarray(pixels).save(folder / "e.avif")


def test_damaged_files_are_photos_or_sentences(tmp_path, rng):
    samples, damaged = tmp_path / "samples", tmp_path / "damaged"
    samples.mkdir()
    damaged.mkdir()
    write_samples(samples, rng)
    for path in samples.iterdir():
        whole = path.read_bytes()
        for number in range(16):
            data = bytearray(whole)
            # half the damage goes to the first bytes, where the headers and directories are
            reach = len(data) if number % 2 else min(len(data), 200)
            for at in rng.integers(0, reach, 1 + number // 2):
                data[at] = rng.integers(0, 256)
            if number % 4 == 3:
                data = data[: rng.integers(1, len(data))]
            (damaged / f"{path.stem}{number}{path.suffix}").write_bytes(data)
    read = outcomes(damaged)
    assert len(read) == 16 * len(list(samples.iterdir()))
    check(read)
    assert any(isinstance(outcome, str) for outcome in read.values())
