"""The arrays and layers of a journal, each read and made once as long as a layer needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import msgspec

from inpaint_studio.document.layer import Layer
from inpaint_studio.document.parts import HEAVY
from inpaint_studio.imaging.photo import frozen
from inpaint_studio.imaging.sparse import sparse_copy
from inpaint_studio.project.array_files import DamagedError, read_array
from inpaint_studio.project.opening import Pile
from inpaint_studio.project.values import Array, from_plain

Plain = Mapping[str, object]
Key = tuple[str, bytes]


@dataclass(slots=True)
class Shelf:
    """Makes the layers of one record after the other, sharing what two of them have in common.

    History takes a layer, or a part of one, for the same only if it is the very same object: what
    it would keep twice costs memory twice.
    """

    folder: Path
    arrays: dict[str, Array] = field(default_factory=dict[str, "Array"])
    asked: set[str] = field(default_factory=set[str])
    """Names of the arrays the last pile needs."""
    _layers: dict[bytes, Layer] = field(default_factory=dict[bytes, Layer])
    _parts: dict[Key, Any] = field(default_factory=dict["Key", Any])

    def get(self, name: str) -> Array:
        """The array of that name.

        Raises:
            DamagedError: its file is not what was written.
            OSError: it is gone.
        """
        self.asked.add(name)
        if name not in self.arrays:
            if Path(name).name != name:
                raise DamagedError(name)
            self.arrays[name] = frozen(sparse_copy(read_array(self.folder / name)))
        return self.arrays[name]

    def pile(self, plain: Mapping[str, Any]) -> Pile:
        """The layers and groups of a record.

        Raises:
            DamagedError, OSError: as `get`.
            msgspec.ValidationError: it is not the record of a pile.
        """
        self.asked = set()
        layers: dict[bytes, Layer] = {}
        parts: dict[Key, Any] = {}
        for entry in plain["layers"]:
            key = msgspec.msgpack.encode(entry)
            layers[key] = self._layers.get(key) or self._layer(entry)
            self.asked |= array_names(entry)
            parts |= {_key(entry, name): getattr(layers[key], name) for name in HEAVY}
        groups = from_plain({"layers": (), "groups": plain["groups"]}, Pile, self.get).groups
        self._layers, self._parts = layers, parts
        self.arrays = {name: self.arrays[name] for name in self.asked if name in self.arrays}
        return Pile(tuple(layers.values()), groups)

    def _layer(self, entry: Plain) -> Layer:
        layer = from_plain(entry, Layer, self.get)
        known = {name: self._parts.get(_key(entry, name)) for name in HEAVY}
        return replace(layer, **{name: part for name, part in known.items() if part is not None})


def array_names(plain: object) -> set[str]:
    """The names of all arrays in a plain value."""
    if isinstance(plain, Mapping):
        entry = cast("Plain", plain)
        name = entry.get("array")
        if len(entry) == 1 and isinstance(name, str):
            return {name}
        return set[str]().union(*(array_names(item) for item in entry.values()))
    if isinstance(plain, list | tuple):
        return set[str]().union(*(array_names(item) for item in cast("list[object]", plain)))
    return set()


def _key(entry: Plain, name: str) -> Key:
    return name, msgspec.msgpack.encode(entry.get(name))
