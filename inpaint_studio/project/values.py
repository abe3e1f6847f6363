"""Layers, groups and recipes as plain values and back; their arrays are kept elsewhere by name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Put = Callable[[Array], str]
"""Keeps an array and returns the name it can be had by."""
Get = Callable[[str], Array]

T = TypeVar("T")
_ARRAY = "array"


def to_plain(value: object, put: Put) -> Any:  # noqa: ANN401
    """Dictionaries, lists, texts and numbers that say all of `value`; arrays go to `put`."""

    def encode(item: object) -> object:
        if isinstance(item, np.ndarray):
            return {_ARRAY: put(cast("Array", item))}
        if isinstance(item, Path):
            return str(item)
        if isinstance(item, Mapping):
            return dict(cast("Mapping[str, object]", item))
        raise NotImplementedError(f"{type(item)} cannot be kept")

    return msgspec.to_builtins(value, enc_hook=encode)


def from_plain(plain: object, kind: type[T], get: Get) -> T:
    """The value `to_plain` was given; fields it does not know are left out.

    Raises:
        msgspec.ValidationError: it is not a `kind`; whatever `get` raises for an unknown name.
    """

    def decode(wanted: object, item: object) -> object:
        if wanted is Path and isinstance(item, str):
            return Path(item)
        name = cast("Mapping[str, object]", item).get(_ARRAY) if isinstance(item, Mapping) else None
        if not isinstance(name, str):
            raise msgspec.ValidationError("an array is missing")
        return get(name)

    return msgspec.convert(with_tuples(plain), type=kind, dec_hook=decode)


def with_tuples(plain: object) -> object:
    """The same with tuples for lists, which no value of a document holds."""
    if isinstance(plain, list):
        return tuple(with_tuples(item) for item in cast("list[object]", plain))
    if isinstance(plain, dict):
        return {key: with_tuples(item) for key, item in cast("dict[str, object]", plain).items()}
    return plain
