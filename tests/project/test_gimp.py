"""GIMP, where it is installed, opens what we write: projects where it can, TIFF with layers always.

GIMP 2.10 reads OpenRaster with a Python 2 plug-in that Debian leaves out since it has no Python 2;
GIMP 3 reads it again.
"""

import os
import shutil
import subprocess

import numpy as np
import pytest

from inpaint_studio.document.document import Document
from inpaint_studio.document.export import flatten_document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.imaging.files import read_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.project.layered_tiff import write_layered_tiff
from inpaint_studio.project.writing import Snapshot, save_project

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not shutil.which("gimp"), reason="GIMP is not installed"),
]
SCRIPT = """
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{source}" "{source}")))
       (layer (car (gimp-image-flatten image))))
  (gimp-file-save RUN-NONINTERACTIVE image layer "{out}" "{out}"))
"""
LEVELS = 2
"""Of 255: GIMP blends layers as floats and rounds once."""


@pytest.fixture
def document(rng):
    document = Document(Photo(rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)))

    def layer(id, at, **more):
        alpha = rng.choice(np.array([0, 90, 255], np.uint8), (20, 30))
        pixels = rng.integers(0, 256, (20, 30, 3)).astype(np.uint8)
        return Layer(id, f"Layer {id}", Patch(pixels, alpha, Point(*at)), **more)

    layers = [layer(1, (5, 5)), layer(2, (30, -9), opacity=0.6), layer(3, (9, 60), group=10)]
    document.adopt([*layers, layer(4, (0, 0), visible=False)], [Group(10, "Things")])
    return document


def gimp(source, home):
    """The picture GIMP makes of a file; None where it does not know such files."""
    out = home / "gimp.png"
    words = ["gimp", "-i", "-d", "-f", "-s", "--batch-interpreter", "plug-in-script-fu-eval"]
    script = SCRIPT.format(source=source, out=out)
    environment = {**os.environ, "HOME": str(home)}
    run = subprocess.run(
        [*words, "-b", script, "-b", "(gimp-quit 1)"],
        env=environment,
        capture_output=True,
        timeout=900,
        check=False,
        text=True,
    )
    if "Unknown file type" in run.stdout + run.stderr:
        return None
    assert out.is_file(), run.stderr
    return read_photo(out).pixels[:, :, :3].astype(int)


def test_gimp_shows_a_project_as_we_do(document, tmp_path):
    path = tmp_path / "ours.ora"
    for _ in save_project(Snapshot.of(document), path):
        pass
    shown = gimp(path, tmp_path)
    if shown is None:
        pytest.skip("this GIMP comes without its OpenRaster plug-in")
    assert abs(shown - document.flatten()).max() <= LEVELS


def test_gimp_shows_a_tiff_with_layers_as_we_do(document, tmp_path):
    path = tmp_path / "layered.tif"
    write_layered_tiff(path, document, flatten_document(document))
    assert abs(gimp(path, tmp_path) - document.flatten()).max() <= LEVELS
