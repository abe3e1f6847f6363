"""All keys: listed, searched and changed; made from the actions, so that it cannot be out of date.

Changes take effect at once and are kept in the settings; only what differs from the program's own
keys is kept.
"""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.ui.actions import ACTIONS, MENUS, plain_text, translated
from inpaint_studio.ui.dialogs.shortcut_keys import (
    KeyStore,
    changed_keys,
    current_keys,
    owner_of,
    with_key,
    without_key,
)
from inpaint_studio.ui.dialogs.sizes import resize_within
from inpaint_studio.ui.palette import score
from inpaint_studio.ui.panels.empty import EmptyHint

NATIVE = QKeySequence.SequenceFormat.NativeText
_ID = Qt.ItemDataRole.UserRole
Keys = Mapping[str, Sequence[str]]


class ShortcutsDialog(QDialog):
    """Menus with their actions and keys, what the mouse does on the photo, and a field for a new
    key of the chosen action.

    `store` keeps the changes; without one the keys can only be looked at.
    """

    def __init__(self, parent: QWidget | None = None, store: KeyStore | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard Shortcuts"))
        self._store = store
        self.rows: list[tuple[str, str]] = []
        self._items: list[tuple[QTreeWidgetItem, QTreeWidgetItem]] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search by name or key…"))
        self.search.setAccessibleName(self.tr("Search shortcuts"))
        self.search.setToolTip(self.tr("Letters of a name, or a key such as Ctrl+Z"))
        self.search.setClearButtonEnabled(True)
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(10)
        self.tree.setAccessibleName(self.tr("Actions and their keys"))
        self.tree.setToolTip(self.tr("Choose the action that is to have another key"))
        self.empty = EmptyHint(self.tree, self.tr("No action or key is called that."))
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(self.tr("New key"))
        self.edit.setToolTip(self.tr("Click here, then press the new key"))
        self.assign = self._button(self.tr("Set"), self.tr("Give the chosen action this key"))
        self.reset = self._button(self.tr("Reset"), self.tr("The key the program came with"))
        self.reset_all = self._button(self.tr("Reset All"), self.tr("All keys as they were"))
        self.note = QLabel(wordWrap=True)
        self.note.setProperty("role", "muted")
        self._lay_out()
        self._connect()
        self.show_keys()
        resize_within(self, 700, 720)

    def show_keys(self) -> None:
        """List everything as it is now, the same action chosen as before."""
        chosen, keys = self.chosen, self._keys
        self.rows.clear()
        self._items.clear()
        self.tree.clear()
        specs = {spec.id: spec for spec in ACTIONS}
        for title, ids in MENUS:
            group = self._group(plain_text(translated(title)))
            for action_id in dict.fromkeys(ids):
                if action_id in specs:
                    name = plain_text(translated(specs[action_id].text))
                    self._row(group, name, _spoken(keys[action_id]), action_id)
        photo = self._group(self.tr("On the photo"))
        for name, gesture in self._gestures():
            self._row(photo, name, gesture, "")
        self.tree.expandAll()
        self._choose(chosen)
        self._filter()

    @property
    def chosen(self) -> str:
        """Id of the chosen action; empty where none is."""
        item = self.tree.currentItem()
        return item.data(0, _ID) or "" if item is not None else ""  # pyright: ignore[reportUnnecessaryComparison]

    def set_key(self) -> None:
        """Give the chosen action the key in the field; another that has it loses it."""
        key = self.edit.keySequence().toString()
        if not self.chosen or not key:
            return
        keys = self._keys
        owner = owner_of(keys, key)
        if owner and owner != self.chosen:
            keys = without_key(keys, owner, key)
        self._keep(with_key(keys, self.chosen, key))
        self.edit.clear()

    # Building and following

    def _gestures(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Move the view"), self.tr("Space+drag")),
            (self.tr("Zoom at the pointer"), self.tr("Ctrl+wheel")),
            (self.tr("See the original"), self.tr("hold Tab")),
            (self.tr("Erase with the brush"), self.tr("right button")),
            (self.tr("Straight lines"), self.tr("Shift")),
            (self.tr("Take away with a lasso"), self.tr("Alt")),
            (self.tr("While drawing edges: pen, curve, eraser"), self.tr("B, C, E")),
        ]

    @property
    def _keys(self) -> dict[str, tuple[str, ...]]:
        return current_keys({} if self._store is None else self._store.shortcuts)

    def _group(self, title: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem(self.tree, [title, ""])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        return group

    def _row(self, group: QTreeWidgetItem, name: str, keys: str, action_id: str) -> None:
        item = QTreeWidgetItem(group, [name, keys])
        self._items.append((group, item))
        item.setData(0, _ID, action_id)
        item.setToolTip(1, keys)
        if keys:
            self.rows.append((name, keys.split(",  ")[0]))

    def _choose(self, action_id: str) -> None:
        for _, item in self._items:
            if action_id and item.data(0, _ID) == action_id:
                self.tree.setCurrentItem(item)

    def _filter(self) -> None:
        wanted = self.search.text()
        shown: set[str] = set()
        for group, item in self._items:
            by_key = wanted.lower() in item.text(1).lower()
            hidden = bool(wanted) and not by_key and score(wanted, item.text(0)) is None
            item.setHidden(hidden)
            if not hidden:
                shown.add(group.text(0))
        for group, _ in self._items:
            group.setHidden(group.text(0) not in shown)
        self.empty.setVisible(not shown)

    def _show_note(self) -> None:
        """Who has the key in the field already, or what to do."""
        key, chosen = self.edit.keySequence().toString(), self.chosen
        owner = owner_of(self._keys, key) if key else ""
        names = {spec.id: plain_text(translated(spec.text)) for spec in ACTIONS}
        self.assign.setEnabled(bool(chosen and key and self._store is not None))
        self.reset.setEnabled(bool(chosen and self._store and chosen in self._store.shortcuts))
        self.reset_all.setEnabled(bool(self._store is not None and self._store.shortcuts))
        if owner and owner != chosen:
            taken = self.tr("“{0}” has {1}; setting it takes it away there.")
            self.note.setText(taken.format(names[owner], _spoken((key,))))
        elif chosen:
            self.note.setText(self.tr("New key for “{0}”").format(names[chosen]))
        else:
            self.note.setText(self.tr("Choose an action to give it another key."))

    def _reset_one(self) -> None:
        """Put back the program's own keys of the chosen action, taken from whoever has them."""
        if not self.chosen:
            return
        own = {spec.id: spec.keys for spec in ACTIONS}
        keys = self._keys
        for key in own[self.chosen]:
            owner = owner_of(keys, key)
            if owner and owner != self.chosen:
                keys = without_key(keys, owner, key)
        self._keep({**keys, self.chosen: own[self.chosen]})

    def _keep(self, keys: Keys) -> None:
        if self._store is not None:
            self._store.keep_shortcuts(changed_keys(keys))
        self.show_keys()
        self._show_note()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.tree.currentItemChanged.connect(self._show_note)
        self.edit.keySequenceChanged.connect(self._show_note)
        self.assign.clicked.connect(self.set_key)
        self.reset.clicked.connect(self._reset_one)
        self.reset_all.clicked.connect(lambda: self._keep(current_keys({})))
        self._show_note()

    def _lay_out(self) -> None:
        head = self.tree.header()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        for button in (self.assign, self.reset, self.reset_all):
            row.addWidget(button)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.note)
        layout.addLayout(row)
        layout.addWidget(buttons)


def _spoken(keys: Sequence[str]) -> str:
    return ",  ".join(QKeySequence(key).toString(NATIVE) for key in keys)
