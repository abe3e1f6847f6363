"""Every model there is: its card, whether its weights are here and intact, how to get them.

No torch here: the window opens the library at start-up. Conversion is left to a `Converter`.
"""

import shutil
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from inpaint_studio import paths
from inpaint_studio.errors import WeightsError
from inpaint_studio.weights.arrivals import (
    Arrival,
    Source,
    card_beside,
    gather,
    match,
    own_card,
    require_fit,
)
from inpaint_studio.weights.card import ModelCard, read_card
from inpaint_studio.weights.conversion import Converter, InProcess, InSubprocess
from inpaint_studio.weights.fingerprint import ChecksumCache
from inpaint_studio.weights.places import Places, Status
from inpaint_studio.weights.store import Installation, Store, StoredFile

if TYPE_CHECKING:  # the web is only needed to fetch
    from inpaint_studio.weights.download import Download, Patience


@dataclass(frozen=True, slots=True)
class LibraryPaths:
    """Where a library looks, and what it may write to (`user`, `cache`)."""

    shipped_cards: Path
    shipped_weights: Path
    user: Path
    cache: Path


class Library:
    """The models that came with the program and those the user added."""

    def __init__(
        self, where: LibraryPaths, *, converter: Converter, patience: "Patience | None" = None
    ) -> None:
        self._where = where
        self._converter = converter
        self._patience = patience
        self._store = Store(where.user)
        self._checksums = ChecksumCache(where.cache / "checksums.json")
        self._places = Places(where.shipped_weights, self._store, self._checksums)

    # ---- cards

    def cards(self) -> list[ModelCard]:
        """Every readable card: bundled ones first, then by engine and name."""
        found = {card.name: card for card in self._read_cards()[0]}
        return sorted(found.values(), key=lambda card: (not card.bundled, card.engine, card.name))

    def problems(self) -> tuple[str, ...]:
        """A sentence on every card that could not be read."""
        return self._read_cards()[1]

    def find(self, name: str) -> ModelCard:
        """The card called `name`.

        Raises:
            WeightsError: naming those there are.
        """
        cards = self.cards()
        for card in cards:
            if card.name == name:
                return card
        known = ", ".join(card.name for card in cards)
        raise WeightsError(f"There is no model “{name}”. Choose one of: {known}.")

    def default_for(self, engine: str) -> ModelCard:
        """The model to use where none was chosen: the bundled one, else the first that is ready.

        Raises:
            WeightsError: none is ready.
        """
        for card in self.cards():
            if card.engine == engine and self.status(card) == "ready":
                return card
        raise WeightsError(
            f"No model for the engine {engine} is ready; see “inpaint-studio models list” and "
            "fetch or import one."
        )

    # ---- files

    def status(self, card: ModelCard) -> Status:
        """Whether the weights are here, as far as can be told without reading them."""
        return self._places.status(card)

    def files(self, card: ModelCard) -> Mapping[str, Path]:
        """Role -> safetensors file, each checked against its checksum (once, while unchanged).

        Raises:
            WeightsError: a file is missing or damaged; says how to get it.
        """
        return self._places.files(card)

    def verify(self, card: ModelCard) -> None:
        """Read every file of `card` anew and compare.

        Raises:
            WeightsError: a file is missing or damaged; says how to get it.
        """
        self._places.files(card, anew=True)

    # ---- licences

    def needs_consent(self, card: ModelCard) -> bool:
        """Whether the user must agree to the licence before the model is put on this disk."""
        return card.commercial_use != "yes" and not card.bundled and not self.has_consent(card)

    def has_consent(self, card: ModelCard) -> bool:
        return self._store.has_consent(card)

    def give_consent(self, card: ModelCard) -> None:
        """Remember that the user read and accepted the licence of `card`."""
        self._store.give_consent(card)

    # ---- getting models

    def recognise(self, path: Path, *, card: str | None = None, name: str | None = None) -> Arrival:
        """What the file or folder at `path` is; nothing is written.

        Args:
            path: a file of weights, or a folder with those of one model.
            card: the name of the card it belongs to, where its checksum does not tell.
            name: make a card of this name for weights that no card describes, or rename the
                card that lies beside them.

        Raises:
            WeightsError: it is nothing this program can run, not what the card describes, or
                it cannot be told which model it is.
        """
        described = self.find(card) if card else None
        sources = gather(path, self._converter)
        beside = None if card else card_beside(path, sources, known=self.cards())
        if name or beside:
            return Arrival(self._new_card(name, beside, sources), sources, is_own=True)
        chosen = described or match(sources, self.cards())
        require_fit(chosen, sources)
        return Arrival(chosen, sources, is_own=False)

    def install(self, arrival: Arrival) -> ModelCard:
        """Convert and keep the files of `arrival`; the files themselves are left alone.

        Raises:
            WeightsError: the licence was not accepted, or the files cannot be read or written.
        """
        card = arrival.card
        self._require_consent(card)
        try:
            stored = self._convert(arrival)
            if arrival.is_own:
                self._store.add_card(card)
            self._store.record(card, Installation(stored))
        finally:
            self._store.tidy(card)
        return card

    def import_path(
        self, path: Path, card: str | None = None, *, name: str | None = None
    ) -> ModelCard:
        """`recognise` and `install`."""
        return self.install(self.recognise(path, card=card, name=name))

    def fetch(self, card: ModelCard) -> "Download":
        """Download and install `card`, yielding as it goes; `close()` keeps what has arrived.

        Raises:
            WeightsError: the licence was not accepted, there is no address, or anything on the way
                fails (`DownloadError`).
        """
        self._require_consent(card)
        if any(not file.url for file in card.files.values()):
            raise WeightsError(
                f"{card.title} has no direct address. {card.by_hand or 'It has to be had by hand.'}"
            )
        folder = self._where.cache / "downloads" / card.name
        with closing(_download(card, folder, self._patience)) as run:
            yield from run
        try:
            arrival = self.recognise(_file_or_folder(card, folder), card=card.name)
        except WeightsError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self.install(arrival)
        shutil.rmtree(folder, ignore_errors=True)

    # ---- how

    def _read_cards(self) -> tuple[list[ModelCard], tuple[str, ...]]:
        """Own cards first, so that shipped ones of the same name win."""
        own, shipped = self._store.cards, self._where.shipped_cards
        return _read_all((*sorted(own.glob("*.toml")), *sorted(shipped.glob("*.toml"))))

    def _new_card(
        self, name: str | None, beside: ModelCard | None, sources: Mapping[str, Source]
    ) -> ModelCard:
        card = own_card(name or "unnamed", sources)
        if beside:
            card = msgspec.structs.replace(beside, name=name or beside.name)
        if any(known.name == card.name for known in self.cards()):
            raise WeightsError(f"There is a model “{card.name}” already; choose another name.")
        return card

    def _require_consent(self, card: ModelCard) -> None:
        if self.needs_consent(card):
            raise WeightsError(
                f"{card.title} comes under the licence “{card.licence}” (commercial use: "
                f"{card.commercial_use}), which has to be accepted first."
            )

    def _convert(self, arrival: Arrival) -> dict[str, StoredFile]:
        folder = self._store.weights(arrival.card)
        targets = {
            role: folder / f"{role}-{source.fingerprint.sha256[:12]}.safetensors"
            for role, source in arrival.sources.items()
        }
        self._converter.convert([(arrival.sources[r].path, to) for r, to in targets.items()])
        return {role: self._stored(arrival, role, to) for role, to in targets.items()}

    def _stored(self, arrival: Arrival, role: str, target: Path) -> StoredFile:
        source = arrival.sources[role]
        return StoredFile(
            file=target.name,
            sha256=self._checksums.sha256(target, anew=True),
            bytes=target.stat().st_size,
            source=source.path.name,
            source_sha256=source.fingerprint.sha256,
            checked=bool(source.fingerprint.agrees_with(arrival.card.files[role])),
        )


