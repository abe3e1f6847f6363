"""What a person who knows other editors does in an afternoon, with a crash in the middle of it.

Remove a lamp-post, repair a wall by drawing its two missing edges, compare three engines and keep
the best, save, be killed, recover, export 16-bit TIFF: with real X events, on the installed
program.
"""

import os
import signal
import struct
import time
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageColor

from inpaint_studio.engines.registry import ENGINES
from inpaint_studio.ui.theme import COLORS

pytestmark = [pytest.mark.gui, pytest.mark.e2e]
KEPT = Path(__file__).resolve().parents[2] / "output" / "story"
"""The story in pictures, for whoever wants to look."""
POST = (568, 582)
DAMAGE = (150, 330)
"""Columns of the lamp-post, and of what is missing of the wall."""
TOP, LEDGE = 290, 350
"""Rows of the wall's two edges."""
DRAWN = "EdgeConnect, then patches fill"
"""The fill along the two edges that were drawn, which is the one to keep."""


def grain(rng, strength, width):
    """(500, 700, 1) noise of that standard deviation, `width` (across, down) pixels wide."""
    noise = cv2.GaussianBlur(rng.normal(size=(500, 700)), (0, 0), *width)
    return (noise * (strength / noise.std()))[:, :, None]


@pytest.fixture
def pixels():
    """(500, 700, 3) uint16: sky over a wall over grass, a lamp-post, a piece of the wall lost."""
    rng = np.random.default_rng(11)
    rows = np.arange(500)[:, None]
    sky = np.stack([20000 + rows * 20, 30000 + rows * 20, 46000 - rows * 10], axis=-1)
    picture = np.broadcast_to(sky, (500, 700, 3)).astype(np.float64).copy()
    picture[:TOP] += grain(rng, 1800, (60, 25))[:TOP]  # haze
    picture[TOP:LEDGE] = 47000, 42000, 34000
    picture[TOP:LEDGE] += grain(rng, 1500, (1.6, 1.2))[TOP:LEDGE]  # plaster
    picture[LEDGE:] = 19000, 24000, 13000
    picture[LEDGE:] += grain(rng, 3200, (0.8, 4))[LEDGE:]  # grass
    picture[60:, POST[0] : POST[1]] = (6000, 6000, 7000)
    picture[52:66, POST[0] - 13 : POST[1] + 13] = (52000, 47000, 33000)
    picture[TOP - 25 : LEDGE + 25, DAMAGE[0] : DAMAGE[1]] = (58000, 58000, 58000)
    picture += rng.normal(0, 350, picture.shape)
    return picture.clip(0, 65535).astype(np.uint16)


