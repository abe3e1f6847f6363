"""The panels: what they show and what they ask for."""

import numpy as np
import pytest
from driving import open_path
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton, QStyleOptionViewItem

from inpaint_studio.document.commands import AddLayer, PaintMask
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer, Provenance
from inpaint_studio.engines.api import EdgeMap
from inpaint_studio.imaging.geometry import Box, Point, SizeRule
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.panels.edge_sheets import LONGEST, sheet_of
from inpaint_studio.ui.panels.edge_view import edge_image, edge_images
from inpaint_studio.ui.panels.edges import EdgesPanel
from inpaint_studio.ui.panels.fields import Caption
from inpaint_studio.ui.panels.fill import FillPanel, ModelEntry
from inpaint_studio.ui.panels.history import HistoryPanel
from inpaint_studio.ui.panels.layer_delegate import LayerDelegate
from inpaint_studio.ui.panels.layer_facts import duration
from inpaint_studio.ui.panels.layer_model import THUMBNAIL
from inpaint_studio.ui.panels.layers import LayersPanel
from inpaint_studio.ui.panels.section import Section
from inpaint_studio.ui.panels.thumbnails import SIDE, Thumbnails
from inpaint_studio.ui.theme import COLORS, INVENTED_EDGES, KNOWN_EDGES, style_sheet
from inpaint_studio.ui.welcome import Welcome
from inpaint_studio.ui.workspace import Workspace
from inpaint_studio.weights.card import ModelCard, WeightsFile

pytestmark = pytest.mark.gui


def card(name, engine="edgeconnect", good_at="Faces."):
    return ModelCard(
        name=name,
        title=f"Model {name}",
        engine=engine,
        files={"edges": WeightsFile(file="e.pth")},
        licence="MIT",
        commercial_use="yes",
        origin="tests",
        trained_on="nothing",
        good_at=good_at,
        size_rule=SizeRule(),
    )


def layer_of(document, name):
    patch = Patch(np.full((4, 4, 3), 7, np.uint8), np.full((4, 4), 255, np.uint8), Point(1, 1))
    made = Provenance(engine="pconv", title="Model x", device="cuda", seconds=1.25, seed=3)
    return Layer.from_patch(patch, id=document.new_layer_id(), name=name, provenance=made)


@pytest.fixture
def workspace(qapp):
    workspace = Workspace()
    yield workspace
    workspace.shut_down()


@pytest.fixture
def document(workspace, rgb):
    document = Document(Photo(rgb))
    workspace.set_document(document)
    return document


# Fill


@pytest.fixture
def fill(qtbot):
    panel = FillPanel()
    qtbot.addWidget(panel)
    panel.set_available(True)
    panel.set_models(
        {
            "edgeconnect": [
                ModelEntry(card("places"), ready=False),
                ModelEntry(card("faces"), True),
            ],
            "pconv": [ModelEntry(card("pc", "pconv", "Scratches."), ready=False)],
        },
        {},
    )
    return panel


def test_the_first_installed_model_is_chosen(fill):
    fill.choose("edgeconnect")
    assert fill.card.name == "faces"
    assert fill.is_ready


def test_the_model_used_last_is_chosen_again(fill):
    fill.choose("pconv")
    fill.set_models(
        {"edgeconnect": [ModelEntry(card("a"), True), ModelEntry(card("b"), True)]},
        {"edgeconnect": "b"},
    )
    fill.choose("edgeconnect")
    assert fill.card.name == "b"


def test_a_model_that_is_not_installed_says_so_and_is_not_ready(fill):
    fill.choose("pconv")
    assert "not installed" in fill.model.currentText()
    assert fill.summary.text() == "Scratches."
    assert not fill.is_ready


def test_engines_without_models_hide_the_model_and_are_ready(fill):
    fill.choose("telea")
    fill.show()
    assert not fill.model.isVisible()
    assert fill.card is None
    assert fill.is_ready
    assert "scratches" in fill.summary.text().lower()


def test_while_a_fill_runs_the_next_can_be_chosen_and_ordered(fill):
    fill.set_running(True)
    assert fill.fill.isEnabled()
    assert fill.fill.text() == "Fill Next"
    assert fill.engine.isEnabled()
    assert fill.stop.isEnabled()
    fill.set_running(False)
    assert fill.fill.text() == "Fill"
    assert not fill.stop.isEnabled()


