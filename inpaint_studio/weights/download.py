"""Fetch one file over HTTP: with progress, resumed where it broke off, whole or not at all.

The proxies of the environment (`https_proxy`, `no_proxy`) are used. What has arrived is kept in a
`.part` file, and beside it which version of the file it belongs to, so that a later try goes on.
"""

import http.client
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Protocol, cast
from urllib.parse import urlsplit

import msgspec

from inpaint_studio import __version__
from inpaint_studio.errors import DownloadError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.locks import try_lock
from inpaint_studio.weights.card import WeightsFile
from inpaint_studio.weights.fingerprint import fingerprint

OFFLINE_VARIABLE = "INPAINT_STUDIO_OFFLINE"
"""When set to anything but 0, nothing is ever fetched."""

_PIECE = 256 * 1024
_RANGE = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<total>\d+)")


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How much of a file is here, in bytes; `total` is None while it is not known."""

    file: str
    received: int
    total: int | None


Download = Generator[DownloadProgress, None, None]


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give up."""

    silence: float = 30.0
    """Seconds without a byte before a connection is taken for dead."""
    tries: int = 4
    """Connections in a row that may bring nothing."""
    pause: float = 1.0
    """Seconds before the second of them; doubled before each further one."""


class _Version(msgspec.Struct, frozen=True):
    """Which bytes a partial file is the start of."""

    url: str
    tag: str
    """ETag or Last-Modified; empty where the server gives none it vouches for."""
    total: int | None


class _Response(Protocol):
    status: int
    headers: Message

    def read1(self, amount: int, /) -> bytes: ...
    def close(self) -> None: ...


class _ConnectionLostError(Exception):
    """The connection ended before the file did; another may bring the rest."""


def download(wanted: WeightsFile, target: Path, *, patience: Patience | None = None) -> Download:
    """Fetch `wanted` to `target`, yielding after each piece; `close()` keeps what has arrived.

    Raises:
        DownloadError: offline, no such address, the server keeps failing, the disk is full, or
            what came is not what the card describes. `target` is there only if all went well.
    """
    _refuse_offline(wanted)
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _claimed(wanted, target.with_name(target.name + ".lock")):
            yield from _receive(wanted, part, patience or Patience())
            _check(wanted, part)
            part.replace(target)
            _version_file(part).unlink(missing_ok=True)
    except OSError as error:
        raise DownloadError(
            f"{wanted.file} could not be stored in {target.parent}: {reason(error)}."
        ) from error


def _refuse_offline(wanted: WeightsFile) -> None:
    if os.environ.get(OFFLINE_VARIABLE, "0") not in ("", "0"):
        raise DownloadError(
            f"{wanted.file} was not fetched, because {OFFLINE_VARIABLE} is set; get it from "
            f"{wanted.url} on another computer and use “inpaint-studio models import”."
        )


@contextmanager
def _claimed(wanted: WeightsFile, path: Path) -> Generator[None]:
    """Keep other programs from fetching the same file into the same place meanwhile.

    The system gives the lock back even if this program is killed.
    """
    with path.open("wb") as file:
        if not try_lock(file):
            raise DownloadError(
                f"{wanted.file} is being fetched by another window or program; wait for it."
            )
        try:
            yield
        finally:
            file.close()  # Windows does not remove what is open
            with suppress(OSError):
                path.unlink()


def _receive(wanted: WeightsFile, part: Path, patience: Patience) -> Download:
    """Connect again and again until all is there, or several connections bring nothing."""
    failures = 0
    while not _is_complete(wanted.url, part):
        before = _size(part)
        try:
            yield from _connection(wanted, part, patience)
            return
        except _ConnectionLostError as lost:
            failures = 0 if _size(part) > before else failures + 1
            if failures >= patience.tries:
                raise DownloadError(
                    f"{wanted.file} could not be fetched from {urlsplit(wanted.url).netloc}: "
                    f"{lost}; try again later, and it goes on where it stopped."
                ) from lost
            time.sleep(patience.pause * 2**failures if failures else 0)


def _is_complete(url: str, part: Path) -> bool:
    """Whether an earlier try fetched everything and was ended before it could say so."""
    known = _known_version(part)
    return bool(known and known.url == url and known.tag and known.total == _size(part))


def _connection(wanted: WeightsFile, part: Path, patience: Patience) -> Download:
    response = _open(wanted, part, patience)
    try:
        version = _version(wanted.url, response)
        at = _begin(part, response, version)
        yield DownloadProgress(wanted.file, at, version.total)
        with part.open("ab") as file:
            _refuse_if_full(wanted, part, version, at)
            while piece := _piece(response):
                file.write(piece)
                at += len(piece)
                yield DownloadProgress(wanted.file, at, version.total)
        if version.total is not None and at < version.total:
            raise _ConnectionLostError("the connection broke off")
    finally:
        response.close()