@pytest.fixture
def photo(tmp_path, pixels):
    """A 16-bit PNG with a profile, written without any of the program's own code."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"iCCP", b"profile\0\0" + zlib.compress(profile)),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    ]
    path = tmp_path / "wall.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )
    )
    return path


def choose_engine(screen, engine):
    """By the keyboard, from the first of the list downwards."""
    screen.do("key", "--clearmodifiers", "alt+g")
    time.sleep(0.2)
    screen.keys("Home", *["Down"] * list(ENGINES).index(engine))
    time.sleep(0.2)


def fill(screen, program, engine):
    choose_engine(screen, engine)
    screen.keys("ctrl+Return")
    program.wait_for("fill_done", layer=f"{ENGINES[engine].title} fill")


def click_recover(screen, path):
    """Click the first button of the bar below the tool options, where there is one by now."""
    screen.save(path)
    seen = np.asarray(Image.open(path).convert("RGB")).astype(int)[76:104, 300:1080]
    button = np.abs(seen - ImageColor.getrgb(COLORS["raised"])).max(axis=2) < 4
    columns = np.flatnonzero(button.sum(axis=0) > 12)
    if len(columns):
        screen.click(300 + int(columns[0]) + 25, 90)


def test_the_whole_story(start, screen, photo, pixels, tmp_path, helpers):
    home = tmp_path / "home"
    program = start(photo, home=home)
    program.wait_for("opened")
    screen.focus("Inpaint Studio")
    screen.keys("1")
    time.sleep(0.5)

    remove_the_post(screen, program)
    repair_the_wall(screen, program)
    compare_three_engines(screen, program)
    project = save(screen, photo.with_name("wall.ora"), helpers)

    screen.keys("ctrl+d")  # a step that is in no file
    program.wait_for("stroke")
    steps = program.events()[-1]["titles"]
    time.sleep(1)
    os.kill(program.process.pid, signal.SIGKILL)
    program.process.wait()
    assert project.stat().st_size > 10_000

    program = recover(start, screen, home, tmp_path, helpers)
    screen.keys("ctrl+z")
    undone = program.wait_for("undo")
    assert undone["titles"] == steps  # every step is there, and can be taken back
    screen.keys("ctrl+shift+z")
    program.wait_for("redo")
    out = export(screen, program, photo.with_name("restored.tif"))
    check(out, pixels)
    check_kept(out, project)


def remove_the_post(screen, program):
    screen.keys("b")
    middle = sum(POST) // 2
    screen.drag([program.at(middle, y) for y in range(46, 500, 12)])
    program.wait_for("stroke")
    fill(screen, program, "patchmatch")
    screen.save(KEPT / "1-post-removed.png")


def repair_the_wall(screen, program):
    screen.keys("ctrl+d")
    program.wait_for("stroke")
    screen.keys("l")
    left, right, top, bottom = DAMAGE[0] - 8, DAMAGE[1] + 8, TOP - 33, LEDGE + 33
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    screen.drag([program.at(x, y) for x, y in corners])
    program.wait_for("stroke")
    fill(screen, program, "edgeconnect+patchmatch")
    screen.do("mousemove", *program.at(240, 200))  # the keyboard goes to the photo
    time.sleep(0.3)
    screen.keys("d")
    time.sleep(0.8)
    for row in (TOP, LEDGE):
        screen.hold("shift", down=True)
        screen.drag([program.at(x, row) for x in (left - 3, 200, 280, right + 3)])
        screen.hold("shift", down=False)
        program.wait_for("fill_done")  # it is filled again on release
        steps = [said["titles"] for said in program.events() if "titles" in said]
        assert steps[-1][-1] == "Draw edges"
    screen.save(KEPT / "2-wall-drawn.png")
    screen.keys("Escape")
    time.sleep(0.3)


def compare_three_engines(screen, program):
    """Two more fills of the wall; then all three side by side, and the drawn one is kept."""
    fill(screen, program, "patchmatch")
    fill(screen, program, "telea")
    screen.do("mousemove", *program.at(240, 200))
    screen.keys("ctrl+k")
    time.sleep(0.5)
    screen.write("compare fills")
    screen.keys("Return")
    screen.focus("Compare fills")
    time.sleep(1.5)
    screen.keys("3")  # they lie as in the layers: Telea, PatchMatch, the drawn one
    time.sleep(0.5)
    screen.save(KEPT / "3-compared.png")
    screen.keys("Return")
    screen.wait_until_closed("Compare fills")
    steps = [said["titles"] for said in program.events() if "titles" in said]
    assert steps[-1][-1] == f"Keep {DRAWN}"
    screen.focus("Inpaint Studio")
    screen.save(KEPT / "4-kept.png")


def save(screen, path, helpers):
    screen.name_file("ctrl+s", "Save project", path)
    _, wait_for = helpers
    wait_for(path.exists, "the project to be saved")
    screen.focus("Inpaint Studio")
    return path


def recover(start, screen, home, tmp_path, helpers):
    """Start anew and take what is offered."""
    program = start(home=home)
    screen.focus("Inpaint Studio")
    _, wait_for = helpers
    offer = tmp_path / "offer.png"

    def taken():
        time.sleep(1)
        click_recover(screen, offer)
        return any(said["event"] == "opened" for said in program.events())

    wait_for(taken, "the photo to be offered back", program.tail)
    screen.save(KEPT / "5-recovered.png")
    return program


def export(screen, program, path):
    screen.name_file("ctrl+shift+e", "Export", path)
    sentence = program.wait_for("exported")["sentence"]
    assert "0 pixels changed outside" in sentence
    screen.save(KEPT / "6-exported.png")
    return path


def check(path, pixels):
    """16 bit; the post and the damage are gone; everything else is what it was, bit for bit."""
    tifffile = pytest.importorskip("tifffile")
    saved = tifffile.imread(path)
    assert saved.dtype == np.uint16
    assert saved.shape == pixels.shape
    brush = 40
    untouched = np.ones(pixels.shape[:2], bool)
    untouched[:, POST[0] - brush : POST[1] + brush] = False
    untouched[TOP - 40 : LEDGE + 40, DAMAGE[0] - 15 : DAMAGE[1] + 15] = False
    assert np.array_equal(saved[untouched], pixels[untouched])
    post = saved[100:250, POST[0] : POST[1]].astype(float)
    sky = saved[100:250, POST[0] - 100 : POST[0] - 60].astype(float)
    assert np.abs(post.mean(axis=1) - sky.mean(axis=1)).mean() < 4000
    damage = saved[TOP - 20 : LEDGE + 20, DAMAGE[0] + 10 : DAMAGE[1] - 10]
    assert (damage.min(axis=2) > 55000).mean() < 0.02
    check_wall(saved, pixels)


def check_wall(saved, pixels):
    """Between the two drawn edges is wall, above them sky, below them ground, as to the left."""
    for rows in ((TOP - 20, TOP - 8), (TOP + 8, LEDGE - 8), (LEDGE + 8, LEDGE + 20)):
        mended = saved[slice(*rows), DAMAGE[0] : DAMAGE[1]].mean(axis=1)
        beside = pixels[slice(*rows), 20:120].mean(axis=1)
        assert np.abs(mended - beside).max() < 2500


def check_kept(path, project):
    """What was exported of the wall is the fill that was kept, bit for bit, and no other."""
    tifffile = pytest.importorskip("tifffile")
    saved = tifffile.imread(path)
    fills = {name: layer for name, layer in layers_of(project) if name != "PatchMatch fill"}
    assert {name: shown for name, (shown, *_) in fills.items()} == {
        DRAWN: True,
        "Telea fill": False,
    }
    same = {name: share_of_equal(saved, *layer[1:]) for name, layer in fills.items()}
    assert same[DRAWN] == 1.0
    assert same["Telea fill"] < 0.1


def share_of_equal(picture, pixels, left, top):
    """Of the pixels a layer covers wholly: how many are the picture's."""
    height, width = pixels.shape[:2]
    there = picture[top : top + height, left : left + width]
    whole = pixels[:, :, 3] == 65535
    return np.all(there[whole] == pixels[whole][:, :3], axis=1).mean()


def layers_of(project):
    """Name, and whether it shows, pixels (RGBA) and place, of what lies over the photo."""
    with zipfile.ZipFile(project) as archive:
        stack = ElementTree.fromstring(archive.read("stack.xml"))
        for layer in stack.iter("layer"):
            data = np.frombuffer(archive.read(layer.get("src")), np.uint8)
            pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
            if pixels.ndim == 3 and pixels.shape[2] == 4:
                shown = layer.get("visibility", "visible") == "visible"
                rgba = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA)
                yield layer.get("name"), (shown, rgba, int(layer.get("x")), int(layer.get("y")))
