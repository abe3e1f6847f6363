"""The main job with real mouse and key events: open, mask, fill twice, undo, redo, export."""

import os
import signal
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageColor, TiffImagePlugin

from inpaint_studio.ui.theme import INVENTED_EDGES, KNOWN_EDGES

pytestmark = pytest.mark.e2e

WIDTH, HEIGHT = 900, 640
EXIF, MAKE, DATE_TAKEN, ICC = 0x8769, 0x010F, 0x9003, 34675


@pytest.fixture
def pixels(rng):
    """(640, 900, 3) uint16: slopes, an edge, grain."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    picture = np.stack([columns * 60, rows * 80, 60000 - columns * 30 - rows * 30], axis=-1)
    picture[200:420, 380:620] = (52000, 20000, 9000)
    picture = picture + rng.normal(0, 400, picture.shape)
    return picture.clip(0, 65535).astype(np.uint16)


@pytest.fixture
def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def photo(tmp_path, pixels, profile):
    """A 16-bit PNG with a profile and EXIF, written without any of the program's own code."""
    exif = Image.Exif()
    exif[MAKE] = "Mamiya"
    exif.get_ifd(EXIF)[DATE_TAKEN] = "1978:07:14 12:00:00"
    path = tmp_path / "photo.png"
    path.write_bytes(png(pixels, profile, exif.tobytes().removeprefix(b"Exif\0\0")))
    return path


