"""OpenRaster projects: nothing is lost in them, others can read them, theirs can be read."""

import dataclasses
import io
import json
import shutil
import struct
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageCms

from inpaint_studio.document.change import CANVASES
from inpaint_studio.document.commands import AddLayer, PaintMask
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import FillRecipe, Group, Layer, Provenance
from inpaint_studio.document.named_masks import NamedMask
from inpaint_studio.document.packed import PackedMask
from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Metadata, Patch, Photo
from inpaint_studio.project import archive
from inpaint_studio.project.assumed import assumed_profile
from inpaint_studio.project.known_pictures import KnownPictures
from inpaint_studio.project.pictures import Picture, content_digest
from inpaint_studio.project.reading import open_project
from inpaint_studio.project.writing import Snapshot, save_project

HEIGHT, WIDTH = 60, 80
TOPS = {"uint8": 255, "uint16": 65535, "float32": 1.0}


def noise(rng, shape, dtype):
    if dtype == "float32":
        return rng.random(shape, np.float32) * 1.5
    return rng.integers(0, TOPS[dtype] + 1, shape).astype(dtype)


def patch_of(rng, at, size, dtype, colors=3):
    alpha = rng.choice(np.array([0, 90, 255], np.uint8), size)
    return Patch(noise(rng, (*size, colors), dtype), alpha, at)


def document_of(rng, dtype="uint16", channels=3):
    """A document with everything: groups in groups, masks, modes, a recipe, edges."""
    colors = 1 if channels <= 2 else 3
    metadata = Metadata(b"II*\0exif", b"<x:xmpmeta/>", b"iptc", (11.811, 11.811), ("A note.",))
    document = Document(Photo(noise(rng, (HEIGHT, WIDTH, channels), dtype), None, metadata))
    box = Box(4, 4, 20, 30)
    lines = rng.integers(0, 256, (8, 8)).astype(np.uint8)
    recipe = FillRecipe(
        hole=rng.integers(0, 256, box.size).astype(np.uint8),
        box=box,
        engine="edgeconnect",
        card="places",
        options={"passes": (1, 2), "strength": 0.4, "sources": "left", "mirrored": True},
        edges=EdgeDrawing((EdgeSheet(lines, lines > 99, box),)),
        below="abc",
        seed=12,
        grow=3,
        feather=4,
        context=96,
        allowed=PackedMask.of(rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8)),
        forbidden=PackedMask.of(np.eye(HEIGHT, WIDTH, dtype=np.uint8)),
    )
    plain = Layer(1, "Sky “left” <&>", patch_of(rng, Point(5, 6), (20, 30), dtype, colors))
    full = Layer(
        2,
        "Lamp",
        patch_of(rng, Point(-5, 60), (30, 40), dtype, colors),
        0.37,
        False,
        Provenance(
            engine="edgeconnect",
            card="places",
            title="EdgeConnect (Places)",
            digest="d1",
            seed=3,
            device="cpu",
            seconds=1.5,
            version="1.0",
            weights="ff",
            notes=("One.",),
            merged=(Provenance(engine="patchmatch", seed=9),),
        ),
        blend="luminosity",
        locked=True,
        keep=rng.integers(0, 256, (30, 40)).astype(np.uint8),
        group=11,
        recipe=recipe,
        edges=recipe.edges,
    )
    third = Layer(
        3, "Wall", patch_of(rng, Point(0, 0), (9, 9), dtype, colors), blend="color", group=10
    )
    groups = (Group(10, "Outer", True, 0.5), Group(11, "Inner", False, 1.0, 10))
    document.adopt([plain, third, full], groups)
    mask = document.mask.copy()
    mask[10:30, 10:40] = 200
    document.history.push(document, PaintMask.to(document, mask, title="Paint"))
    document.allowed[:20, :30] = 255
    document.forbidden[40:, 50:] = rng.integers(0, 256, (20, 30))
    document.named_masks = (NamedMask.of("Sky “1”", mask), NamedMask.of("Border", 255 - mask))
    return document


def canvases(document):
    return {name: document.canvas(name).tobytes() for name in CANVASES}


def save(document, path, **options):
    run = save_project(Snapshot.of(document), path, **options)
    try:
        while True:
            next(run)
    except StopIteration as end:
        document.project = end.value


def same_layers(a, b):
    for one, other in zip(a.layers, b.layers, strict=True):
        assert _plain(one) == _plain(other)
    assert {group.id: group for group in a.groups} == {group.id: group for group in b.groups}


