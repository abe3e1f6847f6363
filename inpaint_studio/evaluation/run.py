"""An evaluation as a generator: photo by photo, mask by mask, everybody in turn, written down as
it goes, so that it may be stopped at any time and goes on where it was."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from inpaint_studio.errors import EngineError, PhotoError, StudioError, UsageError
from inpaint_studio.evaluation.contestants import Contestant
from inpaint_studio.evaluation.jobs import Fill, Job
from inpaint_studio.evaluation.masks import MaskPlan, TestMask
from inpaint_studio.evaluation.measure import (
    Meters,
    Original,
    compare,
    describe,
    look_at,
    open_meters,
)
from inpaint_studio.evaluation.metrics import SSIM_WINDOW
from inpaint_studio.evaluation.photos import blanked, list_photos, load_square
from inpaint_studio.evaluation.records import ItemRecord, Journal, PhotoRecord, Record, Setup
from inpaint_studio.evaluation.thumbnails import Thumbnails
from inpaint_studio.evaluation.worker import FillProcess
from inpaint_studio.imaging.geometry import Size
from inpaint_studio.imaging.random_masks import touches_border


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What is to be measured."""

    contestants: tuple[Contestant, ...]
    photos: Path
    masks: MaskPlan
    out: Path
    size: int = 256
    """Side of the squares that are filled, in pixels."""
    limit: int | None = None
    seed: int = 0
    device: str = "auto"
    features: Path | None = None
    """Weights of VGG-11; None looks for them."""


@dataclass(frozen=True, slots=True)
class Began:
    """So many fills there are at most, and so many of them are there from an earlier run."""

    total: int
    done: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A photo (or its mask) that could not be used, and the sentence why."""

    photo: str
    why: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One more fill is measured, or failed."""

    record: ItemRecord


Event = Began | Skipped | Measured


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was measured, in this run and before it."""

    items: tuple[ItemRecord, ...]
    photos: tuple[PhotoRecord, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left out, and why."""


Run = Generator[Event, None, Outcome]


class Filler(Protocol):
    """What fills for one contestant: a `FillProcess`, or a stand-in."""

    def fill(self, job: Job) -> Fill:
        """Raises EngineError where it cannot."""
        ...

    def close(self) -> None:
        """End whatever it is doing."""
        ...


Starter = Callable[[Contestant, str], Filler]
"""Makes what fills for a contestant on a device; nothing has to start before the first job."""


def evaluate(order: Evaluation, *, start: Starter = FillProcess) -> Run:
    """Fill, measure, write down. `close()` stops; the same order goes on where it stopped.

    Fills that failed are tried again. Opened engines stay open, each in its own process, and work
    one after the other, so that none slows another down.

    Raises:
        UsageError: no photos, a picture too small to measure, a folder with something else in it.
        WeightsError: the feature network cannot be read.
        PhotoError: the folder cannot be written.
    """
    if order.size < SSIM_WINDOW:
        raise UsageError(f"Pictures of {order.size} pixels are too small: choose a larger --size.")
    photos = list_photos(order.photos, seed=order.seed, limit=order.limit)
    meters = open_meters(order.features)
    setup = _setup(order, meters)
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(order.out, setup))
        known = Known(journal.records())
        work = _Work(order, meters, journal, known, Thumbnails(order.out / "thumbs"))
        for contestant in order.contestants:
            process = start(contestant, order.device)
            work.processes[contestant.label] = process
            stack.enter_context(closing(process))
        yield _began(order, photos, known)
        skipped: list[Skipped] = []
        for photo in photos:
            try:
                yield from _measure_photo(work, photo)
            except _UnusableError as problem:
                skipped.append(Skipped(photo, str(problem)))
                yield skipped[-1]
    return known.outcome(order, photos, tuple(skipped), meters.notes)


class _UnusableError(Exception):
    """A photo that cannot be measured; the next one may be."""


