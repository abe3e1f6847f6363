"""What the Layer menu does in the window: copies, merging, groups, blend modes, reasons."""

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.document.pile import Branch, tree
from inpaint_studio.imaging.geometry import Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.panels.layer_delegate import parts_of
from inpaint_studio.ui.panels.layer_model import ROW, SUBTITLE

pytestmark = pytest.mark.gui
WAIT = 30_000


@pytest.fixture
def window(open_window, rgb):
    window = open_window(1200, 900)
    window.workspace.new_document(Photo(rgb))
    rng = np.random.default_rng(4)
    for number, name in enumerate("abc"):
        pixels = rng.integers(0, 256, (30, 40, 3)).astype(np.uint8)
        alpha = rng.choice(np.array([0, 130, 255], np.uint8), (30, 40))
        document = window.workspace.document
        patch = Patch(pixels, alpha, Point(10 * number, 15 * number))
        made = Provenance(engine=f"engine {name}")
        layer = Layer(document.new_layer_id(), name, patch, provenance=made)
        window.workspace.push(AddLayer(layer))
    return window


def spelled(nodes):
    return "".join(
        f"({spelled(node.members)})" if isinstance(node, Branch) else node.name for node in nodes
    )


def pile(window):
    document = window.workspace.document
    return spelled(tree(document.layers, document.groups))


def choose(window, *names):
    panel = window.column.layers
    document = window.workspace.document
    ids = [next(layer.id for layer in document.layers if layer.name == name) for name in names]
    panel.list.setCurrentIndex(panel.model.index(panel.model.row_of(ids[0])))
    for id in ids[1:]:
        index = panel.model.index(panel.model.row_of(id))
        panel.list.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)


def do(qtbot, window, action):
    """Trigger an action that works in the background, and wait for its step."""
    steps = window.workspace.document.history.index
    assert window.commands[action].isEnabled(), window.commands[action].toolTip()
    window.commands[action].trigger()
    qtbot.waitUntil(lambda: window.workspace.document.history.index > steps, timeout=WAIT)


def click(window, name, part):
    panel = window.column.layers
    rows = range(panel.model.rowCount() - 1)
    row = next(r for r in rows if panel.model.index(r).data(ROW).node.name == name)
    index = panel.model.index(row)
    area = panel.list.visualRect(index)
    at = parts_of(area, index.data(ROW))[part].center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_copy_lies_above_and_is_chosen(window):
    choose(window, "b")
    window.commands["layer_duplicate"].trigger()
    assert pile(window) == "abb copyc"
    assert window.workspace.active_layer.name == "b copy"
    window.workspace.undo()
    assert pile(window) == "abc"


def test_copies_of_several_are_selected_and_one_step(window):
    steps = window.workspace.document.history.index
    choose(window, "c", "a")
    window.commands["layer_duplicate"].trigger()
    assert pile(window) == "abca copyc copy"
    assert window.workspace.document.history.index == steps + 1
    panel = window.column.layers
    names = [window.workspace.document.layer(id).name for id in panel.list.selected_ids()]
    assert names == ["c copy", "a copy"]


def test_selected_neighbours_become_one_layer(qtbot, window):
    document = window.workspace.document
    before = document.flatten().astype(int)
    choose(window, "b", "c", "a")
    do(qtbot, window, "layer_merge_down")
    assert pile(window) == "c"
    assert document.history.titles[-1] == "Merge 3 layers"
    assert np.abs(document.flatten().astype(int) - before).max() <= 2
    assert [made.engine for made in document.layers[0].provenance.sources()][-1] == "engine c"
    window.workspace.undo()
    choose(window, "c", "a")
    assert not window.commands["layer_merge_down"].isEnabled()
    assert "next to each other" in window.commands["layer_merge_down"].toolTip()
    choose(window, "c", "b")
    assert window.commands["layer_merge_down"].isEnabled()


def test_merging_down_keeps_the_look_and_the_record(qtbot, window):
    document = window.workspace.document
    before = document.flatten().astype(int)
    choose(window, "c")
    do(qtbot, window, "layer_merge_down")
    assert pile(window) == "ab"
    assert np.abs(document.flatten().astype(int) - before).max() <= 2
    merged = document.layers[1]
    assert [made.engine for made in merged.provenance.sources()] == ["engine b", "engine c"]
    choose(window, "a")
    assert not window.commands["layer_merge_down"].isEnabled()
    assert "no layer below" in window.commands["layer_merge_down"].toolTip()


@pytest.mark.parametrize(
    ("action", "left"), [("layer_merge_visible", "bMerged"), ("layer_flatten", "Flattened")]
)
def test_merging_all_keeps_the_picture_bit_for_bit(qtbot, window, action, left):
    document = window.workspace.document
    choose(window, "b")
    window.commands["layer_toggle"].trigger()
    before = document.flatten()
    do(qtbot, window, action)
    assert pile(window) == left
    assert np.array_equal(document.flatten(), before)
    window.workspace.undo()
    assert pile(window) == "abc"