def _plain(value):
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.name, value.tobytes()
    if dataclasses.is_dataclass(value):
        return tuple(_plain(getattr(value, f.name)) for f in dataclasses.fields(value))
    if isinstance(value, tuple | list):
        return tuple(_plain(item) for item in value)
    if hasattr(value, "items"):
        return tuple(sorted((key, _plain(item)) for key, item in value.items()))
    return value


def rezip(path, change, *, store=True):
    """Rewrite a zip with `change(name, data)` -> data, or None to leave the entry out."""
    with zipfile.ZipFile(path) as file:
        entries = [(info.filename, file.read(info)) for info in file.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED) as file:
        for name, data in entries:
            changed = change(name, data)
            if changed is not None:
                file.writestr(name, changed)


def repacked(data):
    """The same picture as another program would write it."""
    image = Image.open(io.BytesIO(data))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=9)
    return out.getvalue()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "project.ora"


# Ours


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_everything_comes_back(rng, path, dtype, channels):
    document = document_of(rng, dtype, channels)
    save(document, path)
    opened = open_project(path)
    back = opened.document
    assert opened.notes == ()
    assert np.array_equal(back.photo.pixels, document.photo.pixels)
    assert back.photo.pixels.dtype == document.photo.pixels.dtype
    assert back.photo.metadata == dataclasses.replace(document.photo.metadata, notes=())
    assert canvases(back) == canvases(document)
    assert [named.name for named in back.named_masks] == ["Sky “1”", "Border"]
    for one, other in zip(back.named_masks, document.named_masks, strict=True):
        assert np.array_equal(one.coverage, other.coverage)
    same_layers(document, back)
    assert np.array_equal(back.flatten(), document.flatten())
    assert back.path == path
    assert not back.modified
    assert back.new_layer_id() == 12


def test_the_sample_leaves_nothing_at_its_default(rng):
    """What is compared after saving is worth something only if it is there before."""
    document = document_of(rng)
    fills = [layer.recipe for layer in document.layers if layer.recipe]
    made = [layer.provenance for layer in document.layers if layer.provenance]
    for values, bare in (
        (document.layers, Layer(0, "", document.layers[0].patch)),
        (fills, FillRecipe(hole=np.zeros((0, 0), np.uint8), box=Box(0, 0, 0, 0), engine="")),
        (made, Provenance()),
        (document.groups, Group(0, "")),
    ):
        for one in dataclasses.fields(bare):
            default = _plain(getattr(bare, one.name))
            told = [_plain(getattr(value, one.name)) for value in values]
            assert any(word != default for word in told) or one.name == "_", one.name
    kept = {"photo", "layers", "groups", "mask", "allowed", "forbidden", "named_masks"}
    elsewhere = {"path", "project", "history", "_next_layer_id", "_saved_state"}
    assert set(vars(document)) == kept | elsewhere


def test_the_file_is_what_the_specification_asks_for(rng, path):
    document = document_of(rng)
    save(document, path)
    head = path.read_bytes()[:70]
    assert head[30:38] == b"mimetype"
    assert head[38:54] == b"image/openraster"
    assert struct.unpack_from("<H", head, 8) == (0,)  # stored
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        names = file.namelist()
        stack = ElementTree.fromstring(file.read("stack.xml"))
        pictures = {
            name: Image.open(io.BytesIO(file.read(name))) for name in names if name.endswith(".png")
        }
    assert names[0] == "mimetype"
    assert {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} <= set(names)
    assert (stack.tag, stack.get("w"), stack.get("h")) == ("image", str(WIDTH), str(HEIGHT))
    assert (stack.get("xres"), stack.get("yres")) == ("300", "300")
    assert [child.tag for child in stack] == ["stack"]
    for layer in stack.iter("layer"):
        assert layer.get("src") in pictures
        assert 0 <= float(layer.get("opacity")) <= 1
        assert layer.get("visibility") in ("visible", "hidden")
        assert layer.get("composite-op") in ("svg:src-over", "svg:luminosity", "svg:color")
        assert int(layer.get("x")) is not None
    assert pictures["mergedimage.png"].size == (WIDTH, HEIGHT)
    assert max(pictures["Thumbnails/thumbnail.png"].size) <= 256
    assert not pictures["Thumbnails/thumbnail.png"].info.get("interlace")
    merged = np.asarray(pictures["mergedimage.png"]).astype(int)
    assert abs(merged - document.flatten() / 257).max() <= 1


