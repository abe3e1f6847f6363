"""The canvas driven by real mouse, pen and key events."""

import itertools
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QInputDevice,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from inpaint_studio.document.change import Change
from inpaint_studio.document.commands import AddLayer
from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Layer
from inpaint_studio.imaging.geometry import Box, Point
from inpaint_studio.imaging.photo import Patch, Photo
from inpaint_studio.ui.canvas.view import CanvasView, next_brush_size

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NONE = Qt.KeyboardModifier.NoModifier


class ScaledCanvas(CanvasView):
    """A canvas on a desktop with another scaling."""

    scale = 1.0

    def device_scale(self):
        return self.scale


@pytest.fixture
def document(rng):
    return Document(Photo(rng.integers(0, 255, (400, 600, 3), dtype=np.uint8)))


@pytest.fixture
def make_canvas(qtbot):
    made = []

    def make(document, scale=1.0, window=None):
        """A shown canvas with the focus, in a window of its own or in the one given."""
        canvas = ScaledCanvas(window)
        made.append(canvas)
        canvas.scale = scale
        canvas.resize(500, 400)
        if isinstance(window, QMainWindow):
            window.setCentralWidget(canvas)
        elif window is not None:
            window.layout().addWidget(canvas)
        window = window or canvas
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        canvas.setFocus()
        canvas.show_document(document)
        if document is not None:
            canvas.stroke_finished.connect(
                lambda command: canvas.refresh(document.history.push(document, command))
            )
        return canvas

    yield make
    for canvas in made:
        canvas.shutdown()


@pytest.fixture
def canvas(make_canvas, document):
    canvas = make_canvas(document)
    canvas.brush_size = 20
    canvas.hardness = 1.0
    return canvas


def drag(canvas, *points, button=LEFT, held=NONE, release=True):
    QTest.mousePress(canvas, button, held, QPoint(*points[0]))
    for point in points[1:]:
        at = QPointF(*point)
        none = Qt.MouseButton.NoButton
        moved = QMouseEvent(QEvent.Type.MouseMove, at, canvas.mapToGlobal(at), none, button, held)
        QApplication.sendEvent(canvas, moved)
    if release:
        QTest.mouseRelease(canvas, button, held, QPoint(*points[-1]))


def settled(canvas, qtbot):
    """Wait until everything that shows has its own tiles, and return (h, w, 3) of the widget."""
    qtbot.waitUntil(lambda: canvas.scene.is_complete(canvas.navigation.viewport))
    image = canvas.grab().toImage().convertToFormat(canvas.grab().toImage().Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return rows[:, :, 2::-1].copy()


def test_another_photo_of_the_same_size_becomes_sharp(canvas, document, qtbot, rng):
    settled(canvas, qtbot)
    other = Document(Photo(rng.integers(0, 255, (400, 600, 3), dtype=np.uint8)))
    canvas.show_document(other)
    canvas.zoom_fit()
    settled(canvas, qtbot)


# -- what is painted -----------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 4.0])
def test_a_drag_paints_the_photo_pixels_under_it(make_canvas, document, zoom, scale):
    canvas = make_canvas(document, scale)
    canvas.hardness = 1.0
    canvas.brush_size = 12
    canvas.zoom_to(zoom)
    canvas.centre_on(300, 200)
    drag(canvas, (230, 200), (270, 200))
    # The middle of the canvas, logical (250, 200), shows photo position (300, 200).
    reach = 20 * scale / zoom
    rows, columns = np.nonzero(document.mask)
    tolerance = 1 / zoom + 1
    assert columns.min() == pytest.approx(300 - reach - 6, abs=tolerance)
    assert columns.max() == pytest.approx(300 + reach + 6, abs=tolerance)
    assert rows.min() == pytest.approx(200 - 6, abs=tolerance)
    assert rows.max() == pytest.approx(200 + 6, abs=tolerance)


def test_one_drag_is_one_undo_step(canvas, document):
    drag(canvas, (100, 100), (200, 120), (300, 200))
    assert document.history.titles == ("Paint mask",)
    drag(canvas, (100, 200), (200, 200))
    assert len(document.history.titles) == 2
    document.history.undo(document)
    document.history.undo(document)
    assert not document.mask.any()


def test_the_right_button_erases(canvas, document):
    document.mask[...] = 255
    canvas.refresh(Change("mask", document.photo.size.box))
    drag(canvas, (200, 200), (300, 200), button=RIGHT)
    x, y = canvas.navigation.viewport.to_photo(250, 200)
    assert document.mask[int(y), int(x)] == 0
    assert document.history.titles == ("Erase mask",)


def test_a_second_button_during_a_stroke_changes_nothing(canvas, document):
    drag(canvas, (100, 200), (200, 200), release=False)
    QTest.mousePress(canvas, RIGHT, NONE, QPoint(220, 200))
    QTest.mouseRelease(canvas, RIGHT, NONE, QPoint(220, 200))
    assert canvas.is_painting
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(300, 200))
    assert len(document.history.titles) == 1
    x, y = canvas.navigation.viewport.to_photo(290, 200)
    assert document.mask[int(y), int(x)] == 255


