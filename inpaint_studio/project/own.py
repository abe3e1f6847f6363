"""What the program itself writes into a project, beside what OpenRaster knows."""

from typing import Any

import msgspec

FORMAT = 1
"""Raised when an older program would misread the file; new fields alone do not raise it."""


class OwnPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A PNG of the stack, and how to see that another program changed it."""

    src: str
    mark: tuple[int, int]
    """CRC-32 and length of the file."""
    digest: str
    """`pictures.content_digest`: the same although another program packed it anew."""


class OwnPhoto(msgspec.Struct, frozen=True, kw_only=True):
    """The photo below all layers."""

    picture: OwnPicture
    facts: Any
    """`opening.PhotoFacts`: profile and metadata."""
    name: str
    """Of the file it was opened from."""
    path: str | None = None
    exact: str | None = None
    """The array of a float photo, which no PNG holds."""


class OwnLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer by `values.to_plain`; "src#color" and "src#alpha" name parts of its PNG."""

    picture: OwnPicture
    layer: Any


class OwnArray(msgspec.Struct, frozen=True):
    """An array, by the name `values.to_plain` gave it."""

    array: str


class OwnMask(msgspec.Struct, frozen=True):
    """A mask kept under a name."""

    name: str
    array: str


class OwnProject(msgspec.Struct, frozen=True, kw_only=True):
    """`inpaint-studio/project.json`."""

    format: int = FORMAT
    program: str
    photo: OwnPhoto
    layers: tuple[OwnLayer, ...] = ()
    groups: Any = ()
    """In the order of the stacks in `stack.xml`, outer before inner, from the top."""
    mask: OwnArray | None = None
    """The painted mask."""
    allowed: OwnArray | None = None
    """Where texture may be copied from, as it was painted."""
    forbidden: OwnArray | None = None
    """Where it may not."""
    named: tuple[OwnMask, ...] = ()
    """The masks kept under a name."""
    titles: tuple[str, ...] = ()
    """Names of the steps of the history."""
    index: int = 0
    """How many of them were applied."""


class FormatOnly(msgspec.Struct, frozen=True):
    """All that can be said of a project of any version."""

    format: int = FORMAT
    program: str = ""
