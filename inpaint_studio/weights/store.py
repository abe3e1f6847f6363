"""The user's folder of models: converted weights, own cards, licences agreed to."""

import shutil
from contextlib import suppress
from pathlib import Path

import msgspec

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically
from inpaint_studio.weights.card import ModelCard, card_toml


class StoredFile(msgspec.Struct, frozen=True):
    """One converted file, and what it was converted from."""

    file: str
    sha256: str
    bytes: int
    source: str
    """Name of the published file."""
    source_sha256: str
    checked: bool
    """Whether the published file agreed with a checksum of its card."""


class Installation(msgspec.Struct, frozen=True):
    """The files of one card, by role."""

    files: dict[str, StoredFile]


class Store:
    """What is kept for the user under one folder:

    cards/NAME.toml, weights/NAME/ROLE-*.safetensors, weights/NAME/installed.json, consents.json
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def cards(self) -> Path:
        return self.folder / "cards"

    def weights(self, card: ModelCard) -> Path:
        """The folder of a card's converted weights."""
        return self.folder / "weights" / card.name

    def installation(self, card: ModelCard) -> Installation | None:
        """What is installed of `card`; None where nothing (readable) is."""
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            record = (self.weights(card) / "installed.json").read_bytes()
            return msgspec.json.decode(record, type=Installation)
        return None

    def record(self, card: ModelCard, installation: Installation) -> None:
        """Remember what was installed; only then does the card count as present."""
        self._write(self.weights(card) / "installed.json", msgspec.json.encode(installation))

    def add_card(self, card: ModelCard) -> None:
        """Keep a card of the user's own."""
        self._write(self.cards / f"{card.name}.toml", card_toml(card))

    def tidy(self, card: ModelCard) -> None:
        """Remove what the record of `card` does not name: replaced files, half-made ones."""
        installation = self.installation(card)
        if installation is None:
            shutil.rmtree(self.weights(card), ignore_errors=True)
            return
        named = {"installed.json", *(file.file for file in installation.files.values())}
        for file in self.weights(card).iterdir():
            if file.name not in named:
                with suppress(OSError):
                    file.unlink()

    def has_consent(self, card: ModelCard) -> bool:
        """Whether the user agreed to the licence that the card states now."""
        return self._consents().get(card.name) == card.licence

    def give_consent(self, card: ModelCard) -> None:
        consents = {**self._consents(), card.name: card.licence}
        self._write(self.folder / "consents.json", msgspec.json.encode(consents))

    def _consents(self) -> dict[str, str]:
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            content = (self.folder / "consents.json").read_bytes()
            return msgspec.json.decode(content, type=dict[str, str])
        return {}

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes_atomically(path, content, overwrite=True)
        except OSError as error:
            raise WeightsError(f"{path} could not be written: {reason(error)}.") from error
