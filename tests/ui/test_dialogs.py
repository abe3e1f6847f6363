"""The dialogs, driven without ever blocking."""

import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest
from driving import paint_mask
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QSlider,
    QSpinBox,
    QTextBrowser,
)
from shiboken6 import isValid

from inpaint_studio import __version__
from inpaint_studio.errors import DownloadError
from inpaint_studio.imaging.files import WriteOptions
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.imaging.photo import Photo
from inpaint_studio.settings import ExportChoice, load_settings
from inpaint_studio.ui.actions import ACTIONS
from inpaint_studio.ui.dialogs.about import AboutDialog
from inpaint_studio.ui.dialogs.amount import AmountDialog
from inpaint_studio.ui.dialogs.compare_engines import CompareEnginesDialog
from inpaint_studio.ui.dialogs.consent import ConsentDialog
from inpaint_studio.ui.dialogs.export import ExportDialog
from inpaint_studio.ui.dialogs.export_plan import promise, suggest_path, with_format
from inpaint_studio.ui.dialogs.model_text import card_html
from inpaint_studio.ui.dialogs.models import ModelsDialog
from inpaint_studio.ui.dialogs.named_masks import NamedMasksDialog
from inpaint_studio.ui.dialogs.preferences import PreferencesDialog
from inpaint_studio.ui.dialogs.shortcuts import ShortcutsDialog
from inpaint_studio.ui.dialogs.unsaved import UnsavedQuestion
from inpaint_studio.ui.panels.fields import WrappedLabel, breakable
from inpaint_studio.ui.settings_store import SettingsStore
from inpaint_studio.weights.card import ModelCard, WeightsFile
from inpaint_studio.weights.download import DownloadProgress

pytestmark = pytest.mark.gui
WAIT = 20_000


@pytest.fixture
def keep(qtbot):
    """Holds dialogs, which delete themselves when closed, and closes them at the end."""
    dialogs = []
    yield dialogs.append
    for dialog in dialogs:
        if isValid(dialog):
            dialog.close()


def photo_of(dtype="uint8"):
    return Photo(np.zeros((8, 9, 3), dtype))


def test_addresses_on_a_card_are_links_and_markup_is_text():
    card = ModelCard(
        name="a",
        title="A",
        engine="pconv",
        files={},
        licence="MIT",
        commercial_use="yes",
        origin="<b>Liu</b>",
        trained_on="x",
        good_at="y",
        size_rule=SizeRule(),
        by_hand="Download https://example.org/a?b=1&c=2. Then import it.",
    )
    text = card_html(card, "missing")
    assert 'href="https://example.org/a?b=1&amp;c=2"' in text
    assert "&lt;b&gt;Liu" in text
    assert "href" not in card_html(card, "ready")


# All of them


def settings_dialog():
    return PreferencesDialog(None, SettingsStore())


def export_dialog():
    path = Path("photo.jpg")
    return ExportDialog(
        None, photo=photo_of(), opened=path, suggestion=path, last=ExportChoice(format="jpeg")
    )


def amount_dialog():
    return AmountDialog(None, title="Grow", label="Grow by", value=4, chosen=print)


def models_dialog():
    return ModelsDialog(None, FakeLibrary())


@pytest.mark.parametrize("make", [settings_dialog, export_dialog, amount_dialog, models_dialog])
def test_every_field_of_a_dialog_has_a_name_and_a_tool_tip(keep, make):
    dialog = make()
    keep(dialog)
    dialog.show()
    kinds = (QComboBox, QSlider, QSpinBox, QLineEdit, QCheckBox)
    fields = [field for kind in kinds for field in dialog.findChildren(kind)]
    for field in fields:
        if not field.isVisible() or isinstance(field.parent(), (QComboBox, QSpinBox)):
            continue
        name = field.accessibleName() or getattr(field, "text", str)()
        assert name, field
        assert field.toolTip(), f"{name} has no tool tip"
    for button in dialog.findChildren(QAbstractButton):
        assert button.accessibleName() or button.text(), button


# Export


@pytest.fixture
def export(keep, tmp_path):
    def make(name="photo.png", *, dtype="uint8", opened="photo.png"):
        path = tmp_path / opened
        path.write_bytes(b"the original")
        dialog = ExportDialog(
            None,
            photo=photo_of(dtype),
            opened=path,
            suggestion=tmp_path / name,
            last=ExportChoice(quality=70),
        )
        keep(dialog)
        dialog.requests = []
        dialog.requested.connect(lambda *asked: dialog.requests.append(asked))
        dialog.open()
        return dialog

    return make


def test_a_lossless_export_promises_every_pixel(export, tmp_path):
    dialog = export("out.png")
    assert "bit for bit" in dialog.promise.text()
    assert not dialog.as_png.isVisible()
    dialog.export.click()
    [(path, options, overwrite)] = dialog.requests
    assert path == tmp_path / "out.png"
    assert options == WriteOptions(format="png", depth="uint8", quality=70)
    assert not overwrite
    assert not dialog.isVisible()