def test_shift_click_draws_a_straight_line_from_the_last_stroke(canvas, document):
    drag(canvas, (100, 150))
    drag(canvas, (400, 250), held=Qt.KeyboardModifier.ShiftModifier)
    x, y = canvas.navigation.viewport.to_photo(250, 200)
    assert document.mask[int(y), int(x)] == 255


def test_lasso_with_alt_takes_away(canvas, document):
    document.mask[...] = 255
    canvas.refresh(Change("mask", document.photo.size.box))
    canvas.set_tool("lasso")
    corners = [(200, 150), (300, 150), (300, 250), (200, 250)]
    drag(canvas, *corners, held=Qt.KeyboardModifier.AltModifier)
    x, y = canvas.navigation.viewport.to_photo(250, 200)
    assert document.mask[int(y), int(x)] == 0
    assert document.mask[5, 5] == 255


def click_corners(canvas, *corners):
    for corner in corners:
        QTest.mouseMove(canvas, QPoint(*corner))
        QTest.mouseClick(canvas, LEFT, NONE, QPoint(*corner))


def test_a_polygon_is_closed_by_enter_and_by_double_click(canvas, document):
    canvas.set_tool("polygon")
    click_corners(canvas, (200, 150), (300, 150), (300, 250), (200, 250))
    assert not document.mask.any()
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    first = document.mask.copy()
    assert first.any()
    document.history.undo(document)
    click_corners(canvas, (200, 150), (300, 150), (300, 250))
    QTest.mouseClick(canvas, LEFT, NONE, QPoint(200, 250))
    QTest.mouseDClick(canvas, LEFT, NONE, QPoint(200, 250))
    assert np.array_equal(document.mask, first)
    assert not canvas.is_painting


def test_escape_drops_a_polygon_and_backspace_a_corner(canvas, document):
    canvas.set_tool("polygon")
    click_corners(canvas, (200, 150), (300, 150))
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    assert canvas.is_painting
    assert len(canvas.painting.outline) == 2  # one corner and the pointer
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.is_painting
    assert not document.mask.any()


def test_a_polygon_survives_a_look_elsewhere_but_not_another_tool(canvas):
    canvas.set_tool("polygon")
    click_corners(canvas, (200, 150), (300, 150))
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
    assert canvas.is_painting
    canvas.set_tool("brush")
    assert not canvas.is_painting


# -- ends of a stroke ----------------------------------------------------------------------------


def test_escape_in_a_stroke_restores_the_mask_exactly(canvas, document, rng):
    document.mask[...] = rng.integers(0, 255, document.mask.shape, dtype=np.uint8)
    canvas.refresh(Change("mask", document.photo.size.box))
    before = document.mask.copy()
    drag(canvas, (100, 100), (300, 300), release=False)
    assert not np.array_equal(document.mask, before)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert np.array_equal(document.mask, before)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(300, 300))
    assert np.array_equal(document.mask, before)
    assert document.history.titles == ()


def test_undo_in_the_middle_of_a_stroke_takes_the_stroke_back(document, make_canvas):
    window = QMainWindow()
    canvas = make_canvas(document, window=window)
    undone = []
    undo = QAction(window, shortcut="Ctrl+Z")
    undo.triggered.connect(lambda: undone.append(document.history.undo(document)))
    window.addAction(undo)
    drag(canvas, (200, 200), (300, 200))
    painted = document.mask.copy()
    drag(canvas, (200, 100), (300, 100), release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == []
    assert np.array_equal(document.mask, painted)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(300, 100))
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(undone) == 1
    assert not document.mask.any()


