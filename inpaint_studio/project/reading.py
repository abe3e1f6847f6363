"""Open an OpenRaster project: ours as it was saved, others' as well as it can be shown."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from inpaint_studio.document.change import CANVASES
from inpaint_studio.document.document import Document
from inpaint_studio.document.history import History
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.project_file import ProjectFile, Stamp
from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.atomic import reason
from inpaint_studio.imaging.decoded import UnreadableError
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.project import archive, stack
from inpaint_studio.project.array_files import DamagedError
from inpaint_studio.project.foreign import Placed, base_of, layer_of
from inpaint_studio.project.own_part import OwnPart
from inpaint_studio.project.pictures import Picture, decode_png
from inpaint_studio.project.writing import ISOLATION, LOCKED, OPERATORS

_BLENDS = {operator: blend for blend, operator in OPERATORS.items()}
_STANDARD = ("mimetype", archive.STACK, archive.MERGED, archive.THUMBNAIL)


@dataclass(frozen=True, slots=True, eq=False)
class OpenedProject:
    """What a project file came to."""

    document: Document
    notes: tuple[str, ...]
    """One sentence for each thing that is not shown as the file has it."""


def open_project(path: Path, *, history: History | None = None) -> OpenedProject:
    """Open an OpenRaster file: our own projects, or those of Krita, GIMP, MyPaint and others.

    Layers another program changed, added, moved or renamed are taken as they are now; what is
    still as it was keeps its mask, its edges and the record of how it was made. A project of a
    newer version is opened as far as it is understood, and its file marked `read_only`.

    Raises:
        PhotoError: missing, no OpenRaster file, damaged, or too large; one sentence.
    """
    title = f"Could not open “{path.name}”"
    try:
        stamp = Stamp.of(path)
        with archive.open_archive(path) as file:
            return _Reader(path, stamp, file).read(history)
    except (UnreadableError, DamagedError) as problem:
        raise PhotoError(f"{title}: {problem}.") from None
    except (ValueError, msgspec.MsgspecError):  # values that no document can have
        raise PhotoError(
            f"{title}: what the program wrote into it is damaged; open an earlier copy."
        ) from None
    except MemoryError:
        raise PhotoError(
            f"{title}: there is not enough memory for all its layers. Close other programs."
        ) from None
    except FileNotFoundError:
        raise PhotoError(f"{title}: there is no such file.") from None
    except OSError as error:
        raise PhotoError(f"{title}: {reason(error)}.") from None


@dataclass(slots=True)
class _Reader:
    _path: Path
    _stamp: Stamp | None
    _file: archive.ArchiveReader
    _own: OwnPart = field(init=False)
    _pictures: dict[str, Picture] = field(default_factory=dict[str, Picture])
    _notes: list[str] = field(default_factory=list[str])
    _groups: list[Group] = field(default_factory=list[Group])
    _attributes: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])

    def __post_init__(self) -> None:
        self._own = OwnPart(self._file, self._picture, self._notes)

    def read(self, history: History | None) -> OpenedProject:
        self._check_mimetype()
        listed = stack.read_stack(self._file.text(archive.STACK))
        self._own = OwnPart.read(self._file, self._picture, self._notes)
        placed = self._placed(listed.members, None)
        base, above = self._photo(listed, placed)
        document = Document(base, self._path, history=history)
        layers = [self._layer(entry, document) for entry in above]
        document.adopt(layers, self._inhabited(layers))
        self._paint(document)
        document.project = self._link(document)
        return OpenedProject(document, tuple(dict.fromkeys(self._notes)))

    def _paint(self, document: Document) -> None:
        for name in CANVASES:
            painted = self._own.painted(name, document.size)
            if painted is not None:
                document.canvas(name)[:] = painted
        document.named_masks = self._own.named(document.size)

    # What the file says

    def _check_mimetype(self) -> None:
        if "mimetype" not in self._file.names:
            raise UnreadableError("it is not an OpenRaster file")
        if self._file.text("mimetype").strip() != archive.MIMETYPE.encode():
            raise UnreadableError("it is not an OpenRaster file")

    def _placed(
        self, members: tuple[stack.PictureEntry | stack.StackEntry, ...], parent: int | None
    ) -> list[Placed]:
        """The layers of a stack, bottom first; its groups are collected on the way."""
        found: list[Placed] = []
        for entry in members:  # top first, as our own groups are numbered
            if isinstance(entry, stack.StackEntry):
                group = self._group(entry, parent)
                found = self._placed(entry.members, group.id) + found
            else:
                found.insert(0, Placed(entry, self._picture(entry.src), parent))
        return found

    def _group(self, entry: stack.StackEntry, parent: int | None) -> Group:
        known = self._own.groups
        place = len(self._groups)
        id = known[place].id if place < len(known) else self._new_id()
        group = Group(id, entry.name or "Group", entry.visible, entry.opacity, parent)
        if place < len(known):
            group = replace(group, opacity=_unrounded(entry.opacity, known[place].opacity))
        self._groups.append(group)
        others = {key: word for key, word in entry.others.items() if (key, word) != ISOLATION}
        if entry.operator != stack.NORMAL:
            others["composite-op"] = entry.operator
            self._mode_note(entry)
        if others:
            self._attributes[id] = others
        return group

    def _picture(self, src: str) -> Picture:
        """A PNG of the file, decoded once."""
        if src not in self._pictures:
            self._pictures[src] = decode_png(self._file.picture(src))
        return self._pictures[src]

    # What it comes to

    def _photo(self, listed: stack.Stack, placed: list[Placed]) -> tuple[Photo, list[Placed]]:
        """The photo, and the layers above it."""
        for one in placed:
            photo = self._own.photo(one)
            if photo is not None and photo.size == (listed.height, listed.width):
                return photo, [entry for entry in placed if entry is not one]
        if self._own.project is not None:
            self._notes.append("The photo of the project was taken out by another program.")
        if not placed:
            raise UnreadableError("it has no layers")
        return base_of(listed, placed)

    def _layer(self, placed: Placed, document: Document) -> Layer:
        entry = placed.entry
        own = self._own.layer(placed)
        if own is not None:
            layer = replace(
                own,
                name=entry.name or own.name,
                opacity=_unrounded(entry.opacity, own.opacity),
                visible=entry.visible,
                group=placed.group,
            )
        else:
            layer = layer_of(placed, document.photo, id=self._new_id())
        layer = replace(layer, locked=entry.others.get(LOCKED) == "true")
        return self._with_mode(layer, entry)

    def _with_mode(self, layer: Layer, entry: stack.PictureEntry) -> Layer:
        """With the blend mode of the stack; one that is not known here is kept for saving."""
        others = {key: value for key, value in entry.others.items() if key != LOCKED}
        blend = _BLENDS.get(entry.operator)
        if blend is None:
            others["composite-op"] = entry.operator
            self._mode_note(entry)
        if others:
            self._attributes[layer.id] = others
        return replace(layer, blend=blend or "normal")

    def _inhabited(self, layers: list[Layer]) -> list[Group]:
        """The groups that hold a layer, directly or not."""
        parents = {group.id: group.parent for group in self._groups}
        needed: set[int] = set()
        for layer in layers:
            at = layer.group
            while at is not None and at not in needed:
                needed.add(at)
                at = parents.get(at)
        return [group for group in self._groups if group.id in needed]

    def _link(self, document: Document) -> ProjectFile:
        known = {*_STANDARD, *self._pictures}
        others = [n for n in self._file.names if n not in known and not n.startswith(archive.OWN)]
        entries = {name: self._file.picture(name) for name in others if not _is_picture(name)}
        known = self._own.known(document, self._path, self._stamp)
        newer = bool(self._own.newer)
        return ProjectFile(self._path, self._stamp, newer, entries, self._attributes, known)

    def _new_id(self) -> int:
        groups = {group.id for group in self._groups}
        number = max([0, *self._own.ids, *groups, *self._own.taken]) + 1
        self._own.taken.add(number)
        return number

    def _mode_note(self, entry: stack.Entry) -> None:
        mode = entry.operator.removeprefix("svg:")
        self._notes.append(
            f"“{entry.name}” is blended as “{mode}”, which is shown as normal here and kept in the "
            "file."
        )


def _is_picture(name: str) -> bool:
    """Pictures of layers somebody took out of the stack: nothing shows them any more."""
    return name.startswith("data/") and name.endswith(".png")


def _unrounded(said: float, known: float) -> float:
    """The opacity we know where another program only rounded it to 8 bits."""
    return known if abs(said - known) <= 0.5 / 255 + 1e-6 else said
