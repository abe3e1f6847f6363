"""Another package registers an object selector: it can be chosen in the window, and selects."""

import numpy as np
import pytest
from driving import place
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.geometry import Point, Size
from inpaint_studio.imaging.object_selectors import (
    GRABCUT,
    GROUP,
    open_selector,
    run_selector,
    selector_names,
)
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.steps import exhausted

pytestmark = pytest.mark.gui
WAIT = 30_000
MODULE = """
import numpy as np

def object_at(picture, size, at, *, around):
    yield
    if at.left < 20:
        raise RuntimeError("no object there")
    found = np.zeros((9, 9) if at.left > 140 else size, np.uint8)
    found[5:8, 5:9] = 255
    return found

def object_in(picture, size, box):
    seen = yield from picture.seen(0, box)
    found = np.zeros(size, np.uint8)
    found[box.slices] = 255
    return found
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package as pip would have installed it."""
    (tmp_path / "fake_segmenter.py").write_text(MODULE)
    facts = tmp_path / "fake_segmenter-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-segmenter\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        f"[{GROUP}]\nSegment Anything = fake_segmenter\nBroken = no_such_module:selector\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


def test_only_what_is_installed_can_be_chosen(monkeypatch):
    assert selector_names() == (GRABCUT,)
    with pytest.raises(StudioError, match="not installed"):
        open_selector("Segment Anything")


@pytest.mark.usefixtures("package")
def test_what_a_selector_does_wrong_is_one_sentence():
    assert selector_names() == (GRABCUT, "Broken", "Segment Anything")
    with pytest.raises(StudioError, match="“Broken” could not select the object"):
        open_selector("Broken")
    size = Size(120, 160)

    def at(left):
        ask = lambda one: one.object_at(None, size, Point(50, left), around=size.box)  # noqa: E731
        return exhausted(run_selector("Segment Anything", size, ask))

    assert at(60).sum() == 12 * 255
    with pytest.raises(StudioError, match=r"\(no object there\): choose another"):
        at(10)
    with pytest.raises(StudioError, match="no mask of the photo"):
        at(150)


@pytest.fixture
def window(qtbot, open_window, rng):
    window = open_window(1100, 760)
    window.workspace.new_document(Photo(rng.integers(0, 256, (120, 160, 3), dtype=np.uint8)))
    window.activateWindow()
    window.canvas.setFocus()
    return window


def test_with_grabcut_alone_there_is_nothing_to_choose(window):
    window.canvas.set_tool("object")
    assert not window.options.extra.selector.isVisible()


@pytest.mark.usefixtures("package")
def test_it_appears_in_the_window_and_selects(window, qtbot):
    window.canvas.set_tool("object")
    choice = window.options.extra.selector
    qtbot.waitUntil(choice.isVisible, timeout=WAIT)
    names = [choice.itemText(row) for row in range(choice.count())]
    assert names == [GRABCUT, "Broken", "Segment Anything"]
    choice.setCurrentText("Segment Anything")
    canvas, mask = window.canvas, window.workspace.document.mask
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place(window, 60, 50))
    qtbot.waitUntil(lambda: bool(mask.any()), timeout=WAIT)
    assert mask.sum() == 12 * 255
    with qtbot.waitSignal(window.workspace.problem, timeout=WAIT) as told:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place(window, 8, 50))
    assert "no object there" in told.args[0]
    assert mask.sum() == 12 * 255
