"""How a row of the layers list is drawn, and what a click on a part of it means."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontInfo,
    QFontMetrics,
    QHelpEvent,
    QIcon,
    QImage,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from inpaint_studio.ui.icons import icon
from inpaint_studio.ui.panels.layer_facts import STALE_TIP, say
from inpaint_studio.ui.panels.layer_model import KEEP, ROW, SUBTITLE, THUMBNAIL, Index, Row
from inpaint_studio.ui.theme import color

KEEP_SHAPE = Qt.AspectRatioMode.KeepAspectRatio
HEIGHT = 40
"""Of a row in the program's own font; larger ones take more."""
_LINES_APART = 11
EYE = 32
"""Width of the eye's column."""
INDENT = 20
"""By which each group shifts its rows."""
FOLD = 14
"""Width of a group's triangle."""
PICTURE = 30
"""Side of the thumbnail's square."""
MASK = 22
"""Side of the mask's square."""
BADGE = 18
"""Width of the lock and of the mark of a layer that is out of date."""

TIPS = {
    "eye": "Show or hide it (Space)",
    "fold": "Fold the group away or unfold it (Left, Right)",
    "mask": "Paint on the layer's mask (Ctrl+M)",
    "lock": "Locked: click to unlock (Ctrl+/)",
    "stale": f"{STALE_TIP} Click to run it again (Ctrl+Alt+Enter)",
}
_ICONS = {
    "shown": ("eye-outline", "text"),
    "hidden": ("eye-off-outline", "faint"),
    "photo": ("lock-outline", "disabled"),
    "lock": ("lock-outline", "muted"),
    "stale": ("refresh", "warning"),
    "folder": ("folder-outline", "muted"),
    "open": ("chevron-down", "muted"),
    "folded": ("chevron-right", "muted"),
}


