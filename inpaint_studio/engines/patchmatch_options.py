"""What a person may set about PatchMatch, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.geometry import SizeRule

PATCH_RULE = SizeRule(context=704)
"""Up to this many pixels across, a hole is given as much of its surroundings as it is wide. Here,
where it can be read without loading the compiled engine."""
SOURCES = ("around", "sides", "above-below", "left", "right", "above", "below")
OFFSETS = 0.05
_LARGEST = 0.5
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


@dataclass(frozen=True, slots=True)
class PatchOptions:
    """Where patches are taken from and how they may be changed."""

    sources: str = SOURCES[0]
    """One of `SOURCES`, seen from the hole's box: "sides" are left and right of it."""
    offsets: float = OFFSETS
    """How far a patch's mean colour may be moved to fit, in [0, 0.5]; 0 copies only."""
    mirrored: bool = False
    """Whether patches may be taken mirrored, left for right."""
    turned: bool = False
    """Whether patches may be taken turned by a quarter, a half and three quarters."""

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> "PatchOptions":
        """The options of a request; those of other engines are not looked at.

        Raises:
            UsageError: one makes no sense.
        """
        return cls(
            _sources(options.get("sources", SOURCES[0])),
            _offsets(options.get("offsets", OFFSETS)),
            _switch("mirrored", options.get("mirrored", False)),
            _switch("turned", options.get("turned", False)),
        )

    def upright(self) -> "PatchOptions":
        """The same without mirroring and turning."""
        return replace(self, mirrored=False, turned=False)


def _sources(value: object) -> str:
    sources = str(value)
    if sources not in SOURCES:
        raise UsageError(f"“sources” must be one of {', '.join(SOURCES)}, not “{sources}”.")
    return sources


def _offsets(value: object) -> float:
    try:
        offsets = float(str(value))
    except ValueError:
        raise UsageError(f"“offsets” must be a number from 0 to {_LARGEST:g}.") from None
    if not 0 <= offsets <= _LARGEST:
        raise UsageError(f"“offsets” must be from 0 to {_LARGEST:g}, not {offsets:g}.")
    return offsets


def _switch(name: str, value: object) -> bool:
    text = str(value).lower()
    if text not in _YES + _NO:
        raise UsageError(f"“{name}” must be yes or no, not “{value}”.")
    return text in _YES
