"""Model cards: everything there is to know about a weights file, as data."""

from pathlib import Path
from typing import Literal

import msgspec

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.geometry import SizeRule

Dialect = Literal["rgb-unit", "rgb-imagenet", "bgr-symmetric"]
"""How a network wants its colours: RGB in [0, 1]; RGB minus the ImageNet mean over its deviation;
BGR in [-1, 1]."""

CommercialUse = Literal["yes", "no", "unclear"]


class WeightsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model, as published; `models import` and `models fetch` convert it once."""

    file: str
    """Its name as published or bundled."""
    url: str = ""
    """Direct address; empty where the file has to be had by hand."""
    sha256: str = ""
    bytes: int = 0
    git_blob: str = ""
    """Git's own id of the file, where that is all its authors give."""


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model is, who made it, on what terms, and what a network needs to be told to run it.

    `files` maps a role to a file: "generator" for partial convolution; "edges" and "completion"
    for EdgeConnect. Widths and depths are never written here: they are read from tensor shapes.
    """

    name: str
    """Short, lower case, unique: what `--model` takes."""
    title: str
    engine: str
    files: dict[str, WeightsFile]
    licence: str
    commercial_use: CommercialUse
    origin: str
    trained_on: str
    good_at: str
    """One line for the window: what to choose this model for."""
    size_rule: SizeRule
    dialect: Dialect = "rgb-unit"
    by_hand: str = ""
    """Where a person gets the files when there is no direct address."""
    bundled: bool = False
    evaluation: dict[str, str] = {}
    notes: str = ""


def read_card(path: Path) -> ModelCard:
    """Read one card.

    Raises:
        WeightsError: naming the file and the wrong or unknown field.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=ModelCard)
    except OSError as error:
        raise WeightsError(f"The model card {path} could not be read: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WeightsError(f"The model card {path} is not valid: {error}.") from error
