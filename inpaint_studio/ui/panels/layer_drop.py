"""Where a layer goes that is dropped between two rows of the list, or on a group."""

from inpaint_studio.document import arrange
from inpaint_studio.document.commands import Arrange
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pile import tree


def drop(document: Document, moved: int, *, below: int | None, into: bool) -> Arrange | None:
    """The command that moves a layer or group just below `below`, or on top of what lies in it.

    `below` None is above all. None where that changes nothing, or would put a group into itself.
    """
    group, place = _target(document, moved, below, into=into)
    _, now = arrange.siblings(document, moved)
    if group == _holder(document, moved) and place == now:
        return None
    try:
        return arrange.move(document, moved, parent=group, place=place)
    except (KeyError, ValueError):
        return None


def _target(
    document: Document, moved: int, below: int | None, *, into: bool
) -> tuple[int | None, int]:
    """Which group, and which place in it without `moved`."""
    if below is None:
        return None, len(tree(document.layers, document.groups))
    found = arrange.node(document, below)
    if into and not isinstance(found, Layer):
        return below, sum(node.id != moved for node in found.members)
    around, spot = arrange.siblings(document, below)
    return _holder(document, below), sum(node.id != moved for node in around[:spot])


def _holder(document: Document, id: int) -> int | None:
    """The group something lies in."""
    found = arrange.node(document, id)
    return found.group if isinstance(found, Layer) else found.group.parent
