"""Order, groups and copies: every command keeps the pile whole and goes back exactly."""

from dataclasses import replace

import numpy as np
import pytest

from inpaint_studio.document import arrange
from inpaint_studio.document.commands import AddLayer, MoveLayer, RemoveLayer, ReplaceLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.pile import Branch, below, flat, is_shown, tree
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo


@pytest.fixture
def document():
    document = Document(Photo(np.full((40, 40, 3), 50, np.uint8)))
    for number, name in enumerate("abcd"):
        pixels = np.full((10, 10, 3), 60 * number + 10, np.uint8)
        patch = Patch(pixels, np.full((10, 10), 255, np.uint8), Point(4 * number, 4 * number))
        layer = Layer(document.new_layer_id(), name, patch)
        document.history.push(document, AddLayer(layer))
    yield document
    document.close()


def do(document, command):
    return document.history.push(document, command)


def spelled(nodes):
    """For example "a(bc)d", bottom first; a group is named before its bracket."""
    return "".join(
        f"{node.name}({spelled(node.members)})" if isinstance(node, Branch) else node.name
        for node in nodes
    )


def pile(document):
    return spelled(tree(document.layers, document.groups))


def ids(document, names):
    by_name = {layer.name: layer.id for layer in document.layers}
    by_name |= {group.name: group.id for group in document.groups}
    return [by_name[name] for name in names]


def make_group(document, names, name="G"):
    command = arrange.group(document, ids(document, names), id=document.new_layer_id(), name=name)
    return do(document, command)


def test_a_group_is_made_where_its_topmost_layer_lies_and_taken_apart_again(document):
    make_group(document, "ac")
    assert pile(document) == "bG(ac)d"
    before = document.flatten()
    do(document, arrange.ungroup(document, ids(document, "G")[0]))
    assert pile(document) == "bacd"
    assert document.groups == ()
    assert np.array_equal(document.flatten(), before)
    document.history.undo(document)
    assert pile(document) == "bG(ac)d"
    document.history.undo(document)
    assert pile(document) == "abcd"


def test_groups_nest_and_move_with_what_is_in_them(document):
    make_group(document, "ab", "G")
    make_group(document, "Gc", "H")
    assert pile(document) == "H(G(ab)c)d"
    do(document, arrange.move(document, ids(document, "G")[0], parent=None, place=9))
    assert pile(document) == "H(c)dG(ab)"
    do(
        document,
        arrange.move(document, ids(document, "d")[0], parent=ids(document, "G")[0], place=1),
    )
    assert pile(document) == "H(c)G(adb)"
    group = ids(document, "G")[0]
    with pytest.raises(ValueError, match="in itself"):
        arrange.move(document, group, parent=group, place=0)


def test_several_move_together_and_keep_their_order(document):
    make_group(document, "b", "G")
    [a, b, d, g] = ids(document, "abdG")
    do(document, arrange.move_all(document, (d, a), parent=g, place=0))
    assert pile(document) == "G(adb)c"
    do(document, arrange.move_all(document, (a, d, b), parent=None, place=2))
    assert pile(document) == "cadb"  # an empty group is none
    with pytest.raises(KeyError):
        arrange.move_all(document, (99,), parent=None, place=0)


def test_several_are_hidden_in_one_step(document):
    make_group(document, "ab", "G")
    do(document, arrange.show(document, ids(document, "Gd"), shown=False))
    assert [layer.visible for layer in document.layers] == [True, True, True, False]
    assert [group.visible for group in document.groups] == [False]
    document.history.undo(document)
    assert all(holder.visible for holder in (*document.layers, *document.groups))


def test_steps_pass_groups_and_leave_their_own_at_its_end(document):
    make_group(document, "bc")
    assert pile(document) == "aG(bc)d"
    [a, b, c, d] = ids(document, "abcd")
    do(document, arrange.step(document, a, 1))
    assert pile(document) == "G(bc)ad"
    do(document, arrange.step(document, c, 1))
    assert pile(document) == "G(b)cad"
    do(document, arrange.step(document, b, -1))
    assert pile(document) == "bcad"
    assert arrange.step(document, b, -1) is None
    assert arrange.step(document, d, 1) is None


def test_the_last_layer_leaving_a_group_upwards_takes_its_place(document):
    make_group(document, "b")
    do(document, arrange.step(document, ids(document, "b")[0], 1))
    assert pile(document) == "abcd"


def test_a_copy_lies_above_and_shares_the_pixels(document):
    make_group(document, "bc")
    command, [copy] = arrange.duplicate(document, ids(document, "b"), name="{}2".format)
    do(document, command)
    assert pile(document) == "aG(bb2c)d"
    assert document.layer(copy).patch is document.layers[1].patch
    command, _ = arrange.duplicate(document, ids(document, "G"), name=lambda _: "K")
    do(document, command)
    assert pile(document) == "aG(bb2c)K(bb2c)d"
    assert len({layer.id for layer in document.layers} | {g.id for g in document.groups}) == 10


