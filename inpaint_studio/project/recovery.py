"""What a program that ended unexpectedly left behind, and how a document comes back from it."""

import contextlib
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from inpaint_studio.document.change import CANVASES, CanvasName
from inpaint_studio.document.commands import Arrange, Command, PaintMask
from inpaint_studio.document.document import Document
from inpaint_studio.document.held import Edit
from inpaint_studio.document.history import History
from inpaint_studio.document.named_masks import KeepMasks
from inpaint_studio.document.pixels import TileDelta, tile_area
from inpaint_studio.document.project_file import ProjectFile
from inpaint_studio.errors import PhotoError, StudioError
from inpaint_studio.imaging.geometry import EMPTY_BOX, Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.paths import state_dir
from inpaint_studio.project.array_files import DamagedError, read_array
from inpaint_studio.project.journal import BASE, LOCK, LOG, Opened, Stepped, Story, told
from inpaint_studio.project.journal_folder import JournalFolder, is_journal
from inpaint_studio.project.locks import FolderLock
from inpaint_studio.project.opening import PhotoFacts, tile_of
from inpaint_studio.project.shelf import Shelf
from inpaint_studio.project.values import from_plain

if TYPE_CHECKING:
    from collections.abc import Mapping


def journals_dir() -> Path:
    """Where journals are kept unless the preferences say otherwise."""
    return state_dir() / "journals"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A document somebody was working on when the program ended."""

    folder: Path
    name: str
    steps: int
    """How many steps were applied."""
    when: float
    """Of the last step, seconds since 1970."""


@dataclass(frozen=True, slots=True, eq=False)
class Recovered:
    """A document as it was, and its journal, which goes on from here."""

    document: Document
    journal: JournalFolder
    names: dict[int, set[str]]
    """By the number of a step: the arrays its layers need."""
    note: str = ""
    """A sentence on what could not be brought back; mostly empty."""


def find_leftovers(place: Path) -> list[Leftover]:
    """The documents that can be recovered from `place`, newest first.

    Journals another window is writing are left alone, and so is whatever is no journal; those that
    say nothing, or nothing that is not saved, are removed.
    """
    found: list[Leftover] = []
    with contextlib.suppress(OSError):
        for folder in place.iterdir():
            leftover = _look_at(folder) if is_journal(folder) else None
            if leftover is not None:
                found.append(leftover)
    return sorted(found, key=lambda leftover: -leftover.when)


def discard(leftover: Leftover) -> None:
    """Give it up, unless another window has taken it meanwhile."""
    with contextlib.suppress(OSError):
        lock = FolderLock.take(leftover.folder / LOCK)
        if lock is not None:
            lock.release()
            shutil.rmtree(leftover.folder, ignore_errors=True)


def recover(leftover: Leftover, *, history: History) -> Generator[str, None, Recovered]:
    """The document as it was, with every step to undo and redo; yields what it is doing.

    A step whose arrays are damaged, and what followed it, cannot be brought back: `note` says so.

    Raises:
        StudioError: another window has it, or the photo cannot be brought back.
    """
    lock = FolderLock.take(leftover.folder / LOCK)
    if lock is None:
        raise StudioError(f"“{leftover.name}” is being recovered by another window.")
    try:
        yield f"Opening {leftover.name}…"
        story = told((leftover.folder / LOG).read_bytes())
        return _rebuild(leftover.folder, lock, story, history)
    except (OSError, DamagedError, msgspec.MsgspecError, PhotoError, ValueError) as error:
        lock.release()
        raise StudioError(
            f"“{leftover.name}” could not be recovered ({error}); what is left of it is in "
            f"{leftover.folder}."
        ) from error
    except BaseException:
        lock.release()
        raise


def _look_at(folder: Path) -> Leftover | None:
    lock = FolderLock.take(folder / LOCK)
    if lock is None:
        return None
    try:
        story = told((folder / LOG).read_bytes())
    except OSError:
        story = Story()
    lock.release()
    if story.opened is None or not story.unsaved:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    when = max((story.opened.when, *(step.when for step in story.steps)))
    return Leftover(folder, story.opened.name, story.index, when)


def _rebuild(folder: Path, lock: FolderLock, story: Story, history: History) -> Recovered:
    opened = story.opened
    if opened is None:
        raise DamagedError("its beginning is missing")
    shelf = Shelf(folder)
    document = Document(
        _photo(folder, opened, shelf), Path(opened.path) if opened.path else None, history=history
    )
    names = {-1: set[str]()}
    if opened.pile is not None:
        pile = shelf.pile(opened.pile)
        document.adopt(pile.layers, pile.groups)
        names[-1] = set(shelf.asked)
    for canvas in CANVASES:
        _draw(document.canvas(canvas), getattr(opened, canvas))
    document.named_masks = opened.named
    if story.project is not None:
        document.project = from_plain(story.project, ProjectFile, shelf.get)
    done, note = _repeat(document, story, shelf, names)
    known = dict(shelf.arrays)
    journal = JournalFolder(folder, lock, length=story.length, known=known)
    if done < len(story.steps) or story.saved is None:
        document.forget_saved()
    return Recovered(document, journal, names, note)


def _photo(folder: Path, opened: Opened, shelf: Shelf) -> Photo:
    facts = from_plain(opened.facts, PhotoFacts, shelf.get)
    if opened.base == "pixels":
        return Photo(read_array(folder / BASE), facts.profile, facts.metadata)
    from inpaint_studio.imaging.files import read_photo

    return Photo(read_photo(folder / BASE).pixels, facts.profile, facts.metadata)


def _repeat(
    document: Document, story: Story, shelf: Shelf, names: dict[int, set[str]]
) -> tuple[int, str]:
    """Do all steps again and go to where the user was; how many could be done, and a note."""
    if story.saved == 0:
        document.saved()
    for number, step in enumerate(story.steps):
        try:
            command = _command(document, step, shelf, names, number)
        except (DamagedError, OSError, msgspec.MsgspecError, KeyError, ValueError):
            document.history.jump(document, min(story.index, number))
            lost = len(story.steps) - number
            return number, f"The last {lost} steps could not be brought back: a file is damaged."
        document.history.push(document, command)
        if story.saved == number + 1:
            document.saved()
    document.history.jump(document, story.index)
    return len(story.steps), ""


def _command(
    document: Document, step: Stepped, shelf: Shelf, names: dict[int, set[str]], number: int
) -> Command:
    if step.named is not None:
        return KeepMasks.to(step.named, title=step.title)
    if step.pile is None:
        return _painting(step, document.size)
    pile = shelf.pile(step.pile)
    names[number] = set(shelf.asked)
    document.reserve(item.id for item in (*pile.layers, *pile.groups))
    return Arrange(step.title, Edit(pile.layers, step.title, document.size.box, pile.groups))


def _painting(step: Stepped, size: Size) -> PaintMask:
    painted: list[CanvasName] = [canvas for canvas in CANVASES if getattr(step, canvas)]
    on: CanvasName = painted[0] if painted else "mask"
    return PaintMask(_delta(getattr(step, on) or {}, size), step.title, on)


def _delta(tiles: "Mapping[str, bytes]", size: Size) -> TileDelta:
    packed = {tile_of(name): data for name, data in tiles.items()}
    box = EMPTY_BOX
    for tile in packed:
        box = box.union(tile_area(tile, size))
    return TileDelta(packed, box, applied=False)


def _draw(mask: Coverage, tiles: "Mapping[str, bytes] | None") -> None:
    if tiles is not None:
        _delta(tiles, Size(*mask.shape)).swap(mask)