def test_selected_layers_become_a_group_that_can_be_taken_apart(qtbot, window):
    choose(window, "c", "a")
    window.commands["layer_group"].trigger()
    assert pile(window) == "b(ac)"
    group = window.workspace.active_group
    assert group.name == "Group 1"
    assert not window.commands["layer_mask"].isEnabled()
    assert not window.column.layers.blend.isEnabled()
    window.column.layers.opacity.setValue(40)
    assert window.workspace.active_group.opacity == pytest.approx(0.4)
    do(qtbot, window, "layer_merge_down")
    assert pile(window) == "bGroup 1"
    window.workspace.undo()
    window.workspace.set_active_layer(group.id)
    window.commands["layer_ungroup"].trigger()
    assert pile(window) == "bac"


def test_folding_a_group_hides_its_rows_and_choosing_a_layer_in_it_unfolds(window):
    choose(window, "b", "a")
    window.commands["layer_group"].trigger()
    panel = window.column.layers
    rows = panel.model.rowCount()
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Left)
    assert panel.model.rowCount() == rows - 2
    window.workspace.set_active_layer(window.workspace.document.layers[0].id)
    assert panel.model.rowCount() == rows
    assert panel.list.currentIndex().data() == "a"


def test_blend_modes_are_steps_and_are_named_in_the_row(window):
    choose(window, "b")
    panel = window.column.layers
    panel.blend.setCurrentIndex(1)
    panel.blend.activated.emit(1)
    document = window.workspace.document
    assert document.layers[1].blend == "luminosity"
    assert document.history.titles[-1] == "b: blend Luminosity"
    assert "Luminosity" in panel.list.currentIndex().data(SUBTITLE)
    choose(window, "c")
    assert panel.blend.currentData() == "normal"
    window.workspace.undo()
    assert document.layers[1].blend == "normal"


def test_parts_of_a_row_can_be_clicked(window):
    document = window.workspace.document
    click(window, "b", "eye")
    assert not document.layers[1].visible
    choose(window, "b")
    window.commands["layer_lock"].trigger()
    assert document.layers[1].locked
    click(window, "b", "lock")
    assert not document.layers[1].locked
    choose(window, "b", "a")
    window.commands["layer_group"].trigger()
    click(window, "Group 1", "fold")
    assert window.column.layers.model.rowCount() == 3


def test_a_locked_layer_stays_where_it_is(window):
    choose(window, "b")
    window.commands["layer_lock"].trigger()
    for action in ("layer_delete", "layer_up", "layer_down", "layer_merge_down", "layer_mask"):
        assert not window.commands[action].isEnabled(), action
        assert "locked" in window.commands[action].toolTip(), action
    panel = window.column.layers
    index = panel.list.currentIndex()
    assert not panel.model.flags(index) & Qt.ItemFlag.ItemIsDragEnabled
    window.commands["layer_lock"].trigger()
    assert window.commands["layer_delete"].isEnabled()


def test_several_layers_are_deleted_as_one_step(window):
    steps = window.workspace.document.history.index
    choose(window, "c", "a")
    window.commands["layer_delete"].trigger()
    assert pile(window) == "b"
    assert window.workspace.document.history.index == steps + 1
    assert window.workspace.active_layer.name == "b"


def test_plain_pixels_look_the_same_and_forget(window):
    choose(window, "b")
    window.commands["layer_mask"].trigger()
    window.parts.keeps._fill(120, "Half of {0}")
    before = window.workspace.document.flatten()
    window.commands["layer_plain"].trigger()
    layer = window.workspace.document.layers[1]
    assert (layer.keep, layer.recipe, layer.edges) == (None, None, None)
    assert np.array_equal(window.workspace.document.flatten(), before)
    assert not window.commands["layer_plain"].isEnabled()


def test_dragging_into_a_group_and_out_of_it(window):
    choose(window, "b", "a")
    window.commands["layer_group"].trigger()
    assert pile(window) == "(ab)c"
    model = window.column.layers.model
    drop = model.dropMimeData
    data = model.mimeData([model.index(0)])  # c
    drop(data, Qt.DropAction.MoveAction, -1, -1, model.index(1))  # on the group
    assert pile(window) == "(abc)"
    data = model.mimeData([model.index(2)])  # b
    drop(data, Qt.DropAction.MoveAction, 0, 0, model.index(-1))
    assert pile(window) == "(ac)b"
    data = model.mimeData([model.index(1)])  # the group, into itself
    drop(data, Qt.DropAction.MoveAction, 2, 0, model.index(-1))
    assert pile(window) == "(ac)b"


