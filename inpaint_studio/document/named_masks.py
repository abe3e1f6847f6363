"""Masks kept under a name beside the one being painted, and the step that keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from inpaint_studio.document.change import Change
from inpaint_studio.document.packed import PackedMask
from inpaint_studio.document.spill import SpillFile
from inpaint_studio.imaging.geometry import EMPTY_BOX
from inpaint_studio.imaging.mask import Coverage

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document


@dataclass(frozen=True, slots=True)
class NamedMask:
    """A mask of the whole photo and what it is called."""

    name: str
    mask: PackedMask

    @classmethod
    def of(cls, name: str, coverage: Coverage) -> Self:
        """(H, W) uint8 under a name."""
        return cls(name, PackedMask.of(coverage))

    @property
    def coverage(self) -> Coverage:
        """(H, W) uint8, read-only."""
        return self.mask.coverage


class HeldNames:
    """The named masks on the other side of a step."""

    __slots__ = ("_file", "_lengths", "_masks")

    def __init__(self, masks: Iterable[NamedMask]) -> None:
        self._masks = tuple(masks)
        self._lengths: tuple[int, ...] = ()
        self._file: SpillFile | None = None

    @property
    def nbytes(self) -> int:
        return sum(len(named.mask.packed) for named in self._masks)

    @property
    def disk_bytes(self) -> int:
        return 0 if self._file is None else self._file.nbytes

    def exchange(self, document: "Document") -> Change:
        """Swap them with those of the document.

        Raises:
            StudioError: the file they were spilled to is gone or damaged; nothing has changed.
        """
        wanted = self._recalled()
        self.discard()
        self._masks, document.named_masks = document.named_masks, wanted
        return Change("named", EMPTY_BOX)

    def spill(self, folder: Path) -> None:
        """Move the masks to a file. OSError when that fails: they are still in memory."""
        if self._file is None and self.nbytes:
            packed = [named.mask.packed for named in self._masks]
            self._file = SpillFile.write(folder, packed)
            self._lengths = tuple(map(len, packed))
            self._masks = tuple(_with_bytes(named, b"") for named in self._masks)

    def discard(self) -> None:
        if self._file is not None:
            self._file.remove()
        self._file = None
        self._masks = ()

    def _recalled(self) -> tuple[NamedMask, ...]:
        if self._file is None:
            return self._masks
        data, start = self._file.read(), 0
        found: list[NamedMask] = []
        for named, length in zip(self._masks, self._lengths, strict=True):
            found.append(_with_bytes(named, data[start : start + length]))
            start += length
        return tuple(found)


@dataclass(frozen=True, slots=True)
class KeepMasks:
    """Make `held` the masks that are kept under a name: one more, one less, one replaced."""

    title: str
    held: HeldNames = field(repr=False, compare=False)

    @classmethod
    def to(cls, masks: Iterable[NamedMask], *, title: str) -> Self:
        """The step after which these are kept."""
        return cls(title, HeldNames(masks))

    def apply(self, document: "Document") -> Change:
        return self.held.exchange(document)

    def revert(self, document: "Document") -> Change:
        return self.held.exchange(document)


def _with_bytes(named: NamedMask, packed: bytes) -> NamedMask:
    return replace(named, mask=replace(named.mask, packed=packed))
