"""Everything that can be used can be reached: by Tab in reading order, by a name, by its letter."""

import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
from driving import add_layer, paint_mask
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QFont, QFontInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)
from shiboken6 import isValid

import inpaint_studio.ui
from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.layer import FillRecipe, Layer
from inpaint_studio.engines.api import EdgeMap
from inpaint_studio.imaging.edge_drawing import EdgeDrawing, EdgeSheet
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch
from inpaint_studio.project.recovery import Leftover
from inpaint_studio.ui.canvas.view import CanvasView
from inpaint_studio.ui.compare_grid import Candidate, CompareGrid
from inpaint_studio.ui.dialogs.amount import AmountDialog
from inpaint_studio.ui.dialogs.consent import ConsentDialog
from inpaint_studio.ui.dialogs.unsaved import UnsavedQuestion
from inpaint_studio.ui.fill_request import FillChoice
from inpaint_studio.ui.palette import Palette
from inpaint_studio.ui.panels.fields import NumberField
from inpaint_studio.ui.theme import style_sheet

pytestmark = pytest.mark.gui

LARGER = 1.5
SLACK = 3
"""Pixels by which neighbours in a row or column may overlap."""
LONG = "a_very_long_file_name_without_any_spaces_in_it_that_a_scanner_gave_to_it_0000017.tif"


# What is checked, for any window: each gives a list of what is wrong


def controls(root):
    """What the keyboard is to reach now, in the order in which Tab does."""
    found, widget = [], root
    while True:
        widget = widget.nextInFocusChain()
        if widget is root or widget is None:
            return found
        if root.isAncestorOf(widget) and _is_control(widget):
            found.append(widget)


def _is_control(widget):
    if not (widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None):
        return False
    if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return False
    inside = (QComboBox, QAbstractSpinBox, QKeySequenceEdit)
    return not isinstance(widget.parent(), inside) and widget.window() is not widget


def called(widget):
    """What a screen reader says."""
    name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    return name.replace("&", "").strip()


def told(widget):
    """How a failed check tells of it."""
    name = called(widget) or widget.objectName() or widget.toolTip()
    return f"{type(widget).__name__} “{name}”"


def wrong(root, *checks):
    """All that these checks find, a line each."""
    return "\n".join(f"{check.__name__}: {found}" for check in checks for found in check(root))


def nameless(root):
    return [told(one) for one in controls(root) if not called(one)]


def unexplained(root):
    captioned = {label.buddy() for label in root.findChildren(QLabel)}
    return [
        told(one)
        for one in controls(root)
        if not (one.toolTip() or one.accessibleDescription() or one in captioned)
        and not getattr(one, "text", str)()
    ]


def place(widget, root):
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


def comes_before(one, other):
    """Whether the eye meets `one` before `other`: left of it in a row, or above it."""
    height = min(one.bottom(), other.bottom()) - max(one.top(), other.top())
    if height > min(one.height(), other.height()) / 2:
        return one.right() <= other.left() + SLACK
    width = min(one.right(), other.right()) - max(one.left(), other.left())
    return width > SLACK and one.bottom() <= other.top() + SLACK


def out_of_order(root):
    chain = controls(root)
    places = [place(one, root) for one in chain]
    return [
        f"{told(chain[later])} after {told(chain[earlier])}"
        for earlier in range(len(chain))
        for later in range(earlier + 1, len(chain))
        if comes_before(places[later], places[earlier])
    ]


def letters(root):
    """The letters that are pressed with Alt, with what has them."""
    texts = []
    for label in root.findChildren(QLabel):
        if label.buddy() is not None and label.isVisible():
            texts.append(label.text())
    for kind in (QAbstractButton, QGroupBox):
        for one in root.findChildren(kind):
            if one.isVisible():
                texts.append(one.text() if isinstance(one, QAbstractButton) else one.title())
    bar = root.menuBar() if hasattr(root, "menuBar") else None
    texts += [action.text() for action in bar.actions()] if bar is not None else []
    return [(match[1].lower(), text) for text in texts if (match := _LETTER.search(text))]


_LETTER = re.compile(r"(?<!&)(?:&&)*&(\w)")


def clashing(root):
    seen, wrong = {}, []
    for letter, text in letters(root):
        if letter in seen and seen[letter] != text:
            wrong.append(f"Alt+{letter}: {seen[letter]} and {text}")
        seen[letter] = text
    return wrong


def cut_off(root):
    """Labels and buttons that are smaller than what is written on them."""
    wrong = []
    for kind in (QLabel, QAbstractButton):
        for one in root.findChildren(kind):
            if one.isVisible() and one.text() and not _shortens_itself(one):
                wrong += [f"{told(one)}: {one.size()} of {_needed(one)}"] if _is_small(one) else []
    return wrong


