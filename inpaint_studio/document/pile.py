"""Layers and groups as the tree that a person sees, and as what lies over the photo.

A document keeps its layers in one tuple, bottom first; groups only name their parents. The tree
is made from that when it is needed: each run of layers in one group is a branch.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.imaging.composite import Overlay, OverlayGroup
from inpaint_studio.imaging.geometry import EMPTY_BOX, Box


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A group with what lies in it, bottom first."""

    group: Group
    members: "tuple[Node, ...]"

    @property
    def id(self) -> int:
        return self.group.id

    @property
    def name(self) -> str:
        return self.group.name


Node = Layer | Branch


def tree(layers: Sequence[Layer], groups: Iterable[Group]) -> tuple[Node, ...]:
    """What lies on the photo itself, bottom first; a group nobody has is as good as none."""
    known = {group.id: group for group in groups}
    paths = [(layer, path_to(layer.group, known.values())) for layer in layers]
    return _nodes(paths, 0)


def flat(nodes: Iterable[Node]) -> tuple[tuple[Layer, ...], tuple[Group, ...]]:
    """The layers and groups of a tree, each told where it lies now; empty groups are left out."""
    layers: list[Layer] = []
    groups: list[Group] = []
    _flatten(nodes, None, layers, groups)
    return tuple(layers), tuple(groups)


def path_to(group: int | None, groups: Iterable[Group]) -> tuple[Group, ...]:
    """The groups that something in `group` lies in, outermost first."""
    known = {item.id: item for item in groups}
    path: list[Group] = []
    while group is not None and group in known and known[group] not in path:
        path.insert(0, known[group])
        group = known[group].parent
    return tuple(path)


def common_group(layers: Sequence[Layer], groups: Iterable[Group]) -> int | None:
    """Id of the innermost group that all of these lie in; None where there is none."""
    known = tuple(groups)
    paths = [path_to(layer.group, known) for layer in layers]
    shared = [run[0] for run in zip(*paths, strict=False) if len(set(run)) == 1]
    return shared[-1].id if shared else None


def is_shown(layer: Layer, groups: Iterable[Group]) -> bool:
    """Whether anything of the layer can be seen: itself, and all groups it lies in."""
    holders = (layer, *path_to(layer.group, groups))
    return all(holder.visible and holder.opacity > 0 for holder in holders)


def overlays(nodes: Iterable[Node]) -> tuple[Overlay | OverlayGroup, ...]:
    """What can be seen of a tree, as the compositor takes it."""
    found: list[Overlay | OverlayGroup] = []
    for node in nodes:
        if isinstance(node, Layer):
            if node.visible and node.opacity > 0:
                found.append(Overlay(node.patch, node.opacity, node.blend, node.keep))
        elif node.group.visible and node.group.opacity > 0:
            members = overlays(node.members)
            whole = node.group.opacity >= 1
            found += members if whole else [OverlayGroup(members, node.group.opacity)]
    return tuple(found)


def layers_of(nodes: Iterable[Node]) -> Iterator[Layer]:
    """Every layer of a tree, bottom first."""
    for node in nodes:
        if isinstance(node, Layer):
            yield node
        else:
            yield from layers_of(node.members)


def box_of(nodes: Iterable[Node]) -> Box:
    """The smallest box around all layers of a tree."""
    box = EMPTY_BOX
    for layer in layers_of(nodes):
        box = box.union(layer.box)
    return box


def below(layers: Sequence[Layer], id: int) -> tuple[Layer, ...]:
    """The layers under that one. KeyError when there is none of that id."""
    for place, layer in enumerate(layers):
        if layer.id == id:
            return tuple(layers[:place])
    raise KeyError(id)


def with_instead(layers: Sequence[Layer], old: Layer, new: Layer) -> tuple[Layer, ...]:
    """The layers with another one in the place of `old`."""
    return tuple(new if layer is old else layer for layer in layers)


def _nodes(paths: Sequence[tuple[Layer, tuple[Group, ...]]], depth: int) -> tuple[Node, ...]:
    nodes: list[Node] = []
    runs = groupby(paths, key=lambda item: item[1][depth] if len(item[1]) > depth else None)
    for group, run in runs:
        if group is None:
            nodes += [layer for layer, _ in run]
        else:
            nodes.append(Branch(group, _nodes(list(run), depth + 1)))
    return tuple(nodes)


def _flatten(
    nodes: Iterable[Node], parent: int | None, layers: list[Layer], groups: list[Group]
) -> None:
    for node in nodes:
        if isinstance(node, Layer):
            layers.append(node if node.group == parent else replace(node, group=parent))
        elif any(True for _ in layers_of(node.members)):
            group = node.group
            groups.append(group if group.parent == parent else replace(group, parent=parent))
            _flatten(node.members, group.id, layers, groups)
