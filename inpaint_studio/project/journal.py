"""The journal's log: what it says, byte by byte, and what is left of it after a crash.

A log is `MAGIC` and then records, each with its length and CRC-32 in front. It only ever grows. A
record that is cut off or damaged ends the log: it and whatever follows count for nothing, so that
a log cut at any byte says what held after some whole number of steps.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from inpaint_studio.document.named_masks import NamedMask

MAGIC = b"ISJOURN1"
LOG = "log"
LOCK = "lock"
BASE = "base"
"""The file that holds what was opened: a copy of the photo or project, or an array of pixels."""

_HEAD = struct.Struct("<II")
_MOST_BYTES = 1 << 30


class Opened(msgspec.Struct, frozen=True, tag="opened", kw_only=True):
    """What the steps start from; the first record."""

    name: str
    """What to call the document."""
    path: str | None
    """Where the photo or project lay; None for one that was pasted."""
    base: Literal["photo", "pixels"]
    """Whether the base is a copy of the photo's file, or its pixels in an array file."""
    digest: str
    """sha256 of the copied file."""
    facts: Any
    """`opening.PhotoFacts`, by `values.to_plain`."""
    pile: Any = None
    """`opening.Pile` where there were layers already."""
    mask: dict[str, bytes] | None = None
    allowed: dict[str, bytes] | None = None
    forbidden: dict[str, bytes] | None = None
    named: tuple[NamedMask, ...] = ()
    project: Any = None
    """`ProjectFile` the document was opened from."""
    program: str
    when: float = 0.0
    """Seconds since 1970."""


class Stepped(msgspec.Struct, frozen=True, tag="step", kw_only=True):
    """A command was done: the first `keep` steps still hold, those after them are forgotten."""

    keep: int
    title: str
    pile: Any = None
    """`opening.Pile` as it is now, by `values.to_plain`; None where it is as before."""
    mask: dict[str, bytes] | None = None
    """"row,column" -> the tile as it is now, by `pixels.pack_tile`; None where nothing changed."""
    allowed: dict[str, bytes] | None = None
    forbidden: dict[str, bytes] | None = None
    named: tuple[NamedMask, ...] | None = None
    """All masks kept under a name, as they are now; None where they are as before."""
    when: float = 0.0


class Moved(msgspec.Struct, frozen=True, tag="move", kw_only=True):
    """Undone or redone until `index` steps are applied."""

    index: int


class Saved(msgspec.Struct, frozen=True, tag="save", kw_only=True):
    """What held after `index` steps is in a file."""

    index: int
    project: Any = None
    """`ProjectFile` it was saved as; None for an export."""


Record = Opened | Stepped | Moved | Saved
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def frame(record: Record) -> bytes:
    """A record as it is appended to the log."""
    data = _encoder.encode(record)
    return _HEAD.pack(len(data), zlib.crc32(data)) + data


def records(log: bytes) -> Iterator[tuple[Record, int]]:
    """The whole records of a log, each with the length of the log up to its end."""
    at = len(MAGIC)
    if not log.startswith(MAGIC):
        return
    while at + _HEAD.size <= len(log):
        length, checksum = _HEAD.unpack_from(log, at)
        data = log[at + _HEAD.size : at + _HEAD.size + length]
        if length > _MOST_BYTES or len(data) != length or zlib.crc32(data) != checksum:
            return
        try:
            record = _decoder.decode(data)
        except msgspec.MsgspecError:
            return
        at += _HEAD.size + length
        yield record, at


@dataclass(slots=True)
class Story:
    """What the records of a log come to."""

    opened: Opened | None = None
    steps: list[Stepped] = field(default_factory=list[Stepped])
    index: int = 0
    """How many of the steps are applied."""
    saved: int | None = 0
    """After how many steps it was saved last; None when those are forgotten."""
    project: Any = None
    """The `ProjectFile` it was saved as or opened from."""
    length: int = 0
    """Bytes of the log that hold; 0 for a log that says nothing."""

    @property
    def unsaved(self) -> bool:
        """Whether anything would be lost with it."""
        return self.opened is not None and self.index != self.saved

    def add(self, record: Record) -> None:
        match record:
            case Opened():
                self.opened, self.project = record, record.project
            case Stepped(keep=keep):
                del self.steps[keep:]
                self.steps.append(record)
                self.index = len(self.steps)
                if self.saved is not None and self.saved > keep:
                    self.saved = None
            case Moved(index=index):
                self.index = min(max(index, 0), len(self.steps))
            case Saved(index=index, project=project):
                self.saved = index
                self.project = project or self.project


def told(log: bytes) -> Story:
    """The story of a log, up to its last whole record."""
    story = Story()
    for record, end in records(log):
        story.add(record)
        story.length = end
    return story
