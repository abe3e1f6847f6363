"""Which action has which keys: the table's own, with what a person changed. Values, no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from PySide6.QtGui import QKeySequence

from inpaint_studio.ui.actions import ACTIONS

Keys = Mapping[str, Sequence[str]]


class KeyStore(Protocol):
    """Where changed keys are kept."""

    @property
    def shortcuts(self) -> Mapping[str, tuple[str, ...]]: ...

    def keep_shortcuts(self, shortcuts: Mapping[str, tuple[str, ...]]) -> None: ...


def current_keys(changed: Keys) -> dict[str, tuple[str, ...]]:
    """Every action with its keys."""
    return {spec.id: tuple(changed.get(spec.id, spec.keys)) for spec in ACTIONS}


def changed_keys(keys: Keys) -> dict[str, tuple[str, ...]]:
    """Only those that are not the table's."""
    own = {spec.id: spec.keys for spec in ACTIONS}
    return {
        name: tuple(given)
        for name, given in keys.items()
        if name in own and own[name] != tuple(given)
    }


def owner_of(keys: Keys, key: str) -> str:
    """The action that has this key; empty where none has."""
    wanted = QKeySequence(key)
    return next(
        (name for name, given in keys.items() if any(QKeySequence(k) == wanted for k in given)), ""
    )


def with_key(keys: Keys, name: str, key: str) -> dict[str, tuple[str, ...]]:
    """The action has this key alone."""
    return {**{k: tuple(v) for k, v in keys.items()}, name: (key,)}


def without_key(keys: Keys, name: str, key: str) -> dict[str, tuple[str, ...]]:
    """The action has its other keys only."""
    wanted = QKeySequence(key)
    left = tuple(given for given in keys[name] if QKeySequence(given) != wanted)
    return {**{k: tuple(v) for k, v in keys.items()}, name: left}