def _open(wanted: WeightsFile, part: Path, patience: Patience) -> _Response:
    if urlsplit(wanted.url).scheme not in ("http", "https"):
        raise DownloadError(f"“{wanted.url}” is not a web address, so nothing was fetched.")
    opener = urllib.request.build_opener(_SafeRedirects)
    request = urllib.request.Request(wanted.url, headers=_headers(wanted.url, part))
    try:
        return cast(_Response, opener.open(request, timeout=patience.silence))
    except urllib.error.HTTPError as error:
        raise _refusal(wanted, part, error) from error
    except (OSError, http.client.HTTPException) as error:
        raise _ConnectionLostError(_why(error)) from error


def _headers(url: str, part: Path) -> dict[str, str]:
    headers = {"User-Agent": f"inpaint-studio/{__version__}", "Accept-Encoding": "identity"}
    known = _known_version(part)
    size = _size(part)
    if size and known and known.url == url and known.tag:
        headers |= {"Range": f"bytes={size}-", "If-Range": known.tag}
    return headers


def _refusal(
    wanted: WeightsFile, part: Path, error: urllib.error.HTTPError
) -> DownloadError | _ConnectionLostError:
    """What a status code means: try again, or tell the user."""
    status = error.code
    error.close()
    if status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
        part.unlink(missing_ok=True)
        return _ConnectionLostError("the server lost its place")
    if status >= http.client.INTERNAL_SERVER_ERROR or status == http.client.TOO_MANY_REQUESTS:
        return _ConnectionLostError(f"the server answered {status}")
    return DownloadError(
        f"{wanted.file} could not be fetched: {wanted.url} answered {status}; get it by hand and "
        "use “inpaint-studio models import”."
    )


def _version(url: str, response: _Response) -> _Version:
    headers = response.headers
    tag = str(headers.get("ETag", ""))
    if not tag or tag.startswith("W/"):  # a weak tag does not vouch for bytes
        tag = str(headers.get("Last-Modified", ""))
    place = _RANGE.fullmatch(str(headers.get("Content-Range", "")))
    length = str(headers.get("Content-Length", ""))
    whole = place["total"] if place else length
    return _Version(url, tag, int(whole) if whole.isdigit() else None)


def _begin(part: Path, response: _Response, version: _Version) -> int:
    """Where the server begins: goes on where `part` ends, or from nothing."""
    size = _size(part)
    place = _RANGE.fullmatch(str(response.headers.get("Content-Range", "")))
    goes_on = response.status == http.client.PARTIAL_CONTENT
    if goes_on and (place is None or int(place["start"]) != size):
        part.unlink(missing_ok=True)
        raise _ConnectionLostError("the server lost its place")
    if goes_on:
        return size
    part.write_bytes(b"")
    _version_file(part).write_bytes(msgspec.json.encode(version))
    return 0


def _refuse_if_full(wanted: WeightsFile, part: Path, version: _Version, at: int) -> None:
    lacking = (version.total or 0) - at - shutil.disk_usage(part.parent).free
    if lacking > 0:
        raise DownloadError(
            f"{wanted.file} needs {-(-lacking // 2**20)} MB more than the disk of {part.parent} "
            "has room for; free some and try again."
        )


def _piece(response: _Response) -> bytes:
    try:
        return response.read1(_PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise _ConnectionLostError(_why(error)) from error


def _why(error: Exception) -> str:
    cause: object = error
    if isinstance(error, urllib.error.URLError):
        cause = error.reason
    if isinstance(cause, TimeoutError):
        return "the server stopped answering"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return "the connection broke off"


def _check(wanted: WeightsFile, part: Path) -> None:
    if fingerprint(part).agrees_with(wanted) is False:
        part.unlink(missing_ok=True)
        _version_file(part).unlink(missing_ok=True)
        raise DownloadError(
            f"What {urlsplit(wanted.url).netloc} sent is not the {wanted.file} that its card "
            "describes (its checksum differs), so it was thrown away; try again later."
        )


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def _version_file(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _known_version(part: Path) -> _Version | None:
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(_version_file(part).read_bytes(), type=_Version)
    return None


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to anything weaker."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise DownloadError(
                f"{req.full_url} leads to {newurl}, which is not encrypted; it was not fetched."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)
