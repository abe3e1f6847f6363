"""TIFF with layers, read back with the library that knows them and with ours that does not."""

import numpy as np
import psdtags
import pytest
import tifffile

from inpaint_studio.document.document import Document
from inpaint_studio.document.export import flatten_document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.files import WriteOptions, read_photo
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Metadata, Patch, Photo
from inpaint_studio.project import layered_tiff
from inpaint_studio.project.layered_tiff import write_layered_tiff

TOPS = {"uint8": 255, "uint16": 65535, "float32": 1.0}


def noise(rng, shape, dtype):
    if dtype == "float32":
        return rng.random(shape, np.float32)
    return rng.integers(0, TOPS[dtype] + 1, shape).astype(dtype)


def document_of(rng, dtype="uint16", channels=3):
    colors = 1 if channels <= 2 else 3
    document = Document(Photo(noise(rng, (40, 50, channels), dtype), None, Metadata(xmp=b"<x/>")))

    def layer(id, name, at, **more):
        alpha = rng.choice(np.array([0, 90, 255], np.uint8), (12, 9))
        return Layer(id, name, Patch(noise(rng, (12, 9, colors), dtype), alpha, at), **more)

    keep = rng.integers(0, 256, (12, 9)).astype(np.uint8)
    layers = [
        layer(1, "Sky “ä”", Point(3, 4), opacity=0.5),
        layer(2, "Lamp", Point(-4, 45), blend="luminosity", keep=keep, group=10),
        layer(3, "Hidden", Point(1, 1), blend="color", visible=False, group=10),
    ]
    document.adopt(layers, [Group(10, "Things", True, 0.8)])
    return document


def save(document, path, **options):
    write_layered_tiff(path, document, flatten_document(document), options=WriteOptions(**options))
    return psdtags.TiffImageSourceData.fromtiff(path)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("compression", ["deflate", "none"])
def test_photo_and_layers_are_all_there(rng, tmp_path, dtype, channels, compression):
    document = document_of(rng, dtype, channels)
    path = tmp_path / "out.tif"
    data = save(document, path, compression=compression)
    names = [layer.name for layer in data.layers]
    assert names == ["Photo", "Sky “ä”", "</Layer group>", "Lamp", "Hidden", "Things"]
    photo, sky, _, lamp, hidden, things = data.layers
    scale = {"uint8": 1.0, "uint16": 257.0, "float32": 1 / 255}[dtype]
    colors = [channel for channel in photo.channels if channel.channelid >= 0]
    planes = np.stack([channel.data for channel in colors], axis=2)
    assert np.array_equal(planes, document.photo.color)
    assert planes.dtype.newbyteorder("=") == np.dtype(dtype)
    layer = document.layers[1]
    planes = {channel.channelid: channel.data for channel in lamp.channels}
    assert np.allclose(planes[-1], layer.patch.alpha * scale)
    assert np.allclose(planes[-2], layer.keep * scale)
    assert np.array_equal(planes[0], layer.patch.pixels[:, :, 0])
    assert tuple(lamp.rectangle) == (-4, 45, 8, 54)
    assert lamp.blendmode == psdtags.PsdBlendMode.LUMINOSITY
    assert hidden.blendmode == psdtags.PsdBlendMode.COLOR
    assert (sky.opacity, things.opacity) == (128, 204)
    assert hidden.flags & 2
    assert not lamp.flags & 2


def test_everybody_else_sees_the_flat_picture(rng, tmp_path):
    document = document_of(rng)
    path = tmp_path / "out.tif"
    save(document, path)
    back = read_photo(path)
    assert np.array_equal(back.pixels, document.flatten())
    assert back.metadata.xmp == b"<x/>"
    assert np.array_equal(tifffile.imread(path), document.flatten())


def test_layers_follow_the_depth_that_was_asked_for(rng, tmp_path):
    document = document_of(rng)
    data = save(document, tmp_path / "out.tif", depth="uint8")
    assert data.layers.key == psdtags.PsdKey.LAYER
    plane = data.layers[0].channels[0].data
    assert abs(plane.astype(int) * 257 - document.photo.pixels[:, :, 0]).max() <= 128


def test_it_is_all_or_nothing(rng, tmp_path, monkeypatch):
    path = tmp_path / "out.tif"
    document = document_of(rng)
    save(document, path)
    before = path.read_bytes()
    with pytest.raises(PhotoError, match="exists"):
        save(document, path)
    monkeypatch.setattr(layered_tiff, "_MOST_BYTES", 1000)
    flat = flatten_document(document)
    with pytest.raises(PhotoError, match="larger than a TIFF can be"):
        write_layered_tiff(path, document, flat, overwrite=True)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.tif"]
