"""The masks kept under a name: store the one there is, bring another back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.document.named_masks import KeepMasks, NamedMask
from inpaint_studio.ui.canvas.gesture import SelectionTask
from inpaint_studio.ui.canvas.images import picture_image
from inpaint_studio.ui.panels.empty import EmptyHint
from inpaint_studio.ui.panels.fields import WrappedLabel, elide_items

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.document.commands import Command
    from inpaint_studio.document.document import Document
    from inpaint_studio.imaging.mask import Coverage
    from inpaint_studio.imaging.selection import How
    from inpaint_studio.imaging.selection import Selecting as Run
    from inpaint_studio.ui.selecting import Selecting

_THUMB = QSize(72, 48)


class NamedMasksDialog(QDialog):
    """Lists `document.named_masks`; storing, deleting and loading are steps of the history."""

    def __init__(
        self,
        parent: QWidget | None,
        document: Document,
        selecting: Selecting,
        *,
        push: Callable[[Command], object],
    ) -> None:
        super().__init__(parent)
        self._push = push
        self.setWindowTitle(self.tr("Named masks"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document = document
        self._selecting = selecting
        self.name = QLineEdit()
        self.list = QListWidget()
        self.empty = EmptyHint(self.list, self.tr("No mask has been stored yet."))
        self.store = self._button(
            self.tr("&Store"), self.tr("Keep the mask as it is now under this name"), self.keep
        )
        self.load = self._join("replace", self.tr("&Load"), self.tr("Make it the mask"))
        self.add = self._join("add", self.tr("&Add"), self.tr("Add it to the mask"))
        self.take = self._join("subtract", self.tr("S&ubtract"), self.tr("Take it off the mask"))
        self.delete = self._button(
            self.tr("&Delete"), self.tr("Delete it; undo brings it back"), self.forget
        )
        self._lay_out()
        self.refresh()

    def keep(self) -> None:
        """Store the mask; one of the same name is replaced."""
        name = self.name.text().strip()
        if name and self._document.mask.any():
            others = [mask for mask in self._document.named_masks if mask.name != name]
            new = NamedMask.of(name, self._document.mask)
            self._step((*others, new), self.tr("Store mask {0}").format(name))

    def forget(self) -> None:
        """Delete the chosen one."""
        chosen = self._chosen()
        if chosen is not None:
            kept = tuple(mask for mask in self._document.named_masks if mask is not chosen)
            self._step(kept, self.tr("Delete mask {0}").format(chosen.name))

    def bring(self, how: How) -> None:
        """Join the chosen one with the mask."""
        chosen = self._chosen()
        if chosen is None:
            return

        def select() -> Run:
            yield
            return chosen.coverage

        title = self.tr("Load mask {0}").format(chosen.name)
        self._selecting.run(SelectionTask(title, how, select))
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter stores the mask there is; in the list it makes the chosen one the mask."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.hasFocus():
            self._load()
        else:
            super().keyPressEvent(event)

    def _step(self, masks: tuple[NamedMask, ...], title: str) -> None:
        self._push(KeepMasks.to(masks, title=title))
        self.refresh()

    def _load(self) -> None:
        self.bring("replace")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        hint = WrappedLabel(
            self.tr("Masks kept here are saved with the project; undo takes them back.")
        )
        hint.setProperty("role", "muted")
        layout.addWidget(hint)
        self.name.setPlaceholderText(self.tr("Name of the mask there is now"))
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setToolTip(self.tr("The name to store the mask under"))
        self.name.textChanged.connect(self._enable)
        layout.addLayout(_row(self.name, self.store))
        self.list.setIconSize(_THUMB)
        elide_items(self.list)
        self.list.setAccessibleName(self.tr("Named masks"))
        self.list.setToolTip(self.tr("Double-click or Enter makes one the mask"))
        self.list.itemSelectionChanged.connect(self._enable)
        self.list.itemDoubleClicked.connect(self._load)
        layout.addWidget(self.list, 1)
        layout.addLayout(_row(self.load, self.add, self.take, self.delete))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self.store.setDefault(True)
        layout.addWidget(close)
        self.resize(420, 380)

    def refresh(self) -> None:
        """List what the document has now."""
        self.list.clear()
        for mask in self._document.named_masks:
            item = QListWidgetItem(QIcon(_thumbnail(mask.coverage)), mask.name)
            item.setToolTip(mask.name)
            self.list.addItem(item)
        self.empty.setVisible(not self._document.named_masks)
        self.list.setCurrentRow(self.list.count() - 1)
        number = len(self._document.named_masks) + 1
        self.name.setText(self.tr("Mask {0}").format(number))
        self._enable()

    def _enable(self) -> None:
        masked = bool(self._document.mask.any())
        self.store.setEnabled(masked and bool(self.name.text().strip()))
        why = self.tr("There is no mask to store: paint one first.")
        tip = self.tr("Keep the mask as it is now under this name")
        self.store.setToolTip(tip if masked else why)
        for button in (self.load, self.add, self.take, self.delete):
            button.setEnabled(self._chosen() is not None)

    def _chosen(self) -> NamedMask | None:
        row = self.list.currentRow()
        return self._document.named_masks[row] if row >= 0 else None

    def _join(self, how: How, text: str, tip: str) -> QPushButton:
        return self._button(text, tip, lambda: self.bring(how))

    def _button(self, text: str, tip: str, does: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: does())
        return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _thumbnail(coverage: Coverage) -> QPixmap:
    """A small picture of a mask, white where it fills."""
    step = max(1, coverage.shape[1] // _THUMB.width(), coverage.shape[0] // _THUMB.height())
    small = coverage[::step, ::step]
    rgba = np.repeat(small[:, :, None], 4, axis=2)
    rgba[:, :, 3] = 255
    return QPixmap.fromImage(picture_image(rgba, opaque=True))
