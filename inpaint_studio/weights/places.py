"""Where the weights of a card lie on this disk, and whether they are intact."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inpaint_studio.errors import WeightsError
from inpaint_studio.weights.card import ModelCard
from inpaint_studio.weights.fingerprint import ChecksumCache
from inpaint_studio.weights.store import Store

Status = Literal["ready", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one file should be, and what it should be."""

    path: Path
    sha256: str
    bytes: int


class Places:
    """Finds bundled files beside the program and the others in the user's store."""

    def __init__(self, shipped: Path, store: Store, checksums: ChecksumCache) -> None:
        self._shipped = shipped
        self._store = store
        self._checksums = checksums

    def status(self, card: ModelCard) -> Status:
        """Whether the files are here, as far as can be told without reading them."""
        places = self._find(card)
        if not any(place.path.exists() for place in places.values()):
            return "missing"
        return "ready" if all(self._looks_intact(place) for place in places.values()) else "broken"

    def files(self, card: ModelCard, *, anew: bool = False) -> Mapping[str, Path]:
        """Role -> file, checked against its checksum; `anew` even if that is known.

        Raises:
            WeightsError: a file is missing or damaged; says how to get it.
        """
        places = self._find(card)
        if not places:
            raise WeightsError(f"{card.title} is not on this disk. {how_to_get(card)}")
        for place in places.values():
            self._check(card, place, anew=anew)
        return {role: place.path for role, place in places.items()}

    def _find(self, card: ModelCard) -> dict[str, Place]:
        """By role; empty where the card was never installed."""
        if card.bundled:
            return {
                role: Place(self._shipped / file.file, file.sha256, file.bytes)
                for role, file in card.files.items()
            }
        installation = self._store.installation(card)
        if installation is None or installation.files.keys() != card.files.keys():
            return {}
        folder = self._store.weights(card)
        return {
            role: Place(folder / file.file, file.sha256, file.bytes)
            for role, file in installation.files.items()
        }

    def _looks_intact(self, place: Place) -> bool:
        try:
            size = place.path.stat().st_size
        except OSError:
            return False
        return size == place.bytes and self._checksums.remembered(place.path) in (
            None,
            place.sha256,
        )

    def _check(self, card: ModelCard, place: Place, *, anew: bool) -> None:
        if not place.path.exists():
            raise WeightsError(f"{place.path} is missing. {how_to_get(card)}")
        if self._checksums.sha256(place.path, anew=anew) != place.sha256:
            raise WeightsError(f"{place.path} is damaged: its checksum differs. {how_to_get(card)}")


def how_to_get(card: ModelCard) -> str:
    """One sentence: what to do to have the weights of `card`."""
    if card.bundled:
        return "It came with the program: install the program again."
    if all(file.url for file in card.files.values()):
        return f"Use “inpaint-studio models fetch {card.name}”."
    return card.by_hand or "Import it again with “inpaint-studio models import”."
