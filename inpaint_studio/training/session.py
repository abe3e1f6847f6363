"""A whole run: find the photos, build or resume, train, save, write what it was for."""

import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import torch

from inpaint_studio.engines.device import choose_device, settle
from inpaint_studio.errors import TrainingError
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically
from inpaint_studio.steps import changed
from inpaint_studio.training.build import Built, build_stage
from inpaint_studio.training.checkpoint import NAME, load_checkpoint, save_checkpoint
from inpaint_studio.training.config import Config
from inpaint_studio.training.feed import Feed, PackedPhotos, Part, PhotoFiles, Photos, open_masks
from inpaint_studio.training.group import ALONE, Group
from inpaint_studio.training.photos import Batch, find_photos, open_store, pack_photos, store_name
from inpaint_studio.training.results import write_results, write_sheet
from inpaint_studio.training.shards import ShardPhotos, find_shards, index_shards, open_index
from inpaint_studio.training.stage import Machine, Sample, choose_machine
from inpaint_studio.training.trainer import NotFiniteError, Trainer

SKIPPED = "skipped.txt"
Skipped = TypeVar("Skipped")

SAMPLES = 4
"""Rows of a sheet; the same crops in every sheet of a run."""


@dataclass(frozen=True, slots=True)
class Packing:
    """Photos are being decoded, once."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step is done."""

    number: int
    """Of steps done, this one included."""
    done: float
    """How much of the run is over, from 0 to 1."""
    losses: Mapping[str, float]
    pictures_per_second: float
    waiting: float
    """Share of the time spent waiting for data, since the run began or resumed."""


Event = Packing | Step


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished run leaves."""

    steps: int
    written: tuple[Path, ...]
    unreadable: int
    """Photos that could not be read; `skipped.txt` in the run's folder names them."""


@dataclass(slots=True)
class _Clock:
    """Where the time of this session goes."""

    before: float
    """Seconds the run took in earlier sessions."""
    started: float = field(default_factory=time.monotonic)
    waited: float = 0.0
    pictures: int = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def step(self, trainer: Trainer, losses: Mapping[str, float]) -> Step:
        spent = max(self.seconds, 1e-9)
        return Step(
            trainer.standing.step,
            trainer.done,
            losses,
            self.pictures / spent,
            self.waited / spent,
        )


def run_training(
    config: Config, *, device: str = "auto", resume: bool = False, group: Group | None = None
) -> Generator[Event, None, Outcome]:
    """Train as the config says; close the generator to stop: checkpoint and weights are then of
    that step.

    Of a group of processes each has a part of the batches, and the first writes; all must stop
    after the same step.

    Raises:
        StudioError: in one sentence, whatever is in the way.
        NotFiniteError: naming the step and the last good checkpoint.
    """
    checkpoint = Path(config.out) / NAME
    if checkpoint.exists() and not resume:
        raise TrainingError(
            f"{checkpoint} is of an earlier run; go on with --resume, or choose another folder "
            "for out."
        )
    group = group or ALONE
    group.wait()  # nobody may find what the first is about to write
    chosen = choose_device(group.device or device)
    settle(chosen)
    on = choose_machine(chosen, config, group=group)
    torch.manual_seed(config.seed)
    built = build_stage(config, on=on)
    trainer = Trainer(built.stage, config, group=group)
    if resume:
        load_checkpoint(trainer, checkpoint, config)
    photos = yield from _open_photos(config, group)
    feed = Feed(photos, open_masks(config), config.seed, config.run.crop)
    try:
        yield from _train(trainer, feed, config, on=on)
    except GeneratorExit:  # stopped: what was learnt so far can be used, too
        _finish(trainer, photos, config, built=built, group=group)
        raise
    return _finish(trainer, photos, config, built=built, group=group)


def _train(
    trainer: Trainer, feed: Feed, config: Config, *, on: Machine
) -> Generator[Event, None, None]:
    checkpoint = Path(config.out) / NAME
    clock = _Clock(before=trainer.standing.seconds)
    at, saved, good = trainer.standing, time.monotonic(), trainer.standing.step
    group, run = on.group, config.run
    part = Part(group.rank, group.size)
    batches = feed.batches(at.step, size=run.batch, workers=run.workers, part=part)
    try:
        while trainer.done < 1:
            losses = trainer.advance(on.sample(_next(batches, clock, group)))
            at.seconds = group.of_first(clock.before + clock.seconds)
            if group.leads and time.monotonic() - saved > 60 * run.save_minutes:
                save_checkpoint(trainer, checkpoint)
                saved, good = time.monotonic(), at.step
            if group.leads and run.sheet_every and at.step % run.sheet_every == 0:
                _show(trainer, feed, config, on=on)
            yield clock.step(trainer, losses)
    except NotFiniteError as error:
        raise _with_last_good(error, checkpoint, good) from error
    except GeneratorExit:
        _save_last(trainer, checkpoint, group)
        raise
    finally:
        batches.close()
    _save_last(trainer, checkpoint, group)