class Known:
    """What has been measured so far; later records replace earlier ones."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._photos: dict[str, PhotoRecord] = {}
        self._items: dict[tuple[str, str, str, str], ItemRecord] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        if isinstance(record, PhotoRecord):
            self._photos[record.photo] = record
        else:
            self._items[record.key] = record

    def has_photo(self, photo: str) -> bool:
        """Whether its features are known."""
        return photo in self._photos

    def has(self, photo: str, mask: str, contestant: Contestant) -> bool:
        """Whether this fill is there and did not fail."""
        found = self._items.get((photo, mask, contestant.label, contestant.identity))
        return found is not None and not found.problem

    def outcome(
        self,
        order: Evaluation,
        photos: tuple[str, ...],
        skipped: tuple[Skipped, ...],
        notes: tuple[str, ...],
    ) -> Outcome:
        """What belongs to `order`: its contestants as they are now, and its photos."""
        identities = {c.label: c.identity for c in order.contestants}
        chosen = set(photos)
        items = tuple(
            item
            for item in self._items.values()
            if identities.get(item.engine) == item.identity and item.photo in chosen
        )
        originals = tuple(p for name, p in self._photos.items() if name in chosen)
        return Outcome(items, originals, skipped, notes)


@dataclass(slots=True)
class _Work:
    """What a run needs at every step."""

    order: Evaluation
    meters: Meters
    journal: Journal
    known: Known
    thumbnails: Thumbnails
    processes: dict[str, Filler] = field(default_factory=dict[str, Filler])

    def note(self, record: Record) -> None:
        """Write down and remember."""
        self.journal.add(record)
        self.known.add(record)


def _setup(order: Evaluation, meters: Meters) -> Setup:
    photos = str(order.photos.resolve())
    return Setup(photos, order.masks.text, order.size, order.seed, meters.vgg_file)


def _began(order: Evaluation, photos: tuple[str, ...], known: Known) -> Began:
    places = [(photo, mask) for photo in photos for mask in order.masks.names(photo)]
    done = sum(known.has(*place, c) for place in places for c in order.contestants)
    return Began(len(places) * len(order.contestants), done)


def _measure_photo(work: _Work, photo: str) -> Generator[Event, None, None]:
    order = work.order
    missing = [
        mask
        for mask in order.masks.names(photo)
        if not all(work.known.has(photo, mask, c) for c in order.contestants)
    ]
    if not missing and work.known.has_photo(photo):
        return
    original = _look_at_original(work, photo)
    for mask in _draw(work, photo):
        work.thumbnails.save_masked(photo, mask.name, original.picture, mask.hole)
        for contestant in order.contestants:
            if not work.known.has(photo, mask.name, contestant):
                record = _measure(work, original, mask, contestant)
                work.note(record)
                yield Measured(record)


def _draw(work: _Work, photo: str) -> Iterator[TestMask]:
    size = Size(work.order.size, work.order.size)
    try:
        yield from work.order.masks.draw(photo, size=size, seed=work.order.seed)
    except UsageError:
        raise
    except StudioError as error:
        raise _UnusableError(str(error)) from error


def _look_at_original(work: _Work, photo: str) -> Original:
    try:
        picture = load_square(work.order.photos / photo, work.order.size)
    except PhotoError as error:
        raise _UnusableError(str(error)) from error
    original = look_at(photo, picture, work.meters)
    if not work.known.has_photo(photo):
        work.note(describe(original, work.meters))
        work.thumbnails.save_original(photo, picture)
    return original


def _measure(work: _Work, original: Original, mask: TestMask, contestant: Contestant) -> ItemRecord:
    """Fill one hole and compare; a failure is a record with a problem."""
    record = ItemRecord(
        photo=original.name,
        mask=mask.name,
        group=mask.group,
        engine=contestant.label,
        identity=contestant.identity,
        share=float(mask.hole.mean()),
        border=touches_border(mask.hole),
    )
    job = Job(blanked(original.picture, mask.hole), mask.hole, work.order.seed)
    try:
        fill = work.processes[contestant.label].fill(job)
    except EngineError as error:
        return msgspec.structs.replace(record, problem=str(error))
    work.thumbnails.save_fill(record.photo, record.mask, record.engine, fill.picture)
    return compare(record, original, fill, hole=mask.hole, meters=work.meters)