def test_while_a_fill_runs_letters_do_not_choose_another_engine(qtbot, fill):
    fill.show()
    fill.activateWindow()
    fill.engine.setFocus()
    qtbot.waitUntil(fill.engine.hasFocus)
    fill.set_running(True)
    assert fill.stop.hasFocus()
    fill.set_running(False)
    assert fill.fill.hasFocus()


def test_without_a_photo_there_is_nothing_to_fill(fill):
    fill.set_available(False)
    assert not fill.fill.isEnabled()
    fill.set_running(False)
    assert not fill.fill.isEnabled()


def test_progress_shows_the_stage_and_how_far_it_is(fill):
    fill.set_running(True)
    fill.show_progress("Finding edges", 0.25)
    assert fill.stage.text() == "Finding edges"
    assert fill.bar.value() / fill.bar.maximum() == pytest.approx(0.25)
    fill.show_progress("Waiting", -1)
    assert fill.bar.maximum() == 0  # Qt's way of showing that it is not known


def test_fill_and_stop_ask(qtbot, fill):
    with qtbot.waitSignal(fill.fill_requested):
        fill.fill.click()
    fill.set_running(True)
    with qtbot.waitSignal(fill.stop_requested):
        fill.stop.click()


def test_feather_is_automatic_until_it_is_set(fill):
    assert fill.advanced.feather_px is None
    fill.advanced.feather.setValue(12)
    assert fill.advanced.feather_px == 12


def test_scrolling_over_a_field_does_not_change_it(qtbot, fill):
    fill.show()
    fill.fill.setFocus()
    for field in (fill.engine, fill.advanced.grow):
        before = field.property("currentIndex"), field.property("value")
        at = QPointF(5, 5)
        wheel = QWheelEvent(
            at,
            at,
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, wheel)
        assert (field.property("currentIndex"), field.property("value")) == before


def test_a_long_hint_makes_the_panel_higher_instead_of_being_cut_off(qtbot, fill):
    fill.resize(280, 400)
    fill.show()
    fill.show_hint("short")
    low = fill.stage.minimumSizeHint().height()
    fill.show_hint("a much longer sentence that needs more than one line " * 3)
    assert fill.stage.minimumSizeHint().height() > 2 * low


# Edges


WHOLE = Box(0, 0, 20, 30)


def edge_map(box=WHOLE):
    edges = np.zeros((20, 30), np.float32)
    edges[5], edges[15] = 1, 1
    hole = np.zeros((20, 30), bool)
    hole[10:] = True
    return EdgeMap(edges, hole, box)


@pytest.fixture
def edges(qtbot):
    panel = EdgesPanel()
    qtbot.addWidget(panel)
    panel.resize(280, 300)
    panel.show()
    return panel


def test_found_and_invented_edges_have_their_colours():
    image = edge_image(edge_map())
    assert image.pixelColor(3, 5) == QColor(KNOWN_EDGES)
    assert image.pixelColor(3, 15) == QColor(INVENTED_EDGES)
    assert image.pixelColor(3, 0).lightness() < 40


def test_a_map_appears_the_moment_it_is_there(edges):
    assert edges.hint.isVisible()
    assert edges.current is None
    found = edge_map()
    edges.add(found)
    assert not edges.hint.isVisible()
    assert edges.view.isVisible()
    assert edges.current is found


def test_one_area_is_not_counted_several_are(edges):
    edges.add(edge_map())
    assert not edges.next.isVisible()
    edges.add(edge_map(Box(50, 50, 70, 80)))
    assert edges.place.text() == "Area 2 of 2"
    edges.previous.click()
    assert edges.current.box == Box(0, 0, 20, 30)
    assert not edges.previous.isEnabled()


def test_a_newer_map_of_the_same_part_replaces_the_old(edges):
    edges.add(edge_map())
    newer = edge_map()
    edges.add(newer)
    assert edges.current is newer
    assert not edges.place.isVisible()


def test_captions_are_in_line_with_the_fields_they_name(fill):
    fill.resize(300, 600)
    fill.advanced.setVisible(True)
    fill.show()
    captions = fill.findChildren(Caption)
    assert len(captions) > 4
    for caption in captions:
        field = caption.buddy()
        if field.isVisible():
            assert abs(caption.geometry().center().y() - field.geometry().center().y()) <= 1


