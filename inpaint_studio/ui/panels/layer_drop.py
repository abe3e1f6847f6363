"""Where layers go that are dropped between two rows of the list or on a group, or moved by keys."""

from collections.abc import Collection, Iterable

from inpaint_studio.document import arrange
from inpaint_studio.document.commands import Arrange
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.pile import tree


def drop(
    document: Document,
    moved: Collection[int],
    *,
    below: int | None,
    into: bool = False,
    lowest: bool = False,
) -> Arrange | None:
    """The command that moves layers and groups just below `below`, or on top of what lies in it.

    `below` None is above all; `lowest` is below all, in no group. None where that changes nothing,
    or would put a group into itself.
    """
    group, place = (None, 0) if lowest else _target(document, moved, below, into=into)
    try:
        command = arrange.move_all(document, moved, parent=group, place=place)
    except (KeyError, ValueError):
        return None
    planned = command.held.planned(document)
    same = _shape(planned.layers, planned.groups or ()) == _shape(document.layers, document.groups)
    return None if same else command


def step_together(document: Document, ids: Collection[int], by: int) -> Arrange | None:
    """The command that moves several layers of one group one place up (+1) or down (-1) together.

    None where they lie in different groups, or there is nowhere to go.
    """
    spots = {id: arrange.siblings(document, id) for id in ids}
    around, spot = (max if by > 0 else min)(spots.values(), key=lambda found: found[1])
    if any(found[0] != around for found in spots.values()):
        return None
    place = sum(node.id not in ids for node in around[:spot]) + by
    if not 0 <= place <= len(around) - len(ids):
        return None
    holder = _holder(document, around[spot].id)
    return arrange.move_all(document, ids, parent=holder, place=place)


def _target(
    document: Document, moved: Collection[int], below: int | None, *, into: bool
) -> tuple[int | None, int]:
    """Which group, and which place in it without `moved`."""
    if below is None:
        nodes = tree(document.layers, document.groups)
        return None, sum(node.id not in moved for node in nodes)
    found = arrange.node(document, below)
    if into and not isinstance(found, Layer):
        return below, sum(node.id not in moved for node in found.members)
    around, spot = arrange.siblings(document, below)
    return _holder(document, below), sum(node.id not in moved for node in around[:spot])


def _shape(layers: Iterable[Layer], groups: Iterable[Group]) -> tuple[list[object], set[object]]:
    """What a move can change: which layer lies where, in which group."""
    return (
        [(layer.id, layer.group) for layer in layers],
        {(group.id, group.parent) for group in groups},
    )


def _holder(document: Document, id: int) -> int | None:
    """The group something lies in."""
    found = arrange.node(document, id)
    return found.group if isinstance(found, Layer) else found.group.parent
