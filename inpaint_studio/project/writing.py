"""Save a document as an OpenRaster project."""

import zipfile
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np

from inpaint_studio import __version__
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.pile import Branch, Node, tree
from inpaint_studio.document.project_file import ProjectFile, Stamp
from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.atomic import clear_unfinished, reason, write_atomically
from inpaint_studio.imaging.decoded import UnreadableError
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Photo, Pixels
from inpaint_studio.imaging.writer import to_depth
from inpaint_studio.project import archive, stack
from inpaint_studio.project.array_files import write_array
from inpaint_studio.project.assumed import assumed_profile
from inpaint_studio.project.known_pictures import KnownPictures
from inpaint_studio.project.opening import PhotoFacts
from inpaint_studio.project.own import (
    OwnArray,
    OwnLayer,
    OwnMask,
    OwnPhoto,
    OwnPicture,
    OwnProject,
)
from inpaint_studio.project.pictures import (
    Picture,
    content_digest,
    encode_png,
    with_alpha,
)
from inpaint_studio.project.thumbnail import thumbnail_of
from inpaint_studio.project.values import Array, to_plain

SUFFIX = ".ora"
PHOTO = "data/photo.png"
OPERATORS = {"normal": stack.NORMAL, "luminosity": "svg:luminosity", "color": "svg:color"}
LOCKED = "edit-locked"
"""As Krita and MyPaint call it."""
ISOLATION = ("isolation", "auto")
"""How a group of ours meets what lies below it, as the specification has it."""
_EDGE = Point(0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A document as it is now; later steps do not change it."""

    document: Document
    """A copy that shares what is immutable."""
    titles: tuple[str, ...]
    index: int

    @classmethod
    def of(cls, document: Document) -> "Snapshot":
        copy = Document(document.photo, document.path)
        copy.layers, copy.groups = document.layers, document.groups
        copy.mask = document.mask.copy()
        for area in ("allowed", "forbidden"):
            if document.canvas(area).any():  # else there is nothing to copy, and no memory to take
                copy.canvas(area)[:] = document.canvas(area)
        copy.named_masks = document.named_masks
        copy.project = document.project
        return cls(copy, document.history.titles, document.history.index)


def save_project(
    snapshot: Snapshot, path: Path, *, overwrite: bool = False
) -> Generator[str, None, ProjectFile]:
    """Write a project, whole or not at all; yields what it is doing.

    Pictures that are in the document's file already are copied from it instead of packed again.

    Raises:
        PhotoError: the file exists and `overwrite` is not given, or could not be written.
    """
    yield f"Saving {path.name}…"
    before = snapshot.document.project or ProjectFile(path)
    known: KnownPictures | None = before.pictures
    written = KnownPictures(path)
    title = f"Could not save “{path.name}”"

    def write(temporary: Path) -> None:
        with ExitStack() as opened:
            file = opened.enter_context(zipfile.ZipFile(temporary, "w", allowZip64=True))
            source = _source(known, opened)
            _Writer(archive.ArchiveWriter(file), snapshot, known, source, written).write()

    clear_unfinished(path.parent)
    try:
        write_atomically(path, write, overwrite=overwrite)
    except FileExistsError:
        raise PhotoError(f"{title}: a file of that name exists; choose another name.") from None
    except OSError as error:
        raise PhotoError(f"{title} in “{path.absolute().parent}”: {reason(error)}.") from error
    written.stamp = Stamp.of(path)
    return replace(before, path=path, stamp=written.stamp, read_only=False, pictures=written)


def _source(known: KnownPictures | None, opened: ExitStack) -> archive.ArchiveReader | None:
    if known is None or known.path is None or not known.current:
        return None
    try:
        return opened.enter_context(archive.open_archive(known.path))
    except (UnreadableError, OSError):
        return None


@dataclass(slots=True)
class _Writer:
    """The entries of one project, in their order."""

    _out: archive.ArchiveWriter
    _snapshot: Snapshot
    _known: KnownPictures | None
    _source: archive.ArchiveReader | None
    _written: KnownPictures
    _arrays: dict[int, str] = field(default_factory=dict[int, str])
    """Names of arrays that are part of a picture."""
    _put: int = 0

    def write(self) -> None:
        document = self._snapshot.document
        nodes = tree(document.layers, document.groups)
        # The stack comes first, so that whoever reads a stream knows what follows.
        self._out.add(archive.STACK, stack.write_stack(self._stack(nodes)))
        photo = self._photo(document.photo)
        layers = tuple(self._layer(layer) for layer in document.layers)
        own = OwnProject(
            program=__version__,
            photo=photo,
            layers=layers,
            groups=to_plain(_groups_from_top(nodes), self.put),
            mask=self._painted(document.mask),
            allowed=self._painted(document.allowed),
            forbidden=self._painted(document.forbidden),
            named=tuple(OwnMask(m.name, self._add(m.coverage)) for m in document.named_masks),
            titles=self._snapshot.titles,
            index=self._snapshot.index,
        )
        self._out.add(archive.PROJECT, msgspec.json.format(msgspec.json.encode(own), indent=1))
        merged = _merged(document)
        self._out.add(archive.MERGED, encode_png(merged, profile=_profile(document.photo)))
        self._out.add(archive.THUMBNAIL, thumbnail_of(merged, document.photo.profile))
        self._add_others(document.project)

    def put(self, array: Array) -> str:
        """The name of an array: part of a picture, or an entry of its own."""
        name = self._arrays.get(id(array))
        if name is None:
            name = self._arrays[id(array)] = self._add(array)
        return name

    def _add(self, array: Array) -> str:
        """An entry of its own for an array that need not be known again."""
        self._put += 1
        if array.ndim == 2 and array.dtype == np.uint8 and array.size:
            name = f"{archive.OWN}arrays/{self._put}.png"
            self._out.add(name, encode_png(array[:, :, np.newaxis]))
        else:
            name = f"{archive.OWN}arrays/{self._put}.array"
            packed = BytesIO()
            write_array(packed, array)
            self._out.add(name, packed.getvalue())
        return name

    def _painted(self, canvas: Array) -> OwnArray | None:
        return OwnArray(self.put(canvas)) if canvas.any() else None

    def _photo(self, photo: Photo) -> OwnPhoto:
        path = self._snapshot.document.path
        metadata = replace(photo.metadata, notes=())
        exact = self.put(photo.pixels) if photo.pixels.dtype.kind == "f" else None
        shown = photo.pixels if exact is None else to_depth(photo.pixels, "uint16")
        picture = self._picture(PHOTO, (photo.pixels,), lambda: shown, _EDGE)
        return OwnPhoto(
            picture=picture,
            facts=to_plain(PhotoFacts(photo.profile, metadata), self.put),
            name=path.name if path is not None else "",
            path=str(path) if path is not None else None,
            exact=exact,
        )

    def _layer(self, layer: Layer) -> OwnLayer:
        patch = layer.patch
        src = source_of(layer)

        def shown() -> Pixels:
            if not patch.alpha.size:
                return np.zeros((1, 1, 4), np.uint8)
            colors = patch.pixels
            deep = colors if colors.dtype.kind != "f" else to_depth(colors, "uint16")
            return with_alpha(deep, layer.coverage)

        picture = self._picture(src, (patch.pixels, patch.alpha, layer.keep), shown, patch.at)
        if patch.pixels.dtype.kind != "f" and patch.alpha.size:
            self._arrays[id(patch.pixels)] = f"{src}#color"
            if layer.keep is None:
                self._arrays[id(patch.alpha)] = f"{src}#alpha"
        return OwnLayer(picture=picture, layer=to_plain(layer, self.put))

    def _picture(
        self, src: str, arrays: tuple[Array | None, ...], shown: Callable[[], Pixels], at: Point
    ) -> OwnPicture:
        """Add a PNG, copied where it is known, and remember it."""
        kept = self._copy(src, arrays)
        if kept is None:
            pixels = shown()
            profile = _profile(self._snapshot.document.photo)
            mark = self._out.add(src, encode_png(pixels, profile=profile))
            kept = OwnPicture(
                src=src, mark=mark, digest=content_digest(Picture(pixels, profile), at)
            )
        self._written.add(arrays, kept)
        return kept

    def _copy(self, src: str, arrays: tuple[Array | None, ...]) -> OwnPicture | None:
        known = self._known.find(arrays) if self._known is not None else None
        if known is None or self._source is None or self._source.mark(known.src) != known.mark:
            return None
        self._out.add(src, self._source.picture(known.src))
        return OwnPicture(src=src, mark=known.mark, digest=known.digest)

    def _stack(self, nodes: tuple[Node, ...]) -> stack.Stack:
        document = self._snapshot.document
        project = document.project or ProjectFile(Path())
        others = project.attributes
        members = tuple(_entry(node, others) for node in reversed(nodes))
        photo = stack.PictureEntry(name="Photo", src=PHOTO, others={LOCKED: "true"})
        per_mm = document.photo.metadata.resolution
        per_inch = None if per_mm is None else (round(per_mm[0] * 25.4), round(per_mm[1] * 25.4))
        return stack.Stack(
            width=document.size.width,
            height=document.size.height,
            members=(*members, photo),
            resolution=per_inch if per_inch and min(per_inch) > 0 else None,
        )

    def _add_others(self, project: ProjectFile | None) -> None:
        """What other programs put into the file, as it was."""
        for name, data in project.entries.items() if project is not None else ():
            self._out.add(name, data)


def _profile(photo: Photo) -> bytes:
    return photo.profile or assumed_profile(photo.color_channels)


def source_of(layer: Layer) -> str:
    """The name of a layer's PNG in the file."""
    return f"data/layer-{layer.id}.png"


def _entry(
    node: Node, others: Mapping[int, Mapping[str, str]]
) -> stack.PictureEntry | stack.StackEntry:
    """A layer or group as the stack names it; what only other programs know goes along."""
    if isinstance(node, Branch):
        group, extra = node.group, dict([ISOLATION], **others.get(node.id, {}))
        return stack.StackEntry(
            name=group.name,
            opacity=group.opacity,
            visible=group.visible,
            operator=extra.pop("composite-op", stack.NORMAL),
            others=extra,
            members=tuple(_entry(member, others) for member in reversed(node.members)),
        )
    extra = dict(others.get(node.id, {}))
    operator = OPERATORS[node.blend]
    if node.blend == "normal":  # another program's mode, which is shown as normal here
        operator = extra.pop("composite-op", operator)
    extra.pop("composite-op", None)
    if node.locked:
        extra[LOCKED] = "true"
    return stack.PictureEntry(
        name=node.name,
        opacity=node.opacity,
        visible=node.visible,
        operator=operator,
        others=extra,
        src=source_of(node),
        x=node.patch.at.left,
        y=node.patch.at.top,
    )


def _groups_from_top(nodes: tuple[Node, ...]) -> tuple[Group, ...]:
    """All groups, outer before inner, from the top: the order of the stacks in the XML."""
    found: list[Group] = []
    for node in reversed(nodes):
        if isinstance(node, Branch):
            found += [node.group, *_groups_from_top(node.members)]
    return tuple(found)


def _merged(document: Document) -> Pixels:
    return to_depth(document.flatten(), "uint8")
