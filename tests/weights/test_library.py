"""The library: what is here, what is intact, and how models get in."""

import hashlib
from pathlib import Path

import msgspec
import pytest
import torch

from inpaint_studio.errors import WeightsError
from inpaint_studio.networks.edge_connect import CompletionGenerator, EdgeGenerator
from inpaint_studio.weights.architectures import load_network, save_network
from inpaint_studio.weights.arrivals import UnknownModelError
from inpaint_studio.weights.card import WeightsFile, card_toml
from inpaint_studio.weights.conversion import InProcess, InSubprocess
from inpaint_studio.weights.fingerprint import ChecksumCache, fingerprint
from inpaint_studio.weights.library import Library


def described(path: Path, **fields) -> WeightsFile:
    return WeightsFile(path.name, sha256=fingerprint(path).sha256, **fields)


def test_fingerprint_is_what_sha256_and_git_say(tmp_path):
    path = tmp_path / "hello"
    path.write_bytes(b"hello\n")
    found = fingerprint(path)
    assert found.sha256 == hashlib.sha256(b"hello\n").hexdigest()
    assert found.git_blob == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object
    assert found.agrees_with(WeightsFile("x", git_blob=found.git_blob)) is True
    assert found.agrees_with(WeightsFile("x", sha256=found.sha256[:8])) is True
    assert found.agrees_with(WeightsFile("x", sha256="0" * 8, git_blob=found.git_blob)) is False
    assert found.agrees_with(WeightsFile("x", sha256=found.sha256, bytes=7)) is False
    assert found.agrees_with(WeightsFile("x", bytes=6)) is None


# ---- cards


def test_cards_of_the_program_come_first_and_cannot_be_replaced(cards, where, library, unet):
    bundled = cards.ship_bundled(unet())
    cards.ship(cards.make("a-model"))
    own = where.user / "cards"
    own.mkdir(parents=True)
    (own / "mine.toml").write_bytes(card_toml(cards.make("mine")))
    fake = cards.make("bundled", title="Something else")
    (own / "bundled.toml").write_bytes(card_toml(fake))
    assert [card.name for card in library.cards()] == ["bundled", "a-model", "mine"]
    assert library.find("bundled") == bundled


def test_a_broken_card_is_reported_and_the_rest_still_there(cards, where, library):
    cards.ship(cards.make())
    (where.shipped_cards / "broken.toml").write_text("name =")
    assert [card.name for card in library.cards()] == ["model"]
    assert len(library.problems()) == 1
    assert "broken.toml" in library.problems()[0]


def test_an_unknown_name_lists_the_known(cards, library):
    cards.ship(cards.make())
    with pytest.raises(WeightsError, match=r"no model “modle”\. Choose one of: model\."):
        library.find("modle")


# ---- bundled weights


def test_bundled_weights_are_ready_and_need_no_consent(cards, library, unet):
    card = cards.ship_bundled(unet())
    assert library.status(card) == "ready"
    assert not library.needs_consent(card)
    assert library.default_for("pconv") == card
    assert load_network(library.files(card)["generator"]).config == unet().config


def test_no_model_for_an_engine(library):
    with pytest.raises(WeightsError, match="No model for the engine pconv is ready"):
        library.default_for("pconv")


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "one bit":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif how == "half":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["one bit", "half", "gone"])
def test_damaged_weights_are_never_handed_out(cards, library, unet, how):
    card = cards.ship_bundled(unet())
    path = library.files(card)["generator"]
    spoil(path, how)
    for check in (library.files, library.verify):
        with pytest.raises(WeightsError, match=r"missing|damaged"):
            check(card)
    assert library.status(card) == ("missing" if how == "gone" else "broken")


def test_checksums_are_computed_once_while_a_file_is_unchanged(tmp_path, monkeypatch):
    path = tmp_path / "weights"
    path.write_bytes(b"first")
    first = ChecksumCache(tmp_path / "cache.json").sha256(path)
    again = ChecksumCache(tmp_path / "cache.json")
    with monkeypatch.context() as patch:
        patch.setattr(
            "inpaint_studio.weights.fingerprint.fingerprint",
            lambda path: pytest.fail("the file was read again"),
        )
        assert again.sha256(path) == first
    path.write_bytes(b"other")
    assert again.sha256(path) == hashlib.sha256(b"other").hexdigest()
    (tmp_path / "cache.json").write_text("nonsense")
    assert ChecksumCache(tmp_path / "cache.json").sha256(path) == again.sha256(path)


# ---- importing


def test_a_folder_known_by_its_git_ids_needs_no_name(cards, where, library, edge_folder):
    files = {
        role: WeightsFile(name, git_blob=fingerprint(edge_folder / name).git_blob)
        for role, name in (
            ("edges", "EdgeModel_gen.pth"),
            ("completion", "InpaintingModel_gen.pth"),
        )
    }
    cards.ship(cards.edges("faces"))
    card = cards.ship(cards.edges("places", files=files))
    arrival = library.recognise(edge_folder)
    assert arrival.card == card
    assert arrival.checked
    assert library.status(card) == "missing"
    library.install(arrival)
    assert library.status(card) == "ready"
    found = {role: type(load_network(path)) for role, path in library.files(card).items()}
    assert found == {"edges": EdgeGenerator, "completion": CompletionGenerator}
    library.verify(card)
    assert library.import_path(edge_folder) == card  # once more does no harm
    assert len(list((where.user / "weights" / "places").glob("*.safetensors"))) == 2


