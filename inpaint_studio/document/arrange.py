"""Everything that is done to more than one layer at once: order, groups, copies.

Each function makes one command for the document as it is; it must be pushed before another.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from inpaint_studio.document.commands import Arrange
from inpaint_studio.document.held import Edit
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.pile import Branch, Node, box_of, flat, tree
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box

if TYPE_CHECKING:
    from inpaint_studio.document.document import Document


def node(document: "Document", id: int) -> Node:
    """The layer or group of that id with what is in it. KeyError when there is none."""
    around, place, _ = _find(_tree(document), id)
    return around[place]


def siblings(document: "Document", id: int) -> tuple[tuple[Node, ...], int]:
    """What lies in the same group (or on the photo), bottom first, and which of it is `id`."""
    around, place, _ = _find(_tree(document), id)
    return around, place


def move(document: "Document", id: int, *, parent: int | None, place: int) -> Arrange:
    """Put a layer or group into group `parent` (None: none), at `place` among what is there
    without it, 0 at the bottom. ValueError when that would put a group into itself.
    """
    return move_all(document, (node(document, id).id,), parent=parent, place=place)


def move_all(
    document: "Document", ids: Collection[int], *, parent: int | None, place: int
) -> Arrange:
    """The same with several, which keep their order and lie next to each other then."""
    nodes = _tree(document)
    picked = _picked(nodes, ids)
    if not picked:
        raise KeyError(ids)
    if parent is not None and parent in _ids(picked):
        raise ValueError("a group cannot lie in itself")
    after = nodes
    for item in picked:
        after = _exchanged(after, item.id, ())
    for number, item in enumerate(picked):
        after = _inserted(after, item, parent, place + number)
    return _command(f"Move {_named(picked)}", after, _named(picked), box_of(picked))


def step(document: "Document", id: int, by: int) -> Arrange | None:
    """Move a layer or group one place up (+1) or down (-1); at the end of its group, out of it.
    None where there is nowhere to go.
    """
    around, place, parent = _find(_tree(document), id)
    if 0 <= place + by < len(around):
        return move(document, id, parent=parent, place=place + by)
    if parent is None:
        return None
    outer, spot, above = _find(_tree(document), parent)
    gone = len(around) == 1  # the group it leaves is empty then, and no longer counts
    target = spot + (1 if by > 0 and not gone else 0)
    return move(document, id, parent=above, place=min(target, len(outer)))


def group(document: "Document", ids: Collection[int], *, id: int, name: str) -> Arrange:
    """Put layers and groups into a new group `id`, where the topmost of them lies."""
    nodes = _tree(document)
    picked = _picked(nodes, ids)
    around, place, parent = _find(nodes, picked[-1].id)
    left = [item for item in around[: place + 1] if item not in picked]
    for item in picked:
        nodes = _exchanged(nodes, item.id, ())
    branch = Branch(Group(id, name), tuple(picked))
    after = _inserted(nodes, branch, parent, len(left))
    return _command(f"Group {name}", after, name, box_of(picked))


def ungroup(document: "Document", id: int) -> Arrange:
    """Take a group's layers out of it, in their places; its own opacity is lost."""
    found = node(document, id)
    if not isinstance(found, Branch):
        raise KeyError(id)
    after = _exchanged(_tree(document), id, found.members)
    return _command(f"Ungroup {found.name}", after, found.name, box_of((found,)))


def duplicate(
    document: "Document", ids: Collection[int], *, name: Callable[[str], str]
) -> tuple[Arrange, list[int]]:
    """Copy layers, and groups with all in them, to just above the topmost of them; `name` gives
    the copy of each its name. And the ids of the copies, bottom first.
    """
    nodes = _tree(document)
    picked = _picked(nodes, ids)
    copies = [_copied(item, document.new_layer_id, name(item.name)) for item in picked]
    after = _exchanged(nodes, picked[-1].id, (picked[-1], *copies))
    command = _command(f"Duplicate {_named(picked)}", after, _named(copies), box_of(picked))
    return command, [copy.id for copy in copies]


def neighbours(document: "Document", ids: Collection[int]) -> tuple[Node, ...]:
    """Layers and groups that lie next to each other, bottom first; empty if something lies between
    them, or only some of them lie in a group.
    """
    picked = _picked(_tree(document), ids)
    around, place = siblings(document, picked[0].id)
    row = around[place : place + len(picked)]
    return row if [item.id for item in row] == [item.id for item in picked] else ()


def remove(document: "Document", ids: Collection[int], *, title: str = "") -> Arrange:
    """Take layers and groups away."""
    nodes = _tree(document)
    picked = _picked(nodes, ids)
    for item in picked:
        nodes = _exchanged(nodes, item.id, ())
    name = _named(picked)
    return _command(title or f"Delete {name}", nodes, name, box_of(picked))


def change_group(document: "Document", group: Group, title: str) -> Arrange:
    """Give a group another name, opacity or visibility."""
    found = node(document, group.id)
    if not isinstance(found, Branch):
        raise KeyError(group.id)
    after = _exchanged(_tree(document), group.id, (Branch(group, found.members),))
    named = replace(found.group, name=group.name) == group
    return _command(title, after, group.name, EMPTY_BOX if named else box_of((found,)))


