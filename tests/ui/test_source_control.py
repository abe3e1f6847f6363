"""Where patches come from, and what a fill will take: shown, chosen, and handed to the engine."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from driving import draw
from PySide6.QtCore import QPoint, Qt

from inpaint_studio.document.document import Document
from inpaint_studio.engines.patchmatch import PatchMatchEngine
from inpaint_studio.engines.registry import ENGINES
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.mask import Mask
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.ui.estimates import PATCH_RULE, corrected, estimate, spoken
from inpaint_studio.ui.fill_request import FillSubject, make_task
from inpaint_studio.ui.running_again import choice_of

pytestmark = pytest.mark.gui
WAIT = 30_000


@pytest.fixture
def window(scripted_window):
    scripted_window.column.fill.choose("patchmatch")
    scripted_window.canvas.brush_size = 10
    return scripted_window


@pytest.fixture
def sources(window):
    return window.parts.sources


def test_a_side_goes_to_engines_that_copy_and_to_no_other(window, sources):
    sources.fields.side.setCurrentIndex(sources.fields.side.findData("sides"))
    assert window.filling.choice.options["sources"] == "sides"
    window.column.fill.choose("telea")
    assert "sources" not in window.filling.choice.options
    assert not sources.fields.side.isEnabled()
    window.column.fill.choose("auto")
    assert sources.fields.side.isEnabled()


def test_the_painted_area_is_what_may_be_copied_and_not_a_mask(window, sources):
    document = window.workspace.document
    assert window.filling.choice.allowed is None
    window.commands["sources"].trigger()
    assert sources.is_on
    assert window.mode_bar.isVisible()
    draw(window, (20, 20), (60, 20))
    assert not document.mask.any()
    assert document.history.titles == ("Paint area to copy from",)
    allowed = window.filling.choice.allowed
    assert allowed.shape == document.size
    assert allowed[20, 40]
    assert not allowed[60, 40]
    window.commands["sources"].trigger()
    assert not sources.is_on
    draw(window, (20, 60), (60, 60))
    assert document.mask.any()
    assert window.filling.choice.allowed[20, 40]
    task = make_task(FillSubject.of(document), window.filling.choice, library=None)
    assert np.array_equal(task.restore_options.allowed, allowed)


def test_strokes_of_the_area_are_erased_undone_and_cleared(window, sources):
    window.commands["sources"].trigger()
    draw(window, (20, 20), (60, 20))
    draw(window, (20, 50), (60, 50))
    draw(window, (20, 20), (60, 20), Qt.MouseButton.RightButton)
    assert not sources.areas["allowed"][20, 40]
    window.commands["undo"].trigger()
    assert sources.areas["allowed"][20, 40]
    window.commands["undo"].trigger()
    assert not sources.areas["allowed"][50, 40]
    sources.clear()
    assert sources.areas == {}
    assert window.filling.choice.allowed is None
    window.commands["undo"].trigger()
    assert sources.areas["allowed"][20, 40]
    assert sources.is_on


def test_violet_is_where_nothing_is_copied_from(window, sources):
    window.commands["sources_not"].trigger()
    assert window.commands["sources_not"].isChecked()
    draw(window, (20, 20), (60, 20))
    assert window.filling.choice.allowed is None
    assert window.filling.choice.forbidden[20, 40]
    switch = next(one for one in window.mode_bar.buttons() if "From" in one.text())
    switch.click()
    assert window.commands["sources"].isChecked()
    assert not window.commands["sources_not"].isChecked()
    draw(window, (20, 20), (100, 20))
    choice = window.filling.choice
    assert choice.allowed[20, 40]
    assert choice.allowed[20, 90]
    assert choice.forbidden[20, 40]
    assert not choice.forbidden[20, 90]
    assert not window.workspace.document.mask.any()


def test_what_engines_are_told_is_made_once_for_each_state_of_an_area(window, sources):
    window.commands["sources"].trigger()
    draw(window, (20, 20), (60, 20))
    first = window.filling.choice.allowed
    assert window.filling.choice.allowed is first
    draw(window, (20, 50), (60, 50))
    second = window.filling.choice.allowed
    assert second[50, 40]
    assert not first[50, 40]
    window.commands["undo"].trigger()
    assert not window.filling.choice.allowed[50, 40]


def test_a_fill_remembers_where_its_texture_came_from(window, sources, qtbot):
    """Edited again, it says all that it was asked for; left, everything is as it was."""
    document, fields = window.workspace.document, sources.fields
    window.commands["sources_not"].trigger()
    draw(window, (20, 20), (60, 20))
    window.mode_bar.leave()
    fields.side.setCurrentIndex(fields.side.findData("left"))
    fields.ways.setCurrentIndex(fields.ways.findData("mirrored"))
    window.column.fill.advanced.context_px = 33
    draw(window, (60, 60), (80, 60))
    with qtbot.waitSignal(window.controller.landed, timeout=WAIT) as landed:
        window.commands["fill"].trigger()
    [layer] = landed.args
    recipe = layer.recipe
    assert recipe.options == {"sources": "left", "mirrored": "yes"}
    assert recipe.context == 33
    assert recipe.allowed is None
    assert recipe.forbidden.coverage[20, 40] == 255

    fields.side.setCurrentIndex(0)
    fields.ways.setCurrentIndex(0)
    window.column.fill.advanced.context_px = None
    sources.clear()
    window.commands["mask_clear"].trigger()
    qtbot.waitUntil(lambda: not document.mask.any(), timeout=WAIT)
    window.commands["sources"].trigger()
    draw(window, (10, 90), (30, 90))
    window.mode_bar.leave()
    steps = document.history.index

    window.commands["fill_edit"].trigger()
    choice = window.filling.choice
    assert choice.options == recipe.options
    assert choice.context == 33
    assert choice.allowed is None
    assert choice.forbidden[20, 40]
    assert document.mask[60, 70]
    window.mode_bar.leave()
    assert document.history.index == steps
    assert not document.mask.any()
    choice = window.filling.choice
    assert choice.options == {}
    assert choice.context is None
    assert choice.forbidden is None
    assert choice.allowed[90, 20]

    again = choice_of(recipe, "cpu")
    task = make_task(FillSubject.of(document, mask=Mask(document.mask)), again, library=None)
    assert task.restore_options.forbidden[20, 40]
    assert task.restore_options.context == 33
    assert task.restore_options.options == {"sources": "left", "mirrored": "yes"}


def test_a_choice_of_all_around_takes_back_a_side_of_the_fill_that_is_edited(
    window, sources, qtbot
):
    fields = sources.fields
    fields.side.setCurrentIndex(fields.side.findData("left"))
    draw(window, (60, 60), (80, 60))
    with qtbot.waitSignal(window.controller.landed, timeout=WAIT):
        window.commands["fill"].trigger()
    window.commands["fill_edit"].trigger()
    fields.side.setCurrentIndex(0)
    with qtbot.waitSignal(window.controller.landed, timeout=WAIT) as landed:
        window.commands["fill"].trigger()
    assert landed.args[0].recipe.options == {}


def test_another_photo_has_no_painted_area(window, sources, rgb):
    window.commands["sources"].trigger()
    draw(window, (20, 20), (60, 20))
    other = Document(Photo(rgb), Path("other.png"))
    window.workspace.set_document(other)
    assert not sources.is_on
    assert sources.areas == {}
    draw(window, (20, 20), (60, 20))
    assert other.mask.any()


def test_the_green_tint_shows_and_stays_after_the_mode(window, sources):
    window.commands["sources"].trigger()
    draw(window, (20, 20), (100, 20))
    window.commands["sources"].trigger()
    assert sources.marks.isVisible()
    with_tint = window.canvas.grab().toImage()
    sources.clear()
    assert not sources.marks.isVisible()
    without = window.canvas.grab().toImage()
    viewport, scale = window.canvas.navigation.viewport, window.canvas.device_scale()
    at = QPoint(*(round(value / scale) for value in viewport.to_screen(40, 20)))
    before, after = without.pixelColor(at), with_tint.pixelColor(at)
    assert after.green() - before.green() > after.red() - before.red()


def test_what_a_fill_takes_is_said_before_it_runs(window, qtbot):
    label = window.parts.estimating.label
    assert label.text() == ""
    draw(window, (40, 40), (80, 40))
    qtbot.waitUntil(lambda: label.text().startswith("About "), timeout=WAIT)
    assert "memory" in label.text()
    frames = window.parts.estimating.frames
    assert not frames.isVisible()
    window.commands["show_context"].trigger()
    assert frames.isVisible()
    [frame] = frames.estimate.frames
    assert frame.intersect(Box(40, 40, 41, 80)) == Box(40, 40, 41, 80)
    window.commands["mask_clear"].trigger()
    qtbot.waitUntil(lambda: label.text() == "", timeout=WAIT)
    assert not frames.isVisible()


def test_it_learns_from_how_long_fills_take(window, qtbot):
    draw(window, (40, 40), (80, 40))
    window.parts.estimating._loaded = frozenset({"patchmatch"})
    qtbot.waitUntil(lambda: window.parts.estimating.label.text() != "", timeout=WAIT)
    with qtbot.waitSignal(window.controller.landed, timeout=WAIT):
        window.commands["fill"].trigger()
    qtbot.waitUntil(lambda: "patchmatch" in window.store.settings.fill_speeds, timeout=WAIT)


def test_larger_holes_take_longer_and_more_memory(rgb):
    photo = Photo(np.kron(rgb, np.ones((12, 12, 1), np.uint8)))
    small, large = np.zeros(photo.size, np.uint8), np.zeros(photo.size, np.uint8)
    small[500:520, 600:620] = 255
    large[300:800, 300:1100] = 255
    entry = ENGINES["patchmatch"]
    one, other = estimate(entry, None, photo, small), estimate(entry, None, photo, large)
    assert one.work < other.work
    assert one.nbytes < other.nbytes
    assert estimate(entry, None, photo, small * 0) is None


def test_the_correction_goes_towards_what_was_measured():
    assert 1.0 < corrected(1.0, work=2.0, took=8.0) < 4.0
    assert 0.25 < corrected(1.0, work=2.0, took=0.5) < 1.0
    assert corrected(1.0, work=0.0, took=1e9) <= 20.0
    assert corrected(None, work=2.0, took=1.0) == 0.5


def test_every_engine_is_known_to_take_longer_for_more(rgb):
    photo = Photo(np.kron(rgb, np.ones((12, 12, 1), np.uint8)))
    small, large = np.zeros(photo.size, np.uint8), np.zeros(photo.size, np.uint8)
    small[500:520, 600:620] = 255
    large[300:800, 100:1100] = 255
    for entry in ENGINES.values():
        if not entry.needs_card:
            one, other = estimate(entry, None, photo, small), estimate(entry, None, photo, large)
            assert 1.2 * one.work < other.work, entry.name


def test_the_first_fill_of_an_engine_teaches_nothing_where_it_was_slow(window):
    estimating = window.parts.estimating
    for started, speeds in ((1e6, {}), (1e6, {"thin": 20.0})):
        estimating._running = ("thin", 0.5)
        estimating._started = perf_counter() - started
        estimating._learn(None)
        assert dict(window.store.settings.fill_speeds) == speeds


@pytest.mark.parametrize(
    ("seconds", "nbytes", "said"),
    [
        (0.3, 4e6, ("1 s", "10 MB")),
        (4.4, 344e6, ("4 s", "340 MB")),
        (33, 2.34e9, ("35 s", "2.3 GB")),
        (240, 1e9, ("4 min", "1.0 GB")),
    ],
)
def test_figures_are_no_finer_than_they_are_known(seconds, nbytes, said):
    assert spoken(seconds, nbytes) == said


def test_the_rule_of_patches_is_the_engines_own():
    assert PatchMatchEngine().size_rule == PATCH_RULE
