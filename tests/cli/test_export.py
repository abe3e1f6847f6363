"""`inpaint-studio export`: what it writes, says and refuses."""

import numpy as np
import psdtags
import pytest

from inpaint_studio.cli.main import main
from inpaint_studio.document import export
from inpaint_studio.document.document import Document
from inpaint_studio.document.export import flatten_document
from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.imaging.files import read_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.project.writing import Snapshot, save_project


@pytest.fixture
def document(rgb):
    document = Document(Photo(rgb))
    patch = Patch(np.full((9, 9, 3), 7, np.uint8), np.full((9, 9), 255, np.uint8), Point(3, 3))
    document.adopt([Layer.from_patch(patch, id=1, provenance=Provenance(engine="patchmatch"))])
    return document


@pytest.fixture
def project(document, tmp_path):
    path = tmp_path / "project.ora"
    for _ in save_project(Snapshot.of(document), path):
        pass
    return path


def test_a_project_becomes_a_picture(document, project, tmp_path, capsys):
    out = tmp_path / "out.png"
    assert main(["export", str(project), "-o", str(out)]) == 0
    assert "0 pixels changed outside the mask" in capsys.readouterr().out
    back = read_photo(out)
    assert np.array_equal(back.pixels, document.flatten())
    assert b"algorithmicallyEnhanced" in back.metadata.xmp


def test_a_tiff_can_keep_the_layers(project, tmp_path):
    out = tmp_path / "out.tif"
    assert main(["export", str(project), "-o", str(out), "--layers", "--no-provenance"]) == 0
    assert len(psdtags.TiffImageSourceData.fromtiff(out).layers) == 2
    assert read_photo(out).metadata.xmp is None


def test_what_makes_no_sense_is_refused(project, tmp_path, capsys):
    out = tmp_path / "out.png"
    assert main(["export", str(project), "-o", str(out), "--layers"]) == 2
    assert "cannot keep layers" in capsys.readouterr().err
    out.write_bytes(b"x")
    assert main(["export", str(project), "-o", str(out)]) == 2
    assert main(["export", str(tmp_path / "none.ora"), "-o", str(tmp_path / "a.png")]) == 1
    assert "no such file" in capsys.readouterr().err


def test_a_file_that_holds_other_pixels_is_no_success(project, tmp_path, capsys, monkeypatch):
    def with_a_flaw(document):
        result = flatten_document(document)
        pixels = result.pixels.copy()
        pixels[-1, -1] ^= 1
        return Photo(pixels, result.profile, result.metadata)

    monkeypatch.setattr(export, "flatten_document", with_a_flaw)
    assert main(["export", str(project), "-o", str(tmp_path / "out.png")]) == 1
    assert "Do not rely on this file" in capsys.readouterr().err
