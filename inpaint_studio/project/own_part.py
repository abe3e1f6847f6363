"""What the program itself wrote into a project, compared with what the file holds now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from inpaint_studio.document.change import CanvasName
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.named_masks import NamedMask
from inpaint_studio.document.project_file import Stamp
from inpaint_studio.imaging.decoded import UnreadableError
from inpaint_studio.imaging.geometry import Point, Size
from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import Metadata, Photo
from inpaint_studio.imaging.sparse import sparse_copy
from inpaint_studio.project import archive
from inpaint_studio.project.array_files import array_of
from inpaint_studio.project.foreign import Placed
from inpaint_studio.project.known_pictures import KnownPictures
from inpaint_studio.project.opening import PhotoFacts
from inpaint_studio.project.own import (
    FORMAT,
    FormatOnly,
    OwnArray,
    OwnLayer,
    OwnPicture,
    OwnProject,
)
from inpaint_studio.project.pictures import Picture, content_digest, decode_png
from inpaint_studio.project.values import Array, from_plain


@dataclass(slots=True)
class OwnPart:
    """Layers, masks and edges as they were saved, as far as their pictures are still the same."""

    file: archive.ArchiveReader
    picture: Callable[[str], Picture]
    """Decodes a PNG of the file, once."""
    notes: list[str]
    project: OwnProject | None = None
    """None for a file of another program."""
    newer: str = ""
    """The version of the program that wrote it, where that is newer than this one."""
    taken: set[int] = field(default_factory=set[int])
    """Ids of the layers that were recognised."""

    @classmethod
    def read(
        cls, file: archive.ArchiveReader, picture: Callable[[str], Picture], notes: list[str]
    ) -> "OwnPart":
        """The own part of a file; an empty one where it has none, or none that is understood."""
        part = cls(file, picture, notes)
        if archive.PROJECT not in file.names:
            return part
        data = file.text(archive.PROJECT)
        try:
            version = msgspec.json.decode(data, type=FormatOnly)
            if version.format > FORMAT:
                part.newer = version.program or "a newer one"
                notes.append(
                    f"The project was saved by a newer version ({part.newer}): it is shown as far "
                    "as this one understands it, and can only be saved under another name."
                )
            part.project = msgspec.json.decode(data, type=OwnProject)
        except msgspec.MsgspecError:
            if not part.newer:
                notes.append("What the program itself wrote into the project is damaged.")
        return part

    @property
    def groups(self) -> tuple[Group, ...]:
        """As they were saved, in the order of the stacks."""
        if self.project is None:
            return ()
        try:
            return msgspec.convert(self.project.groups, type=tuple[Group, ...])
        except msgspec.ValidationError:
            return ()

    @property
    def ids(self) -> set[int]:
        """All numbers that were given to layers and groups."""
        return {*self._layers_by_id, *(group.id for group in self.groups)}

    def photo(self, placed: Placed) -> Photo | None:
        """The photo, if this layer is it."""
        own = self.project
        if own is None or placed.entry.src != own.photo.picture.src:
            return None
        picture = placed.picture
        try:
            facts = from_plain(own.photo.facts, PhotoFacts, self.array)
        except msgspec.ValidationError:
            facts = PhotoFacts(picture.profile, Metadata())
        if not self._same(own.photo.picture, placed, Point(0, 0)):
            self.notes.append("The photo itself was changed by another program.")
            return Photo(picture.pixels, picture.profile, facts.metadata)
        exact = own.photo.exact
        pixels = picture.pixels if exact is None else self.array(exact)
        return Photo(pixels, facts.profile, facts.metadata)

    def layer(self, placed: Placed) -> Layer | None:
        """The layer as it was saved, unless its picture was changed by another program."""
        found = [one for one in self._layers if one.picture.src == placed.entry.src]
        if not found or found[0].layer.get("id") in self.taken:
            return None
        name = placed.entry.name
        try:
            layer = from_plain(found[0].layer, Layer, self.array)
        except (msgspec.ValidationError, ValueError):
            self.notes.append(f"What is known of the layer “{name}” is damaged.")
            return None
        if not self._same(found[0].picture, placed, layer.patch.at):
            self.notes.append(
                f"The layer “{name}” was changed by another program; it is plain pixels now."
            )
            return None
        self.taken.add(layer.id)
        return layer

    def painted(self, canvas: CanvasName, size: Size) -> Coverage | None:
        """What was painted on a canvas, (H, W) uint8; None where nothing was."""
        kept: OwnArray | None = getattr(self.project, canvas, None)
        return None if kept is None else self._mask(kept.array, size)

    def named(self, size: Size) -> tuple[NamedMask, ...]:
        """The masks kept under a name."""
        kept = () if self.project is None else self.project.named
        return tuple(NamedMask.of(one.name, self._mask(one.array, size)) for one in kept)

    def known(self, document: Document, path: Path, stamp: Stamp | None) -> KnownPictures:
        """The pictures that need not be packed again when the document is saved."""
        known = KnownPictures(path, stamp)
        if self.project is None:
            return known
        photo = self.project.photo.picture
        if self._unchanged(photo):
            known.add((document.photo.pixels,), photo)
        for layer in document.layers:
            own = self._layers_by_id.get(layer.id) if layer.id in self.taken else None
            if own is not None and self._unchanged(own.picture):
                known.add((layer.patch.pixels, layer.patch.alpha, layer.keep), own.picture)
        return known

    def array(self, name: str) -> Array:
        """An array by name: an entry of its own, or a part of a layer's PNG.

        Raises:
            UnreadableError, DamagedError: it is missing or damaged.
        """
        src, _, part = name.partition("#")
        if part:
            picture = self.picture(src)
            alpha = picture.alpha if part == "alpha" else None
            part = picture.pixels[:, :, : picture.colors] if alpha is None else alpha
            return sparse_copy(part)  # the patch may be large and nearly empty
        if src.endswith(".png"):
            return decode_png(self.file.picture(src)).pixels[:, :, 0]
        return array_of(self.file.picture(src))

    def _mask(self, name: str, size: Size) -> Coverage:
        mask = self.array(name)
        if mask.shape != size or mask.dtype != np.uint8:
            raise UnreadableError("a mask in it does not fit its photo")
        return mask

    @property
    def _layers(self) -> tuple[OwnLayer, ...]:
        layers = () if self.project is None else self.project.layers
        return tuple(one for one in layers if isinstance(one.layer, dict))

    @property
    def _layers_by_id(self) -> dict[int, OwnLayer]:
        return {one.layer.get("id", 0): one for one in self._layers}

    def _unchanged(self, picture: OwnPicture) -> bool:
        return self.file.mark(picture.src) == picture.mark

    def _same(self, picture: OwnPicture, placed: Placed, saved_at: Point) -> bool:
        """Whether it is as it was saved: the very bytes at that place, or the same to the eye."""
        if self._unchanged(picture) and placed.at == saved_at:
            return True
        return content_digest(placed.picture, placed.at) == picture.digest
