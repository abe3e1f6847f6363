"""Undo and redo within a budget of bytes: what does not fit in memory waits on disk."""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_studio.document.change import Change
from inpaint_studio.document.commands import Command
from inpaint_studio.paths import cache_dir

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document

MEMORY_BUDGET = 512 * 2**20
DISK_BUDGET = 16 * 2**30


@dataclass(frozen=True, slots=True)
class _Entry:
    command: Command
    state: int
    """Names the state of the document after the command; never used twice."""


class History:
    """The commands that made a document what it is, and those that were undone.

    Commands whose bytes exceed `budget_bytes` are spilled to disk, oldest first; they are dropped
    only when `disk_budget_bytes` is used up or the disk is full. Call `close` when done.
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
    def nbytes(self) -> int:
        """Bytes of memory the commands hold."""
        return sum(entry.command.held.nbytes for entry in self._entries)

    @property
    def disk_bytes(self) -> int:
        return sum(entry.command.held.disk_bytes for entry in self._entries)

    def push(self, document: "Document", command: Command, *, merge: bool = False) -> Change:
        """Apply `command` and remember it; whatever was undone is forgotten.

        With `merge`, a last command of the same title is replaced, not followed: a slider being
        dragged is one step.
        """
        first = self._first_change(document, command) if merge else None
        change = command.apply(document)
        self._forget_from(self._index)
        self._last_state += 1
        self._entries.append(_Entry(command, self._last_state))
        self._index += 1
        self._keep_within_budget()
        return change if first is None else Change(change.kind, change.box.union(first.box))

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
        """Undo or redo until `index` commands are applied (clamped to what there is)."""
        index = min(max(index, 0), len(self._entries))
        step = self.undo if index < self._index else self.redo
        changes = (step(document) for _ in range(abs(index - self._index)))
        return [change for change in changes if change is not None]

    def close(self) -> None:
        """Forget everything and remove what was spilled."""
        self._forget_from(0)
        self._index = 0
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _first_change(self, document: "Document", command: Command) -> Change | None:
        if not self.can_undo or self._entries[self._index - 1].command.title != command.title:
            return None
        return self.undo(document)

    def _forget_from(self, index: int) -> None:
        for entry in self._entries[index:]:
            entry.command.held.discard()
        del self._entries[index:]

    def _keep_within_budget(self) -> None:
        excess = self.nbytes - self.budget_bytes
        for entry in self._entries:
            if excess <= 0:
                return
            before = entry.command.held.nbytes
            if before:
                with contextlib.suppress(OSError):
                    entry.command.held.spill(self._spill_folder())
                excess -= before - entry.command.held.nbytes

    def _spill_folder(self) -> Path:
        if self._folder is None:
            parent = self._parent if self._parent is not None else cache_dir() / "undo"
            parent.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="steps-", dir=parent))
        return self._folder