@pytest.mark.parametrize(
    ("channels", "space"), [(1, "GRAY"), (2, "GRAY"), (3, "RGB "), (4, "RGB ")]
)
def test_pictures_without_a_profile_say_what_they_are_in(rng, path, channels, space):
    """Krita asks for a profile of each 16-bit layer that has none, and offers a linear one."""
    document = document_of(rng, "uint16", channels)
    assert document.photo.profile is None
    save(document, path)
    with zipfile.ZipFile(path) as file:
        for name in ("data/photo.png", "data/layer-1.png", "mergedimage.png"):
            profile = Image.open(io.BytesIO(file.read(name))).info["icc_profile"]
            read = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
            assert (read.xcolor_space, read.device_class) == (space, "mntr")
    assert open_project(path).document.photo.profile is None


def test_the_grey_profile_has_the_curve_of_srgb():
    grey = ImageCms.ImageCmsProfile(io.BytesIO(assumed_profile(1)))
    levels = Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis])
    seen = ImageCms.profileToProfile(levels, grey, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert np.array_equal(np.asarray(seen), np.asarray(levels.convert("RGB")))


def test_saving_again_packs_only_what_is_new(rng, path, monkeypatch):
    from inpaint_studio.project import writing

    document = document_of(rng)
    save(document, path)
    packed = []
    real = writing.encode_png
    monkeypatch.setattr(
        writing, "encode_png", lambda p, **more: (packed.append(p.shape), real(p, **more))[1]
    )
    layer = Layer(document.new_layer_id(), "New", patch_of(rng, Point(1, 1), (7, 8), "uint16"))
    document.history.push(document, AddLayer(layer))
    save(document, path, overwrite=True)
    pictures = [shape for shape in packed if shape[2] == 4]
    assert pictures == [(7, 8, 4)]
    opened = open_project(path)
    same_layers(document, opened.document)
    packed.clear()
    other = path.with_name("copy.ora")
    save(opened.document, other)
    assert [shape for shape in packed if shape[2] == 4] == []
    same_layers(document, open_project(other).document)


def test_a_file_that_changed_meanwhile_is_not_copied_from(rng, path):
    document = document_of(rng)
    save(document, path)
    rezip(path, lambda name, data: data[::-1] if name.startswith("data/") else data)
    save(document, path, overwrite=True)
    same_layers(document, open_project(path).document)


def test_saving_is_all_or_nothing(rng, path, monkeypatch):
    document = document_of(rng)
    save(document, path)
    before = path.read_bytes()
    with pytest.raises(PhotoError, match="exists"):
        save(document, path)
    monkeypatch.setattr(archive.ArchiveWriter, "add", _full)
    with pytest.raises(PhotoError, match="disk is full"):
        save(document, path, overwrite=True)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def _full(*_):
    import errno

    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_names_of_the_steps_are_kept(rng, path):
    save(document_of(rng), path)
    with zipfile.ZipFile(path) as file:
        own = json.loads(file.read("inpaint-studio/project.json"))
    assert own["titles"] == ["Paint"]
    assert own["index"] == 1


# What others do to it


def test_a_picture_packed_anew_is_still_known(rng, path):
    document = document_of(rng, "uint8")
    save(document, path)
    rezip(path, lambda n, d: repacked(d) if n.startswith("data/") else d, store=False)
    opened = open_project(path)
    assert opened.notes == ()
    same_layers(document, opened.document)


def test_what_was_changed_elsewhere_is_kept(rng, path):
    document = document_of(rng, "uint8")
    save(document, path)

    def change(name, data):
        if name == "data/layer-1.png":
            image = Image.open(io.BytesIO(data)).copy()
            image.putpixel((3, 3), (1, 2, 3, 255))
            out = io.BytesIO()
            image.save(out, "PNG")
            return out.getvalue()
        if name == "stack.xml":
            return data.replace(b'name="Wall"', b'name="Brick"').replace(b"0.37", b"0.8")
        return data

    rezip(path, change)
    opened = open_project(path)
    by_name = {layer.name: layer for layer in opened.document.layers}
    changed = by_name["Sky “left” <&>"]
    assert changed.patch.pixels[3, 3].tolist() == [1, 2, 3]
    assert by_name["Brick"].blend == "color"
    assert by_name["Lamp"].opacity == 0.8
    assert by_name["Lamp"].recipe is not None
    assert "changed by another program" in " ".join(opened.notes)
    assert len({layer.id for layer in opened.document.layers}) == 3


def test_what_is_said_of_a_group_elsewhere_is_written_back(rng, path, tmp_path):
    save(document_of(rng, "uint8"), path)

    def change(name, data):
        if name != "stack.xml":
            return data
        root = ElementTree.fromstring(data)
        outer = next(one for one in root.iter("stack") if one.get("name") == "Outer")
        outer.set("collapsed", "true")
        outer.set("composite-op", "svg:multiply")
        outer.set("isolation", "isolate")
        return ElementTree.tostring(root)

    rezip(path, change)
    opened = open_project(path)
    assert "“multiply”" in " ".join(opened.notes)
    again = tmp_path / "again.ora"
    save(opened.document, again)
    with zipfile.ZipFile(again) as file:
        stacks = ElementTree.fromstring(file.read("stack.xml")).iter("stack")
    said = {one.get("name"): dict(one.attrib) for one in stacks}
    assert said["Outer"]["composite-op"] == "svg:multiply"
    assert said["Outer"]["collapsed"] == "true"
    assert said["Outer"]["isolation"] == "isolate"
    assert said["Inner"]["isolation"] == "auto"
    assert said["Inner"]["composite-op"] == "svg:src-over"


def test_a_layer_added_elsewhere_is_a_layer(rng, path):
    save(document_of(rng, "uint16"), path)
    out = io.BytesIO()
    Image.new("RGBA", (4, 5), (255, 0, 0, 128)).save(out, "PNG")

    def change(name, data):
        if name == "stack.xml":
            new = b'<layer name="Red" src="data/new.png" x="7" y="8" composite-op="svg:multiply"/>'
            return data.replace(b"<stack>", b"<stack>" + new, 1)
        return data

    rezip(path, change)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("data/new.png", out.getvalue())
        file.writestr("other-program/settings.json", b"{}")
    opened = open_project(path)
    red = opened.document.layers[-1]
    assert (red.name, red.patch.at, red.patch.pixels.dtype.name) == ("Red", (8, 7), "uint16")
    assert red.patch.pixels[0, 0].tolist() == [65535, 0, 0]
    assert red.patch.alpha[0, 0] == 128
    assert "multiply" in " ".join(opened.notes)
    other = path.with_name("again.ora")
    save(opened.document, other)
    with zipfile.ZipFile(other) as file:
        assert b'composite-op="svg:multiply"' in file.read("stack.xml")
        assert file.read("other-program/settings.json") == b"{}"


def test_layers_moved_and_deleted_elsewhere(rng, path):
    document = document_of(rng, "uint8")
    save(document, path)

    def change(name, data):
        if name != "stack.xml":
            return data
        image = ElementTree.fromstring(data)
        root = image.find("stack")
        for layer in list(root):
            if layer.get("src") == "data/layer-1.png":
                layer.set("x", "9")
            if layer.tag == "stack":
                root.remove(layer)
        return ElementTree.tostring(image)

    rezip(path, change)
    back = open_project(path).document
    [moved] = back.layers
    assert moved.patch.at == (5, 9)
    assert np.array_equal(moved.patch.pixels, document.layers[0].patch.pixels)
    assert back.groups == ()


def test_a_project_without_our_part_is_a_photo_and_layers(rng, path):
    """As Krita writes it: it keeps no entries it does not know."""
    document = document_of(rng, "uint8")
    save(document, path)
    rezip(path, lambda name, data: None if name.startswith(archive.OWN) else data)
    back = open_project(path).document
    assert np.array_equal(back.photo.pixels, document.photo.pixels)
    assert [layer.name for layer in back.layers] == ["Sky “left” <&>", "Wall", "Lamp"]
    assert np.array_equal(back.flatten(), document.flatten())


def test_a_file_of_another_program_without_a_photo(path):
    layer = io.BytesIO()
    Image.new("LA", (4, 5), (200, 128)).save(layer, "PNG")
    stack = b'<image w="30" h="20"><stack><layer src="data/a.png" x="2" y="3"/></stack></image>'
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", "image/openraster")
        file.writestr("stack.xml", stack)
        file.writestr("data/a.png", layer.getvalue())
    document = open_project(path).document
    assert document.size == (20, 30)
    assert not document.photo.pixels.any()
    assert document.layers[0].patch.alpha[0, 0] == 128


def test_a_newer_project_is_opened_as_far_as_it_is_understood(rng, path):
    document = document_of(rng, "uint8")
    save(document, path)

    def change(name, data):
        if name != archive.PROJECT:
            return data
        own = json.loads(data)
        own |= {"format": 99, "program": "7.0", "dreams": [1]}
        own["layers"][0]["layer"] |= {"blend": "dissolve", "sparkle": 3}
        return json.dumps(own).encode()

    rezip(path, change)
    opened = open_project(path)
    assert "newer version (7.0)" in opened.notes[0]
    assert opened.document.project.read_only
    assert len(opened.document.layers) == 3
    assert opened.document.layers[2].recipe is not None


def test_the_eye_decides_what_is_the_same(rng):
    pixels = noise(rng, (9, 9, 4), "uint8")
    pixels[:3, :, 3] = 0
    digest = content_digest(Picture(pixels, None), Point(2, 5))
    forgotten = pixels.copy()
    forgotten[:3, :, :3] = 0
    assert content_digest(Picture(forgotten, None), Point(2, 5)) == digest
    cut = np.ascontiguousarray(pixels[3:])
    assert content_digest(Picture(cut, None), Point(5, 5)) == digest
    assert content_digest(Picture(cut, None), Point(5, 6)) != digest
    cut[0, 0, 3] = 255 - cut[0, 0, 3]
    assert content_digest(Picture(cut, None), Point(5, 5)) != digest


# What is wrong


def sentence(path):
    with pytest.raises(PhotoError) as caught:
        open_project(path)
    text = str(caught.value)
    assert text.startswith("Could not open “")
    assert text.endswith(".")
    assert "Traceback" not in text
    return text


def test_a_file_cut_anywhere_is_one_sentence(rng, path):
    save(document_of(rng, "uint8"), path)
    data = path.read_bytes()
    for cut in range(0, len(data), max(1, len(data) // 40)):
        path.write_bytes(data[:cut])
        sentence(path)


def test_a_byte_changed_anywhere_is_one_sentence_or_nothing(rng, path):
    save(document_of(rng, "uint8"), path)
    data = path.read_bytes()
    for at in rng.integers(0, len(data), 60):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        try:
            open_project(path)
        except PhotoError as error:
            assert str(error).endswith(".")  # noqa: PT017


@pytest.mark.parametrize("name", ["mimetype", "stack.xml", "data/photo.png", "data/layer-2.png"])
def test_a_missing_entry_is_named(rng, path, name):
    save(document_of(rng, "uint8"), path)
    rezip(path, lambda entry, data: None if entry == name else data)
    text = sentence(path)
    assert "not an OpenRaster file" in text if name == "mimetype" else name in text


@pytest.mark.parametrize("name", ["../evil.png", "/etc/evil.png", "a/../../evil"])
def test_names_that_lead_out_of_the_file_are_refused(rng, path, name):
    save(document_of(rng, "uint8"), path)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(name, b"x")
    assert "outside itself" in sentence(path)


def test_bombs_are_refused_before_they_go_off(rng, path):
    save(document_of(rng, "uint8"), path)
    rezip(path, lambda name, data: data)
    bomb = struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0)
    import zlib

    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bomb
    png += struct.pack(">I", zlib.crc32(b"IHDR" + bomb)) + struct.pack(">I", 0) + b"IDAT"
    rezip(path, lambda name, data: png if name == "data/layer-1.png" else data)
    sentence(path)
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><image w="1" h="1"><stack/></image>'
    rezip(path, lambda name, data: entities if name == "stack.xml" else data)
    assert "layers" in sentence(path)
    rezip(path, lambda name, data: b" " * (65 << 20) if name == "stack.xml" else data)
    assert "larger than anything real" in sentence(path)


def test_a_missing_file_a_folder_and_another_zip(tmp_path, path):
    assert "no such file" in sentence(path)
    path.mkdir()
    sentence(path)
    shutil.rmtree(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("hello.txt", "hello")
    assert "not an OpenRaster file" in sentence(path)


def test_what_is_a_project(rng, path, tmp_path):
    save(document_of(rng, "uint8"), path)
    assert archive.is_project(path)
    renamed = tmp_path / "renamed.bin"
    shutil.copy(path, renamed)
    assert archive.is_project(renamed)
    assert not archive.is_project(tmp_path / "none.ora")
    Image.new("RGB", (3, 3)).save(tmp_path / "a.png")
    assert not archive.is_project(tmp_path / "a.png")


def test_known_pictures_are_known_by_the_very_arrays(rng):
    from inpaint_studio.project.own import OwnPicture

    one, two = np.zeros(3), np.zeros(3)
    picture = OwnPicture(src="a", mark=(1, 2), digest="")
    known = KnownPictures()
    known.add((one, None), picture)
    assert known.find((one, None)) is picture
    assert known.find((two, None)) is None
    assert known.find((one,)) is None