def test_a_new_fill_clears_the_maps(qtbot, edges):
    edges.add(edge_map())
    with qtbot.waitSignal(edges.maps_changed):
        edges.clear()
    assert edges.current is None
    assert edges.sheets == []
    assert edges.hint.isVisible()


def test_the_crops_of_one_hole_are_shown_as_one_map(edges):
    left, right = EdgeMap(*crop([2, 9]), Box(0, 0, 10, 20)), EdgeMap(*crop([3, 9]), OVERLAPPING)
    left.hole[:, 10:] = True
    right.hole[:, :10] = True
    edges.add(left)
    edges.add(edge_map(Box(500, 500, 520, 530)))  # another area
    edges.add(right)
    assert edges.place.text() == "Area 2 of 2"
    sheet = edges.current
    assert sheet.box == Box(0, 0, 10, 30)
    assert sheet.edges.shape == sheet.hole.shape == (10, 30)
    assert sheet.hole[0].tolist() == [False] * 10 + [True] * 10 + [False] * 10
    assert np.flatnonzero(sheet.edges[:, 15]).tolist() == [3, 9]  # the later crop's own
    assert np.flatnonzero(sheet.edges[:, 5]).tolist() == [2, 9]
    assert np.flatnonzero(sheet.edges[:, 25]).tolist() == [3, 9]


def test_maps_of_different_scale_make_a_sheet_as_fine_as_the_finest():
    coarse = EdgeMap(np.ones((5, 10), np.float32), np.zeros((5, 10), np.bool_), Box(0, 0, 10, 20))
    fine = EdgeMap(*crop([4]), Box(8, 0, 18, 20))
    sheet = sheet_of([coarse, fine])
    assert sheet.edges.shape == (18, 20)
    assert sheet.edges[:10].all()
    assert sheet.edges[12].all()
    assert not sheet.edges[13:].any()


def test_a_sheet_of_a_huge_area_stays_small():
    far = EdgeMap(*crop([4]), Box(0, 49_980, 10, 50_000))
    sheet = sheet_of([EdgeMap(*crop([4]), Box(0, 0, 10, 20)), far])
    assert max(sheet.edges.shape) <= LONGEST


OVERLAPPING = Box(0, 10, 10, 30)


def crop(rows):
    edges = np.zeros((10, 20), np.float32)
    edges[rows] = 1
    return edges, np.zeros((10, 20), np.bool_)


