"""What a command tells the views: which part of the document changed, and where."""

from typing import Literal, NamedTuple

from inpaint_studio.imaging.geometry import Box

ChangeKind = Literal["mask", "layers", "photo"]


class Change(NamedTuple):
    """`kind` names what changed; `box` (photo coordinates) holds every pixel that may look
    different now, and is empty when only names did.
    """

    kind: ChangeKind
    box: Box
