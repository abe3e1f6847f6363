"""What one action is: plain data, no Qt."""

from dataclasses import dataclass
from typing import Final

SEPARATOR: Final = ""
RECENT: Final = "recent"
"""Where the recent files go."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action. `keys` are tried in order; the first is the one shown."""

    id: str
    text: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    tip: str = ""
    checkable: bool = False
    group: str = ""
    """Of actions in one group exactly one is checked."""
    photo: bool = False
    """Only makes sense with a photo open."""
