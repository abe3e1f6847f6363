"""Writes the journal on a thread of its own: whoever paints never waits for a disk."""

import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

from inpaint_studio.document.change import CanvasName
from inpaint_studio.document.named_masks import NamedMask
from inpaint_studio.document.pixels import Tile, pack_tile
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.project.journal import Moved, Record, Saved, Stepped
from inpaint_studio.project.journal_folder import Array, JournalFolder
from inpaint_studio.project.opening import Opening, Pile, tile_name
from inpaint_studio.project.values import to_plain

RETRY_SECONDS = 5.0
LOW_BYTES = 512 << 20
"""Free space below which the user is warned, while there is still time."""
LEAVING_SECONDS = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A command that was done; immutable, so that it can be written later."""

    keep: int
    """How many of the steps before it still hold."""
    title: str
    pile: Pile | None = None
    """The layers as they are now; None where they are as before."""
    tiles: Mapping[Tile, Coverage] | None = None
    """Copies of the tiles that changed of what was painted on."""
    canvas: CanvasName = "mask"
    named: tuple[NamedMask, ...] | None = None
    """All masks kept under a name; None where they are as before."""
    when: float = 0.0


Entry = Step | Moved | Saved


_OPENING = -1
"""Stands for the step of a number that is always kept."""


@dataclass(frozen=True, slots=True)
class _Close:
    remove: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """An entry on its way to the disk, however long that takes: what was painted is packed."""

    entry: Entry
    painted: Mapping[CanvasName, dict[str, bytes]]

    @classmethod
    def pack(cls, entry: Entry) -> "_Waiting":
        if not isinstance(entry, Step) or entry.tiles is None:
            return cls(entry, {})
        tiles = {tile_name(at): pack_tile(tile) for at, tile in entry.tiles.items()}
        return cls(replace(entry, tiles=None), {entry.canvas: tiles})


class JournalWriter:
    """Takes entries from the window's thread and puts them on the disk in their order.

    Nothing is on the disk before the first step: a photo that was only looked at leaves nothing.
    When the disk is full, entries wait, small, and are tried again with the next one or after
    `RETRY_SECONDS`; `on_problem` gets one sentence, on the writer's thread.
    """

    def __init__(
        self,
        start: Callable[[], JournalFolder],
        *,
        place: Path,
        on_problem: Callable[[str], object],
        names: Mapping[int, set[str]] | None = None,
        begun: bool = False,
    ) -> None:
        self._start = start
        self._place = place
        self._on_problem = on_problem
        self._folder = start() if begun else None
        self._used = dict(names or {})
        """By the number of a step: the arrays its pile needs."""
        self._queue: SimpleQueue[Entry | _Close] = SimpleQueue()
        self._waiting: list[_Waiting] = []
        self._said: set[str] = set()
        self._idle = threading.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @classmethod
    def begin(
        cls, place: Path, opening: Opening, *, on_problem: Callable[[str], object]
    ) -> "JournalWriter":
        """A journal in `place` for a document that was just opened."""
        return cls(lambda: JournalFolder.create(place, opening), place=place, on_problem=on_problem)

    def add(self, entry: Entry) -> None:
        """Have an entry written. Never waits."""
        self._idle.clear()
        self._queue.put(entry)

    def close(self, *, remove: bool) -> None:
        """Have what waits written and stop, or (`remove`) drop everything, on disk too."""
        self._idle.clear()
        self._queue.put(_Close(remove))

    def join(self, seconds: float = LEAVING_SECONDS) -> None:
        """Wait until it has ended after `close`."""
        self._thread.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def settle(self, seconds: float = 60.0) -> bool:
        """Wait until everything added so far is on the disk, or could not be written."""
        return self._idle.wait(seconds)

    def _run(self) -> None:
        while True:
            last = self._collect()
            if last is None or not last.remove:
                self._write()
            if last is not None:
                self._leave(last)
                return
            if self._queue.empty():
                self._idle.set()

    def _collect(self) -> _Close | None:
        """Wait for an entry and take all there are; what ends the journal, if it was among them."""
        try:
            entry = self._queue.get(timeout=RETRY_SECONDS if self._waiting else None)
            while not isinstance(entry, _Close):
                self._waiting.append(_Waiting.pack(entry))
                entry = self._queue.get_nowait()
            return entry
        except Empty:
            return None

    def _leave(self, last: _Close) -> None:
        folder = self._folder
        if folder is not None and last.remove:
            folder.remove()
        elif folder is not None:
            folder.close()
        self._idle.set()

    def _write(self) -> None:
        if not self._waiting:
            return
        try:
            self._folder = self._folder or self._begun()
            if self._folder is None:
                return
            while self._waiting:
                self._write_one(self._folder, self._waiting[0])
                del self._waiting[0]
            self._said.discard("failed")
            self._look_at_space()
        except OSError as error:
            self._say_once("failed", self._failure(error))
        except Exception as error:  # a journal is no reason to lose the document it is about
            self._waiting.clear()
            self._say_once("failed", self._failure(error))

    def _begun(self) -> JournalFolder | None:
        """The folder, made when the first step comes; before that there is nothing to keep."""
        if not any(isinstance(waiting.entry, Step) for waiting in self._waiting):
            return None
        folder = self._start()
        self._used.setdefault(_OPENING, folder.names)
        return folder

    def _write_one(self, folder: JournalFolder, waiting: _Waiting) -> None:
        names: set[str] = set()

        def put(array: Array) -> str:
            name = folder.put(array)
            names.add(name)
            return name

        folder.append([_record(waiting, put)])
        if isinstance(waiting.entry, Step):
            self._forget(folder, waiting.entry, names)

    def _forget(self, folder: JournalFolder, step: Step, names: set[str]) -> None:
        """Remove the arrays that only forgotten steps needed."""
        before = set[str]().union(*self._used.values())
        self._used = {at: used for at, used in self._used.items() if at < step.keep}
        if step.pile is not None:
            self._used[step.keep] = names
        folder.forget(before - set[str]().union(*self._used.values()))

    def _look_at_space(self) -> None:
        free = shutil.disk_usage(self._place).free
        if free > 2 * LOW_BYTES:
            self._said.discard("low")
        elif free < LOW_BYTES:
            self._say_once(
                "low",
                f"Only {free >> 20} MB are free on the disk that keeps your work safe from crashes "
                f"({self._place}): free some space, or choose another place in Preferences.",
            )

    def _failure(self, error: Exception) -> str:
        why = reason(error) if isinstance(error, OSError) else str(error)
        return (
            f"Your last steps are not safe from a crash, as the journal in {self._place} cannot be "
            f"written ({why}); you can go on working, but save the project soon."
        )

    def _say_once(self, kind: str, sentence: str) -> None:
        if kind not in self._said:
            self._said.add(kind)
            self._on_problem(sentence)


def _record(waiting: _Waiting, put: Callable[[Array], str]) -> Record:
    entry = waiting.entry
    if not isinstance(entry, Step):
        return entry
    return Stepped(
        keep=entry.keep,
        title=entry.title,
        pile=None if entry.pile is None else to_plain(entry.pile, put),
        named=entry.named,
        when=entry.when,
        **waiting.painted,
    )