def test_a_thin_line_is_as_strong_on_a_smaller_map():
    edges = np.zeros((700, 1001), np.float32)
    edges[333] = 1
    hole = np.zeros(edges.shape, np.bool_)
    images = edge_images(EdgeMap(edges, hole, Box(0, 0, 700, 1001)))
    assert [image.width() for image in images] == [1001, 500, 250]
    assert images[2].pixelColor(100, 333 // 4) == QColor(KNOWN_EDGES)
    assert images[2].pixelColor(100, 333 // 4 + 1) != QColor(KNOWN_EDGES)


def test_the_map_can_be_zoomed_within_limits(edges):
    edges.add(edge_map())
    edges.view.zoom_to(4)
    assert edges.view.zoom == 4
    edges.view.zoom_to(0.1)
    assert edges.view.zoom == 1
    edges.view.zoom_to(1000)
    assert edges.view.zoom == 16
    assert not edges.view.grab().isNull()


def test_the_zoom_keys_belong_to_the_map_while_it_has_the_keyboard(qtbot, edges):
    edges.add(edge_map())
    edges.view.setFocus()
    qtbot.keyClick(edges.view, "+")
    qtbot.keyClick(edges.view, "+")
    assert edges.view.zoom == pytest.approx(1.5625)
    qtbot.keyClick(edges.view, "-")
    assert edges.view.zoom == pytest.approx(1.25)
    qtbot.keyClick(edges.view, "0")
    assert edges.view.zoom == 1


# History


@pytest.fixture
def history(qtbot, workspace):
    panel = HistoryPanel(workspace)
    qtbot.addWidget(panel)
    return panel


def names(history):
    return [history.steps.item(row).text() for row in range(history.steps.count())]


def test_every_step_is_named_after_the_opened_photo(history, workspace, document):
    assert names(history) == ["Opened"]
    workspace.push(AddLayer(layer_of(document, "First")))
    assert names(history) == ["Opened", "Add First"]
    assert history.steps.currentRow() == 1


def test_clicking_a_step_goes_there_and_dims_what_was_undone(history, workspace, document):
    for name in "abc":
        workspace.push(AddLayer(layer_of(document, name)))
    history.steps.setCurrentRow(1)
    assert [layer.name for layer in document.layers] == ["a"]
    shades = [history.steps.item(row).foreground().color().lightness() for row in range(4)]
    assert shades[0] == shades[1] > shades[2] == shades[3]
    history.steps.setCurrentRow(0)
    assert document.layers == ()
    history.steps.setCurrentRow(3)
    assert len(document.layers) == 3


def test_closing_the_photo_empties_the_history(history, workspace, document):
    workspace.close_document()
    assert names(history) == []


# Layers


@pytest.fixture
def layers(qtbot, workspace):
    window = QMainWindow()
    qtbot.addWidget(window)
    panel = LayersPanel(workspace, Actions(window))
    window.setCentralWidget(panel)
    window.show()
    yield panel
    window.close()


@pytest.fixture
def three(layers, workspace, document):
    for name in "abc":
        workspace.push(AddLayer(layer_of(document, name)))
    return layers


def shown(panel):
    return [panel.model.index(row).data() for row in range(panel.model.rowCount())]


def test_the_topmost_layer_comes_first_and_the_photo_last(three):
    assert shown(three) == ["c", "b", "a", "Photo"]
    assert three.list.currentIndex().data() == "c"


def test_the_tool_tip_says_how_a_layer_was_made(three):
    tip = three.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    for fact in ("pconv", "Model x", "CUDA", "1.25 s", "Seed: 3"):
        assert fact in tip


def test_every_row_shows_what_it_holds(three, document):
    image = three.model.index(0).data(THUMBNAIL)
    assert image.pixelColor(2, 2) == QColor(7, 7, 7)
    assert three.model.index(0).data(THUMBNAIL) is not None
    photo = three.model.index(3).data(THUMBNAIL)
    height, width = document.size
    assert photo.width() / photo.height() == pytest.approx(width / height, rel=0.05)
    assert not three.list.grab().isNull()


@pytest.mark.parametrize("size", [(1, 1), (200, 30_000), (3000, 2)])
def test_a_thumbnail_of_any_size_is_small(size):
    photo = Photo(np.full((*size, 1), 60_000, np.uint16))
    thumbnails = Thumbnails()
    thumbnails.show_photo(photo)
    image = thumbnails.of(photo)
    assert min(image.width(), image.height()) >= 1
    assert max(image.width(), image.height()) <= SIDE
    assert image.pixelColor(0, 0) == QColor(233, 233, 233)


def test_a_thumbnail_is_clear_where_nothing_is_filled():
    photo = Photo(np.zeros((90, 90, 3), np.uint8))
    alpha = np.zeros((40, 40), np.uint8)
    alpha[:, 20:] = 255
    thumbnails = Thumbnails()
    thumbnails.show_photo(photo)
    image = thumbnails.of(Patch(np.full((40, 40, 3), 90, np.uint8), alpha, Point(0, 0)))
    assert image.pixelColor(2, 2).alpha() == 0
    assert image.pixelColor(37, 2) == QColor(90, 90, 90)


def test_hiding_and_showing_is_an_undo_step(three, workspace, document):
    three.model.toggle(document.layers[1].id)
    assert not document.layers[1].visible
    assert document.history.titles[-1] == "Hide b"
    workspace.undo()
    assert document.layers[1].visible


def test_renaming_is_an_undo_step_and_empty_names_are_refused(three, document):
    index = three.model.index(0)
    assert three.model.setData(index, " Sky ")
    assert document.layers[2].name == "Sky"
    assert not three.model.setData(index, "   ")
    assert document.layers[2].name == "Sky"
    assert not three.model.setData(three.model.index(3), "x")  # the photo


@pytest.mark.parametrize(
    ("dragged", "before", "expected"),
    [(0, 2, "bca"), (2, 0, "acb"), (0, -1, "bac"), (1, 1, "cba"), (1, 2, "cba"), (0, 4, "bac")],
)
def test_dragging_reorders(three, document, dragged, before, expected):
    model = three.model
    data = model.mimeData([model.index(dragged)])
    model.dropMimeData(data, Qt.DropAction.MoveAction, before, 0, model.index(-1))
    assert "".join(reversed([layer.name for layer in document.layers])) == expected


def test_a_dragged_opacity_is_one_step(three, document):
    steps = len(document.history.titles)
    three.opacity.setSliderDown(True)
    three.opacity.setValue(80)
    three.opacity.setValue(60)
    three.opacity.setValue(40)
    three.opacity.setSliderDown(False)
    assert document.layers[2].opacity == pytest.approx(0.4)
    assert len(document.history.titles) == steps + 1
    three.opacity.setSliderDown(True)
    three.opacity.setValue(70)
    three.opacity.setSliderDown(False)
    assert len(document.history.titles) == steps + 2


def test_the_opacity_follows_the_chosen_layer(three, workspace, document):
    three.opacity.setValue(50)
    three.list.setCurrentIndex(three.model.index(1))
    assert workspace.active_layer.name == "b"
    assert three.opacity.value() == 100
    three.list.setCurrentIndex(three.model.index(0))
    assert three.share.text() == "50 %"


def test_mask_changes_leave_the_layers_alone(qtbot, three, workspace, document):
    mask = document.mask.copy()
    mask[:5] = 255
    with (
        qtbot.assertNotEmitted(three.model.dataChanged),
        qtbot.assertNotEmitted(three.model.modelReset),
    ):
        workspace.push(PaintMask.to(document, mask, title="x"))


# Sections


def test_a_section_folds_and_unfolds(qtbot):
    body = FillPanel()
    section = Section("Fill", body)
    qtbot.addWidget(section)
    section.show()
    section.header.click()
    assert not body.isVisible()
    assert not section.is_open
    section.set_open(True)
    assert body.isVisible()


# Colours


def luminance(name):
    """Relative luminance of a theme colour (WCAG 2.2)."""
    channels = QColor(COLORS.get(name, name)).getRgbF()[:3]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text, ground):
    bright, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["window", "panel", "sunken"])