def open_library(*, isolated: bool = False) -> Library:
    """The library of this installation and this user.

    Args:
        isolated: read foreign weights in a process of its own, as the window must.
    """
    where = LibraryPaths(
        shipped_cards=paths.shipped_cards_dir(),
        shipped_weights=paths.shipped_weights_dir(),
        user=paths.user_models_dir(),
        cache=paths.cache_dir(),
    )
    return Library(where, converter=InSubprocess() if isolated else InProcess())


def _read_all(files: Iterable[Path]) -> tuple[list[ModelCard], tuple[str, ...]]:
    cards: list[ModelCard] = []
    problems: list[str] = []
    for file in files:
        try:
            cards.append(read_card(file))
        except WeightsError as error:
            problems.append(str(error))
    return cards, tuple(problems)


def _download(card: ModelCard, folder: Path, patience: "Patience | None") -> "Download":
    from inpaint_studio.weights.download import DownloadProgress, download

    for file in card.files.values():
        target = folder / file.file
        if not target.exists():
            yield from download(file, target, patience=patience)
        size = target.stat().st_size
        yield DownloadProgress(file.file, size, size)


def _file_or_folder(card: ModelCard, folder: Path) -> Path:
    return folder if len(card.files) > 1 else folder / next(iter(card.files.values())).file
