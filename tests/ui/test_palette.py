"""Finding a command by a few letters, and doing it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shiboken6 import isValid

from inpaint_studio.ui.palette import Entry, Palette, ranked, score

pytestmark = pytest.mark.gui


@pytest.fixture
def palette(window):
    window.commands["palette"].trigger()
    return window.findChild(Palette)


def names(palette):
    return [palette.list.item(row).text() for row in range(palette.list.count())]


@pytest.mark.parametrize(
    ("wanted", "better", "worse"),
    [
        ("fe", "Fill from Edges", "Prefer"),
        ("zi", "Zoom In", "Resize Image Grid"),
        ("undo", "Undo", "Run Down"),
        ("exp", "Export", "Edge Exporter"),
    ],
)
def test_beginnings_of_words_count_most(wanted, better, worse):
    assert score(wanted, better) > score(wanted, worse)


def test_letters_must_all_be_there_in_their_order():
    assert score("xz", "Zoom Extra") is None
    assert score("", "Anything") == 0
    assert score("ZOOM i", "Zoom In") is not None


def test_what_cannot_be_done_comes_after_what_can():
    can = Entry("a", "Grow Mask", "Mask", "", "")
    cannot = Entry("b", "Grow Mask", "Mask", "", "Open a photo first.")
    assert ranked([cannot, can], "grow") == [can, cannot]


def test_everything_is_listed_and_letters_narrow_it(palette):
    everything = len(names(palette))
    assert everything > 60
    QTest.keyClicks(palette.field, "zoo in")
    assert names(palette)[0] == "Zoom In"
    assert len(names(palette)) < everything
    QTest.keyClicks(palette.field, "qqqq")
    assert palette.empty.isVisible()
    assert not palette.list.isVisible()


def test_enter_does_the_chosen_command(qtbot, window, palette):
    done = []
    window.commands["hand"].triggered.connect(lambda: done.append("hand"))
    QTest.keyClicks(palette.field, "hand")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: done == ["hand"])


def test_arrows_move_the_choice(palette):
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == 1
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == 0


def test_one_that_cannot_be_done_says_why_and_does_nothing(palette):
    QTest.keyClicks(palette.field, "undo")
    entry = palette.list.item(0).data(Qt.ItemDataRole.UserRole)
    assert entry.why_not == "There is nothing to take back."
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert isValid(palette)
    assert palette.isVisible()