def test_the_dialog_is_as_high_as_its_rows(export):
    dialog = export("out.png")
    low = dialog.height()
    dialog.choose_format("jpeg")
    high = dialog.height()
    assert high > low
    assert high == dialog.layout().totalHeightForWidth(dialog.width())
    dialog.choose_format("png")
    assert dialog.height() <= low
    assert dialog.height() == dialog.layout().totalHeightForWidth(dialog.width())


def test_jpeg_says_plainly_that_it_changes_pixels_and_offers_others(export):
    dialog = export("out.jpg")
    assert dialog.format.currentData() == "jpeg"
    assert "re-encodes the whole picture" in dialog.promise.text()
    assert dialog.quality.isVisible()
    dialog.as_tiff.click()
    assert dialog.chosen_path.name == "out.tif"
    assert "bit for bit" in dialog.promise.text()
    assert dialog.compression.isVisible()
    assert not dialog.quality.isVisible()


def test_webp_is_lossless_unless_told_otherwise(export):
    dialog = export("out.webp")
    assert "bit for bit" in dialog.promise.text()
    dialog.lossless.setChecked(False)
    assert "re-encodes" in dialog.promise.text()
    assert dialog.quality.isVisible()


def test_fewer_bits_are_said_to_round(export):
    dialog = export("out.tif", dtype="uint16")
    assert dialog.bits.currentData() == "uint16"
    dialog.bits.setCurrentIndex(dialog.bits.findData("uint8"))
    assert "rounded" in dialog.promise.text()
    assert dialog.options.depth == "uint8"


def test_the_format_follows_the_name_and_the_name_the_format(export):
    dialog = export("out.png")
    dialog.path.setText(str(dialog.chosen_path.with_name("b.tiff")))
    assert dialog.format.currentData() == "tiff"
    dialog.choose_format("jpeg")
    assert dialog.chosen_path.name == "b.jpg"


def test_a_name_that_cannot_be_saved_cannot_be_exported(export):
    dialog = export("out.png")
    dialog.path.setText("out.heic")
    assert not dialog.export.isEnabled()
    dialog.path.setText("")
    assert not dialog.export.isEnabled()


def test_the_opened_photo_is_only_replaced_when_told_so(export):
    dialog = export("photo.png")
    assert "you opened" in dialog.replace.text()
    assert not dialog.export.isEnabled()
    dialog.replace.setChecked(True)
    dialog.export.click()
    assert dialog.requests[0][2] is True


def test_agreeing_to_replace_one_file_is_not_agreeing_to_another(export, tmp_path):
    (tmp_path / "other.png").write_bytes(b"also precious")
    dialog = export("photo.png")
    dialog.replace.setChecked(True)
    dialog.path.setText(str(tmp_path / "other.png"))
    assert not dialog.replace.isChecked()
    assert not dialog.export.isEnabled()


@pytest.mark.parametrize(
    ("opened", "dtype", "suggested"),
    [
        ("a.png", "uint8", "a-restored.png"),
        ("a.tiff", "uint16", "a-restored.tiff"),
        ("a.jpg", "uint8", "a-restored.png"),
        ("a.webp", "uint8", "a-restored.png"),
        ("a.png", "float32", "a-restored.tif"),
        (None, "uint8", "pasted-restored.png"),
    ],
)
def test_the_suggested_file_is_new_and_lossless(tmp_path, opened, dtype, suggested):
    path = suggest_path(photo_of(dtype), opened and tmp_path / opened, tmp_path)
    assert path.name == suggested
    path.write_bytes(b"")
    again = suggest_path(photo_of(dtype), opened and tmp_path / opened, tmp_path)
    assert again.name == suggested.replace("restored", "restored-2")


def test_a_dot_in_a_name_is_no_ending():
    assert with_format(Path("box 17.1911"), "png").name == "box 17.1911.png"
    assert with_format(Path("a.jpeg"), "jpeg").name == "a.jpeg"


def test_the_promise_depends_on_depth_too():
    assert promise(Path("a.tif"), photo_of("uint16"), WriteOptions())[0]
    assert not promise(Path("a.tif"), photo_of("uint16"), WriteOptions(depth="float32"))[0]


# Models


def card(name, *, url="", commercial_use="yes", status_bytes=2_000_000):
    return ModelCard(
        name=name,
        title=f"Model {name}",
        engine="pconv",
        files={"generator": WeightsFile(file="g.pth", url=url, bytes=status_bytes)},
        licence="CC BY-NC 4.0",
        commercial_use=commercial_use,
        origin="Somebody & sons",
        trained_on="Places2",
        good_at="Streets.",
        by_hand="From their page.",
        size_rule=SizeRule(),
    )


