"""The library: what is here, what is intact, and how models get in."""

import hashlib
import http.server
import threading
from functools import partial
from pathlib import Path

import msgspec
import pytest
import torch

from inpaint_studio.errors import DownloadError, WeightsError
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.networks.edge_connect import CompletionGenerator, EdgeGenerator
from inpaint_studio.weights.architectures import load_network, save_network
from inpaint_studio.weights.card import ModelCard, WeightsFile, card_toml
from inpaint_studio.weights.conversion import InProcess, InSubprocess
from inpaint_studio.weights.download import Patience
from inpaint_studio.weights.fingerprint import ChecksumCache, fingerprint
from inpaint_studio.weights.library import Library


def make_card(name="model", **changes) -> ModelCard:
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


def edge_card(name="edges", **changes) -> ModelCard:
    files = {
        "edges": WeightsFile("EdgeModel_gen.pth"),
        "completion": WeightsFile("InpaintingModel_gen.pth"),
    }
    return make_card(
        name, **{"engine": "edgeconnect", "layout": "edgeconnect", "files": files, **changes}
    )


def ship(where, card: ModelCard) -> ModelCard:
    (where.shipped_cards / f"{card.name}.toml").write_bytes(card_toml(card))
    return card


def ship_bundled(where, network, name="bundled") -> ModelCard:
    path = where.shipped_weights / f"{name}.safetensors"
    save_network(network, path)
    found = fingerprint(path)
    file = WeightsFile(path.name, sha256=found.sha256, bytes=found.bytes)
    card = make_card(name, bundled=True, commercial_use="unclear", files={"generator": file})
    return ship(where, card)


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


def test_cards_of_the_program_come_first_and_cannot_be_replaced(where, library, unet):
    bundled = ship_bundled(where, unet())
    ship(where, make_card("a-model"))
    own = where.user / "cards"
    own.mkdir(parents=True)
    (own / "mine.toml").write_bytes(card_toml(make_card("mine")))
    fake = make_card("bundled", title="Something else")
    (own / "bundled.toml").write_bytes(card_toml(fake))
    assert [card.name for card in library.cards()] == ["bundled", "a-model", "mine"]
    assert library.find("bundled") == bundled


def test_a_broken_card_is_reported_and_the_rest_still_there(where, library):
    ship(where, make_card())
    (where.shipped_cards / "broken.toml").write_text("name =")
    assert [card.name for card in library.cards()] == ["model"]
    assert len(library.problems()) == 1
    assert "broken.toml" in library.problems()[0]


def test_an_unknown_name_lists_the_known(where, library):
    ship(where, make_card())
    with pytest.raises(WeightsError, match=r"no model “modle”\. Choose one of: model\."):
        library.find("modle")


# ---- bundled weights


def test_bundled_weights_are_ready_and_need_no_consent(where, library, unet):
    card = ship_bundled(where, unet())
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
def test_damaged_weights_are_never_handed_out(where, library, unet, how):
    card = ship_bundled(where, unet())
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


def test_a_folder_known_by_its_git_ids_needs_no_name(where, library, edge_folder):
    files = {
        role: WeightsFile(name, git_blob=fingerprint(edge_folder / name).git_blob)
        for role, name in (
            ("edges", "EdgeModel_gen.pth"),
            ("completion", "InpaintingModel_gen.pth"),
        )
    }
    ship(where, edge_card("faces"))
    card = ship(where, edge_card("places", files=files))
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


def test_several_models_of_no_known_checksum_are_asked_about(where, library, edge_folder):
    ship(where, edge_card("faces"))
    ship(where, edge_card("facades"))
    with pytest.raises(WeightsError, match=r"--card \(facades, faces\), or with --name"):
        library.recognise(edge_folder)
    assert library.import_path(edge_folder, "faces").name == "faces"
    assert not library.recognise(edge_folder, card="faces").checked


def test_the_only_model_a_layout_leaves_is_taken(where, library, tmp_path, unet, published_pconv):
    network = unet(first_bias=False, batch_norm=False, last_ratio_twice=True)
    path = tmp_path / "pretrained_pconv.pth"
    torch.save({"n_iter": 1, "model": published_pconv(network, "tanimutomo")}, path)
    ship(where, make_card("other", layout="mmagic"))
    ship(where, make_card("demo", layout="tanimutomo"))
    card = library.import_path(path)
    assert card.name == "demo"
    assert load_network(library.files(card)["generator"]).config == network.config


def test_a_file_that_is_not_what_the_card_says(where, library, tmp_path, unet, edge_folder):
    save_network(unet(), tmp_path / "generator.safetensors")
    ship(where, make_card("strict", files={"generator": WeightsFile("g.pth", sha256="0" * 8)}))
    ship(where, make_card("mm", layout="mmagic"))
    ship(where, edge_card())
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


def test_bundled_models_are_not_imported(where, library, tmp_path, unet):
    card = ship_bundled(where, unet())
    with pytest.raises(WeightsError, match="comes with the program"):
        library.import_path(library.files(card)["generator"], card.name)


