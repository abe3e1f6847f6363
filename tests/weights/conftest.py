"""Small networks, saved the way each publisher saved theirs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.weights.architectures import save_network
from inpaint_studio.weights.card import ModelCard, WeightsFile, card_toml
from inpaint_studio.weights.conversion import InProcess
from inpaint_studio.weights.fingerprint import fingerprint
from inpaint_studio.weights.library import Library, LibraryPaths

State = dict[str, torch.Tensor]


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def randomise(network: torch.nn.Module) -> torch.nn.Module:
    """Every weight and statistic different from what a fresh network has."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                noise = torch.rand(tensor.shape, generator=generator)
                tensor.copy_(0.5 + noise if key.endswith("running_var") else noise - 0.5)
    return network.eval()


@pytest.fixture
def unet() -> Callable[..., PartialConvUNet]:
    def make(**config) -> PartialConvUNet:
        return randomise(PartialConvUNet(PartialConvConfig(**{"width": 4, "levels": 3, **config})))

    return make


@pytest.fixture
def edge_generator() -> EdgeGenerator:
    return randomise(EdgeGenerator(EdgeConnectConfig(width=4, blocks=2)))


@pytest.fixture
def completion_generator() -> CompletionGenerator:
    return randomise(CompletionGenerator(EdgeConnectConfig(width=4, blocks=2)))


@pytest.fixture
def published_pconv() -> Callable[[PartialConvUNet, str], State]:
    return _published_pconv


def _published_pconv(network: PartialConvUNet, layout: str) -> State:
    """The state dict of `network` as the programs that publish `layout` would hold it."""
    rename = {"naoto0804": _naoto, "tanimutomo": _tanimutomo, "mmagic": _mmagic}[layout]
    levels = network.config.levels
    published: State = {}
    for key, tensor in network.state_dict().items():
        half, number, rest = re.fullmatch(r"(encoder|decoder)\.(\d+)\.(.+)", key).groups()
        level = int(number) + 1 if half == "encoder" else levels - int(number)
        published |= rename(half[:3], level, rest, tensor)
    if layout == "tanimutomo":  # it ships one level more than it uses
        deepest = published[f"enc_{levels}.conv.weight"]
        published[f"enc_{levels + 1}.conv.weight"] = torch.rand_like(deepest)
        published[f"dec_{levels + 1}.conv.weight"] = torch.rand_like(deepest)
    return published


def _naoto(half: str, level: int, rest: str, tensor: torch.Tensor) -> State:
    block = f"{half}_{level}"
    if rest == "conv.conv.weight":
        return {
            f"{block}.conv.input_conv.weight": tensor * tensor[0].numel(),
            f"{block}.conv.mask_conv.weight": torch.ones_like(tensor),
        }
    return {f"{block}.{rest.replace('conv.', 'conv.input_conv.').replace('norm.', 'bn.')}": tensor}


def _tanimutomo(half: str, level: int, rest: str, tensor: torch.Tensor) -> State:
    return {f"{half}_{level}.{rest.replace('conv.conv', 'conv')}": tensor}


def _mmagic(half: str, level: int, rest: str, tensor: torch.Tensor) -> State:
    block = f"generator.{half}oder.{half}{level}"
    published = {f"{block}.{rest.replace('conv.conv', 'conv').replace('norm.', 'bn.')}": tensor}
    if rest == "conv.conv.weight":
        published[f"{block}.conv.weight_mask_updater"] = torch.ones_like(tensor)
    return published


@pytest.fixture
def edge_folder(tmp_path, edge_generator, completion_generator) -> Path:
    """A folder as the authors of EdgeConnect publish it."""
    folder = tmp_path / "places2"
    folder.mkdir()
    for name, network in (("EdgeModel", edge_generator), ("InpaintingModel", completion_generator)):
        saved = {"iteration": 7, "generator": network.state_dict()}
        torch.save(saved, folder / f"{name}_gen.pth")
        torch.save(
            {"discriminator": {"conv5.0.weight_orig": torch.rand(1)}}, folder / f"{name}_dis.pth"
        )
    return folder


@pytest.fixture
def where(tmp_path) -> LibraryPaths:
    """Folders of a library that has nothing yet."""
    folders = LibraryPaths(
        tmp_path / "cards", tmp_path / "weights", tmp_path / "user", tmp_path / "cache"
    )
    folders.shipped_cards.mkdir()
    folders.shipped_weights.mkdir()
    return folders


@pytest.fixture
def library(where) -> Library:
    return Library(where, converter=InProcess())


class Cards:
    """Makes cards and ships them with the program of `where`."""

    def __init__(self, where: LibraryPaths) -> None:
        self.where = where

    def make(self, name="model", **changes) -> ModelCard:
        values = {
            "name": name,
            "title": f"The {name}",
            "engine": "pconv",
            "layout": "studio",
            "files": {"generator": WeightsFile("generator.safetensors")},
            "licence": "MIT",
            "commercial_use": "yes",
            "origin": "Someone",
            "trained_on": "Something",
            "good_at": "Nothing.",
            "size_rule": SizeRule(8, 8, 64),
        }
        return ModelCard(**{**values, **changes})

    def edges(self, name="edges", **changes) -> ModelCard:
        files = {
            "edges": WeightsFile("EdgeModel_gen.pth"),
            "completion": WeightsFile("InpaintingModel_gen.pth"),
        }
        values = {"engine": "edgeconnect", "layout": "edgeconnect", "files": files, **changes}
        return self.make(name, **values)

    def ship(self, card: ModelCard) -> ModelCard:
        (self.where.shipped_cards / f"{card.name}.toml").write_bytes(card_toml(card))
        return card

    def ship_bundled(self, network: torch.nn.Module, name="bundled") -> ModelCard:
        path = self.where.shipped_weights / f"{name}.safetensors"
        save_network(network, path)
        found = fingerprint(path)
        file = WeightsFile(path.name, sha256=found.sha256, bytes=found.bytes)
        bundled = {"bundled": True, "commercial_use": "unclear", "files": {"generator": file}}
        return self.ship(self.make(name, **bundled))


@pytest.fixture
def cards(where) -> Cards:
    return Cards(where)