def test_shortcuts_wait_until_the_stroke_is_done(document, make_canvas):
    window = QMainWindow()
    canvas = make_canvas(document, window=window)
    used = []
    for key in ("E", "Ctrl+Y", "0"):
        action = QAction(window, shortcut=key)
        action.triggered.connect(lambda _checked=False, key=key: used.append(key))
        window.addAction(action)
    drag(canvas, (200, 100), (300, 100), release=False)
    for key, held in (
        (Qt.Key.Key_E, NONE),
        (Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_0, NONE),
    ):
        QTest.keyClick(canvas, key, held)
    assert used == []
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(300, 100))
    QTest.keyClick(canvas, Qt.Key.Key_E)
    assert used == ["E"]


@pytest.mark.parametrize("kind", ["focus", "window", "hide", "settle"])
def test_a_stroke_interrupted_from_outside_is_finished_once(canvas, document, kind):
    drag(canvas, (100, 200), (300, 200), release=False)
    if kind == "focus":
        QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
    elif kind == "window":
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.WindowDeactivate))
    elif kind == "hide":
        canvas.hide()
    else:
        canvas.settle()
    assert len(document.history.titles) == 1
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(300, 300))
    assert len(document.history.titles) == 1
    document.history.undo(document)
    assert not document.mask.any()


def test_closing_the_document_in_a_stroke_leaves_its_mask_as_it_was(canvas, document):
    drag(canvas, (100, 200), (300, 200), release=False)
    canvas.show_document(None)
    assert not document.mask.any()
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(300, 200))
    assert document.history.titles == ()


# -- pen -----------------------------------------------------------------------------------------


def pen(canvas, kind, x, y, pressure, button=LEFT, pointer=QPointingDevice.PointerType.Pen):
    device = QPointingDevice(
        "pen",
        77,
        QInputDevice.DeviceType.Stylus,
        pointer,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        3,
    )
    at = QPointF(x, y)
    none = Qt.MouseButton.NoButton
    held = none if kind == QEvent.Type.TabletRelease else LEFT
    moved = kind == QEvent.Type.TabletMove
    event = QTabletEvent(
        kind,
        device,
        at,
        canvas.mapToGlobal(at),
        pressure,
        0,
        0,
        0,
        0,
        0,
        NONE,
        none if moved else button,
        held,
    )
    event.ignore()
    QApplication.sendEvent(canvas, event)
    assert event.isAccepted()


def test_pressure_sets_the_width_and_mouse_doubles_are_ignored(canvas, document):
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    canvas.brush_size = 40
    pen(canvas, QEvent.Type.TabletPress, 200, 200, 0.25)
    QTest.mousePress(canvas, LEFT, NONE, QPoint(50, 50))
    for x in range(210, 300, 10):
        pen(canvas, QEvent.Type.TabletMove, x, 200, 0.25)
        drag_at = QPointF(x, 60)
        double = QMouseEvent(
            QEvent.Type.MouseMove, drag_at, canvas.mapToGlobal(drag_at), LEFT, LEFT, NONE
        )
        QApplication.sendEvent(canvas, double)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(50, 50))
    pen(canvas, QEvent.Type.TabletRelease, 290, 200, 0.0)
    rows, _ = np.nonzero(document.mask)
    assert rows.max() - rows.min() + 1 == pytest.approx(10, abs=2)  # a quarter of 40
    assert len(document.history.titles) == 1
    assert not canvas.is_painting


def test_pressure_can_be_left_out(canvas, document):
    canvas.zoom_to(1.0)
    canvas.brush_size = 40
    canvas.pressure_sizes = False
    pen(canvas, QEvent.Type.TabletPress, 250, 200, 0.25)
    pen(canvas, QEvent.Type.TabletRelease, 250, 200, 0.0)
    rows, _ = np.nonzero(document.mask)
    assert rows.max() - rows.min() + 1 == pytest.approx(40, abs=2)