class Breaks(InProcess):
    """Converts the first file and fails at the second."""

    def __init__(self) -> None:
        self.converted: list[Path] = []

    def convert(self, source: Path, target: Path) -> None:
        if self.converted:
            raise WeightsError("The disk is full.")
        self.converted.append(target)
        super().convert(source, target)


def test_a_failed_import_leaves_nothing_behind(where, edge_folder):
    card = ship(where, edge_card())
    library = Library(where, converter=Breaks())
    with pytest.raises(WeightsError, match="disk is full"):
        library.import_path(edge_folder)
    assert library.status(card) == "missing"
    assert [file for file in where.user.rglob("*") if file.is_file()] == []


def test_a_failed_import_leaves_the_old_weights_in_place(where, library, edge_folder, tmp_path):
    card = ship(where, edge_card())
    library.import_path(edge_folder)
    before = library.files(card)
    newer = {"iteration": 9, **torch.load(edge_folder / "EdgeModel_gen.pth")}
    torch.save({**newer, "iteration": 10}, edge_folder / "EdgeModel_gen.pth")
    with pytest.raises(WeightsError, match="disk is full"):
        Library(where, converter=Breaks()).import_path(edge_folder)
    assert library.files(card) == before
    library.verify(card)


def test_consent_is_for_one_licence(where, library):
    card = ship(where, make_card(licence="CC BY-NC 4.0", commercial_use="no"))
    assert library.needs_consent(card)
    library.give_consent(card)
    assert not library.needs_consent(card)
    changed = msgspec.structs.replace(card, licence="CC BY-NC-ND 4.0")
    assert library.needs_consent(changed)
    assert not library.needs_consent(make_card("free"))


def test_conversion_in_a_process_of_its_own(where, tmp_path, unet):
    save_network(unet(), tmp_path / "g.safetensors")
    (tmp_path / "text.pth").write_text("nothing")
    library = Library(where, converter=InSubprocess())
    ship(where, make_card())
    assert library.import_path(tmp_path / "g.safetensors").name == "model"
    with pytest.raises(WeightsError, match="not a file of weights"):
        library.recognise(tmp_path / "text.pth")


# ---- fetching


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder served over HTTP: (folder, address)."""
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield folder, f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def fetching(where) -> Library:
    return Library(where, converter=InProcess(), patience=Patience(silence=2, tries=1, pause=0))


def test_fetch_downloads_checks_converts(where, fetching, site, unet, published_pconv):
    folder, address = site
    path = folder / "published.pth"
    torch.save({"state_dict": published_pconv(unet(), "mmagic")}, path)
    file = described(path, url=f"{address}/published.pth")
    card = ship(where, make_card(layout="mmagic", files={"generator": file}))
    told = list(fetching.fetch(card))
    assert told[-1].received == told[-1].total == path.stat().st_size
    assert fetching.status(card) == "ready"
    assert load_network(fetching.files(card)["generator"]).config == unet().config
    assert not list((where.cache / "downloads").glob("*"))


def test_fetch_of_two_files(where, fetching, site, edge_folder):
    folder, address = site
    names = {"edges": "EdgeModel_gen.pth", "completion": "InpaintingModel_gen.pth"}
    for name in names.values():
        (edge_folder / name).rename(folder / name)
    files = {r: described(folder / n, url=f"{address}/{n}") for r, n in names.items()}
    card = ship(where, edge_card(files=files))
    assert {progress.file for progress in fetching.fetch(card)} == set(names.values())
    assert fetching.status(card) == "ready"


def test_fetch_of_something_else_leaves_nothing(where, fetching, site):
    folder, address = site
    (folder / "published.pth").write_text("<html>moved</html>")
    file = WeightsFile("published.pth", url=f"{address}/published.pth")
    card = ship(where, make_card(files={"generator": file}))
    with pytest.raises(WeightsError, match="not a file of weights"):
        list(fetching.fetch(card))
    assert fetching.status(card) == "missing"
    assert not [file for file in where.cache.rglob("*.pth*") if file.is_file()]


def test_fetch_asks_first_and_knows_what_it_cannot(where, fetching):
    nc = make_card("nc", commercial_use="no", files={"generator": WeightsFile("x", "http://x/x")})
    with pytest.raises(WeightsError, match="has to be accepted first"):
        next(fetching.fetch(ship(where, nc)))
    by_hand = make_card("by-hand", by_hand="Write to the author.")
    with pytest.raises(WeightsError, match=r"no direct address\. Write to the author\."):
        next(fetching.fetch(ship(where, by_hand)))


def test_fetch_offline(where, fetching, monkeypatch):
    monkeypatch.setenv("INPAINT_STUDIO_OFFLINE", "1")
    card = ship(where, make_card(files={"generator": WeightsFile("x.pth", "http://127.0.0.1:9/x")}))
    with pytest.raises(DownloadError, match="OFFLINE is set"):
        list(fetching.fetch(card))