def png(pixels, profile, exif):
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"iCCP", b"profile\0\0" + zlib.compress(profile)),
        (b"eXIf", exif),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def circle(x, y, radius):
    angles = np.linspace(0, 2 * np.pi, 24)
    return [(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles]


def open_photo(start, screen, photo):
    program = start(photo)
    program.wait_for("opened")
    screen.focus("Inpaint Studio")
    screen.keys("1")
    time.sleep(0.5)  # the window settles: its size, and with it where the photo is
    return program


def brush(screen, program):
    screen.keys("b")
    screen.drag([program.at(x, 300) for x in range(400, 560, 10)])
    program.wait_for("stroke")


def scribble(screen, program):
    """A hole so long that it is filled in many pieces, edges and colour in turn."""
    screen.keys("b")
    rows = (120, 260, 400)
    screen.drag([program.at(x, y) for y in rows for x in range(80, 620, 30)])
    program.wait_for("stroke")


def edges_on(screen, path):
    """Whether both colours of edges, known and invented, are to be seen on the screen."""
    screen.save(path)
    seen = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    colors = [ImageColor.getrgb(color) for color in (KNOWN_EDGES, INVENTED_EDGES)]
    return all((np.abs(seen.astype(int) - color).max(axis=1) < 40).sum() > 20 for color in colors)


def save_mask(screen, path, helpers):
    screen.name_file("ctrl+alt+s", "Save mask", path)
    _, wait_for = helpers
    wait_for(path.exists, "the mask to be saved")
    screen.focus("Inpaint Studio")


def choose_engine(screen, first_letter):
    screen.keys("alt+g", first_letter)


def quit_program(screen, program, helpers):
    """Leave by keyboard; nothing may stay behind."""
    running, wait_for = helpers
    family = program.family()
    assert len(family) > 1  # the engine has a process of its own
    screen.keys("ctrl+q")
    wait_for(lambda: program.process.poll() is not None, "the program to end", program.tail)
    assert program.process.returncode == 0
    wait_for(lambda: not running(family), "its processes to end")


def test_open_mask_fill_twice_undo_redo_export(start, screen, photo, pixels, profile, helpers):
    program = open_photo(start, screen, photo)
    brush(screen, program)
    screen.keys("l")
    screen.drag([program.at(x, y) for x, y in circle(180, 470, 50)])
    program.wait_for("stroke", index=2)

    choose_engine(screen, "e")
    assert not edges_on(screen, photo.with_name("screenshot.png"))
    screen.keys("ctrl+Return")
    program.wait_for("edges")
    program.wait_for("fill_done", layer="EdgeConnect fill")
    assert edges_on(screen, photo.with_name("screenshot.png"))
    choose_engine(screen, "p")
    screen.keys("ctrl+Return")
    program.wait_for("fill_done", layer="Partial convolution fill")

    screen.keys("ctrl+z", "ctrl+z")
    program.wait_for("undo", index=2)
    screen.keys("ctrl+shift+z")
    program.wait_for("redo", index=3)

    mask_path, out = photo.with_name("mask.png"), photo.with_name("restored.tif")
    save_mask(screen, mask_path, helpers)
    screen.name_file("ctrl+shift+e", "Export", out)
    assert "0 pixels changed outside the mask" in program.wait_for("exported")["sentence"]
    screen.focus("Inpaint Studio")
    quit_program(screen, program, helpers)

    mask = np.asarray(Image.open(mask_path))
    check_export(out, pixels, mask, profile)


def check_export(path, pixels, mask, profile):
    """16 bit, the photo outside the mask bit for bit, something else inside, profile and EXIF."""
    tifffile = pytest.importorskip("tifffile")
    saved = tifffile.imread(path)
    assert saved.dtype == np.uint16
    assert saved.shape == pixels.shape
    changed = (saved != pixels).any(axis=2)
    assert not changed[mask == 0].any()
    assert changed[mask == 255].mean() > 0.9
    assert mask[300, 470] == 255
    assert mask[470, 180] == 255
    assert not mask[:100].any()
    with Image.open(path) as picture:
        assert isinstance(picture, TiffImagePlugin.TiffImageFile)
        assert picture.tag_v2[ICC] == profile
        exif = picture.getexif()
        assert exif[MAKE].rstrip("\0") == "Mamiya"
        assert exif.get_ifd(EXIF)[DATE_TAKEN].rstrip("\0") == "1978:07:14 12:00:00"


def engines_of(program):
    """The processes that engines run in."""
    commands = {pid: Path(f"/proc/{pid}/cmdline") for pid in program.family()}
    return [
        pid
        for pid, command in commands.items()
        if command.exists() and b"spawn_main" in command.read_bytes()
    ]


def engine_of(program, helpers):
    _, wait_for = helpers
    wait_for(lambda: engines_of(program), "an engine process")
    return engines_of(program)[-1]


def test_an_engine_killed_by_the_system_costs_nothing(start, screen, photo, helpers):
    program = open_photo(start, screen, photo)
    scribble(screen, program)
    choose_engine(screen, "e")
    screen.keys("ctrl+Return")
    program.wait_for("edges")
    os.kill(engine_of(program, helpers), signal.SIGKILL)
    assert "memory ran out" in program.wait_for("error")["message"]
    screen.keys("ctrl+Return")
    program.wait_for("fill_done", layer="EdgeConnect fill")


def test_stop_ends_an_engine_that_hangs(start, screen, photo, helpers):
    running, wait_for = helpers
    program = open_photo(start, screen, photo)
    scribble(screen, program)
    choose_engine(screen, "e")
    screen.keys("ctrl+Return")
    program.wait_for("edges")
    engine = engine_of(program, helpers)
    os.kill(engine, signal.SIGSTOP)
    screen.keys("Escape")
    program.wait_for("fill_ended")
    wait_for(lambda: not running({engine}), "the hanging engine to be ended")
    screen.keys("ctrl+Return")
    program.wait_for("fill_done", layer="EdgeConnect fill")


def test_leaving_while_a_fill_runs_leaves_no_process(start, screen, photo, helpers):
    program = open_photo(start, screen, photo)
    scribble(screen, program)
    choose_engine(screen, "e")
    screen.keys("ctrl+Return")
    program.wait_for("fill_started")
    program.family()
    screen.keys("ctrl+q")
    screen.focus("Unsaved changes")
    screen.keys("alt+d")
    running, wait_for = helpers
    wait_for(lambda: program.process.poll() is not None, "the program to end", program.tail)
    wait_for(lambda: not running(program.family()), "its processes to end")


def test_a_killed_window_leaves_no_process(start, screen, photo, helpers):
    program = open_photo(start, screen, photo)
    brush(screen, program)
    screen.keys("ctrl+Return")
    program.wait_for("message")
    family = program.family()
    os.kill(program.process.pid, signal.SIGKILL)
    running, wait_for = helpers
    assert len(family) > 1
    wait_for(lambda: not running(family - {program.process.pid}), "its processes to end")


def test_a_file_that_is_no_picture_is_said_so_in_the_window(start, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    problem = start(broken).wait_for("error")["message"]
    assert "broken.jpg" in problem
    assert problem.endswith(".")
    assert "Traceback" not in problem