def test_several_models_of_no_known_checksum_are_asked_about(cards, library, edge_folder):
    cards.ship(cards.edges("faces"))
    cards.ship(cards.edges("facades"))
    with pytest.raises(
        UnknownModelError, match=r"which of these models they are \(facades, faces\), or"
    ) as caught:
        library.recognise(edge_folder)
    assert caught.value.candidates == ("facades", "faces")
    assert library.import_path(edge_folder, "faces").name == "faces"
    assert not library.recognise(edge_folder, card="faces").checked


def test_the_only_model_a_layout_leaves_is_taken(cards, library, tmp_path, unet, published_pconv):
    network = unet(first_bias=False, batch_norm=False, last_ratio_twice=True)
    path = tmp_path / "pretrained_pconv.pth"
    torch.save({"n_iter": 1, "model": published_pconv(network, "tanimutomo")}, path)
    cards.ship(cards.make("other", layout="mmagic"))
    cards.ship(cards.make("demo", layout="tanimutomo"))
    card = library.import_path(path)
    assert card.name == "demo"
    assert load_network(library.files(card)["generator"]).config == network.config


def test_a_file_that_is_not_what_the_card_says(cards, where, library, tmp_path, unet, edge_folder):
    save_network(unet(), tmp_path / "generator.safetensors")
    cards.ship(cards.make("strict", files={"generator": WeightsFile("g.pth", sha256="0" * 8)}))
    cards.ship(cards.make("mm", layout="mmagic"))
    cards.ship(cards.edges())
    with pytest.raises(WeightsError, match="its checksum differs"):
        library.import_path(tmp_path / "generator.safetensors", "strict")
    with pytest.raises(WeightsError, match="layout of studio, but mm is pconv in that of mmagic"):
        library.import_path(tmp_path / "generator.safetensors", "mm")
    with pytest.raises(WeightsError, match="edgeconnect weights"):
        library.import_path(edge_folder, "strict")
    assert not where.user.exists()


def test_weights_of_ones_own(where, library, tmp_path, unet, published_pconv):
    path = tmp_path / "checkpoint.pth"
    torch.save({"model": published_pconv(unet(first_bias=False), "naoto0804")}, path)
    arrival = library.recognise(path, name="my-model")
    assert arrival.is_own
    assert arrival.card.dialect == "rgb-imagenet"
    assert arrival.card.size_rule.multiple_of == 8
    assert library.needs_consent(arrival.card)
    with pytest.raises(WeightsError, match="has to be accepted first"):
        library.install(arrival)
    library.give_consent(arrival.card)
    card = library.install(arrival)
    assert library.find("my-model") == card
    assert library.status(card) == "ready"
    with pytest.raises(WeightsError, match="“my-model” already"):
        library.recognise(path, name="my-model")


@pytest.mark.parametrize("name", ["../x", "My Model", "", "x" * 80])
def test_names_that_cannot_be(library, tmp_path, unet, name):
    save_network(unet(), tmp_path / "g.safetensors")
    with pytest.raises(WeightsError, match=r"cannot name a model|no known checksum"):
        library.recognise(tmp_path / "g.safetensors", name=name)


def test_half_a_model_says_what_is_missing(library, edge_folder):
    with pytest.raises(WeightsError, match="network for completion is missing"):
        library.recognise(edge_folder / "EdgeModel_gen.pth")


def test_two_models_in_one_folder(library, edge_folder, tmp_path, edge_generator):
    save_network(edge_generator, edge_folder / "another.safetensors")
    with pytest.raises(WeightsError, match="holds several models"):
        library.recognise(edge_folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(WeightsError, match="holds no files of weights"):
        library.recognise(empty)


def test_bundled_models_are_not_imported(cards, library, tmp_path, unet):
    card = cards.ship_bundled(unet())
    with pytest.raises(WeightsError, match="comes with the program"):
        library.import_path(library.files(card)["generator"], card.name)


class Breaks(InProcess):
    """Converts the first file and fails at the second."""

    def convert(self, conversions):
        super().convert(conversions[:1])
        raise WeightsError("The disk is full.")


def test_a_failed_import_leaves_nothing_behind(cards, where, edge_folder):
    card = cards.ship(cards.edges())
    library = Library(where, converter=Breaks())
    with pytest.raises(WeightsError, match="disk is full"):
        library.import_path(edge_folder)
    assert library.status(card) == "missing"
    assert [file for file in where.user.rglob("*") if file.is_file()] == []


def test_a_failed_import_leaves_the_old_weights_in_place(
    cards, where, library, edge_folder, tmp_path
):
    card = cards.ship(cards.edges())
    library.import_path(edge_folder)
    before = library.files(card)
    newer = {"iteration": 9, **torch.load(edge_folder / "EdgeModel_gen.pth")}
    torch.save({**newer, "iteration": 10}, edge_folder / "EdgeModel_gen.pth")
    with pytest.raises(WeightsError, match="disk is full"):
        Library(where, converter=Breaks()).import_path(edge_folder)
    assert library.files(card) == before
    library.verify(card)


def test_consent_is_for_one_licence(cards, library):
    card = cards.ship(cards.make(licence="CC BY-NC 4.0", commercial_use="no"))
    assert library.needs_consent(card)
    library.give_consent(card)
    assert not library.needs_consent(card)
    changed = msgspec.structs.replace(card, licence="CC BY-NC-ND 4.0")
    assert library.needs_consent(changed)
    assert not library.needs_consent(cards.make("free"))


def test_conversion_in_a_process_of_its_own(cards, where, tmp_path, unet):
    save_network(unet(), tmp_path / "g.safetensors")
    (tmp_path / "text.pth").write_text("nothing")
    library = Library(where, converter=InSubprocess())
    cards.ship(cards.make())
    assert library.import_path(tmp_path / "g.safetensors").name == "model"
    with pytest.raises(WeightsError, match="not a file of weights"):
        library.recognise(tmp_path / "text.pth")