class FakeLibrary:
    """A library whose downloads say what they are told to say."""

    def __init__(self, *cards):
        self._cards = list(cards)
        self.ready = set()
        self.agreed = set()
        self.fail = ""
        self.proceed = threading.Event()
        self.proceed.set()

    def cards(self):
        return self._cards

    def status(self, card):
        return "ready" if card.name in self.ready else "missing"

    def needs_consent(self, card):
        return card.commercial_use != "yes" and card.name not in self.agreed

    def give_consent(self, card):
        self.agreed.add(card.name)

    def fetch(self, card):
        assert not self.needs_consent(card)
        yield DownloadProgress("g.pth", 500_000, 2_000_000)
        while not self.proceed.wait(0.01):
            yield DownloadProgress("g.pth", 600_000, 2_000_000)
        if self.fail:
            raise DownloadError(self.fail)
        self.ready.add(card.name)


@pytest.fixture
def models(keep):
    dialogs = []

    def make(*cards):
        library = FakeLibrary(*cards)
        dialog = ModelsDialog(None, library)
        dialogs.append(dialog)
        keep(dialog)
        dialog.open()
        return dialog, library

    yield make
    for dialog in dialogs:
        dialog.jobs.shut_down()


def test_a_card_is_shown_in_full(models):
    dialog, _ = models(card("a"))
    text = dialog.text.toPlainText()
    for fact in ("Model a", "CC BY-NC 4.0", "Places2", "Somebody & sons", "2 MB", "Streets."):
        assert fact in text
    assert "From their page." in text


def test_only_models_with_an_address_can_be_downloaded(models):
    dialog, _ = models(card("here"), card("there", url="https://example.org/g.pth"))
    assert not dialog.fetch.isVisible()
    dialog.choose("there")
    assert dialog.fetch.isVisible()


def test_a_download_shows_how_far_it_is_and_installs(qtbot, models):
    dialog, library = models(card("a", url="https://example.org"))
    library.proceed.clear()
    dialog.fetch.click()
    qtbot.waitUntil(lambda: "MB" in dialog.note.text() or "kB" in dialog.note.text(), timeout=WAIT)
    assert dialog.bar.isVisible()
    assert not dialog.import_file.isEnabled()
    with qtbot.waitSignal(dialog.changed, timeout=WAIT):
        library.proceed.set()
    assert "is installed" in dialog.note.text()
    assert not dialog.fetch.isVisible()


def test_a_failed_download_is_a_sentence(qtbot, models):
    dialog, library = models(card("a", url="https://example.org"))
    library.fail = "The server does not answer: try again later."
    dialog.fetch.click()
    qtbot.waitUntil(lambda: dialog.note.text() == library.fail, timeout=WAIT)
    assert dialog.fetch.isEnabled()


def test_a_download_can_be_stopped(qtbot, models):
    dialog, library = models(card("a", url="https://example.org"))
    library.proceed.clear()
    dialog.fetch.click()
    qtbot.waitUntil(dialog.stop.isVisible, timeout=WAIT)
    dialog.stop.click()
    assert "Stopped" in dialog.note.text()
    assert not dialog.bar.isVisible()
    dialog.jobs.shut_down()
    assert library.ready == set()


def test_an_unclear_licence_is_agreed_to_before_anything_is_fetched(qtbot, models):
    dialog, library = models(card("a", url="https://example.org", commercial_use="no"))
    dialog.fetch.click()
    consent = dialog.findChild(ConsentDialog)
    assert library.ready == set()
    assert not consent.agree.isEnabled()
    consent.accept()  # Enter without the tick does nothing
    assert library.agreed == set()
    consent.tick.setChecked(True)
    with qtbot.waitSignal(dialog.changed, timeout=WAIT):
        consent.agree.click()
    assert library.agreed == {"a"}


def test_cancelling_the_consent_fetches_nothing(models):
    dialog, library = models(card("a", url="https://example.org", commercial_use="unclear"))
    dialog.fetch.click()
    dialog.findChild(ConsentDialog).reject()
    assert library.ready == library.agreed == set()
    assert not dialog.bar.isVisible()


def test_closing_stops_the_download(qtbot, models):
    dialog, library = models(card("a", url="https://example.org"))
    library.proceed.clear()
    dialog.fetch.click()
    dialog.reject()
    assert library.ready == set()


# The others


def test_unsaved_work_is_saved_discarded_or_kept(keep):
    for button, expected in (("Save", ["saving"]), ("Discard", ["discarded"]), ("Cancel", [])):
        question = UnsavedQuestion(None, name="a.png")
        keep(question)
        said = []
        question.saving.connect(lambda said=said: said.append("saving"))
        question.discarded.connect(lambda said=said: said.append("discarded"))
        question.open()
        assert "a.png" in question.text()
        question.button(getattr(QMessageBox.StandardButton, button)).click()
        assert said == expected