def _shortens_itself(widget):
    """Those that show what there is room for, and the rest as a tool tip."""
    return widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored


def _needed(widget):
    hint = widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        hint.setWidth(0)
        if widget.hasHeightForWidth():
            hint.setHeight(widget.heightForWidth(widget.width()))
    return hint


def _is_small(widget):
    needed = _needed(widget)
    return needed.width() > widget.width() + 1 or needed.height() > widget.height() + 1


def unseen_focus(root):
    """Those whose rim looks the same with the keyboard and without."""
    chain, wrong = controls(root), []
    for one, other in zip(chain, chain[1:] + chain[:1], strict=True):
        one.clearFocus()
        other.setFocus(Qt.FocusReason.TabFocusReason)
        if other is one:
            one.clearFocus()
        without = _rim(one)
        one.setFocus(Qt.FocusReason.TabFocusReason)
        if _rim(one) == without and not seen_by_itself(one):
            wrong.append(told(one))
    return wrong


def seen_by_itself(widget):
    """The photo, where the keyboard rests: a line round it would be taken for a part of it."""
    return isinstance(widget, CanvasView)


def _rim(widget):
    image = widget.grab().toImage()
    wide, high = image.width(), image.height()
    strips = (QRect(0, 0, wide, 3), QRect(0, high - 3, wide, 3), QRect(0, 0, 3, high))
    return [bytes(image.copy(strip).constBits()) for strip in strips]


# Every dialog there is


def by_action(action):
    def show(window):
        before = set(window.findChildren(QDialog))
        window.commands[action].trigger()
        return next(one for one in window.findChildren(QDialog) if one not in before)

    return show


def consent(window):
    card = next(card for card in window.library().cards() if card.commercial_use != "yes")
    return ConsentDialog(window, card, agreed=lambda: None)


def unsaved(window):
    return UnsavedQuestion(window, name=LONG)


def amount(window):
    return AmountDialog(window, title="Grow", label="Grow by", value=4, chosen=print)


def grid(window):
    source, size = window.canvas.scene.store.source, window.workspace.document.size
    add_layer(window)
    layer, names = window.workspace.active_layer, ["PatchMatch", LONG, "Telea & others"]
    dialog = CompareGrid(window, names, base=source, size=size, hole=Box(20, 30, 40, 60))
    for number, name in enumerate(names[:2]):
        dialog.show_made(number, Candidate(name, layer, 1.5, source))
    dialog.show_failed(2, f"There is not enough memory for {LONG}: choose the processor.")
    return dialog


def named_masks(window):
    dialog = by_action("named_masks")(window)
    for name in ("Sky", LONG):
        dialog.name.setText(name)
        dialog.keep()
    return dialog


def export_to(kind):
    def show(window):
        dialog = by_action("export")(window)
        dialog.choose_format(kind)
        return dialog

    return show


DIALOGS = {
    "about": (by_action("about"), "Close"),
    "amount": (amount, "Grow"),
    "consent": (consent, "Agree"),
    "export png": (export_to("png"), "Export"),
    "export jpeg": (export_to("jpeg"), "Export"),
    "export tiff": (export_to("tiff"), "Export"),
    "export webp": (export_to("webp"), "Export"),
    "grid": (grid, "Keep"),
    "models": (by_action("models"), ""),
    "named masks": (named_masks, "Store"),
    "preferences": (by_action("preferences"), "OK"),
    "shortcuts": (by_action("shortcuts"), ""),
    "unsaved": (unsaved, "Save Project"),
    "compare engines": (by_action("compare_engines"), "Run"),
    **{
        action: (by_action(action), "OK")
        for action in ("mask_feather", "mask_smooth", "mask_border", "select_similar")
    },
    **{action: (by_action(action), "OK") for action in ("select_range", "select_defects")},
}
"""What shows each, and its default button: what Enter does."""


@pytest.fixture
def masked(scripted_window):
    scripted_window.setStyleSheet(style_sheet(QFontInfo(QApplication.font()).pixelSize()))
    scripted_window.resize(1100, 700)
    paint_mask(scripted_window)
    return scripted_window


@pytest.fixture
def show(masked, qtbot, monkeypatch):
    """Shows a dialog of `DIALOGS` as a person sees it, the style sheet included."""
    monkeypatch.setattr(QDialog, "open", QDialog.show)
    shown = []

    def show(name):
        dialog = DIALOGS[name][0](masked)
        shown.append(dialog)
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(lambda: dialog.isActiveWindow())
        settle()
        return dialog

    yield show
    for dialog in shown:
        if isValid(dialog):
            dialog.close()


