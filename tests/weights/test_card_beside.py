"""A card that lies with weights is taken in with them, if it is theirs."""

import msgspec
import pytest
import torch

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.weights.architectures import save_network
from inpaint_studio.weights.card import ModelCard, WeightsFile, card_toml
from inpaint_studio.weights.fingerprint import fingerprint
from inpaint_studio.weights.library import open_library


@pytest.fixture
def model(tmp_path):
    """A folder with weights, and the card that describes them."""
    torch.manual_seed(3)
    folder = tmp_path / "model"
    weights = folder / "mine-generator.safetensors"
    save_network(PartialConvUNet(PartialConvConfig(width=4, levels=2)).eval(), weights)
    found = fingerprint(weights)
    card = ModelCard(
        name="mine",
        title="Mine",
        engine="pconv",
        files={"generator": WeightsFile(weights.name, sha256=found.sha256, bytes=found.bytes)},
        licence="CC0-1.0",
        commercial_use="yes",
        origin="a test",
        trained_on="5 photos",
        good_at="nothing",
        size_rule=SizeRule(minimum=4, multiple_of=4, working=256),
        bundled=True,
    )
    return folder, card


def put(folder, card):
    (folder / "card.toml").write_bytes(card_toml(card))


@pytest.mark.parametrize("named", ["folder", "file"])
def test_weights_keep_the_card_they_came_with(model, named):
    folder, card = model
    put(folder, card)
    (folder / "another.toml").write_text("stage = 'pconv'")
    library = open_library(isolated=False)
    path = folder if named == "folder" else folder / "mine-generator.safetensors"
    installed = library.install(library.recognise(path))
    assert installed == msgspec.structs.replace(card, bundled=False)
    assert library.status(open_library().find("mine")) == "ready"
    again = library.recognise(path)  # known by now: the card in the library has the last word
    assert again.card.name == "mine"
    assert not again.is_own


def test_they_can_be_renamed(model):
    folder, card = model
    put(folder, card)
    arrival = open_library().recognise(folder, name="yours")
    assert (arrival.card.name, arrival.card.licence) == ("yours", "CC0-1.0")


def test_a_card_of_other_weights_is_not_theirs(model):
    folder, card = model
    other = msgspec.structs.replace(card.files["generator"], sha256="0" * 64)
    put(folder, msgspec.structs.replace(card, files={"generator": other}))
    assert open_library().recognise(folder, name="yours").card.licence == "not stated"
    with pytest.raises(WeightsError):
        open_library().recognise(folder)


def test_a_name_that_is_taken_is_refused(model):
    folder, card = model
    put(folder, msgspec.structs.replace(card, name="studio-pconv"))
    with pytest.raises(WeightsError, match="choose another name"):
        open_library().recognise(folder)
