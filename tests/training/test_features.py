"""Feature networks are read from the files users have, and compared at the papers' layers."""

import pytest
import torch
from safetensors.torch import save_file

from inpaint_studio.errors import WeightsError
from inpaint_studio.training import features as module
from inpaint_studio.training.features import open_features

CPU = torch.device("cpu")
VGG16 = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
VGG19 = ((0, 2), (5, 7), (10, 12, 14, 16), (19, 21, 23, 25), (28, 30, 32, 34))


def standard(blocks, *, width=2):
    """A state dict with torchvision's names, narrow and random, with its classifier."""
    generator = torch.Generator().manual_seed(5)
    state, channels = {"classifier.0.weight": torch.zeros(2, 2)}, 3
    for block in blocks:
        for at in block:
            shape = (width, channels, 3, 3)
            state[f"features.{at}.weight"] = torch.randn(shape, generator=generator) / 3
            state[f"features.{at}.bias"] = torch.randn(width, generator=generator) / 10
            channels = width
    return state


def by_hand(state, blocks, x):
    """Every map by torchvision's index, written out anew."""
    maps = {}
    for block in blocks:
        for at in block:
            weight, bias = state[f"features.{at}.weight"], state[f"features.{at}.bias"]
            x = torch.relu(torch.nn.functional.conv2d(x, weight, bias, padding=1))
            maps[at + 1] = x
        x = torch.nn.functional.max_pool2d(x, 2)
        maps[block[-1] + 2] = x
    return maps


@pytest.fixture
def opened(tmp_path):
    def open_(state, name="vgg.pth"):
        torch.save(state, tmp_path / name)
        return open_features(tmp_path / name, device=CPU)

    return open_


def test_vgg16_gives_pool1_to_pool3_of_normalised_pictures(opened):
    state, picture = standard(VGG16), torch.rand(2, 3, 32, 32)
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    maps = by_hand(state, VGG16, (picture - mean) / deviation)
    found = opened(state)
    look, texture = found.features(picture)
    assert found.name.startswith("VGG-16, not torchvision's file")
    for a, b in zip(look, (maps[4], maps[9], maps[16]), strict=True):
        torch.testing.assert_close(a, b)
    assert all(a is b for a, b in zip(look, texture, strict=True))


def test_vgg19_gives_edgeconnects_layers_of_pictures_as_they_are(opened):
    state, picture = standard(VGG19), torch.rand(1, 3, 32, 32)
    maps = by_hand(state, VGG19, picture)
    found = opened(state)
    look, texture = found.features(picture)
    assert found.name.startswith("VGG-19")
    for a, b in zip(look, [maps[at] for at in (1, 6, 11, 20, 29)], strict=True):
        torch.testing.assert_close(a, b)
    for a, b in zip(texture, [maps[at] for at in (8, 17, 26, 31)], strict=True):
        torch.testing.assert_close(a, b)


def test_the_published_file_is_known_by_its_checksum(opened, monkeypatch):
    monkeypatch.setattr(module, "PUBLISHED", {"VGG-16": "", "VGG-19": "x"})  # any begins with ""
    assert opened(standard(VGG16)).name == "VGG-16 of torchvision"
    assert opened(standard(VGG19)).name != "VGG-19 of torchvision"


def test_feature_networks_do_not_learn(opened):
    picture = torch.rand(1, 3, 32, 32, requires_grad=True)
    look, _ = opened(standard(VGG16)).features(picture)
    look[-1].sum().backward()
    assert float(picture.grad.abs().sum()) > 0


@pytest.mark.data
def test_the_small_network_is_known(data_dir):
    path = data_dir / "features" / "vgg19_normalised_relu3_1.safetensors"
    found = open_features(path, device=CPU)
    look, _ = found.features(torch.rand(1, 3, 32, 32))
    assert found.name == "normalised VGG-19 up to relu3_1"
    assert [tuple(x.shape[1:]) for x in look] == [(64, 32, 32), (128, 16, 16), (256, 8, 8)]


def test_another_file_is_one_sentence(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="holds no feature network"):
        open_features(tmp_path / "other.safetensors", device=CPU)
    with pytest.raises(WeightsError):
        open_features(tmp_path / "none.pth", device=CPU)