def settle():
    """Let layouts that wait for each other come to rest."""
    for _ in range(4):
        QApplication.processEvents()


@pytest.fixture
def larger_font(qapp):
    """All text half as large again, as some systems have it."""
    before = qapp.font()
    font = QFont(before)
    font.setPixelSize(round(12 * LARGER))
    qapp.setFont(font)
    yield
    qapp.setFont(before)


every_dialog = pytest.mark.parametrize("name", DIALOGS)


def test_every_dialog_of_the_program_is_checked(show):
    for module in pkgutil.walk_packages(inpaint_studio.ui.__path__, "inpaint_studio.ui."):
        importlib.import_module(module.name)
    ours = {one for one in subclasses(QDialog) if one.__module__.startswith("inpaint_studio.")}
    assert ours == {type(show(name)) for name in DIALOGS}


def subclasses(kind):
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


@every_dialog
def test_whatever_a_dialog_asks_can_be_reached(show, name):
    dialog = show(name)
    checks = (nameless, unexplained, out_of_order, clashing, unseen_focus)
    assert wrong(dialog, *checks) == ""


@every_dialog
def test_tab_walks_through_all_of_a_dialog(show, name):
    dialog = show(name)
    chain = controls(dialog)
    chain[0].setFocus()
    walked = []
    while QApplication.focusWidget() not in walked:
        walked.append(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert [told(one) for one in chain if one not in walked] == []


@every_dialog
def test_escape_closes_a_dialog_and_enter_does_what_is_blue(show, name):
    dialog = show(name)
    defaults = [one for one in dialog.findChildren(QPushButton) if one.isDefault()]
    assert [one.text().replace("&", "").split(" “")[0] for one in defaults] == (
        [DIALOGS[name][1]] if DIALOGS[name][1] else []
    )
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not isValid(dialog) or not dialog.isVisible()


@every_dialog
def test_a_dialog_is_no_larger_than_the_window_of_a_laptop(show, name, masked):
    dialog = show(name)
    assert dialog.width() <= masked.width()
    assert dialog.height() <= masked.height()


@every_dialog
def test_nothing_in_a_dialog_is_cut_off_at_larger_text(larger_font, show, name, masked):
    dialog = show(name)
    assert wrong(dialog, cut_off) == ""
    assert dialog.height() <= masked.height()


# The window, as full as it gets


def brush(window):
    window.commands["brush"].trigger()


def everything(window):
    """Advanced options, edges, layers, a queue, and a bar above the photo."""
    window.column.fill.choose("edgeconnect+patchmatch")
    window.column.fill.advanced.parent().header.setChecked(True)
    edges = np.zeros((24, 32), np.float32)
    for left in (0, 40):
        box = Box(0, left, 24, left + 32)
        window.column.edges.add(EdgeMap(edges, np.ones((24, 32), bool), box))
    add_layer(window, LONG)
    window.column.layers.show_stale([window.workspace.document.layers[0].id], tip="Run again")


def wand(window):
    everything(window)
    window.commands["wand"].trigger()


def clone(window):
    everything(window)
    window.commands["clone"].trigger()


def layer_mask(window):
    everything(window)
    window.commands["layer_mask"].trigger()


def sources(window):
    everything(window)
    window.commands["sources"].trigger()


def comparing(window):
    everything(window)
    window.commands["compare_difference"].trigger()


def question(window):
    window.messages.ask(f"“{LONG}” is there.", [("Replace It", print), ("Keep It", print)])


def leftovers(window):
    """Two photos to recover, and a question below."""
    question(window)
    window.recovery._offer(
        [Leftover(Path("a"), LONG, 12345, 1.7e9), Leftover(Path("b"), "b.jpg", 1, 1.7e9)],
        open_newest=False,
    )


def welcome(window):
    window.workspace.close_document()
    window.show_recent(replace(window.store.settings, recent_files=(__file__,)))
    window.parts.comfort.tour._show(0)


def touring(window):
    window.parts.comfort.tour._show(2)


def fill_with_edges(window):
    sheet = np.ones((24, 32), bool)
    drawing = EdgeDrawing((EdgeSheet(np.zeros((24, 32), np.uint8), sheet, Box(0, 0, 96, 128)),))
    hole, box = np.full((20, 30), 255, np.uint8), Box(20, 30, 40, 60)
    recipe = FillRecipe(hole=hole, box=box, engine="edgeconnect", seed=7)
    patch = Patch(np.zeros((20, 30, 3), np.uint8), hole, Point(20, 30))
    number = window.workspace.document.new_layer_id()
    made = Layer.from_patch(patch, id=number, name="Fill", recipe=recipe, edges=drawing)
    window.workspace.push(AddLayer(made))


def editing_edges(window):
    fill_with_edges(window)
    window.commands["edges_auto"].setChecked(False)
    window.commands["edit_edges"].trigger()


def editing_a_fill(window):
    fill_with_edges(window)
    window.commands["fill_edit"].trigger()


def queued(window):
    """One fill that never ends, and two that wait, one of them chosen."""
    hole, queue = np.full((10, 10), 255, np.uint8), window.parts.queueing.queue
    for _ in range(3):
        queue.add(FillChoice("telea", options={"script": "hang"}), hole, Box(2, 2, 12, 12))
    window.parts.queueing.list.list.setCurrentRow(1)


def finding(window):
    window.commands["palette"].trigger()
    return window.findChild(Palette)


STATES = (
    *(welcome, touring, finding, brush, everything, wand, clone, layer_mask, sources, comparing),
    *(question, leftovers, editing_edges, editing_a_fill, queued),
)


@pytest.fixture
def in_state(masked, request, qtbot):
    masked.resize(1400, 900)
    root = request.param(masked) or masked
    masked.activateWindow()
    qtbot.waitUntil(masked.isActiveWindow)
    settle()
    yield root
    masked.parts.queueing.queue.cancel_all()


every_state = pytest.mark.parametrize(
    "in_state", STATES, ids=lambda state: state.__name__, indirect=True
)


@every_state
def test_whatever_the_window_offers_can_be_reached(in_state):
    checks = (nameless, unexplained, out_of_order, clashing, unseen_focus)
    assert wrong(in_state, *checks) == ""


@every_state
def test_nothing_in_the_window_is_cut_off_at_larger_text(larger_font, in_state):
    assert wrong(in_state, cut_off) == ""


def test_no_menu_has_a_letter_twice(masked):
    for action in masked.menuBar().actions():
        used = [
            match[1].lower()
            for one in action.menu().actions()
            if (match := _LETTER.search(one.text()))
        ]
        twice = {letter for letter in used if used.count(letter) > 1}
        assert twice == set(), (action.text(), twice)


@pytest.mark.parametrize("bring", [comparing, editing_edges, layer_mask, question])
def test_no_bar_overlaps_in_the_smallest_window(masked, bring):
    bring(masked)
    masked.resize(masked.minimumSize())
    settle()
    chain = [one for one in controls(masked) if masked.pages.parentWidget().isAncestorOf(one)]
    bars = [one for one in chain if one.parentWidget() is not masked.pages]
    places = [(one, place(one, masked)) for one in bars]
    assert [told(one) for one, at in places if at.right() >= masked.column.x() + 60] == []
    assert [
        f"{told(one)} on {told(other)}"
        for number, (one, at) in enumerate(places)
        for other, there in places[number + 1 :]
        if at.intersects(there) and CanvasView not in (type(one), type(other))
    ] == []
    assert wrong(masked, cut_off) == ""


def test_the_panels_are_never_narrower_than_what_is_in_them(larger_font, masked):
    everything(masked)
    masked.resize(masked.minimumSize())
    settle()
    column = masked.column
    assert column.widget().width() <= column.viewport().width()


# The checks themselves


@pytest.fixture
def broken(qtbot):
    """Two fields of which every check has something to say."""
    dialog = QDialog()
    qtbot.addWidget(dialog)
    slider, field = QSlider(Qt.Orientation.Horizontal), QLineEdit()
    upper, lower = QPushButton("&Save"), QPushButton("&Stop")
    lower.setFixedWidth(12)
    layout = QHBoxLayout(dialog)
    for widget in (upper, slider, field, lower):
        layout.addWidget(widget)
    QWidget.setTabOrder(field, upper)
    slider.setStyleSheet("QSlider { border: none; }")
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def test_the_checks_find_what_is_broken(broken):
    assert nameless(broken) == ["QSlider “”", "QLineEdit “”"]
    assert unexplained(broken) == ["QSlider “”", "QLineEdit “”"]
    assert any("“Save” after" in sentence for sentence in out_of_order(broken))
    assert clashing(broken) == ["Alt+s: &Save and &Stop"]
    assert [sentence.split(":")[0] for sentence in cut_off(broken)] == ["QPushButton “Stop”"]
    assert "QSlider “”" in unseen_focus(broken)


def test_the_checks_are_content_with_what_is_right(qtbot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    form, field = QFormLayout(dialog), NumberField(0, 9)
    field.setToolTip("How many")
    form.addRow("&Number", field)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
    form.addRow(buttons)
    dialog.setStyleSheet(style_sheet())
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    checks = (nameless, unexplained, out_of_order, clashing, cut_off, unseen_focus)
    assert wrong(dialog, *checks) == ""