def test_the_other_end_of_the_pen_erases(canvas, document):
    document.mask[...] = 255
    canvas.refresh(Change("mask", document.photo.size.box))
    eraser = QPointingDevice.PointerType.Eraser
    pen(canvas, QEvent.Type.TabletPress, 250, 200, 1.0, pointer=eraser)
    pen(canvas, QEvent.Type.TabletRelease, 250, 200, 0.0, pointer=eraser)
    assert document.history.titles == ("Erase mask",)


def test_after_the_pen_the_mouse_paints_again(canvas, document):
    pen(canvas, QEvent.Type.TabletPress, 250, 200, 1.0)
    pen(canvas, QEvent.Type.TabletRelease, 250, 200, 0.0)
    drag(canvas, (100, 100), (120, 100))
    assert len(document.history.titles) == 2


# -- looking around ------------------------------------------------------------------------------


def wheel(canvas, angle, held=NONE, at=(100, 120)):
    spot = QPointF(*at)
    event = QWheelEvent(
        spot,
        canvas.mapToGlobal(spot),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_ctrl_wheel_zooms_at_the_cursor(canvas):
    before = canvas.navigation.viewport.to_photo(100, 120)
    with_zoom = canvas.zoom
    wheel(canvas, 120, Qt.KeyboardModifier.ControlModifier)
    after = canvas.navigation.viewport.to_photo(100, 120)
    assert canvas.zoom > with_zoom
    assert after == pytest.approx(before, abs=1 / canvas.zoom)


def test_the_wheel_pans_down_and_with_shift_across(canvas):
    canvas.zoom_to(4.0)
    origin = canvas.navigation.viewport.origin
    wheel(canvas, -120)
    down = canvas.navigation.viewport.origin
    assert down.x == origin.x
    assert down.y < origin.y
    wheel(canvas, -120, Qt.KeyboardModifier.ShiftModifier)
    across = canvas.navigation.viewport.origin
    assert across.y == down.y
    assert across.x < down.x


def test_arrow_keys_move_the_view(canvas):
    canvas.zoom_to(4.0)
    before = canvas.navigation.viewport.origin
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    after = canvas.navigation.viewport.origin
    assert after.x < before.x
    assert after.y < before.y


def test_fit_100_percent_and_steps(canvas, qtbot):
    canvas.zoom_to(1.0)
    assert canvas.zoom == 1.0
    canvas.zoom_in()
    assert canvas.zoom == 1.5
    canvas.zoom_out()
    canvas.zoom_out()
    assert canvas.zoom == pytest.approx(2 / 3)
    with qtbot.waitSignal(canvas.zoom_changed) as told:
        canvas.zoom_fit()
    assert told.args[0] == canvas.zoom
    assert canvas.visible_box == Box(0, 0, 400, 600)


@pytest.mark.parametrize("how", ["space", "middle", "hand"])
def test_dragging_pans_and_does_not_paint(canvas, document, how):
    canvas.zoom_to(4.0)
    before = canvas.navigation.viewport.origin
    if how == "space":
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    if how == "hand":
        canvas.set_tool("hand")
    drag(canvas, (200, 200), (230, 190), button=MIDDLE if how == "middle" else LEFT)
    if how == "space":
        QTest.keyRelease(canvas, Qt.Key.Key_Space)
    after = canvas.navigation.viewport.origin
    assert (after.x - before.x, after.y - before.y) == (30, -10)
    assert not document.mask.any()
    if how == "space":
        drag(canvas, (200, 200), (230, 190))
        assert document.mask.any()


def test_the_pointer_is_told_in_photo_pixels(canvas, qtbot):
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    told = []
    canvas.cursor_moved.connect(lambda x, y: told.append((x, y)))
    for spot in ((250, 200), (10, 10)):
        at = QPointF(*spot)
        QApplication.sendEvent(
            canvas,
            QMouseEvent(
                QEvent.Type.MouseMove,
                at,
                canvas.mapToGlobal(at),
                Qt.MouseButton.NoButton,
                Qt.MouseButton.NoButton,
                NONE,
            ),
        )
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert told == [(300, 200), (60, 10), (-1, -1)]


def on_screen(canvas):
    """(h, w, 3) of what has really been painted so far, scrolled pixels and all."""
    image = canvas.screen().grabWindow(canvas.winId()).toImage()
    image = image.convertToFormat(image.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, :, 2::-1].copy()


@pytest.mark.parametrize("zoom", [0.9, 1.0, 3.0])
def test_a_scrolled_canvas_looks_like_one_painted_anew(canvas, document, qtbot, zoom):
    canvas.zoom_to(zoom)
    drag(canvas, (200, 150), (300, 220))
    for dx, dy in ((13, 7), (-40, 5), (3, -60), (200, 100), (-31, -29)):
        canvas.navigation.pan(dx, dy)
        canvas.navigation.pan(1, 1)
        QTest.qWait(5)
    expected = settled(canvas, qtbot)
    qtbot.waitUntil(lambda: np.abs(on_screen(canvas).astype(int) - expected).max() <= 2)


def test_panning_paints_only_what_came_into_view(canvas, qtbot):
    canvas.zoom_to(4.0)
    settled(canvas, qtbot)
    QTest.qWait(20)
    painted = []
    paint = canvas.scene.paint
    canvas.scene.paint = lambda *args, **kwargs: (painted.append(args[2]), paint(*args, **kwargs))
    canvas.navigation.pan(-30, 0)
    qtbot.waitUntil(lambda: bool(painted))
    # A strip at the right and, where the pointer is over the canvas, its circle.
    assert sum(box.area for box in painted) < 0.6 * canvas.width() * canvas.height()


# -- keys ----------------------------------------------------------------------------------------


def test_tab_shows_the_original_while_it_is_held(canvas, document, qtbot):
    patch = Patch(
        np.zeros((400, 600, 3), np.uint8), np.full((400, 600), 255, np.uint8), Point(0, 0)
    )
    command = AddLayer(Layer(1, "Fill", patch))
    canvas.refresh(document.history.push(document, command))
    document.mask[...] = 255
    canvas.refresh(Change("mask", document.photo.size.box))
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    tinted = settled(canvas, qtbot)
    told = []
    canvas.original_shown.connect(told.append)
    QTest.keyPress(canvas, Qt.Key.Key_Tab)
    original = settled(canvas, qtbot)
    assert np.array_equal(original[100:300, 100:400], document.photo.pixels[100:300, 150:450])
    QTest.keyRelease(canvas, Qt.Key.Key_Tab)
    assert np.array_equal(settled(canvas, qtbot), tinted)
    assert told == [True, False]


def test_the_original_stays_the_original_when_the_first_layer_comes(canvas, document, qtbot):
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    settled(canvas, qtbot)
    canvas.show_original(True)
    black = np.zeros((400, 600, 3), np.uint8)
    patch = Patch(black, np.full((400, 600), 255, np.uint8), Point(0, 0))
    canvas.refresh(document.history.push(document, AddLayer(Layer(1, "Fill", patch))))
    original = settled(canvas, qtbot)
    assert np.array_equal(original[100:300, 100:400], document.photo.pixels[100:300, 150:450])


def test_tab_stays_in_the_canvas_and_shift_tab_leaves_it(document, make_canvas):
    window = QWidget()
    layout = QVBoxLayout(window)
    before = QLineEdit()
    layout.addWidget(before)
    canvas = make_canvas(document, window=window)
    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is canvas
    QTest.keyClick(canvas, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is before


def test_losing_the_focus_lets_go_of_space_and_tab(canvas):
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.keyPress(canvas, Qt.Key.Key_Tab)
    assert canvas.scene.original
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
    assert not canvas.scene.original
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor


# -- brush settings ------------------------------------------------------------------------------


def test_brush_sizes_step_within_their_limits(canvas, qtbot):
    sizes = [1.0]
    while sizes[-1] < 2000 and len(sizes) < 200:
        sizes.append(min(2000.0, next_brush_size(sizes[-1], 1)))
    assert len(sizes) < 80
    assert all(later > earlier for earlier, later in itertools.pairwise(sizes))
    assert next_brush_size(1.0, -1) == 1.0
    canvas.brush_size = 99999
    assert canvas.brush_size == 2000
    canvas.brush_size_step(1)
    assert canvas.brush_size == 2000
    with qtbot.waitSignal(canvas.brush_changed):
        canvas.brush_size_step(-1)
    assert canvas.brush_size < 2000
    for _ in range(20):
        canvas.hardness_step(-1)
    assert canvas.hardness == 0.0


def test_swapping_goes_between_brush_and_eraser(canvas):
    told = []
    canvas.tool_changed.connect(told.append)
    canvas.swap_tool()
    canvas.swap_tool()
    canvas.set_tool("lasso")
    canvas.swap_tool()
    assert told == ["eraser", "brush", "lasso", "brush"]
    with pytest.raises(ValueError, match="no such tool"):
        canvas.set_tool("chisel")


# -- what shows ----------------------------------------------------------------------------------


def test_at_100_percent_the_widget_shows_the_very_pixels(canvas, document, qtbot):
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    shown = settled(canvas, qtbot)
    assert np.array_equal(shown, document.photo.pixels[0:400, 50:550])


@pytest.mark.parametrize("scale", ["1.25", "2"])
def test_at_100_percent_a_scaled_desktop_shows_the_very_pixels(repository, scale):
    """One photo pixel on one device pixel, in a process with a real scaling."""
    script = """
import sys
import numpy as np
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from inpaint_studio.document.document import Document
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.canvas.view import CanvasView
app = QApplication([])
pixels = np.random.default_rng(3).integers(0, 255, (900, 1400, 3), dtype=np.uint8)
window = QWidget()
layout = QVBoxLayout(window)
layout.setContentsMargins(7, 5, 3, 1)
canvas = CanvasView()
layout.addWidget(canvas)
window.resize(411, 307)
window.show()
QTest.qWaitForWindowExposed(window)
canvas.show_document(Document(Photo(pixels)))
canvas.zoom_to(1.0)
assert canvas.devicePixelRatioF() == float(sys.argv[1])
view = canvas.navigation.viewport
while not canvas.scene.is_complete(view):
    QTest.qWait(10)
image = window.grab().toImage().convertToFormat(window.grab().toImage().Format.Format_RGB32)
shown = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
shown = shown[:, :, 2::-1]
piece = shown[100:200, 100:300]
corner = canvas.mapTo(window, canvas.rect().topLeft()) * canvas.devicePixelRatioF()
rows, columns = 100 - corner.y() - view.origin.y, 100 - corner.x() - view.origin.x
found = [
    (y, x)
    for y in range(int(rows) - 2, int(rows) + 3)
    for x in range(int(columns) - 2, int(columns) + 3)
    if np.array_equal(pixels[y : y + 100, x : x + 200], piece)
]
assert found, "the pixels were resampled"
canvas.shutdown()
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
    environment |= {"QT_SCALE_FACTOR_ROUNDING_POLICY": "PassThrough", "PYTHONPATH": str(repository)}
    run = subprocess.run(
        [sys.executable, "-c", script, scale], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_the_mask_is_tinted_in_the_colour_asked_for(canvas, document, qtbot):
    document.mask[...] = 255
    canvas.refresh(Change("mask", document.photo.size.box))
    canvas.mask_tint(QColor(0, 255, 0), 1.0)
    assert (settled(canvas, qtbot)[200, 250] == (0, 255, 0)).all()
    canvas.set_mask_visible(False)
    assert not (settled(canvas, qtbot)[200, 250] == (0, 255, 0)).all()


def test_a_preview_shows_inside_its_hole_until_it_is_cleared(canvas, document, qtbot):
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    before = settled(canvas, qtbot)
    hole = np.zeros((50, 50), bool)
    hole[:, 25:] = True
    pixels = np.zeros((50, 50, 3), np.float32)
    pixels[:, :, 1] = 1.0
    canvas.set_preview(pixels, hole, Box(150, 250, 250, 350))
    shown = settled(canvas, qtbot)
    assert (shown[180:220, 255:295] == (0, 255, 0)).all()
    assert np.array_equal(shown[180:220, 205:245], before[180:220, 205:245])
    canvas.clear_preview()
    qtbot.waitUntil(lambda: np.array_equal(settled(canvas, qtbot), before))


def test_a_landing_fill_never_lets_the_unfilled_photo_show(canvas, document, qtbot):
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    settled(canvas, qtbot)
    box = Box(150, 250, 250, 350)
    green = np.zeros((100, 100, 3), np.float32)
    green[:, :, 1] = 1.0
    canvas.set_preview(green, np.ones((100, 100), bool), box)
    canvas.clear_preview()
    fill = np.zeros((100, 100, 3), np.uint8)
    fill[:, :, 1] = 255
    patch = Patch(fill, np.full((100, 100), 255, np.uint8), box.origin)
    canvas.refresh(document.history.push(document, AddLayer(Layer(1, "Fill", patch))))
    for _ in range(60):
        shown = canvas.grab().toImage().pixelColor(250, 200)
        assert (shown.red(), shown.green(), shown.blue()) == (0, 255, 0)
        QTest.qWait(5)
    assert not canvas.scene.store.is_stale_in(box)


def test_edges_show_found_and_invented_ones_in_different_colours(canvas, qtbot):
    canvas.zoom_to(1.0)
    canvas.centre_on(300, 200)
    before = settled(canvas, qtbot)
    hole = np.zeros((50, 50), bool)
    hole[:, 25:] = True
    canvas.show_edges(np.ones((50, 50), np.float32), hole, Box(150, 250, 250, 350))
    shown = settled(canvas, qtbot)
    known, invented = shown[200, 220], shown[200, 280]
    assert known[2] > known[0]
    assert invented[0] > invented[2]
    canvas.clear_edges()
    assert np.array_equal(settled(canvas, qtbot), before)


def test_a_stroke_repaints_only_round_itself(canvas, qtbot):
    canvas.zoom_to(1.0)
    settled(canvas, qtbot)
    QTest.mousePress(canvas, LEFT, NONE, QPoint(100, 100))
    QTest.qWait(20)
    painted = []
    paint = canvas.scene.paint
    canvas.scene.paint = lambda *args, **kwargs: (painted.append(args[2]), paint(*args, **kwargs))
    at = QPointF(110, 100)
    QApplication.sendEvent(
        canvas,
        QMouseEvent(
            QEvent.Type.MouseMove, at, canvas.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT, NONE
        ),
    )
    qtbot.waitUntil(lambda: bool(painted))
    assert all(box.width < 120 and box.height < 120 for box in painted)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(110, 100))


def test_a_transparent_photo_lies_on_a_checkerboard(make_canvas, qtbot):
    pixels = np.zeros((400, 600, 4), np.uint8)
    canvas = make_canvas(Document(Photo(pixels)))
    canvas.zoom_to(1.0)
    shown = settled(canvas, qtbot)
    assert len(np.unique(shown[100:200, 100:200].reshape(-1, 3), axis=0)) == 2


def test_an_empty_canvas_invites_to_open_a_photo(make_canvas, qtbot):
    canvas = make_canvas(None)
    canvas.grab()
    with qtbot.waitSignal(canvas.open_requested):
        QTest.mouseDClick(canvas, LEFT, NONE, QPoint(200, 200))
    for act in (canvas.zoom_fit, canvas.zoom_in, canvas.clear_preview, canvas.clear_edges):
        act()
    drag(canvas, (10, 10), (50, 50))
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert canvas.visible_box.is_empty


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (200, 30000), (3, 5)])
def test_photos_of_odd_shapes_can_be_shown_and_painted(make_canvas, qtbot, size):
    document = Document(Photo(np.full((*size, 3), 200, np.uint8)))
    canvas = make_canvas(document)
    settled(canvas, qtbot)
    for zoom in (0.01, 0.3, 1.0, 3.0, 64.0):
        canvas.zoom_to(zoom)
        settled(canvas, qtbot)
    canvas.zoom_fit()
    canvas.brush_size = 300
    drag(canvas, (250, 200), (252, 200))
    settled(canvas, qtbot)
    assert document.mask.any()


def test_shutting_down_leaves_no_thread(qtbot, document):
    before = threading.active_count()
    canvas = CanvasView()
    qtbot.addWidget(canvas)
    canvas.show()
    canvas.show_document(document)
    canvas.shutdown()
    assert threading.active_count() == before


def test_cv2_waits_until_it_is_needed(repository):
    script = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "from inpaint_studio.ui.canvas.view import CanvasView; view = CanvasView(); view.grab();"
        "view.shutdown();"
        "print({'cv2', 'torch', 'numba', 'scipy', 'skimage', 'pyvips', 'PIL'} & set(sys.modules))"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(repository)}
    run = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"
