"""Model cards: everything there is to know about a weights file, as data."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

import msgspec

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.imaging.geometry import SizeRule

Dialect = Literal["rgb-unit", "rgb-imagenet", "bgr-symmetric"]
"""How a network wants its colours: RGB in [0, 1]; RGB minus the ImageNet mean over its deviation;
BGR in [-1, 1]."""

FileName = Annotated[str, msgspec.Meta(pattern=r"^(?!\.{1,2}$)[^/\\:]+$")]
"""A name without folders: cards may come from anywhere, and must not point out of theirs."""

Role = Annotated[str, msgspec.Meta(pattern="^[a-z]+$")]

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"

CommercialUse = Literal["yes", "no", "unclear"]


class WeightsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model, as published; `models import` and `models fetch` convert it once."""

    file: FileName
    """Its name as published or bundled."""
    url: str = ""
    """Direct address; empty where the file has to be had by hand."""
    sha256: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{8,64})?$")] = ""
    """Its checksum, or the first 8 or more digits where no more is published; empty: unknown."""
    bytes: int = 0
    """Its size; 0: unknown."""
    git_blob: str = ""
    """Git's own id of the file, where that is all that is known of it."""


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model is, who made it, on what terms, and what a network needs to be told to run it.

    `files` maps a role to a file: "generator" for partial convolution; "edges" and "completion"
    for EdgeConnect. Widths and depths are never written here: they are read from tensor shapes.
    """

    name: Annotated[str, msgspec.Meta(pattern=NAME_PATTERN)]
    """Short, lower case, unique: what `--model` takes."""
    title: str
    engine: str
    files: dict[Role, WeightsFile]
    licence: str
    commercial_use: CommercialUse
    origin: str
    trained_on: str
    good_at: str
    """One line for the window: what to choose this model for."""
    size_rule: SizeRule
    dialect: Dialect = "rgb-unit"
    layout: str = "studio"
    """How the published tensors are named (see `weights.architectures`)."""
    by_hand: str = ""
    """Where a person gets the files when there is no direct address."""
    line_thresholds: tuple[float, ...] = ()
    """EdgeConnect: (low, high) of `imaging.edges.lines_of`, for an edge generator that draws a
    likelihood more than lines; empty: its edges are used as they are."""
    poses: Literal[1, 4] = 1
    """In how many poses a picture is shown to the network that colours, the fills averaged (see
    `engines.poses`): 4 for a small network that leaves traces of its grid."""
    bundled: bool = False
    evaluation: dict[str, str] = {}
    notes: str = ""


def card_toml(card: ModelCard) -> bytes:
    """The card as TOML that `read_card` reads."""
    content = cast("dict[str, object]", msgspec.to_builtins(card))
    return "".join(_toml_lines(content, "")).encode()


def read_card(path: Path) -> ModelCard:
    """Read one card.

    Raises:
        WeightsError: naming the file and the wrong or unknown field.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=ModelCard)
    except OSError as error:
        raise WeightsError(f"The model card {path} could not be read: {reason(error)}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WeightsError(f"The model card {path} is not valid: {error}.") from error


def _toml_lines(table: Mapping[str, object], name: str) -> Iterator[str]:
    """Values of a table before its own tables, as TOML wants it."""
    tables = {
        key: cast("Mapping[str, object]", value)
        for key, value in table.items()
        if isinstance(value, dict)
    }
    if name and len(tables) < len(table):
        yield f"\n[{name}]\n"
    for key, value in table.items():
        if key not in tables:
            # JSON's strings, numbers and booleans are TOML's too, but for the DEL character.
            text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            yield f"{_toml_key(key)} = {text}\n"
    for key, value in tables.items():
        yield from _toml_lines(value, f"{name}.{_toml_key(key)}" if name else _toml_key(key))


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