def _save_last(trainer: Trainer, checkpoint: Path, group: Group) -> None:
    if group.leads:
        save_checkpoint(trainer, checkpoint)


def _next(batches: Generator[Batch], clock: _Clock, group: Group) -> Batch:
    before = time.monotonic()
    batch = next(batches)
    clock.waited += time.monotonic() - before
    clock.pictures += len(batch.photo) * group.size
    return batch


def _show(trainer: Trainer, feed: Feed, config: Config, *, on: Machine) -> None:
    """A sheet of the same few crops as ever; training goes on as if nothing had been."""
    sample: Sample = on.sample(feed.batch(0, SAMPLES))
    with torch.no_grad():
        columns = trainer.stage.preview(sample)
    trainer.stage.begin()
    name = f"{trainer.standing.step:07d}.png"
    write_sheet(Path(config.out) / "sheets" / name, columns)


def _open_photos(config: Config, group: Group) -> Generator[Packing, None, Photos]:
    rules = config.photos
    if rules.shards:
        return (yield from _open_shards(config, group))
    paths = find_photos(map(Path, rules.folders), map(Path, rules.lists))
    skip_small = rules.small == "skip"
    if not rules.pack:
        return PhotoFiles(paths, rules.short_side, skip_small)
    store = Path(rules.store) / store_name(paths, side=rules.short_side)
    if group.leads and not store.is_file():
        packing = pack_photos(paths, store, side=rules.short_side)
        _list_skipped(config, (yield from _told(packing, len(paths))))
    group.wait()
    return PackedPhotos(open_store(store), skip_small)


def _open_shards(config: Config, group: Group) -> Generator[Packing, None, Photos]:
    rules = config.photos
    shards = find_shards(rules.shards)
    index = Path(rules.store) / store_name(shards, side=0).replace(".bin", ".shards.npz")
    if group.leads and not index.is_file():
        _list_skipped(config, (yield from _told(index_shards(shards, index), len(shards))))
    group.wait()
    return ShardPhotos(open_index(shards, index), rules.short_side, rules.small == "skip")


def _told(packing: Generator[int, None, Skipped], total: int) -> Generator[Packing, None, Skipped]:
    """What a generator that counts returns in the end."""
    return changed(packing, lambda done: Packing(done, total))


def _finish(
    trainer: Trainer, photos: Photos, config: Config, *, built: Built, group: Group
) -> Outcome:
    if not group.leads:
        return Outcome(trainer.standing.step, (), 0)
    if isinstance(photos, PhotoFiles | ShardPhotos):
        _list_skipped(config, (*_listed(config), *sorted(map(str, photos.skipped))))
    looked = f"feature losses on {built.features.name}" if built.features else "no feature losses"
    written = write_results(trainer, config, photos=len(photos), features=looked)
    return Outcome(trainer.standing.step, written, len(_listed(config)))


def _listed(config: Config) -> list[str]:
    listing = Path(config.out) / SKIPPED
    return listing.read_text("utf-8").splitlines() if listing.exists() else []


def _list_skipped(config: Config, paths: Iterable[Path | str]) -> None:
    """Write the list anew, each once; a run that found all of its photos has none."""
    paths = list(dict.fromkeys(map(str, paths)))
    if not paths:
        return
    listing = Path(config.out) / SKIPPED
    try:
        listing.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{path}\n" for path in paths)
        write_bytes_atomically(listing, text.encode("utf-8", "replace"), overwrite=True)
    except OSError as error:
        raise TrainingError(f"{listing} could not be written: {reason(error)}.") from error


def _with_last_good(error: NotFiniteError, checkpoint: Path, step: int) -> NotFiniteError:
    if not checkpoint.exists():
        return NotFiniteError(f"{error} There is no checkpoint yet; lower the rate and start anew.")
    return NotFiniteError(
        f"{error} The last good checkpoint is {checkpoint}, of step {step}; lower the rate and "
        "go on with --resume."
    )
