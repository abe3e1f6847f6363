"""Fetching a model: download, check, convert, keep."""

import http.server
import threading
from functools import partial
from pathlib import Path

import pytest
import torch

from inpaint_studio.errors import DownloadError, WeightsError
from inpaint_studio.weights.architectures import load_network
from inpaint_studio.weights.card import WeightsFile
from inpaint_studio.weights.conversion import InProcess
from inpaint_studio.weights.download import Patience
from inpaint_studio.weights.fingerprint import fingerprint
from inpaint_studio.weights.library import Library


def described(path: Path, **fields) -> WeightsFile:
    return WeightsFile(path.name, sha256=fingerprint(path).sha256, **fields)


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


def test_fetch_downloads_checks_converts(cards, where, fetching, site, unet, published_pconv):
    folder, address = site
    path = folder / "published.pth"
    torch.save({"state_dict": published_pconv(unet(), "mmagic")}, path)
    file = described(path, url=f"{address}/published.pth")
    card = cards.ship(cards.make(layout="mmagic", files={"generator": file}))
    told = list(fetching.fetch(card))
    assert told[-1].received == told[-1].total == path.stat().st_size
    assert fetching.status(card) == "ready"
    assert load_network(fetching.files(card)["generator"]).config == unet().config
    assert not list((where.cache / "downloads").glob("*"))


def test_fetch_of_two_files(cards, fetching, site, edge_folder):
    folder, address = site
    names = {"edges": "EdgeModel_gen.pth", "completion": "InpaintingModel_gen.pth"}
    for name in names.values():
        (edge_folder / name).rename(folder / name)
    files = {r: described(folder / n, url=f"{address}/{n}") for r, n in names.items()}
    card = cards.ship(cards.edges(files=files))
    assert {progress.file for progress in fetching.fetch(card)} == set(names.values())
    assert fetching.status(card) == "ready"


def test_fetch_of_something_else_leaves_nothing(cards, where, fetching, site):
    folder, address = site
    (folder / "published.pth").write_text("<html>moved</html>")
    file = WeightsFile("published.pth", url=f"{address}/published.pth")
    card = cards.ship(cards.make(files={"generator": file}))
    with pytest.raises(WeightsError, match="not a file of weights"):
        list(fetching.fetch(card))
    assert fetching.status(card) == "missing"
    assert not [file for file in where.cache.rglob("*.pth*") if file.is_file()]


def test_fetch_asks_first_and_knows_what_it_cannot(cards, fetching):
    nc = cards.make("nc", commercial_use="no", files={"generator": WeightsFile("x", "http://x/x")})
    with pytest.raises(WeightsError, match="has to be accepted first"):
        next(fetching.fetch(cards.ship(nc)))
    by_hand = cards.make("by-hand", by_hand="Write to the author.")
    with pytest.raises(WeightsError, match=r"no direct address\. Write to the author\."):
        next(fetching.fetch(cards.ship(by_hand)))


def test_fetch_offline(cards, fetching, monkeypatch):
    monkeypatch.setenv("INPAINT_STUDIO_OFFLINE", "1")
    card = cards.ship(cards.make(files={"generator": WeightsFile("x.pth", "http://127.0.0.1:9/x")}))
    with pytest.raises(DownloadError, match="OFFLINE is set"):
        list(fetching.fetch(card))