def test_a_very_long_name_is_shortened_in_the_middle(keep):
    question = UnsavedQuestion(None, name="x" * 300 + ".tif")
    keep(question)
    assert "…" in question.text()
    assert len(question.text()) < 150


def test_an_amount_is_asked_for(keep):
    chosen = []
    dialog = AmountDialog(None, title="Grow", label="by", value=7, chosen=chosen.append)
    keep(dialog)
    dialog.open()
    assert dialog.amount.value() == 7
    dialog.amount.setValue(12)
    dialog.accept()
    assert chosen == [12]


def test_preferences_change_only_with_ok(keep):
    store = SettingsStore()
    for accepted in (False, True):
        dialog = PreferencesDialog(None, store)
        keep(dialog)
        dialog.open()
        dialog.budget.setValue(1024)
        dialog.safety.autosave.setCurrentIndex(dialog.safety.autosave.findData(10))
        dialog._take_color(QColor("#00ff88"))
        dialog.accept() if accepted else dialog.reject()
        assert (store.settings.history_budget_mb == 1024) is accepted
        assert store.settings.autosave_minutes == (10 if accepted else 0)
    assert store.settings.mask_color == "#00ff88"
    store.save()
    assert load_settings()[0].history_budget_mb == 1024


def test_what_others_saved_meanwhile_is_not_lost(qtbot):
    store, other = SettingsStore(), SettingsStore()
    other.update(lambda settings: msgspec.structs.replace(settings, device="cpu"))
    other.save()
    store.update(lambda settings: msgspec.structs.replace(settings, mask_opacity=0.25))
    store.save()
    saved = load_settings()[0]
    assert (saved.device, saved.mask_opacity) == ("cpu", 0.25)


def test_the_sheet_of_shortcuts_names_every_key(keep):
    dialog = ShortcutsDialog()
    keep(dialog)
    shown = {keys for _, keys in dialog.rows}
    assert {"Ctrl+O", "B", "Shift+L", "Ctrl+Return", "Space+drag"} <= shown
    assert len(dialog.rows) >= sum(1 for spec in ACTIONS if spec.keys)


def test_about_names_the_version(keep):
    dialog = AboutDialog()
    keep(dialog)
    assert any(__version__ in label.text() for label in dialog.findChildren(QLabel))


# Words that do not fit


LONG = "a_very_long_file_name_without_any_spaces_in_it_that_a_scanner_gave_to_it_0000017.tif"


def test_a_long_name_is_broken_into_lines_and_copied_as_it_is(qtbot):
    label = WrappedLabel(f"“/media/pictures/{LONG}” cannot be read.")
    qtbot.addWidget(label)
    label.resize(200, 10)
    label.show()
    line = label.fontMetrics().lineSpacing()
    assert label.sizeHint().height() >= 4 * line
    assert label.minimumSizeHint().width() <= 200
    assert label.text() == f"“/media/pictures/{LONG}” cannot be read."
    assert breakable("a short-enough word") == "a short-enough word"


def test_no_list_of_masks_says_so_and_enter_stores_one(qtbot, opened):
    paint_mask(opened)
    opened.commands["named_masks"].trigger()
    dialog = opened.findChild(NamedMasksDialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert dialog.empty.isVisible()
    dialog.name.setText("Sky")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert [mask.name for mask in opened.workspace.document.named_masks] == ["Sky"]
    assert not dialog.empty.isVisible()
    opened.masks.clear()
    dialog.list.setFocus()
    with qtbot.waitSignal(opened.workspace.changed, timeout=WAIT):
        QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert not isValid(dialog) or not dialog.isVisible()


def test_a_search_that_finds_no_shortcut_says_so(keep):
    dialog = ShortcutsDialog()
    keep(dialog)
    dialog.show()
    dialog.search.setText("xyzzy")
    assert dialog.empty.isVisible()
    dialog.search.setText("zoom")
    assert not dialog.empty.isVisible()


def test_the_consent_shows_every_word_of_a_long_card(keep):
    long = msgspec.structs.replace(card("a", commercial_use="no"), notes="word " * 900 + "the end")
    dialog = ConsentDialog(None, long, agreed=print)
    keep(dialog)
    dialog.show()
    text = dialog.findChild(QTextBrowser)
    assert text.toPlainText().rstrip().endswith("the end")
    assert text.verticalScrollBar().maximum() > 0
    assert dialog.agree.isVisible()
    assert dialog.height() <= 600


def test_engines_to_compare_are_counted_at_once(opened):
    paint_mask(opened)
    opened.commands["compare_engines"].trigger()
    dialog = opened.findChild(CompareEnginesDialog)
    assert dialog.count.text() == "2 fills will be made."
    assert dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
