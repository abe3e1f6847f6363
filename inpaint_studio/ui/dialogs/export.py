"""The Export dialog: where to, as what, and what that does to the pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.formats import TITLES, WriteOptions, save_format
from inpaint_studio.ui.dialogs.export_plan import (
    DEPTHS,
    FORMATS,
    depths_of,
    promise,
    replacement_warning,
    with_format,
)
from inpaint_studio.ui.dialogs.files import ask_for_path
from inpaint_studio.ui.panels.fields import Caption

if TYPE_CHECKING:
    from inpaint_studio.imaging.photo import Photo
    from inpaint_studio.settings import ExportChoice


class ExportDialog(QDialog):
    """Asks; `requested(path, options, overwrite)` is what the user agreed to."""

    requested = Signal(object, object, bool)
    """`provenance` and `layers` say what else the user agreed to."""

    def __init__(
        self,
        parent: QWidget | None,
        *,
        photo: Photo,
        opened: Path | None,
        suggestion: Path,
        last: ExportChoice,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export"))
        self.setMinimumWidth(540)
        self._photo = photo
        self._opened = opened
        self.path = QLineEdit(str(suggestion))
        self.path.setAccessibleName(self.tr("File"))
        self.browse = QPushButton(self.tr("Browse…"))
        self.browse.setAutoDefault(False)
        self.format = _combo(self.tr("Format"), [(TITLES[kind], kind) for kind in FORMATS])
        self.bits = _combo(self.tr("Depth"), [])
        self.quality = QSlider(Qt.Orientation.Horizontal)
        self.quality.setRange(1, 100)
        self.quality.setAccessibleName(self.tr("Quality"))
        self.quality.setValue(last.quality)
        self.share = QLabel()
        self.share.setMinimumWidth(28)
        self.lossless = _tick(self.tr("Lossless"), True)
        self.compression = _combo(
            self.tr("Compression"),
            [(self.tr("Deflate (smaller)"), "deflate"), (self.tr("None (opens anywhere)"), "none")],
        )
        self.metadata = _tick(self.tr("Keep EXIF, XMP and IPTC"), last.keep_metadata)
        self.layers = _tick(self.tr("Keep the layers (Photoshop)"))
        self.provenance = _tick(self.tr("Record how the fills were made"), last.provenance)
        self.promise = QLabel(wordWrap=True)
        self.replace = QCheckBox()
        self.as_png = _quiet_button(self.tr("Use PNG"))
        self.as_tiff = _quiet_button(self.tr("Use TIFF"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = self.buttons.addButton(
            self.tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.export.setDefault(True)
        self._lay_out()
        self._connect()
        _explain(self)
        self._show_format()

    @property
    def options(self) -> WriteOptions:
        """What the fields say."""
        return WriteOptions(
            format=self.format.currentData(),
            depth=self.bits.currentData(),
            quality=self.quality.value(),
            lossless=self.lossless.isChecked(),
            compression=self.compression.currentData(),
            keep_metadata=self.metadata.isChecked(),
        )

    @property
    def chosen_path(self) -> Path:
        return Path(self.path.text().strip()).expanduser()

    def choose_format(self, kind: str) -> None:
        """Export as `kind`; the name gets its ending."""
        self.format.setCurrentIndex(self.format.findData(kind))

    def accept(self) -> None:
        self.requested.emit(self.chosen_path, self.options, self.replace.isChecked())
        super().accept()

    def _lay_out(self) -> None:
        where = QHBoxLayout()
        where.setSpacing(6)
        where.addWidget(self.path, 1)
        where.addWidget(self.browse)
        self._quality_row = QWidget()
        row = QHBoxLayout(self._quality_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.quality, 1)
        row.addWidget(self.share)
        self._form = QFormLayout(horizontalSpacing=12, verticalSpacing=10)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._form.addRow(Caption(self.tr("&File"), self.path), where)
        self._form.addRow("", self.replace)
        self._form.addRow(self.tr("F&ormat"), self.format)
        self._form.addRow(self.tr("&Depth"), self.bits)
        self._form.addRow("", self.lossless)
        self._form.addRow(self.tr("&Quality"), self._quality_row)
        self._form.addRow(self.tr("&Compression"), self.compression)
        self._form.addRow("", self.layers)
        self._form.addRow("", self.metadata)
        self._form.addRow("", self.provenance)
        offers = _row(self.as_png, self.as_tiff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(self._form)
        layout.addWidget(self.promise)
        layout.addLayout(offers)
        layout.addStretch()
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.path.textChanged.connect(self._withdraw)
        self.browse.clicked.connect(self._browse)
        self.as_png.clicked.connect(lambda: self.choose_format("png"))
        self.as_tiff.clicked.connect(lambda: self.choose_format("tiff"))
        self.format.currentIndexChanged.connect(self._rename)
        self.lossless.toggled.connect(self._show_format)
        self.bits.currentIndexChanged.connect(self._show_promise)
        self.quality.valueChanged.connect(self.share.setNum)
        self.replace.toggled.connect(self._show_path)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _browse(self) -> None:
        pictures = " ".join(f"*.{kind}" for kind in ("png", "tif", "tiff", "jpg", "jpeg", "webp"))
        ask_for_path(
            self,
            self.tr("Export"),
            suggestion=self.chosen_path,
            filters=f"{self.tr('Pictures')} ({pictures})",
            chosen=self._take_path,
        )

    def _take_path(self, path: Path) -> None:
        self.path.setText(str(path))
        # The file dialog has asked already; the photo that is open is asked about again.
        self.replace.setChecked(path != self._opened)

    def _rename(self) -> None:
        """The name follows the format."""
        self.path.setText(str(with_format(self.chosen_path, self.format.currentData())))
        self._show_format()

    def _withdraw(self) -> None:
        """Leave to replace one file is no leave to replace another."""
        self.replace.setChecked(False)
        self._show_path()

    def _show_path(self) -> None:
        """The format follows the name; an existing file has to be allowed to be replaced."""
        path = self.chosen_path
        try:
            kind: str | None = save_format(path, WriteOptions())
        except PhotoError:
            kind = None
        if kind is not None and kind != self.format.currentData():
            self.format.blockSignals(True)
            self.format.setCurrentIndex(self.format.findData(kind))
            self.format.blockSignals(False)
            self._show_format()
            return
        warning = replacement_warning(path, self._opened)
        self.replace.setText(warning)
        self._form.setRowVisible(self.replace, bool(warning))
        allowed = not warning or self.replace.isChecked()
        self.export.setEnabled(kind is not None and allowed)
        _fit_height(self)

    def _show_format(self) -> None:
        """Offer what the format can be set to."""
        kind = self.format.currentData()
        chosen = self.bits.currentData()
        self.bits.blockSignals(True)
        self.bits.clear()
        for depth in depths_of(kind, self._photo):
            self.bits.addItem(DEPTHS[depth], depth)
        own = self._photo.pixels.dtype.name
        index = self.bits.findData(chosen or own)
        self.bits.setCurrentIndex(max(index, 0))
        self.bits.blockSignals(False)
        lossy = kind == "jpeg" or (kind == "webp" and not self.lossless.isChecked())
        self._form.setRowVisible(self._quality_row, lossy)
        self._form.setRowVisible(self.lossless, kind == "webp")
        self._form.setRowVisible(self.compression, kind == "tiff")
        self._form.setRowVisible(self.layers, kind == "tiff")
        self.share.setText(str(self.quality.value()))
        self._show_path()
        self._show_promise()

    def _show_promise(self) -> None:
        kept, sentence = promise(self.chosen_path, self._photo, self.options)
        self.promise.setText(sentence)
        _set_role(self.promise, "good" if kept else "warning")
        lossy = self.format.currentData() == "jpeg"
        self.as_png.setVisible(lossy)
        self.as_tiff.setVisible(lossy)
        _fit_height(self)


def _explain(dialog: ExportDialog) -> None:
    """Tool tips for what the captions leave open."""
    dialog.path.setToolTip(dialog.tr("Where to save; the ending says the format"))
    dialog.browse.setToolTip(dialog.tr("Choose a folder and a name"))
    dialog.quality.setToolTip(dialog.tr("Higher keeps more detail and makes a larger file"))
    dialog.lossless.setToolTip(dialog.tr("Keep every pixel as it is; the file is larger"))
    dialog.metadata.setToolTip(dialog.tr("Copy what the camera and others wrote into the file"))
    dialog.layers.setToolTip(
        dialog.tr(
            "Photo, layers, groups and masks beside the flat picture; Photoshop and Affinity Photo "
            "open them, other programs see the flat picture. The file is much larger"
        )
    )
    dialog.provenance.setToolTip(
        dialog.tr(
            "Writes into the file's XMP which engine, model and seed made each layer, and the IPTC "
            "term for pictures made in part by a trained network, by another program or by hand"
        )
    )
    dialog.replace.setAccessibleName(dialog.tr("Replace the file"))
    dialog.replace.setToolTip(dialog.tr("Has to be ticked before a file is replaced"))


def _fit_height(dialog: QDialog) -> None:
    """As high as the rows that are shown."""
    layout = dialog.layout()
    if dialog.isVisible() and layout is not None:
        layout.activate()
        dialog.resize(dialog.width(), layout.totalHeightForWidth(dialog.width()))


def _set_role(label: QLabel, role: str) -> None:
    """Have the style sheet show another role."""
    label.setProperty("role", role)
    label.style().unpolish(label)
    label.style().polish(label)


def _row(*widgets: QWidget) -> QHBoxLayout:
    """Next to each other, from the left."""
    row = QHBoxLayout()
    row.setSpacing(16)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch()
    return row


def _tick(text: str, on: bool = False) -> QCheckBox:
    box = QCheckBox(text)
    box.setChecked(on)
    return box


def _combo(name: str, items: list[tuple[str, str]]) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(name)
    for title, data in items:
        combo.addItem(title, data)
    return combo


def _quiet_button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "link")
    button.setAutoDefault(False)
    return button
