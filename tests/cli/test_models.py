"""`inpaint-studio models`, as a person and as a program uses it."""

import json
import subprocess
import sys

import pytest
import torch

from inpaint_studio.cli import models
from inpaint_studio.cli.parser import Parser
from inpaint_studio.errors import UsageError, WeightsError
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.weights.architectures import save_network


@pytest.fixture
def run(capsys):
    """Run `models ...`; the exit code and what was printed."""

    def call(*words) -> tuple[int, str]:
        parser = Parser(prog="inpaint-studio")
        models.add_parser(parser.add_subparsers(required=True))
        arguments = parser.parse_args(["models", *map(str, words)])
        code = arguments.run(arguments)
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def own_weights(tmp_path):
    path = tmp_path / "mine.safetensors"
    save_network(PartialConvUNet(PartialConvConfig(width=4, levels=3)), path)
    return path


def test_list_names_every_model_its_status_and_licence(run):
    code, out = run("list")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert "CC BY-NC 4.0" in lines["edgeconnect-places2"]
    assert "missing" in lines["pconv-naoto0804"]
    assert {"studio-pconv", "studio-edgeconnect"} <= lines.keys()


def test_list_as_json(run):
    cards = json.loads(run("list", "--json", "--engine", "pconv")[1])
    found = {card["name"]: card for card in cards}
    assert found["pconv-mmagic-places"]["status"] == "missing"
    assert found["pconv-mmagic-places"]["needs_consent"] is True
    assert all(card["engine"] == "pconv" for card in cards)


def test_list_of_an_engine_that_does_not_exist(run):
    with pytest.raises(UsageError, match="“lama”"):
        run("list", "--engine", "lama")


def test_list_on_a_terminal(run, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = run("list")[1]
    assert "model" in out.splitlines()[0]
    assert "edgeconnect-places2" in out


def test_show_tells_the_terms_and_how_to_get_it(run):
    out = run("show", "edgeconnect-celeba")[1]
    for words in ("CC BY-NC 4.0", "not allowed", "CelebA: 200 thousand", "drive.google.com"):
        assert words in out
    assert json.loads(run("show", "studio-pconv", "--json")[1])["bundled"] is True
    with pytest.raises(WeightsError, match="Choose one of"):
        run("show", "nothing")


def test_import_shows_the_terms_and_asks(run, own_weights, monkeypatch):
    with pytest.raises(WeightsError, match="add --accept-licence"):
        run("import", own_weights, "--name", "mine")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    with pytest.raises(WeightsError, match="licence was not accepted"):
        run("import", own_weights, "--name", "mine")
    monkeypatch.setattr("builtins.input", lambda question: "y")
    code, out = run("import", own_weights, "--name", "mine")
    assert code == 0
    assert "not stated" in out
    assert "fill with --model mine" in out


def test_import_then_verify_then_damage(run, own_weights, tmp_path):
    run("import", own_weights, "--name", "mine", "--accept-licence")
    assert "mine: intact" in run("verify")[1].splitlines()
    (stored,) = (path for path in _stored() if path.parent.name == "mine")
    content = stored.read_bytes()
    stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    code, out = run("verify", "mine")
    assert code == 1
    assert "damaged" in out
    assert "broken" in next(line for line in run("list")[1].splitlines() if "mine" in line)


def _stored():
    from inpaint_studio.paths import user_models_dir

    return user_models_dir().rglob("*.safetensors")


def test_import_of_a_published_folder(run, tmp_path):
    config = EdgeConnectConfig(width=4, blocks=1)
    for name, network in (("EdgeModel", EdgeGenerator), ("InpaintingModel", CompletionGenerator)):
        saved = {"iteration": 1, "generator": network(config).state_dict()}
        torch.save(saved, tmp_path / f"{name}_gen.pth")
    with pytest.raises(WeightsError, match="--card"):
        run("import", tmp_path)
    with pytest.raises(WeightsError, match="checksum differs"):
        run("import", tmp_path, "--card", "edgeconnect-places2", "--accept-licence")
    code, out = run("import", tmp_path, "--card", "edgeconnect-paris", "--accept-licence")
    assert code == 0
    assert "could not be compared" in out


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pth", b"", "is empty"),
        ("page.pth", b"<!doctype html>", "not a file of weights"),
        ("half.pth", b"PK\x03\x04 and no end", "incomplete or damaged"),
    ],
)
def test_import_of_something_else(run, tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=sentence):
        run("import", tmp_path / name)


def test_fetch_where_there_is_no_address_or_no_consent(run, monkeypatch):
    monkeypatch.setenv("INPAINT_STUDIO_OFFLINE", "1")
    with pytest.raises(WeightsError, match=r"no direct address\. Download the folder https"):
        run("fetch", "edgeconnect-places2", "--accept-licence")
    with pytest.raises(WeightsError, match="add --accept-licence"):
        run("fetch", "pconv-mmagic-places")
    with pytest.raises(WeightsError, match="INPAINT_STUDIO_OFFLINE is set"):
        run("fetch", "pconv-mmagic-places", "--accept-licence")


def test_downloads_are_told_in_tenths_where_there_is_no_terminal():
    from inpaint_studio.weights.download import DownloadProgress

    told: list[str] = []
    run = (DownloadProgress("a.pth", received, 1000) for received in range(0, 1001, 10))
    models._follow_in_lines(run, told.append)
    assert told[0] == "a.pth: 0 %"
    assert told[-1] == "a.pth: 100 %"
    assert len(told) == 11


def test_listing_loads_nothing_heavy(repository):
    program = (
        "import sys; from inpaint_studio.cli.parser import Parser; "
        "from inpaint_studio.cli import models; parser = Parser(); "
        "models.add_parser(parser.add_subparsers()); "
        "arguments = parser.parse_args(['models', 'list']); arguments.run(arguments); "
        "print({'torch', 'cv2', 'PySide6', 'urllib.request', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"