class LayerDelegate(QStyledItemDelegate):
    """Paints rows; a click on a part of one is told as `part_clicked(part, id)`."""

    part_clicked = Signal(str, int)
    """Which of `TIPS`, and the id of the layer or group."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons: dict[str, QIcon] = {}

    def load_icons(self) -> None:
        """Slow the first time: after the first paint."""
        self._icons = {name: icon(shape, color=hue) for name, (shape, hue) in _ICONS.items()}

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        font: QFont = option.font  # pyright: ignore[reportAttributeAccessIssue]
        lines = QFontMetrics(font).height() + QFontMetrics(_smaller(font)).height()
        return QSize(120, max(HEIGHT, lines + _LINES_APART))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        from PySide6.QtWidgets import QStyle  # slow to make, and not needed before a photo is open

        row: Row | None = index.data(ROW)
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(area, color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, color("panel"))
        parts = parts_of(area, row)
        _paint_guides(painter, area, 0 if row is None else row.depth)
        self._paint_marks(painter, parts, row)
        self._paint_pictures(painter, parts, index)
        _paint_words(painter, parts["words"], index, _shades(row, selected=selected))
        painter.setPen(color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        row: Row | None = index.data(ROW)
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            part = part_at(area, row, event.position().toPoint())
            if part:
                if event.type() == QEvent.Type.MouseButtonRelease and row is not None:
                    self.part_clicked.emit(part, row.id)
                return True
        return super().editorEvent(event, model, option, index)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        part = part_at(area, index.data(ROW), event.pos())
        if part and index.data(ROW) is not None:
            QToolTip.showText(event.globalPos(), say(TIPS[part]), view)
            return True
        return super().helpEvent(event, view, option, index)

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Name of the layer"))
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        words = parts_of(area, index.data(ROW))["words"]
        size = QSize(words.width() + 8, area.height() - 13)
        editor.setGeometry(QRect(QPoint(words.left() - 6, area.top() + 6), size))

    def _paint_marks(self, painter: QPainter, parts: dict[str, QRect], row: Row | None) -> None:
        marks = {"eye": "photo"}
        if row is not None:
            holder = row.layer or row.group
            marks["eye"] = "shown" if holder is not None and holder.visible else "hidden"
            marks |= {"fold": "folded" if row.folded else "open", "lock": "lock", "stale": "stale"}
        for part, name in marks.items():
            if part in parts and name in self._icons:
                box = QRect(QPoint(0, 0), QSize(16, 16))
                box.moveCenter(parts[part].center())
                self._icons[name].paint(painter, box)

    def _paint_pictures(self, painter: QPainter, parts: dict[str, QRect], index: Index) -> None:
        row: Row | None = index.data(ROW)
        if row is not None and row.layer is None:
            if "folder" in self._icons:
                self._icons["folder"].paint(painter, parts["picture"].adjusted(4, 4, -4, -4))
            return
        _paint_picture(painter, parts["picture"], index.data(THUMBNAIL))
        if "mask" in parts:
            _paint_picture(painter, parts["mask"], index.data(KEEP))


def parts_of(area: QRect, row: Row | None) -> dict[str, QRect]:
    """Where the parts of a row are: those it has."""
    left, top, height = area.left(), area.top(), area.height()
    parts = {"eye": QRect(left, top, EYE, height)}
    left += EYE
    if row is not None:
        left += INDENT * row.depth
        if row.group is not None:
            parts["fold"] = QRect(left, top, FOLD, height)
            left += FOLD
    parts["picture"] = QRect(left, top + (height - PICTURE) // 2, PICTURE, PICTURE)
    left += PICTURE
    if row is not None and row.layer is not None and row.layer.keep is not None:
        parts["mask"] = QRect(left + 4, top + (height - MASK) // 2, MASK, MASK)
        left += MASK + 4
    right = area.right() - 6
    for badge, there in _badges(row):
        if there:
            parts[badge] = QRect(right - BADGE, top, BADGE, height)
            right -= BADGE
    parts["words"] = QRect(left + 9, top + 5, max(0, right - left - 12), height - 11)
    return parts


def part_at(area: QRect, row: Row | None, at: QPoint) -> str:
    """Which part that can be clicked lies there; empty for none."""
    parts = parts_of(area, row)
    return next((part for part in TIPS if part in parts and parts[part].contains(at)), "")


def _badges(row: Row | None) -> tuple[tuple[str, bool], ...]:
    if row is None:
        return ()
    return ("lock", row.layer is not None and row.layer.locked), ("stale", row.stale)


def _shades(row: Row | None, *, selected: bool) -> tuple[str, str]:
    """Colours of a row's name and of the line below it."""
    holder = None if row is None else row.layer or row.group
    hidden = row is not None and (row.dimmed or (holder is not None and not holder.visible))
    below = "muted"
    if row is not None and (row.edited or row.stale):
        below = "accent" if row.edited else "warning"
    if selected:
        return "text", "text"
    return ("faint", "faint") if hidden else ("text", below)


def _paint_guides(painter: QPainter, area: QRect, depth: int) -> None:
    """A line below each group's triangle, along all that lies in the group."""
    painter.setPen(color("frame"))
    for level in range(depth):
        x = area.left() + EYE + INDENT * level + FOLD // 2
        painter.drawLine(x, area.top(), x, area.bottom())


def _paint_words(painter: QPainter, words: QRect, index: Index, shades: tuple[str, str]) -> None:
    name, subtitle = str(index.data()), str(index.data(SUBTITLE))
    top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
    if not subtitle:
        top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.setPen(color(shades[0]))
    painter.drawText(words, top, _elided(painter, name, words.width()))
    painter.setFont(_smaller(painter.font()))
    painter.setPen(color(shades[1]))
    painter.drawText(words, bottom, _elided(painter, subtitle, words.width()))


def _smaller(font: QFont) -> QFont:
    """For what is written below the name: 11 pixels where that has 12."""
    small = QFont(font)
    small.setPixelSize(round(QFontInfo(font).pixelSize() * 11 / 12))
    return small


def _paint_picture(painter: QPainter, frame: QRect, image: object) -> None:
    painter.fillRect(frame, color("window"))
    if isinstance(image, QImage):
        size = image.size().scaled(frame.size(), KEEP_SHAPE).expandedTo(QSize(2, 2))
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image)
    painter.setPen(color("frame"))
    painter.drawRect(frame.adjusted(0, 0, -1, -1))


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
