"""Krita, where it is installed, opens our projects, shows what we show, and hands them back.

At 8 and at 16 bits.
"""

import os
import shutil
import subprocess

import numpy as np
import pytest

from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.imaging.files import read_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.project.reading import open_project
from inpaint_studio.project.writing import Snapshot, save_project

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (shutil.which("krita") and shutil.which("xvfb-run")), reason="Krita is not installed"
    ),
]
LEVELS = 2.5 / 255
"""Krita rounds layers blended by brightness or colour a little differently, and to 8 bits."""


def ramp(height, width, color, dtype):
    """A gradient of one colour, (h, w, 3)."""
    top = np.iinfo(dtype).max
    light = np.linspace(60 / 255, 1, width)[np.newaxis, :, np.newaxis] * top
    return np.rint(np.ones((height, width, 3)) * light * np.array(color)).astype(dtype)


@pytest.fixture(params=["uint8", "uint16"])
def document(request):
    dtype = request.param
    photo = ramp(90, 120, (0.9, 0.8, 0.6), dtype)
    photo[30:60] = photo[30:60, ::-1]
    document = Document(Photo(photo))

    def layer(id, at, color, **more):
        alpha = np.zeros((40, 50), np.uint8)
        alpha[4:-4, 4:-4] = np.linspace(0, 255, 42).astype(np.uint8)
        return Layer(
            id, f"Layer {id}", Patch(ramp(40, 50, color, dtype), alpha, Point(*at)), **more
        )

    layers = [
        layer(1, (5, 5), (1, 0.2, 0.1)),
        layer(2, (30, 20), (0.1, 0.9, 0.3), blend="luminosity"),
        layer(3, (10, 60), (0.9, 0.1, 0.8), blend="color", group=10),
        layer(4, (45, 50), (0.2, 0.2, 1), opacity=0.6, group=10),
        layer(5, (0, 0), (0, 0, 0), visible=False),
    ]
    document.adopt(layers, [Group(10, "Things")])
    return document


@pytest.fixture
def project(document, tmp_path):
    path = tmp_path / "ours.ora"
    for _ in save_project(Snapshot.of(document), path):
        pass
    return path


def krita(project, out, home):
    """Have Krita convert a file."""
    command = ["xvfb-run", "-a", "krita", "--export", "--export-filename", out, project]
    environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    environment.pop("QT_QPA_PLATFORM", None)
    subprocess.run(command, env=environment, capture_output=True, timeout=900, check=False)
    assert out.is_file()


def apart(shown, document):
    """How far a picture is from the document at most, 0 to 1. Krita makes 8 bits of projects."""
    flat = document.flatten()
    seen, wanted = (picture / np.iinfo(picture.dtype).max for picture in (shown, flat))
    return abs(seen[:, :, :3] - wanted).max()


def test_krita_shows_what_we_show(document, project, tmp_path):
    out = tmp_path / "krita.png"
    krita(project, out, tmp_path)
    assert apart(read_photo(out).pixels, document) <= LEVELS


def test_what_krita_saves_comes_back(document, project, tmp_path):
    out = tmp_path / "theirs.ora"
    krita(project, out, tmp_path)
    back = open_project(out).document
    found = [(layer.name, layer.blend, layer.visible) for layer in back.layers]
    assert found == [(layer.name, layer.blend, layer.visible) for layer in document.layers]
    assert [group.name for group in back.groups] == ["Things"]
    assert apart(back.flatten(), document) <= LEVELS
