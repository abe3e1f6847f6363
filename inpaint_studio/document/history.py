"""Undo and redo within a budget of bytes: what does not fit in memory waits on disk."""

import contextlib
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_studio.document.change import Change
from inpaint_studio.document.commands import Command
from inpaint_studio.errors import StudioError
from inpaint_studio.paths import cache_dir

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document

MEMORY_BUDGET = 512 * 2**20
DISK_BUDGET = 16 * 2**30
SPARE = 3
"""Budgets of memory that are used where the disk is full."""

_PREFIX = "steps-"
_STALE_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class _Entry:
    command: Command
    state: int
    """Names the state of the document after the command; never used twice."""


class History:
    """The commands that made a document what it is, and those that were undone.

    Commands whose bytes exceed `budget_bytes` are spilled to disk, those furthest from now first;
    the oldest are dropped only when `disk_budget_bytes` is used up, and never the last undo. On a
    full disk (`disk_full`) memory takes `SPARE` budgets before any is dropped: there is time to
    make room. Call `close` when done.
    """

    def __init__(
        self,
        *,
        budget_bytes: int = MEMORY_BUDGET,
        disk_budget_bytes: int = DISK_BUDGET,
        spill_dir: Path | None = None,
    ) -> None:
        self.budget_bytes = budget_bytes
        self.disk_budget_bytes = disk_budget_bytes
        self._parent = spill_dir
        self._folder: Path | None = None
        self._entries: list[_Entry] = []
        self._index = 0
        self._base_state = 0
        self._last_state = 0
        self.disk_full = False
        """Whether commands that should wait on disk could not be written there."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Of all commands, oldest first, the undone ones too."""
        return tuple(entry.command.title for entry in self._entries)

    @property
    def index(self) -> int:
        """How many of the commands are applied now."""
        return self._index

    @property
    def can_undo(self) -> bool:
        return self._index > 0

    @property
    def can_redo(self) -> bool:
        return self._index < len(self._entries)

    @property
    def state(self) -> int:
        """Names what the document is now: equal numbers, equal documents."""
        return self._entries[self._index - 1].state if self._index else self._base_state

    @property
    def states(self) -> tuple[int, ...]:
        """Names the document at every place of the history; `states[index]` is `state`."""
        return (self._base_state, *(entry.state for entry in self._entries))

    @property
    def latest(self) -> Command | None:
        """The command that led here; None at the beginning."""
        return self._entries[self._index - 1].command if self._index else None

    @property
    def nbytes(self) -> int:
        """Bytes of memory the commands hold."""
        return sum(entry.command.held.nbytes for entry in self._entries)

    @property
    def disk_bytes(self) -> int:
        return sum(entry.command.held.disk_bytes for entry in self._entries)

    def push(self, document: "Document", command: Command, *, merge: bool = False) -> Change:
        """Apply `command` and remember it; whatever was undone is forgotten.

        With `merge`, a newest command of the same title is replaced instead of followed: all of a
        slider's dragging is one step. When `command` raises, nothing has changed.
        """
        replaced = self._take_back(document, command.title) if merge else None
        try:
            change = command.apply(document)
        except BaseException:
            if replaced is not None:
                self.redo(document)
            raise
        self._forget_from(self._index)
        self._last_state += 1
        self._entries.append(_Entry(command, self._last_state))
        self._index += 1
        self._keep_within_budget()
        return change if replaced is None else Change(change.kind, change.box.union(replaced.box))

    def undo(self, document: "Document") -> Change | None:
        """Take the last command back; None when there is none."""
        if not self.can_undo:
            return None
        change = self._entries[self._index - 1].command.revert(document)
        self._index -= 1
        self._keep_within_budget()
        return change

    def redo(self, document: "Document") -> Change | None:
        """Do again what was last undone; None when there is nothing."""
        if not self.can_redo:
            return None
        change = self._entries[self._index].command.apply(document)
        self._index += 1
        self._keep_within_budget()
        return change

    def jump(self, document: "Document", index: int) -> list[Change]:
        """Undo or redo until `index` commands are applied (clamped to what there is).

        Raises:
            StudioError: a step on the way is lost on disk; the document is as it was.
        """
        index = min(max(index, 0), len(self._entries))
        forth, back = (self.undo, self.redo) if index < self._index else (self.redo, self.undo)
        changes: list[Change] = []
        for _ in range(abs(index - self._index)):
            try:
                change = forth(document)
            except StudioError:
                for _ in changes:
                    back(document)
                raise
            if change is not None:
                changes.append(change)
        return changes

    def close(self) -> None:
        """Forget everything and remove what was spilled."""
        self._forget_from(0)
        self._index = 0
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _take_back(self, document: "Document", title: str) -> Change | None:
        """Undo the newest command if it has this title."""
        if self.can_redo or not self.can_undo or self._entries[-1].command.title != title:
            return None
        return self.undo(document)

    def _forget_from(self, index: int) -> None:
        for entry in self._entries[index:]:
            entry.command.held.discard()
        del self._entries[index:]

    def _keep_within_budget(self) -> None:
        if self.nbytes > self.budget_bytes:
            self.disk_full = not self._spill()
        most = self.budget_bytes * (SPARE if self.disk_full else 1)
        while len(self._entries) > 1 and (
            self.nbytes > most or self.disk_bytes > self.disk_budget_bytes
        ):
            if not self._drop_one():
                return

    def _spill(self) -> bool:
        """Move commands to disk, the ones most undos or redos away first, until memory is kept;
        whether the disk took them."""
        excess = self.nbytes - self.budget_bytes
        far_first = sorted(
            enumerate(self._entries), key=lambda item: -abs(2 * item[0] + 1 - 2 * self._index)
        )
        with contextlib.suppress(OSError):
            for _, entry in far_first:
                if excess <= 0:
                    break
                before = entry.command.held.nbytes
                if before:
                    entry.command.held.spill(self._spill_folder())
                    excess -= before - entry.command.held.nbytes
            return True
        return False

    def _drop_one(self) -> bool:
        """Forget the oldest applied command, or the last undone one where none is applied."""
        if self._index > 1:
            oldest = self._entries.pop(0)
            oldest.command.held.discard()
            self._base_state = oldest.state
            self._index -= 1
        elif self.can_redo and len(self._entries) > self._index + 1:
            self._entries.pop().command.held.discard()
        else:
            return False
        return True

    def _spill_folder(self) -> Path:
        if self._folder is None:
            parent = self._parent if self._parent is not None else cache_dir() / "undo"
            parent.mkdir(parents=True, exist_ok=True)
            _remove_stale(parent)
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        return self._folder


def _remove_stale(parent: Path) -> None:
    """Remove what a program that crashed weeks ago left behind."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
