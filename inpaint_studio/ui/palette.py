"""The command palette: type a few letters of what is wanted, press Enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from inpaint_studio.ui.actions import MENUS, plain_text, translated
from inpaint_studio.ui.theme import color

if TYPE_CHECKING:
    from inpaint_studio.ui.actions import Actions

WIDTH, ROWS = 560, 11
_ROLE = Qt.ItemDataRole.UserRole
_HIDDEN = ("palette",)
_ENTER = (int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter))
_ESCAPE = int(Qt.Key.Key_Escape)
_STEPS = {
    int(Qt.Key.Key_Down): 1,
    int(Qt.Key.Key_Up): -1,
    int(Qt.Key.Key_PageDown): ROWS - 1,
    int(Qt.Key.Key_PageUp): 1 - ROWS,
}
_WORD = 12
_RUN = 6
_START = 18
_SKIPPED = 0.4
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """One action as the palette shows it."""

    id: str
    name: str
    menu: str
    keys: str
    why_not: str
    """Why it cannot be used now; empty where it can."""


def score(wanted: str, text: str) -> float | None:
    """How well the letters of `wanted` are found in `text` in their order; None where not.

    Beginnings of words and letters in a row count most, so that "fe" finds "Fill from Edges"
    before "Prefer".
    """
    letters, name = wanted.lower().replace(" ", ""), text.lower()
    if not letters:
        return 0.0
    best: list[float | None] = [0.0, *([None] * len(letters))]
    ended_at = [-2] * (len(letters) + 1)
    for at, letter in enumerate(name):
        fresh = at == 0 or not name[at - 1].isalnum()
        for count in range(len(letters), 0, -1):
            before = best[count - 1]
            if before is None or letters[count - 1] != letter:
                continue
            gain = 1.0 + (_WORD if fresh else 0) + (_START if at == 0 and count == 1 else 0)
            gain += _RUN if ended_at[count - 1] == at - 1 else 0
            found = before + gain
            old = best[count]
            if old is None or found > old:
                best[count], ended_at[count] = found, at
    whole = best[len(letters)]
    return None if whole is None else whole - _SKIPPED * (len(name) - len(letters))


def ranked(entries: list[Entry], wanted: str) -> list[Entry]:
    """The entries that fit, best first; those that cannot be used now after equals."""
    found: list[tuple[float, int, Entry]] = []
    for place, entry in enumerate(entries):
        by_name = score(wanted, entry.name)
        by_menu = score(wanted, f"{entry.menu} {entry.name}")
        best = max((value for value in (by_name, by_menu) if value is not None), default=None)
        if best is not None:
            found.append((-best + (4.0 if entry.why_not else 0.0), place, entry))
    return [entry for _, _, entry in sorted(found, key=lambda item: item[:2])]


class Palette(QFrame):
    """Lists every action over the window; arrows choose, Enter does it, Escape leaves."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._focus_before = QApplication.focusWidget()
        self._actions = actions
        self._entries = entries_of(actions)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Find a command…"))
        self.field.setAccessibleName(self.tr("Find a command"))
        self.field.setToolTip(self.tr("Some letters of it; Up and Down choose, Enter does it"))
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel(self.tr("No command is called that."))
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for widget in (self.field, self.list, self.empty):
            layout.addWidget(widget)
        self.field.textChanged.connect(self.show_matches)
        self.list.itemClicked.connect(self.run)
        self.show_matches("")
        self._place(window)
        self.show()
        self.raise_()
        self.field.setFocus()

    def show_matches(self, wanted: str) -> None:
        self.list.clear()
        found = ranked(self._entries, wanted)
        for entry in found:
            item = QListWidgetItem(entry.name)
            item.setData(_ROLE, entry)
            item.setToolTip(entry.why_not)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(found))
        self.empty.setVisible(not found)

    def run(self) -> None:
        """Do what is chosen; one that cannot be done now says why and stays."""
        item = self.list.currentItem()
        entry = item.data(_ROLE) if item is not None else None  # pyright: ignore[reportUnnecessaryComparison]
        if not isinstance(entry, Entry) or entry.why_not:
            return
        action = self._actions[entry.id]
        self.leave()
        QTimer.singleShot(0, action, action.trigger)

    def leave(self) -> None:
        """Close it and give the keyboard back to where it was."""
        before = self._focus_before
        self.field.removeEventFilter(self)
        self.close()
        if before is not None and isValid(before):
            before.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and not self.isAncestorOf(_focused()):
            QTimer.singleShot(0, self, self.close)
        elif isinstance(event, QKeyEvent) and event.key() in (*_STEPS, *_ENTER, _ESCAPE):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # these keys are not for the window's actions now
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._press(event.key())
                return True
        return super().eventFilter(watched, event)

    def _press(self, key: int) -> None:
        if key == _ESCAPE:
            self.leave()
        elif key in _ENTER:
            self.run()
        else:
            row = self.list.currentRow() + _STEPS[key]
            self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))

    def _place(self, window: QWidget) -> None:
        row = self.list.sizeHintForRow(0)
        self.list.setFixedHeight(row * ROWS + 6)
        width = min(WIDTH, window.width() - 40)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((window.width() - width) // 2, 72)


def _focused() -> QWidget:
    """What has the keyboard; a widget that is nowhere where nothing has."""
    return QApplication.focusWidget() or QWidget()


def entries_of(actions: Actions) -> list[Entry]:
    """Every action, menu by menu; those in no menu last."""
    menus = {action_id: plain_text(translated(title)) for title, ids in MENUS for action_id in ids}
    order = {action_id: place for place, action_id in enumerate(menus)}
    entries = [
        Entry(
            spec.id,
            plain_text(action.text()),
            menus.get(spec.id, ""),
            action.shortcut().toString(action.shortcut().SequenceFormat.NativeText),
            "" if action.isEnabled() else actions.reason(spec.id),
        )
        for spec, action in actions
        if spec.id not in _HIDDEN
    ]
    return sorted(entries, key=lambda entry: order.get(entry.id, len(order)))


def _smaller(font: QFont) -> QFont:
    """A little smaller, however its size is given."""
    small = QFont(font)
    if font.pixelSize() > 0:
        small.setPixelSize(max(round(font.pixelSize() * 0.9), 1))
    else:
        small.setPointSizeF(max(font.pointSizeF() * 0.9, 1.0))
    return small


class _Row(QStyledItemDelegate):
    """Name and menu at the left, keys at the right; a reason where there is one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        height = option.fontMetrics.height() + 14  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        return QSize(100, height)  # pyright: ignore[reportUnknownArgumentType]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(_ROLE)
        if not isinstance(entry, Entry):
            return
        painter.save()
        bare = QStyleOptionViewItem(option)
        bare.text = ""  # pyright: ignore[reportAttributeAccessIssue]
        chosen = bool(bare.state & bare.state.State_Selected)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
        area = QRect(bare.rect)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
        if chosen:
            painter.fillRect(area, color("selection"))
        room = area.adjusted(10, 0, -10, 0)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        beside = color("text" if chosen else "muted")
        painter.setPen(beside)
        painter.drawText(room, right, entry.keys)
        keys = painter.fontMetrics().horizontalAdvance(entry.keys)
        painter.setPen(color("disabled" if entry.why_not else "text"))
        painter.drawText(room, left, entry.name)
        used = painter.fontMetrics().horizontalAdvance(entry.name)
        painter.setPen(beside)
        painter.setFont(_smaller(painter.font()))
        aside = room.adjusted(used + 12, 0, -keys - 12, 0)
        told = painter.fontMetrics().elidedText(
            entry.why_not or entry.menu, Qt.TextElideMode.ElideRight, aside.width()
        )
        painter.drawText(aside, left, told)
        painter.restore()
