"""The sheet of all keys, made from the actions so that it cannot be out of date."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.ui.actions import ACTIONS, MENUS, plain_text, translated

NATIVE = QKeySequence.SequenceFormat.NativeText


class ShortcutsDialog(QDialog):
    """Two columns of menus with their keys, and what the mouse does on the photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard Shortcuts"))
        self.rows: list[tuple[str, str]] = []
        columns = (QVBoxLayout(), QVBoxLayout())
        for column in columns:
            column.setSpacing(18)
        groups = [(plain_text(translated(title)), _keys_of(ids)) for title, ids in MENUS]
        groups.append((self.tr("On the photo"), self._gestures()))
        half = (sum(len(rows) + 2 for _, rows in groups) + 1) // 2
        filled = 0
        for title, rows in groups:
            if rows:
                columns[0 if filled < half else 1].addWidget(self._group(title, rows))
                filled += len(rows) + 2
        body = QWidget()
        side_by_side = QHBoxLayout(body)
        side_by_side.setContentsMargins(22, 20, 22, 20)
        side_by_side.setSpacing(44)
        for column in columns:
            column.addStretch()
            side_by_side.addLayout(column, 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(body)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 16, 14)
        layout.addWidget(scroll)
        layout.addWidget(buttons)
        self.resize(740, 780)

    def _gestures(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Move the view"), self.tr("Space+drag")),
            (self.tr("Zoom at the pointer"), self.tr("Ctrl+wheel")),
            (self.tr("See the original"), self.tr("hold Tab")),
            (self.tr("Erase with the brush"), self.tr("right button")),
            (self.tr("Straight lines"), self.tr("Shift")),
            (self.tr("Take away with a lasso"), self.tr("Alt")),
        ]

    def _group(self, title: str, rows: list[tuple[str, str]]) -> QWidget:
        group = QWidget()
        grid = QGridLayout(group)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(0, 1)
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, (name, keys) in enumerate(rows, start=1):
            self.rows.append((name, keys))
            grid.addWidget(QLabel(name), row, 0)
            cap = QLabel(keys)
            cap.setObjectName("keycap")
            grid.addWidget(cap, row, 1, Qt.AlignmentFlag.AlignRight)
        return group


def _keys_of(ids: tuple[str, ...]) -> list[tuple[str, str]]:
    specs = {spec.id: spec for spec in ACTIONS}
    found = (specs[action_id] for action_id in ids if action_id in specs)
    return [
        (plain_text(translated(spec.text)), QKeySequence(spec.keys[0]).toString(NATIVE))
        for spec in found
        if spec.keys
    ]
