"""Which pictures are in a project file already, so that saving again packs only what is new."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy.typing as npt

from inpaint_studio.document.project_file import Stamp
from inpaint_studio.project.own import OwnPicture

Array = npt.NDArray[Any]
_Ref = weakref.ref[Array]


@dataclass(slots=True)
class KnownPictures:
    """Pictures in the file at `path`, known by the very arrays they were made from."""

    path: Path | None = None
    stamp: Stamp | None = None
    _pictures: dict[tuple[int, ...], tuple[tuple[_Ref | None, ...], OwnPicture]] = field(
        default_factory=dict[tuple[int, ...], "tuple[tuple[_Ref | None, ...], OwnPicture]"]
    )

    def add(self, arrays: Sequence[Array | None], picture: OwnPicture) -> None:
        """`picture` was made from these, and is in the file."""
        refs = tuple(None if array is None else weakref.ref(array) for array in arrays)
        self._pictures[_key(arrays)] = refs, picture

    def find(self, arrays: Sequence[Array | None]) -> OwnPicture | None:
        """The picture made from the very same arrays, which are never changed."""
        refs, picture = self._pictures.get(_key(arrays), ((), None))
        same = len(refs) == len(arrays) and all(
            array is None if ref is None else ref() is array
            for ref, array in zip(refs, arrays, strict=True)
        )
        return picture if same else None

    @property
    def current(self) -> bool:
        """Whether the file is still the one that was read or written."""
        return self.path is not None and self.stamp == Stamp.of(self.path)


def _key(arrays: Sequence[Array | None]) -> tuple[int, ...]:
    return tuple(id(array) for array in arrays)
