"""Downloads against a server that stalls, truncates, lies and forgets."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.request import Request

import pytest

from inpaint_studio.errors import DownloadError
from inpaint_studio.weights.card import WeightsFile
from inpaint_studio.weights.download import DownloadProgress, Patience, _SafeRedirects, download

CONTENT = bytes(range(256)) * 4096  # 1 MiB
HURRIED = Patience(silence=0.3, tries=2, pause=0)


@dataclass
class Behaviour:
    """How the server answers; each entry of `breaks` is after how many bytes one answer ends."""

    content: bytes = CONTENT
    etag: str = '"first"'
    breaks: list[int] = field(default_factory=list)
    stalls: list[int] = field(default_factory=list)
    ignores_range: bool = False
    wrong_place: bool = False
    length: bool = True
    statuses: list[int] = field(default_factory=list)
    redirect: str = ""
    requests: list[dict] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        b = self.server.behaviour
        b.requests.append({"path": self.path, **self.headers})
        if b.statuses and (status := b.statuses.pop(0)) != 200:
            self.answer(status)
        elif b.redirect and self.path != b.redirect:
            self.answer(302, Location=b.redirect)
        else:
            self.give(b)

    def answer(self, status, **headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def give(self, b):
        start = 0
        ranged = self.headers.get("Range", "")
        if ranged and not b.ignores_range and self.headers.get("If-Range") == b.etag:
            start = int(ranged.removeprefix("bytes=").rstrip("-"))
        if start >= len(b.content):
            self.answer(416)
            return
        self.send_response(206 if start else 200)
        if start:
            told = start + 7 if b.wrong_place else start
            last = len(b.content) - 1
            self.send_header("Content-Range", f"bytes {told}-{last}/{len(b.content)}")
        if b.etag:
            self.send_header("ETag", b.etag)
        if b.length:
            self.send_header("Content-Length", str(len(b.content) - start))
        self.send_header("Connection", "close")
        self.end_headers()
        self.pour(b, b.content[start:])

    def pour(self, b, body):
        self.close_connection = True
        if b.breaks:
            body = body[: b.breaks.pop(0)]
        if b.stalls:
            self.wfile.write(body[: b.stalls.pop(0)])
            self.wfile.flush()
            self.server.released.wait(10)
            return
        self.wfile.write(body)


@pytest.fixture
def server(monkeypatch) -> Iterator[SimpleNamespace]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.behaviour = Behaviour()
    httpd.released = threading.Event()
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield SimpleNamespace(
        behaviour=httpd.behaviour, url=f"http://127.0.0.1:{httpd.server_port}/weights.pth"
    )
    httpd.released.set()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def described(server, content=CONTENT) -> WeightsFile:
    return WeightsFile("weights.pth", server.url, hashlib.sha256(content).hexdigest(), len(content))


def fetch(server, folder: Path, wanted=None) -> list[DownloadProgress]:
    return list(download(wanted or described(server), folder / "weights.pth", patience=HURRIED))


def assert_whole(folder: Path, content=CONTENT):
    assert (folder / "weights.pth").read_bytes() == content
    assert [file.name for file in folder.iterdir()] == ["weights.pth"]


def test_a_plain_download_tells_how_far_it_is(server, tmp_path):
    told = fetch(server, tmp_path / "new")
    assert_whole(tmp_path / "new")
    received = [progress.received for progress in told]
    assert received == sorted(received)
    assert told[0] == DownloadProgress("weights.pth", 0, len(CONTENT))
    assert told[-1] == DownloadProgress("weights.pth", len(CONTENT), len(CONTENT))
    assert server.behaviour.requests[0]["User-Agent"].startswith("inpaint-studio/")


def test_closing_keeps_what_arrived_and_the_next_try_goes_on(server, tmp_path):
    run = download(described(server), tmp_path / "weights.pth", patience=HURRIED)
    while next(run).received == 0:
        pass
    run.close()
    here = (tmp_path / "weights.pth.part").stat().st_size
    assert 0 < here < len(CONTENT)
    assert not (tmp_path / "weights.pth").exists()
    told = fetch(server, tmp_path)
    assert told[0].received == here
    assert server.behaviour.requests[-1]["Range"] == f"bytes={here}-"
    assert_whole(tmp_path)


def test_two_programs_do_not_write_the_same_file(server, tmp_path):
    first = download(described(server), tmp_path / "weights.pth", patience=HURRIED)
    next(first)
    with pytest.raises(DownloadError, match="by another window or program"):
        fetch(server, tmp_path)
    list(first)
    assert_whole(tmp_path)


@pytest.mark.parametrize("trouble", ["breaks", "stalls"])
def test_broken_and_stalled_connections_are_taken_up_again(server, tmp_path, trouble):
    setattr(server.behaviour, trouble, [300_000, 200_000, 1])
    fetch(server, tmp_path)
    assert_whole(tmp_path)
    assert len(server.behaviour.requests) == 4
    assert server.behaviour.requests[-1]["Range"] == "bytes=500001-"


def test_a_server_that_keeps_breaking_off_is_given_up(server, tmp_path):
    server.behaviour.breaks = [100_000] + [0] * 9
    with pytest.raises(DownloadError, match="the connection broke off; try again later"):
        fetch(server, tmp_path)
    assert not (tmp_path / "weights.pth").exists()
    server.behaviour.breaks = []
    assert fetch(server, tmp_path)[0].received == 100_000
    assert_whole(tmp_path)


def test_a_server_that_falls_silent_is_given_up(server, tmp_path):
    server.behaviour.stalls = [0] * 9
    with pytest.raises(DownloadError, match="stopped answering"):
        fetch(server, tmp_path)


def test_wrong_bytes_are_thrown_away(server, tmp_path):
    server.behaviour.content = CONTENT[:-1] + b"!"
    with pytest.raises(DownloadError, match="checksum differs"):
        fetch(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_published_start_of_a_checksum_is_compared(server, tmp_path):
    digest = hashlib.sha256(CONTENT).hexdigest()
    fetch(server, tmp_path, WeightsFile("weights.pth", server.url, digest[:8]))
    assert_whole(tmp_path)
    with pytest.raises(DownloadError, match="checksum differs"):
        fetch(server, tmp_path / "other", WeightsFile("weights.pth", server.url, "0" * 8))


def test_a_server_without_ranges_starts_again(server, tmp_path):
    server.behaviour.ignores_range = True
    server.behaviour.breaks = [400_000]
    told = fetch(server, tmp_path)
    assert_whole(tmp_path)
    assert [progress.received for progress in told].count(0) == 2


def test_a_server_that_answers_from_elsewhere_starts_again(server, tmp_path):
    server.behaviour.wrong_place = True
    server.behaviour.breaks = [400_000]
    fetch(server, tmp_path)
    assert_whole(tmp_path)


def test_a_file_that_changed_meanwhile_is_not_patched_together(server, tmp_path):
    server.behaviour.breaks = [400_000]
    run = download(described(server), tmp_path / "weights.pth", patience=HURRIED)
    while next(run).received < 300_000:
        pass
    run.close()
    changed = CONTENT[::-1]
    server.behaviour.content, server.behaviour.etag, server.behaviour.breaks = changed, '"2"', []
    told = fetch(server, tmp_path, described(server, changed))
    assert told[0].received == 0
    assert_whole(tmp_path, changed)


def test_no_length_no_tag(server, tmp_path):
    server.behaviour.length, server.behaviour.etag = False, ""
    told = fetch(server, tmp_path)
    assert told[-1] == DownloadProgress("weights.pth", len(CONTENT), None)
    assert_whole(tmp_path)


def test_a_complete_part_is_not_fetched_again(server, tmp_path):
    run = download(described(server), tmp_path / "weights.pth", patience=HURRIED)
    while next(run).received < len(CONTENT):
        pass
    run.close()
    fetch(server, tmp_path)
    assert len(server.behaviour.requests) == 1
    assert_whole(tmp_path)


@pytest.mark.parametrize("status", [404, 403, 401])
def test_refusals_are_final(server, tmp_path, status):
    server.behaviour.statuses = [status]
    with pytest.raises(DownloadError, match=f"answered {status}; get it by hand"):
        fetch(server, tmp_path)
    assert len(server.behaviour.requests) == 1


def test_an_overloaded_server_is_asked_again(server, tmp_path):
    server.behaviour.statuses = [503]
    fetch(server, tmp_path)
    assert_whole(tmp_path)
    server.behaviour.statuses = [503] * 9
    with pytest.raises(DownloadError, match="the server answered 503; try again later"):
        fetch(server, tmp_path / "other")


def test_redirects_are_followed(server, tmp_path):
    server.behaviour.redirect = "/elsewhere.pth"
    fetch(server, tmp_path)
    assert_whole(tmp_path)


def test_a_redirect_to_what_is_not_encrypted_is_refused():
    wanted = Request("https://example.org/w.pth")
    for place in ("http://example.org/w.pth", "ftp://example.org/w.pth"):
        with pytest.raises(DownloadError, match="not encrypted; it was not fetched"):
            _SafeRedirects().redirect_request(wanted, None, 302, "Found", {}, place)
    onwards = _SafeRedirects().redirect_request(
        wanted, None, 302, "Found", {}, "https://example.net/w.pth"
    )
    assert onwards.full_url == "https://example.net/w.pth"


def test_nobody_there(server, tmp_path):
    wanted = WeightsFile("weights.pth", "http://127.0.0.1:9/weights.pth")
    with pytest.raises(DownloadError, match="connection refused"):
        fetch(server, tmp_path, wanted)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://x/y", "weights.pth", ""])
def test_only_web_addresses(server, tmp_path, url):
    with pytest.raises(DownloadError, match="not a web address"):
        fetch(server, tmp_path, WeightsFile("weights.pth", url))


def test_the_proxy_of_the_environment_is_used(server, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url.rpartition("/")[0])
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    wanted = WeightsFile("weights.pth", "http://models.invalid/weights.pth")
    fetch(server, tmp_path, wanted)
    assert_whole(tmp_path)
    assert server.behaviour.requests[0]["path"] == "http://models.invalid/weights.pth"


def test_offline_nothing_is_asked_for(server, tmp_path, monkeypatch):
    monkeypatch.setenv("INPAINT_STUDIO_OFFLINE", "1")
    with pytest.raises(DownloadError, match="INPAINT_STUDIO_OFFLINE is set"):
        fetch(server, tmp_path)
    assert server.behaviour.requests == []


def test_a_file_that_cannot_fit_is_not_begun(server, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(DownloadError, match="needs 1 MB more"):
        fetch(server, tmp_path)


def test_a_disk_that_fills_up_is_named(server, tmp_path):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(DownloadError, match=r"could not be stored in .*: the file would be"):
            fetch(server, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "weights.pth").exists()


def test_a_folder_that_cannot_be_made_is_named(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match="could not be stored"):
        fetch(server, tmp_path / "file" / "folder")