def test_copies_of_several_lie_together_above_the_topmost(document):
    make_group(document, "bc")
    command, copies = arrange.duplicate(document, ids(document, "ab"), name="{}2".format)
    do(document, command)
    assert pile(document) == "aG(ba2b2c)d"
    assert [document.layer(copy).name for copy in copies] == ["a2", "b2"]
    assert document.history.titles[-1] == "Duplicate 2 layers"


@pytest.mark.parametrize(
    ("names", "row"),
    [("bc", "bc"), ("cb", "bc"), ("Gd", "Gd"), ("GbC", "G"), ("ad", ""), ("ab", "")],
)
def test_neighbours_lie_next_to_each_other_in_one_group(document, names, row):
    make_group(document, "bc")
    wanted = [id for name in names if name != "C" for id in ids(document, name)]
    assert "".join(node.name for node in arrange.neighbours(document, wanted)) == row


def test_removing_all_of_a_group_removes_the_group(document):
    make_group(document, "bc")
    do(document, RemoveLayer(ids(document, "b")[0]))
    assert pile(document) == "aG(c)d"
    do(document, RemoveLayer(ids(document, "c")[0]))
    assert pile(document) == "ad"
    assert document.groups == ()
    document.history.undo(document)
    assert pile(document) == "aG(c)d"
    do(document, arrange.remove(document, ids(document, "Gd")))
    assert pile(document) == "a"


def test_hidden_and_faded_groups_hide_and_fade_their_layers(document):
    make_group(document, "cd")
    group = document.groups[0]
    shown = document.flatten()
    assert all(is_shown(layer, document.groups) for layer in document.layers)
    change = do(document, arrange.change_group(document, replace(group, visible=False), "Hide"))
    assert change.box == document.layers[2].box.union(document.layers[3].box)
    assert [is_shown(layer, document.groups) for layer in document.layers] == [
        True,
        True,
        False,
        False,
    ]
    assert (document.flatten()[20, 20] == 50).all()
    do(document, arrange.change_group(document, replace(group, opacity=0.5), "Opacity"))
    assert document.flatten()[20, 20, 0] == round((50 + 190) / 2)
    change = do(
        document, arrange.change_group(document, replace(group, opacity=0.5, name="X"), "Name")
    )
    assert change.box.is_empty
    document.history.jump(document, 5)
    assert np.array_equal(document.flatten(), shown)


def test_a_layer_moved_by_place_lies_in_its_neighbours_group(document):
    make_group(document, "bc")
    do(document, MoveLayer(ids(document, "d")[0], 2))
    assert pile(document) == "aG(bdc)"
    do(document, MoveLayer(ids(document, "b")[0], 9))
    assert pile(document) == "aG(dc)b"


def test_a_new_layer_may_be_put_into_a_group_by_replacing_others(document):
    new = Layer(document.new_layer_id(), "M", document.layers[0].patch)
    make_group(document, "bc")
    do(document, arrange.exchange(document, ids(document, "bc"), new, title="Merge"))
    assert pile(document) == "aG(M)d"
    new = replace(new, id=document.new_layer_id(), name="N")
    do(document, arrange.exchange_on_photo(document, ids(document, "aM"), new, title="Merge"))
    assert pile(document) == "Nd"


def test_what_lies_below_a_layer_of_a_faded_group_is_faded_too(document):
    make_group(document, "bc")
    do(document, arrange.change_group(document, replace(document.groups[0], opacity=0.5), "Fade"))
    [group] = document.overlays(below=ids(document, "c")[0])[1:]
    assert (group.opacity, len(group.members)) == (0.5, 1)
    assert below(document.layers, document.layers[0].id) == ()
    with pytest.raises(KeyError):
        below(document.layers, 99)


def test_damaged_groups_do_no_harm():
    """Two groups that claim to lie in each other, and one that nobody knows."""
    patch = Patch(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8), Point(0, 0))
    layers = [Layer(1, "a", patch, group=7), Layer(2, "b", patch, group=99)]
    groups = [Group(7, "G", parent=8), Group(8, "H", parent=7)]
    assert sorted(layer.name for layer in flat(tree(layers, groups))[0]) == ["a", "b"]


def test_arranging_is_refused_twice(document):
    command = arrange.remove(document, ids(document, "a"))
    do(document, command)
    document.history.undo(document)
    document.history.redo(document)
    assert pile(document) == "bcd"
    with pytest.raises(KeyError):
        arrange.node(document, 77)


def test_history_holds_only_what_differs(document):
    """A step about one layer keeps nothing of the others, and not even the pixels it left alone."""
    layer = document.layers[0]
    do(document, ReplaceLayer(replace(layer, opacity=0.5), "Opacity"))
    make_group(document, "bc")
    assert document.history.nbytes == 0
    do(document, RemoveLayer(layer.id))
    assert document.history.nbytes == layer.nbytes
