"""torchvision's feature networks: fetched with their hash checked, found where they are kept."""

import hashlib
import http.server
import threading
from functools import partial
from pathlib import Path

import pytest

from inpaint_studio.cli.main import main
from inpaint_studio.errors import DownloadError, UsageError, WeightsError
from inpaint_studio.paths import user_models_dir
from inpaint_studio.training import feature_files
from inpaint_studio.training.feature_files import (
    TORCHVISION,
    VGG16_FILE,
    fetch_features,
    find_features,
    locate_features,
)
from inpaint_studio.weights.card import WeightsFile
from inpaint_studio.weights.download import Patience

CONTENT = b"weights" * 1000


@pytest.fixture
def published(tmp_path, monkeypatch):
    """As torchvision's, but served from this computer; the hash is of what is served."""
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / VGG16_FILE).write_bytes(CONTENT)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{httpd.server_port}/{VGG16_FILE}"
    digest = hashlib.sha256(CONTENT).hexdigest()[:8]
    yield {VGG16_FILE: WeightsFile(VGG16_FILE, address, sha256=digest)}
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_file_is_fetched_once_and_found_from_then_on(published, tmp_path):
    wanted = tmp_path / VGG16_FILE
    with pytest.raises(WeightsError, match=r"is not there; add --fetch-features"):
        locate_features(wanted)
    told = list(fetch_features(wanted, published=published))
    assert told[-1].received == len(CONTENT)
    assert locate_features(wanted) == user_models_dir() / "features" / VGG16_FILE
    assert find_features(partial_conv=True) == locate_features(wanted)
    assert list(fetch_features(wanted, published=published)) == []


def test_another_content_is_thrown_away(published, tmp_path):
    wrong = {VGG16_FILE: WeightsFile(VGG16_FILE, published[VGG16_FILE].url, sha256="397923af")}
    with pytest.raises(DownloadError, match="checksum differs"):
        list(fetch_features(tmp_path / VGG16_FILE, published=wrong, patience=Patience(2, 1, 0)))
    assert not (user_models_dir() / "features" / VGG16_FILE).exists()


def test_offline_says_where_to_put_it(published, tmp_path, monkeypatch):
    monkeypatch.setenv("INPAINT_STUDIO_OFFLINE", "1")
    with pytest.raises(DownloadError, match=r"on another computer and put it into .*features\.$"):
        list(fetch_features(tmp_path / VGG16_FILE, published=published))


def test_only_published_files_can_be_fetched(published):
    with pytest.raises(UsageError, match=r"features.file of the config is “mine.pth”"):
        list(fetch_features(Path("mine.pth"), published=published))
    with pytest.raises(WeightsError, match=r"set features.file to one that is here"):
        locate_features(Path("mine.pth"))


def test_hashes_are_those_in_the_names():
    for name, file in TORCHVISION.items():
        assert file.sha256 in name
        assert file.url == f"https://download.pytorch.org/models/{name}"


def test_the_command_fetches_what_its_config_names(
    published, photos, tmp_path, monkeypatch, capsys
):
    config = tmp_path / "c.toml"
    config.write_text(
        f'stage = "pconv"\nout = "o"\n[photos]\nfolders = ["{photos}"]\n'
        f'[run]\nsteps = 1\n[features]\nfile = "{VGG16_FILE}"\n'
    )
    assert main(["train", str(config), "--device", "cpu"]) == 1
    assert "add --fetch-features" in capsys.readouterr().err
    fetch = partial(fetch_features, published=published)
    monkeypatch.setattr(feature_files, "fetch_features", fetch)
    assert main(["train", str(config), "--device", "cpu", "--fetch-features"]) == 1
    assert "is not a file of weights" in capsys.readouterr().err  # it is none, but it came
