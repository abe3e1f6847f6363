"""Follows a document and tells its journal what was done. Quick: runs on the window's thread."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from inpaint_studio.document.change import CANVASES, CanvasName, Change, ChangeKind
from inpaint_studio.document.document import Document
from inpaint_studio.document.pixels import TILE, Tile, TileDelta
from inpaint_studio.project.journal import Moved, Saved
from inpaint_studio.project.journal_writer import JournalWriter, Step
from inpaint_studio.project.opening import Opening, Pile, copied_tiles, plain_project
from inpaint_studio.project.recovery import Recovered


class Keeping:
    """One document and its journal.

    `follow` after every step costs a copy of the tiles of the mask that changed; packing, writing
    and waiting for the disk happen on the writer's thread.
    """

    def __init__(self, document: Document, writer: JournalWriter) -> None:
        self.document = document
        self.writer = writer
        self._states = list(document.history.states)
        """What the journal knows; `_states[n]` is the document after n steps."""

    @classmethod
    def begin(
        cls, place: Path, document: Document, *, name: str, on_problem: Callable[[str], object]
    ) -> Self:
        """Keep a document that was just opened, in a journal of its own in `place`."""
        opening = Opening.of(document, name=name)
        return cls(document, JournalWriter.begin(place, opening, on_problem=on_problem))

    @classmethod
    def resume(
        cls, place: Path, recovered: Recovered, *, on_problem: Callable[[str], object]
    ) -> Self:
        """Go on with the journal a document was recovered from."""
        writer = JournalWriter(
            lambda: recovered.journal,
            place=place,
            on_problem=on_problem,
            names=recovered.names,
            begun=True,
        )
        return cls(recovered.document, writer)

    def follow(self, changes: Sequence[Change | None]) -> None:
        """The document took one step through its history, and this is what changed."""
        history = self.document.history
        state = history.state
        if state in self._states:
            self.writer.add(Moved(index=self._states.index(state)))
            return
        known = [number for number in history.states[: history.index] if number in self._states]
        keep = self._states.index(known[-1]) if known else 0
        del self._states[keep + 1 :]
        self._states.append(state)
        kinds: set[ChangeKind] = {change.kind for change in changes if change is not None}
        title = history.titles[history.index - 1]
        step = Step(keep, title, when=time.time())
        if "layers" in kinds:
            step = replace(step, pile=Pile.of(self.document))
        if "named" in kinds:
            step = replace(step, named=self.document.named_masks)
        painted: list[CanvasName] = [name for name in CANVASES if name in kinds]
        for canvas in painted:
            tiles = copied_tiles(self.document.canvas(canvas), self._tiles(canvas, changes))
            step = replace(step, tiles=tiles, canvas=canvas)
        self.writer.add(step)

    def saved(self, state: int | None = None) -> None:
        """The document as it is now, or was at a `state` of its history, is in a file."""
        state = self.document.history.state if state is None else state
        if state in self._states:
            plain = plain_project(self.document.project, _no_arrays)
            self.writer.add(Saved(index=self._states.index(state), project=plain))

    def close(self, *, remove: bool) -> None:
        """End the journal without waiting; `remove` when nothing in it is wanted back."""
        self.writer.close(remove=remove)

    def _tiles(self, canvas: ChangeKind, changes: Sequence[Change | None]) -> tuple[Tile, ...]:
        """The tiles a stroke says it changed, else those of the boxes that changed."""
        latest = self.document.history.latest
        if latest is not None and isinstance(latest.held, TileDelta):
            return latest.held.tiles
        boxes = [change.box for change in changes if change is not None and change.kind == canvas]
        clipped = [box.clip(self.document.size) for box in boxes]
        return tuple({tile for box in clipped for tile in box.tiles(TILE)})


def _no_arrays(_: object) -> str:
    raise ValueError("a project file holds no arrays")