def drag(window, names, *, to=-1, on=None):
    """Drop these rows above row `to`, or on row `on`."""
    panel = window.column.layers
    rows = range(panel.model.rowCount() - 1)
    dragged = [panel.model.index(r) for r in rows if panel.model.index(r).data() in names]
    parent = panel.model.index(-1 if on is None else on)
    action = Qt.DropAction.MoveAction
    panel.model.dropMimeData(panel.model.mimeData(dragged), action, to, 0, parent)


def selected(window):
    panel = window.column.layers
    names = [panel.model.index(panel.model.row_of(id)).data() for id in panel.list.selected_ids()]
    return "".join(reversed(names))


@pytest.mark.parametrize(
    ("names", "to", "expected"),
    [("ac", 1, "bac"), ("ac", -1, "acb"), ("ab", 0, "cab"), ("bc", 3, "bca"), ("abc", 1, "abc")],
)
def test_several_layers_are_dragged_at_once_and_stay_selected(window, names, to, expected):
    choose(window, *names)
    steps = window.workspace.document.history.index
    drag(window, names, to=to)
    assert pile(window) == expected
    moved = expected != "abc"
    assert window.workspace.document.history.index == steps + moved
    assert selected(window) == names
    if moved:
        assert window.workspace.document.history.titles[-1] == f"Move {len(names)} layers"
        window.workspace.undo()
        assert pile(window) == "abc"


def test_several_layers_are_dragged_into_a_group(window):
    choose(window, "b")
    window.commands["layer_group"].trigger()
    choose(window, "c", "a")
    drag(window, "ac", on=1)
    assert pile(window) == "(bac)"
    drag(window, ["Group 1", "a"], on=0)  # a group never goes into itself
    assert pile(window) == "(bac)"


@pytest.mark.parametrize("where", [{"on": 4}, {"to": -1}, {"to": 5}])
def test_layers_leave_a_group_that_lies_lowest_by_the_photo(window, where):
    choose(window, "b", "a")
    window.commands["layer_group"].trigger()
    assert pile(window) == "(ab)c"
    drag(window, "b", **where)
    assert pile(window) == "b(a)c"
    drag(window, "c", to=3)  # just below the last of the group: into it
    assert pile(window) == "b(ca)"


def test_keys_move_and_hide_all_that_is_selected(window):
    choose(window, "b", "a")
    window.commands["layer_up"].trigger()
    assert pile(window) == "cab"
    window.commands["layer_down"].trigger()
    assert pile(window) == "abc"
    window.commands["layer_toggle"].trigger()
    assert [layer.visible for layer in window.workspace.document.layers] == [False, False, True]
    assert window.workspace.document.history.titles[-1] == "Hide 2 layers"
    assert selected(window) == "ab"
    window.commands["layer_toggle"].trigger()
    assert all(layer.visible for layer in window.workspace.document.layers)


def test_ctrl_click_takes_layers_in_and_out_of_the_selection(window):
    choose(window, "a")
    for name, expected in (("c", "ac"), ("b", "abc"), ("c", "ab"), ("b", "a")):
        ctrl_click(window, name)
        assert selected(window) == expected
        assert window.workspace.active_layer.name in expected
    ctrl_click(window, "b")
    window.commands["layer_group"].trigger()
    assert pile(window) == "(ab)c"


def ctrl_click(window, name):
    panel = window.column.layers
    rows = range(panel.model.rowCount() - 1)
    row = next(r for r in rows if panel.model.index(r).data(ROW).node.name == name)
    at = panel.list.visualRect(panel.model.index(row)).center()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, control, at)


def test_without_layers_every_action_says_why_not(window):
    window.workspace.new_document(Photo(np.zeros((40, 40, 3), np.uint8)))
    for name in ("layer_delete", "layer_merge_visible", "fill_edit", "layer_mask", "layer_group"):
        assert not window.commands[name].isEnabled(), name
        assert "no layer yet" in window.commands[name].toolTip(), name


def test_the_context_menu_names_reasons_and_the_tooltips_name_parts(window):
    choose(window, "a")
    menu = window.column.layers.list.make_menu()
    assert menu.toolTipsVisible()
    texts = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert {"Edit Fill", "Run Again", "Merge Down", "Convert to Plain Pixels"} <= set(texts)
    menu.deleteLater()


def test_renaming_while_renaming_goes_on_with_it(window, qtbot):
    for _ in range(2):  # Qt warns about a second editor
        window.commands["layer_rename"].trigger()
    editor = window.column.layers.list.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "Sky")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: pile(window) == "abSky", timeout=WAIT)


def test_a_dialog_to_save_with_is_gone_once_it_is_closed(window, qtbot):
    window.parts.projects.save_as()
    window.findChild(QFileDialog).reject()
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None, timeout=WAIT)
