"""`inpaint-studio fill` from arguments to the file on disk."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from inpaint_studio.cli import fill_steps
from inpaint_studio.cli.main import main
from inpaint_studio.engines.api import EdgeMap, Progress
from inpaint_studio.engines.restore import Restoration
from inpaint_studio.imaging.files import read_photo, write_photo
from inpaint_studio.imaging.geometry import Box, Point, Size, SizeRule
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.weights.card import ModelCard

HOLE = (slice(40, 52), slice(60, 75))


class Desk:
    """A folder with a photo and its mask, and the program to run on them."""

    def __init__(self, folder: Path, rgb: np.ndarray, capsys) -> None:
        self.folder = folder
        self._capsys = capsys
        hole = np.zeros(rgb.shape[:2], np.uint8)
        hole[HOLE] = 255
        self.hole = hole > 0
        self.photo = self.save("photo.png", rgb)
        self.mask = self.save("mask.png", hole[..., None])
        self.out = folder / "out.png"

    def save(self, name: str, pixels: np.ndarray) -> Path:
        write_photo(self.folder / name, Photo(pixels))
        return self.folder / name

    def fill(self, *options: object, photo=None, mask=None, out=None, engine="telea"):
        """Run `fill`; returns the exit code, stdout and stderr."""
        words = ["fill", photo or self.photo, "-o", out or self.out]
        words += ["--engine", engine] if engine else []
        words += [] if mask is False else ["--mask", mask or self.mask]
        code = main([str(word) for word in (*words, *options)])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def desk(tmp_path, rgb, capsys):
    return Desk(tmp_path, rgb, capsys)


@pytest.fixture
def no_fill(monkeypatch):
    """A fill that must never start."""

    def run_fill(task, shelf):
        pytest.fail("the fill was started")

    monkeypatch.setattr(fill_steps, "run_fill", run_fill)


@pytest.fixture
def fake_fill(monkeypatch):
    """A fill that invents an edge map and paints the hole white."""

    def run_fill(task, shelf):
        size = task.photo.size
        yield Progress("Finding edges", 0.1)
        yield (
            edges := EdgeMap(np.eye(48, 64, dtype=np.float32), np.ones((48, 64), bool), size.box)
        )
        yield Progress("Filling", 0.9)
        pixels = np.full((*size, task.photo.color_channels), 255, task.photo.pixels.dtype)
        return Restoration(Patch(pixels, task.mask.coverage, Point(0, 0)), (edges,), ("Painted.",))

    monkeypatch.setattr(fill_steps, "run_fill", run_fill)
    monkeypatch.setattr(fill_steps, "open_library", OneModel)


class OneModel:
    """A library with one model for EdgeConnect and no files."""

    CARD = ModelCard(
        name="one",
        title="One",
        engine="edgeconnect",
        files={},
        licence="CC0",
        commercial_use="yes",
        origin="here",
        trained_on="nothing",
        good_at="nothing",
        size_rule=SizeRule(),
    )

    def default_for(self, engine: str) -> ModelCard:
        return self.CARD

    def files(self, card: ModelCard) -> dict[str, Path]:
        return {}


@pytest.mark.parametrize(
    ("name", "dtype", "channels"),
    [
        ("photo8.png", np.uint8, 3),
        ("photo16.png", np.uint16, 3),
        ("photo16.tif", np.uint16, 3),
        ("float.tif", np.float32, 3),
        ("grey16.tif", np.uint16, 1),
        ("alpha.png", np.uint8, 4),
    ],
)
def test_outside_the_mask_nothing_changes(desk, rng, name, dtype, channels):
    scale = 1.0 if dtype is np.float32 else np.iinfo(dtype).max
    pixels = (rng.random((96, 128, channels)) * scale).astype(dtype)
    photo = desk.save(name, pixels)
    out = desk.folder / f"out{photo.suffix}"
    code, said, _ = desk.fill(photo=photo, out=out)
    assert code == 0
    assert "0 pixels changed outside the mask (checked" in said
    written = read_photo(out).pixels
    assert written.dtype == dtype
    assert np.array_equal(written[~desk.hole], pixels[~desk.hole])
    assert not np.array_equal(written[desk.hole], pixels[desk.hole])


def test_json_tells_progress_and_the_result(desk):
    code, said, error = desk.fill("--json", "--seed", 3)
    assert (code, error) == (0, "")
    events = [json.loads(line) for line in said.splitlines()]
    progress = [event["done"] for event in events if event["event"] == "progress"]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    done = events[-1]
    assert done["event"] == "done"
    assert done["out"] == str(desk.out)
    assert done["changed_outside"] == 0
    assert done["filled"] == desk.hole.sum()
    assert (done["engine"], done["card"], done["seed"]) == ("telea", None, 3)
    assert done["device"] == "cpu"
    assert done["lossless"] is True
    assert done["seconds"] >= 0


def test_a_pipe_gets_one_line_a_stage_and_quiet_gets_none(desk):
    _, said, error = desk.fill()
    assert str(desk.out) in said
    lines = error.splitlines()
    assert lines
    assert len(lines) == len(set(lines))
    code, _, error = desk.fill("--quiet", "--overwrite")
    assert (code, error) == (0, "")


def test_a_terminal_gets_a_bar_that_goes_away(desk, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    code, said, _ = desk.fill()
    assert code == 0
    assert said.startswith("Filled 180 pixels")


def test_jpeg_is_said_to_change_pixels(desk):
    out = desk.folder / "out.jpg"
    code, said, _ = desk.fill("--quality", 60, out=out)
    assert code == 0
    assert "JPG encodes every pixel anew" in said
    assert "PNG and TIFF change none" in said


def test_webp_loses_nothing_unless_a_quality_is_asked_for(desk):
    out = desk.folder / "out.webp"
    code, said, _ = desk.fill(out=out)
    assert code == 0
    assert "0 pixels changed" in said
    whole = out.stat().st_size
    code, said, _ = desk.fill("--quality", 40, "--overwrite", out=out)
    assert code == 0
    assert "encodes every pixel anew" in said
    assert out.stat().st_size < whole


def test_another_depth_is_said_to_change_pixels(desk):
    code, said, _ = desk.fill("--depth", "16")
    assert code == 0
    assert read_photo(desk.out).pixels.dtype == np.uint16
    assert "another depth" in said
    assert "0 pixels changed" not in said


def test_the_file_says_how_it_was_filled_unless_asked_not_to(desk):
    assert desk.fill()[0] == 0
    xmp = read_photo(desk.out).metadata.xmp.decode()
    assert "digitalsourcetype/algorithmicallyEnhanced" in xmp
    assert "engine: telea; seed: 0; device: cpu; request sha256: " in xmp
    assert "area: 15 x 12 at 60, 40" in xmp
    plain = desk.folder / "plain.png"
    assert desk.fill("--no-provenance", out=plain)[0] == 0
    assert "digitalsourcetype" not in (read_photo(plain).metadata.xmp or b"").decode()


def test_the_file_says_what_was_asked_for(desk):
    area = desk.save("area.png", np.uint8(255) * ~desk.hole[..., None])
    asked = ("--strength", 0.4, "--copy-from", "sides", "--mirrored", "--grow", 2, "--feather", 3)
    code, _, error = desk.fill(
        *asked, "--context", 40, "--source", area, "--seed", 5, engine="thin+patchmatch"
    )
    assert (code, error.count("inpaint-studio:")) == (0, 0)
    xmp = read_photo(desk.out).metadata.xmp.decode()
    told = "strength: 0.4; sources: sides; mirrored: yes; grown by: 2 px; feathered by: 3 px; "
    assert told + "context: 40 px; copied from: a painted area" in xmp
    assert "seed: 5" in xmp


def test_a_network_is_named_with_the_digest_of_its_weights_and_edges_that_were_given(desk):
    edges = desk.save("edges.png", np.uint8(255) * desk.hole[..., None])
    assert desk.fill("--edges-in", edges, engine="edgeconnect")[0] == 0
    xmp = read_photo(desk.out).metadata.xmp.decode()
    assert "compositeWithTrainedAlgorithmicMedia" in xmp
    assert "model: studio-edgeconnect; weights sha256: " in xmp
    assert "edges: drawn by hand" in xmp


def test_the_same_seed_gives_the_same_bytes(desk):
    desk.fill()
    first = desk.out.read_bytes()
    desk.fill("--overwrite")
    assert desk.out.read_bytes() == first


def test_the_photo_is_never_replaced_unasked(desk, no_fill):
    before = desk.photo.read_bytes()
    code, _, error = desk.fill(out=desk.photo)
    assert code == 2
    assert "being read" in error
    assert desk.photo.read_bytes() == before


@pytest.mark.parametrize(
    ("option", "engine"),
    [("--mask", "telea"), ("--source", "patchmatch"), ("--avoid", "patchmatch")],
)
def test_no_other_picture_that_is_read_is_replaced_at_all(desk, no_fill, option, engine):
    read = desk.save("read.png", np.uint8(255) * desk.hole[..., None])
    before = read.read_bytes()
    mask = False if option == "--mask" else None
    code, _, error = desk.fill("--overwrite", option, read, mask=mask, out=read, engine=engine)
    assert code == 2
    assert "read.png is being read" in error
    assert read.read_bytes() == before


def test_the_photo_is_replaced_on_request(desk, rgb):
    code, _, _ = desk.fill("--overwrite", out=desk.photo)
    assert code == 0
    written = read_photo(desk.photo).pixels
    assert np.array_equal(written[~desk.hole], rgb[~desk.hole])
    assert not np.array_equal(written, rgb)


def test_what_the_format_cannot_hold_is_told_before_the_fill(desk, rng, no_fill):
    photo = desk.save("float.tif", rng.random((96, 128, 3)).astype(np.float32))
    code, _, error = desk.fill(photo=photo)
    assert code == 1
    assert "out.png" in error
    assert desk.files() == {"photo.png", "mask.png", "float.tif"}


@pytest.mark.parametrize("name", ["out.gif", "out", "out.heic"])
def test_an_ending_that_cannot_be_saved_is_told_before_the_fill(desk, no_fill, name):
    code, _, error = desk.fill(out=desk.folder / name)
    assert code in (1, 2)
    assert name in error


def test_the_other_sense_of_a_mask(desk):
    inverted = desk.save("inverted.png", np.where(desk.hole, 0, 255).astype(np.uint8)[..., None])
    desk.fill()
    code, _, _ = desk.fill("--mask-sense", "black", mask=inverted, out=desk.folder / "black.png")
    assert code == 0
    assert (desk.folder / "black.png").read_bytes() == desk.out.read_bytes()


def test_a_grown_mask_may_change_its_rim_and_no_more(desk, rgb):
    code, said, _ = desk.fill("--grow", "3", "--json")
    assert code == 0
    done = json.loads(said.splitlines()[-1])
    assert done["changed_outside"] == 0
    assert done["filled"] > desk.hole.sum()
    changed = (read_photo(desk.out).pixels != rgb).any(axis=2)
    assert changed[40 - 3 : 52 + 3, 60 - 3 : 75 + 3].sum() == changed.sum()
    assert (changed & ~desk.hole).any()


def test_transparency_is_a_mask(desk, rgb):
    alpha = np.where(desk.hole, 0, 255).astype(np.uint8)
    photo = desk.save("cutout.png", np.dstack([rgb, alpha]))
    code, _, _ = desk.fill("--mask-from-alpha", photo=photo, mask=False)
    assert code == 0
    written = read_photo(desk.out).pixels
    assert (written[..., 3] == 255).all()
    assert np.array_equal(written[~desk.hole][:, :3], rgb[~desk.hole])


def test_transparency_has_to_be_there(desk, no_fill):
    code, _, error = desk.fill("--mask-from-alpha", mask=False)
    assert code == 1
    assert "transparency" in error


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode there")
@pytest.mark.parametrize("name", [b"M\xfcller.png", b"M\xfcller.tif", b"two\nlines.png", b"-o.png"])
def test_files_of_any_name_are_filled(desk, rgb, name):
    photo, out = desk.folder / os.fsdecode(name), desk.folder / os.fsdecode(b"out" + name)
    desk.photo.rename(photo) if name.endswith(b"png") else write_photo(photo, Photo(rgb))
    code, said, error = desk.fill("--json", photo=photo, out=out)
    assert (code, error) == (0, "")
    assert json.loads(said.splitlines()[-1])["changed_outside"] == 0
    assert out.exists()


def test_a_mask_of_another_size_is_scaled_on_request(desk):
    small = desk.save("small.png", np.where(desk.hole, 255, 0).astype(np.uint8)[::2, ::2, None])
    code, _, error = desk.fill(mask=small)
    assert code == 1
    assert "64 × 48" in error
    assert "--scale-mask" in error
    code, said, _ = desk.fill("--scale-mask", mask=small)
    assert code == 0
    assert "scaled" in said


def test_an_empty_mask_is_told(desk, no_fill):
    empty = desk.save("empty.png", np.zeros((96, 128, 1), np.uint8))
    code, _, error = desk.fill(mask=empty)
    assert code == 1
    assert "--mask-sense black" in error


@pytest.mark.parametrize("option", ["--edges-out", "--edges-in"])
def test_edges_need_an_engine_that_draws_them(desk, no_fill, option):
    code, _, error = desk.fill(option, desk.folder / "edges.png")
    assert code == 2
    assert "edgeconnect" in error


def test_an_unknown_engine_or_model_is_told(desk, no_fill):
    code, _, error = desk.fill(engine="magic")
    assert code == 2
    assert "magic" in error
    code, _, error = desk.fill("--model", "magic", engine=None)
    assert code == 1
    assert "magic" in error


def test_a_model_of_another_engine_is_told(desk, no_fill):
    code, _, error = desk.fill("--model", "studio-pconv", engine="edgeconnect")
    assert code == 2
    assert "pconv" in error


def test_edges_and_sheet_are_saved_and_named(desk, fake_fill):
    edges, sheet = desk.folder / "edges.png", desk.folder / "sheet.jpg"
    code, said, _ = desk.fill("--edges-out", edges, "--sheet", sheet, engine="edgeconnect")
    assert code == 0
    drawn = read_photo(edges).pixels
    assert drawn.shape == (96, 128, 1)
    assert drawn[4, 4] > 128
    assert drawn[4, 100] == 0
    assert str(edges) in said
    assert str(sheet) in said
    assert "Painted." in said
    assert desk.files() == {"photo.png", "mask.png", "out.png", "edges.png", "sheet.jpg"}


def test_edges_are_an_event(desk, fake_fill):
    _, said, _ = desk.fill("--json", engine="edgeconnect")
    events = [json.loads(line) for line in said.splitlines()]
    assert {"event": "edges", "box": [0, 0, 96, 128]} in events
    assert events[-1]["notes"] == ["Painted."]


def test_a_fill_that_is_stopped_is_closed_and_writes_nothing(desk, monkeypatch):
    closed = []

    def run_fill(task, shelf):
        try:
            yield Progress("Filling", 0.5)
            raise KeyboardInterrupt
        finally:
            closed.append(True)

    monkeypatch.setattr(fill_steps, "run_fill", run_fill)
    code, _, error = desk.fill()
    assert (code, closed) == (130, [True])
    assert error.endswith("inpaint-studio: Stopped.\n")
    assert desk.files() == {"photo.png", "mask.png"}


def test_a_fill_that_touches_other_pixels_is_caught(desk, monkeypatch):
    """The check reads the file: it does not believe the engine."""

    def run_fill(task, shelf):
        yield Progress("Filling", 0.5)
        everywhere = np.full(task.photo.size, 255, np.uint8)
        return Restoration(Patch(255 - task.photo.pixels, everywhere, Point(0, 0)))

    monkeypatch.setattr(fill_steps, "run_fill", run_fill)
    code, said, error = desk.fill()
    assert code == 1
    assert "0 pixels changed" not in said
    assert "changed outside the mask" in error


def test_edge_maps_are_gathered_where_they_lie():
    ones = EdgeMap(np.ones((4, 4), np.float32), np.ones((4, 4), bool), Box(2, 3, 10, 11))
    outside = EdgeMap(np.ones((2, 2), np.float32), np.ones((2, 2), bool), Box(-2, 14, 4, 20))
    canvas = fill_steps.gather_edges([ones, outside], Size(12, 16))
    expected = np.zeros((12, 16), np.float32)
    expected[2:10, 3:11] = 1
    expected[0:4, 14:16] = 1
    assert np.array_equal(canvas, expected)


@pytest.mark.data
@pytest.mark.parametrize("folder", ["broken", "odd"])
def test_awkward_photos_are_filled_or_refused_in_one_sentence(desk, data_dir, folder):
    for photo in sorted((data_dir / folder).iterdir()):
        if photo.suffix == ".csv":
            continue
        out = desk.folder / "awkward.tif"
        code, _, error = desk.fill("--scale-mask", "-q", "--overwrite", photo=photo, out=out)
        assert code in (0, 1), photo.name
        assert "Traceback" not in error, photo.name
        assert "should not have" not in error, f"{photo.name}: {error}"
        assert error.count("\n") == code, f"{photo.name}: {error}"
        assert out.exists() == (code == 0), photo.name
        out.unlink(missing_ok=True)


def test_edges_handed_in_are_what_the_fill_is_made_from(desk):
    """EdgeConnect with the bundled weights, on edges nobody would find in the photo."""
    lines = np.zeros((96, 128, 1), np.uint8)
    lines[40:52:3, 60:75] = 255
    drawn = desk.save("drawn.png", lines)
    found, given = desk.folder / "found.png", desk.folder / "given.png"
    used = desk.folder / "used.png"
    assert desk.fill(out=found, engine="edgeconnect")[0] == 0
    options = ("--edges-in", drawn, "--edges-out", used)
    assert desk.fill(*options, out=given, engine="edgeconnect")[0] == 0
    filled, other = read_photo(found).pixels, read_photo(given).pixels
    assert np.array_equal(filled[~desk.hole], other[~desk.hole])
    assert not np.array_equal(filled[desk.hole], other[desk.hole])
    kept = read_photo(used).pixels[..., 0]
    assert (kept[40:52:3, 60:75] > 127).mean() > 0.9


def test_variants_are_numbered_files_of_different_seeds(desk):
    code, out, err = desk.fill("--variants", "3", "--seed", "7", "--json", engine="patchmatch")
    assert (code, err) == (0, "")
    done = [line for line in map(json.loads, out.splitlines()) if line["event"] == "done"]
    assert [line["seed"] for line in done] == [7, 8, 9]
    names = [Path(line["out"]).name for line in done]
    assert names == ["out-1.png", "out-2.png", "out-3.png"]
    fills = [read_photo(desk.folder / name).pixels for name in names]
    assert len({fill[desk.hole].tobytes() for fill in fills}) == 3
    assert len({fill[~desk.hole].tobytes() for fill in fills}) == 1


def test_variants_replace_nothing_unasked(desk, no_fill):
    desk.save("out-2.png", read_photo(desk.photo).pixels)
    code, _, err = desk.fill("--variants", "2", engine="patchmatch")
    assert code == 2
    assert "out-2.png exists already" in err


@pytest.mark.parametrize(
    ("option", "engine", "said"),
    [
        (("--variants", "2"), "telea", "same fill with every seed"),
        (("--strength", "0.5"), "patchmatch", "has no strength"),
        (("--strength", "2"), "thin+patchmatch", "not a number from 0 to 1"),
        (("--variants", "0"), "patchmatch", "not a number of fills"),
    ],
)
def test_options_that_make_no_difference_are_refused(desk, no_fill, option, engine, said):
    code, _, err = desk.fill(*option, engine=engine)
    assert code == 2
    assert said in err


def test_strength_reaches_the_engine(desk):
    for name, strength in (("free.png", 0), ("led.png", 1)):
        options = ("--strength", strength)
        assert desk.fill(*options, engine="thin+patchmatch", out=desk.folder / name)[0] == 0
    free, led = (read_photo(desk.folder / name).pixels for name in ("free.png", "led.png"))
    assert not np.array_equal(free[desk.hole], led[desk.hole])


def test_auto_is_what_fills_and_says_what_it_chose(desk):
    code, out, _ = desk.fill("--json", engine=None)
    done = json.loads(out.splitlines()[-1])
    assert code == 0
    assert done["engine"] == "auto"
    assert set(done["engines"]) <= {"thin+texture", "patchmatch", "thin+patchmatch"}
    assert done["engines"]
    assert "1 " in done["notes"][0]
