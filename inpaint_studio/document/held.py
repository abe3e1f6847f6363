"""What commands keep for their way back, in memory or on disk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from inpaint_studio.document.change import Change
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.parts import HEAVY, Part, PartOnDisk, part_nbytes, parts_of
from inpaint_studio.document.pile import path_to
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document


class Held(Protocol):
    """What a command keeps for its way back (or forth)."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory it keeps that the document does not need at the moment."""
        ...

    @property
    def disk_bytes(self) -> int: ...

    def spill(self, folder: Path) -> None:
        """Move to `folder` what can be moved. OSError when that fails: nothing is lost."""
        ...

    def discard(self) -> None:
        """Free everything, on disk too: the command will not be used again."""
        ...


class Edit(NamedTuple):
    """The layers a command wants, the name of the one it is about, and what may look different.

    `groups` are the groups it wants; None leaves those there are, but for what became empty.
    """

    layers: tuple[Layer, ...]
    name: str
    box: Box
    groups: tuple[Group, ...] | None = None


class OtherLayers:
    """The layers on the other side of a command, as far as they are not those of the document."""

    __slots__ = ("_box", "_brought", "_other", "name")

    def __init__(self) -> None:
        self.name = "layer"
        """Of the layer the command is about, once it was applied."""
        self._box = EMPTY_BOX
        self._brought: Layer | Edit | None = None
        self._other: _OtherSide | None = None

    def bring(self, layer: Layer) -> None:
        """Hold a layer the document is to get when the command is first applied."""
        self._brought = layer

    def brought(self) -> Layer:
        if not isinstance(self._brought, Layer):
            raise ValueError(_USED)
        return self._brought

    def plan(self, edit: Edit) -> None:
        """Hold all that the document is to get when the command is first applied."""
        self._brought = edit
        self.name = edit.name

    def planned(self, _document: "Document") -> Edit:
        if not isinstance(self._brought, Edit):
            raise ValueError(_USED)
        return self._brought

    @property
    def nbytes(self) -> int:
        return 0 if self._other is None else self._other.nbytes

    @property
    def disk_bytes(self) -> int:
        return 0 if self._other is None else self._other.disk_bytes

    def exchange(
        self, document: "Document", edit: "Callable[[Document], Edit] | None" = None
    ) -> Change:
        """Swap the layers of the document with those held; the first time, with those of `edit`.

        Raises:
            StudioError: a layer's file is gone or damaged; the document is unchanged.
        """
        if self._other is not None:
            layers, groups = self._other.wanted(document)
        elif edit is not None:
            layers, self.name, self._box, wanted = edit(document)
            groups = _inhabited(layers, document.groups if wanted is None else wanted)
        else:
            raise ValueError("a command must be applied before it is reverted")
        self.discard()
        self._other = _OtherSide.of(document, layers)
        document.layers, document.groups = layers, groups
        return Change("layers", self._box)

    def spill(self, folder: Path) -> None:
        if self._other is not None:
            self._other.spill(folder)

    def discard(self) -> None:
        if self._other is not None:
            self._other.discard()
        self._other = self._brought = None


@dataclass(frozen=True, slots=True)
class _OtherSide:
    """How the layers and groups were (or will be), told by what differs from the document.

    A part that is the very one the document's layer of that id has is not held a second time: it
    is taken from there, which at that place of the history is the same again.
    """

    order: tuple[int, ...]
    """Ids of the layers, bottom first."""
    groups: tuple[Group, ...]
    plain: Mapping[int, Mapping[str, Any]]
    """Of each layer that differs, all but the heavy parts."""
    parts: dict[tuple[int, str], Part | PartOnDisk]
    """The heavy parts that differ, by layer and field."""

    @classmethod
    def of(cls, document: "Document", shown: Iterable[Layer]) -> Self:
        """What `document` has that `shown` (the layers it gets) has not."""
        there = {layer.id: layer for layer in shown}
        other = [layer for layer in document.layers if there.get(layer.id) is not layer]
        parts: dict[tuple[int, str], Part | PartOnDisk] = {}
        for layer in other:
            same = there.get(layer.id)
            for name, part in parts_of(layer).items():
                if same is None or getattr(same, name) is not part:
                    parts[layer.id, name] = part
        plain = {layer.id: {name: getattr(layer, name) for name in _PLAIN} for layer in other}
        return cls(tuple(layer.id for layer in document.layers), document.groups, plain, parts)

    @property
    def nbytes(self) -> int:
        parts = self.parts.values()
        return sum(part_nbytes(part) for part in parts if not isinstance(part, PartOnDisk))

    @property
    def disk_bytes(self) -> int:
        parts = self.parts.values()
        return sum(part.file.nbytes for part in parts if isinstance(part, PartOnDisk))

    def wanted(self, document: "Document") -> tuple[tuple[Layer, ...], tuple[Group, ...]]:
        """The layers and groups again. StudioError when a file is gone or damaged."""
        there = {layer.id: layer for layer in document.layers}
        layers = tuple(self._layer(id, there.get(id)) for id in self.order)
        return layers, self.groups

    def _layer(self, id: int, same: Layer | None) -> Layer:
        plain = self.plain.get(id)
        if plain is None and same is not None:
            return same
        heavy: dict[str, Any] = {}
        for name in HEAVY:
            part = self.parts[id, name] if (id, name) in self.parts else getattr(same, name)
            heavy[name] = part.read() if isinstance(part, PartOnDisk) else part
        return Layer(**(plain or {}), **heavy)

    def spill(self, folder: Path) -> None:
        for key, part in self.parts.items():
            if not isinstance(part, PartOnDisk) and part_nbytes(part):
                self.parts[key] = PartOnDisk.write(folder, part)

    def discard(self) -> None:
        for part in self.parts.values():
            if isinstance(part, PartOnDisk):
                part.file.remove()


_USED = "this command was applied before, or was discarded"
_PLAIN = tuple(entry.name for entry in fields(Layer) if entry.name not in HEAVY)


def _inhabited(layers: Iterable[Layer], groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The groups that any of the layers lies in, directly or not."""
    used = {group.id for layer in layers for group in path_to(layer.group, groups)}
    return tuple(group for group in groups if group.id in used)