@pytest.mark.parametrize("text", ["text", "muted", "faint", "accent", "warning", "good"])
def test_every_text_can_be_read(text, ground):
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *(("text", ground) for ground in ("raised", "hover", "selection", "notice")),
        *(("white", ground) for ground in ("primary", "primary_hover", "selection")),
        *(("accent", ground) for ground in ("notice", "problem")),
        ("muted", "raised"),
        ("muted", "notice"),
        ("problem_text", "problem"),
    ],
)
def test_every_text_can_be_read_on_its_own_ground(text, ground):
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("ground", ["window", "panel", "sunken"])
def test_what_is_to_be_ticked_and_what_has_the_keyboard_can_be_seen(ground):
    assert contrast("box", ground) >= 3
    assert contrast("accent", ground) >= 3


@pytest.mark.parametrize("size", [12, 18])
def test_the_style_sheet_has_a_value_for_every_name(size):
    assert "@" not in style_sheet(size).split("*/", 1)[1]
    assert f"font-size: {size * 3 // 2}px" in style_sheet(size)


def test_rows_of_layers_hold_both_lines_of_larger_text(qtbot):
    delegate, option = LayerDelegate(), QStyleOptionViewItem()
    assert delegate.sizeHint(option, QModelIndex()).height() == 40
    option.font.setPixelSize(24)
    assert delegate.sizeHint(option, QModelIndex()).height() > 55


def test_a_long_fill_is_told_in_minutes():
    assert duration(1.42) == "1.4 s"
    assert duration(12345.6) == "206 min"
    assert duration(0) == ""


def test_empty_panels_say_what_will_be_in_them(window, photo_path, qtbot):
    layers, history = window.column.layers, window.column.history
    assert layers.empty.isVisible()
    assert history.empty.isVisible()
    open_path(qtbot, window, photo_path)
    assert not layers.empty.isVisible()
    assert not history.empty.isVisible()


def test_recent_photos_are_called_as_they_are(qtbot, tmp_path):
    path = tmp_path / "old & new.jpg"
    path.write_bytes(b"")
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.show_recent([str(path)])
    [button] = [one for one in welcome.findChildren(QPushButton) if "old" in one.text()]
    assert button.text() == "old && new.jpg"
