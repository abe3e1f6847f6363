"""What a command tells the views: which part of the document changed, and where."""

from typing import Final, Literal, NamedTuple

from inpaint_studio.imaging.geometry import Box

CanvasName = Literal["mask", "allowed", "forbidden"]
"""What can be painted on: the mask, where texture may be copied from, and where it may not."""
CANVASES: Final[tuple[CanvasName, ...]] = ("mask", "allowed", "forbidden")
ChangeKind = Literal["mask", "allowed", "forbidden", "layers", "named", "photo"]


class Change(NamedTuple):
    """`kind` names what changed; `box` (photo coordinates) holds every pixel that may look
    different now, and is empty when only names did.
    """

    kind: ChangeKind
    box: Box
