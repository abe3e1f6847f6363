"""One fill as a value that can be sent to another process, and the engines that are kept warm."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inpaint_studio.engines.api import Chooser, Engine, EngineSetup
from inpaint_studio.engines.registry import open_engine
from inpaint_studio.engines.rehearsal import rehearse
from inpaint_studio.engines.restore import RestoreOptions, RestoreRun, restore
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.weights.card import ModelCard

Opener = Callable[[str, EngineSetup], Engine | Chooser]


@dataclass(frozen=True, slots=True, eq=False)
class FillTask:
    """All that a fill needs; pickles, so that the window can send it to the engine process."""

    photo: Photo
    mask: Mask
    engine: str
    """A name from `engines.registry.ENGINES`."""
    card: ModelCard | None = None
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Role -> verified weights file (see `weights.library`)."""
    device: str = "auto"
    restore_options: RestoreOptions = field(default_factory=RestoreOptions)

    @property
    def setup(self) -> EngineSetup:
        """What the engine is opened with."""
        return EngineSetup(self.card, self.files, self.device)


class EngineShelf:
    """The engines used last, ready to fill again.

    Opening one reads weights and warms up a device, which can take seconds. Not shared between
    threads.
    """

    def __init__(self, room: int = 2, *, opener: Opener = open_engine) -> None:
        self._room = room
        self._opener = opener
        self._engines: OrderedDict[tuple[object, ...], Engine | Chooser] = OrderedDict()

    def take(self, name: str, setup: EngineSetup) -> Engine | Chooser:
        """The engine of that name, opened as `setup` says; the one used longest ago makes room."""
        key = _key(name, setup)
        engine = self._engines.pop(key, None)
        if engine is None:
            while len(self._engines) >= self._room:
                self._engines.popitem(last=False)
            engine = self._opener(name, setup)
        self._engines[key] = engine
        return engine

    def rehearse(self, name: str, setup: EngineSetup) -> None:
        """Take an engine and have it fill something small, so that its first fill is no slower."""
        rehearse(self.take(name, setup))

    def clear(self) -> None:
        """Let go of all engines and the memory they hold."""
        self._engines.clear()


def run_fill(task: FillTask, shelf: EngineShelf | None = None) -> RestoreRun:
    """Open the task's engine, or take it from the shelf, and restore.

    Raises:
        StudioError: as `restore`; WeightsError or UsageError when the engine cannot be opened.
    """
    engine = (shelf or EngineShelf()).take(task.engine, task.setup)
    return (yield from restore(task.photo, task.mask, engine, options=task.restore_options))


def _key(name: str, setup: EngineSetup) -> tuple[object, ...]:
    """What makes two setups the same engine: its weights as they are on disk, and its device."""
    files = tuple((role, path, _stamp(path)) for role, path in sorted(setup.files.items()))
    return name, setup.card.name if setup.card else None, files, setup.device


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