def show(document: "Document", ids: Collection[int], *, shown: bool) -> Arrange:
    """Show or hide layers and groups."""
    nodes = _tree(document)
    picked = _picked(nodes, ids)
    for item in picked:
        if isinstance(item, Layer):
            new: Node = replace(item, visible=shown)
        else:
            new = Branch(replace(item.group, visible=shown), item.members)
        nodes = _exchanged(nodes, item.id, (new,))
    title = f"{'Show' if shown else 'Hide'} {_named(picked)}"
    return _command(title, nodes, _named(picked), box_of(picked))


def add(document: "Document", layers: Sequence[Layer], *, title: str) -> Arrange:
    """Put layers on top of all others, the last of them topmost."""
    after = (*_tree(document), *layers)
    return _command(title, after, layers[-1].name, box_of(layers))


def choose(
    document: "Document",
    shown: Sequence[int],
    *,
    hidden: Collection[int],
    gone: Collection[int],
    title: str,
) -> Arrange:
    """Show one or more of several layers, hide some of the others and take the rest away."""
    nodes = _tree(document)
    box = box_of(_picked(nodes, (*shown, *hidden, *gone)))
    for item in _picked(nodes, (*shown, *hidden)):
        if isinstance(item, Layer):
            nodes = _exchanged(nodes, item.id, (replace(item, visible=item.id in shown),))
    for id in gone:
        nodes = _exchanged(nodes, id, ())
    return _command(title, nodes, document.layer(shown[0]).name, box)


def exchange(document: "Document", ids: Sequence[int], new: Layer, *, title: str) -> Arrange:
    """Put `new` where the last of `ids` lies, and take all of them away."""
    nodes = _tree(document)
    box = box_of(_picked(nodes, ids)).union(new.box)
    nodes = _exchanged(nodes, ids[-1], (new,))
    for id in ids[:-1]:
        nodes = _exchanged(nodes, id, ())
    return _command(title, nodes, new.name, box)


def exchange_on_photo(
    document: "Document", ids: Sequence[int], new: Layer, *, title: str
) -> Arrange:
    """The same, but `new` lies in no group: just above what holds the last of `ids`."""
    nodes = _tree(document)
    box = box_of(_picked(nodes, ids)).union(new.box)
    place = next(spot for spot, item in enumerate(nodes) if ids[-1] in _ids((item,)))
    nodes = _inserted(nodes, new, None, place + 1)
    for id in ids:
        nodes = _exchanged(nodes, id, ())
    return _command(title, nodes, new.name, box)


def _named(picked: Sequence[Node]) -> str:
    """What the history calls them."""
    return picked[-1].name if len(picked) == 1 else f"{len(picked)} layers"


def _tree(document: "Document") -> tuple[Node, ...]:
    return tree(document.layers, document.groups)


def _command(title: str, nodes: Iterable[Node], name: str, box: Box) -> Arrange:
    layers, groups = flat(nodes)
    return Arrange(title, Edit(layers, name, box, groups))


def _find(nodes: tuple[Node, ...], id: int) -> tuple[tuple[Node, ...], int, int | None]:
    """The siblings of a node, its place among them, and the group they lie in."""
    found = _search(nodes, id, None)
    if found is None:
        raise KeyError(id)
    return found


def _search(
    nodes: tuple[Node, ...], id: int, parent: int | None
) -> tuple[tuple[Node, ...], int, int | None] | None:
    for place, item in enumerate(nodes):
        if item.id == id:
            return nodes, place, parent
        if isinstance(item, Branch):
            found = _search(item.members, id, item.id)
            if found is not None:
                return found
    return None


def _picked(nodes: Iterable[Node], ids: Collection[int]) -> list[Node]:
    """The nodes of these ids, bottom first; what lies in one of them comes with it."""
    found: list[Node] = []
    for item in nodes:
        if item.id in ids:
            found.append(item)
        elif isinstance(item, Branch):
            found += _picked(item.members, ids)
    return found


def _ids(nodes: Iterable[Node]) -> set[int]:
    found: set[int] = set()
    for item in nodes:
        found.add(item.id)
        if isinstance(item, Branch):
            found |= _ids(item.members)
    return found


def _exchanged(nodes: Iterable[Node], id: int, new: Sequence[Node]) -> tuple[Node, ...]:
    """The tree with `new` in place of one node."""
    after: list[Node] = []
    for item in nodes:
        if item.id == id:
            after += new
        elif isinstance(item, Branch):
            after.append(Branch(item.group, _exchanged(item.members, id, new)))
        else:
            after.append(item)
    return tuple(after)


def _inserted(
    nodes: tuple[Node, ...], new: Node, parent: int | None, place: int
) -> tuple[Node, ...]:
    if parent is None:
        place = min(max(place, 0), len(nodes))
        return (*nodes[:place], new, *nodes[place:])
    return tuple(
        Branch(
            item.group, _inserted(item.members, new, None if item.id == parent else parent, place)
        )
        if isinstance(item, Branch) and parent in _ids((item,))
        else item
        for item in nodes
    )


def _copied(found: Node, new_id: Callable[[], int], name: str) -> Node:
    if isinstance(found, Layer):
        return replace(found, id=new_id(), name=name)
    members = tuple(_copied(item, new_id, item.name) for item in found.members)
    return Branch(replace(found.group, id=new_id(), name=name), members)
