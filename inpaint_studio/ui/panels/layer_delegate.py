"""How a row of the layers list is drawn: an eye to click, a picture, a name, how it was made."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon, QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inpaint_studio.document.layer import Layer
from inpaint_studio.ui.icons import icon
from inpaint_studio.ui.panels.layer_model import LAYER, SUBTITLE, THUMBNAIL, Index
from inpaint_studio.ui.theme import color

KEEP_SHAPE = Qt.AspectRatioMode.KeepAspectRatio
ROW = 40
EYE = 34
"""Width of the eye's column."""
PICTURE = 30
"""Side of the thumbnail's square."""
SHADES = ("text", "muted")
"""Of a row's name and of what is below it."""
WORDS = EYE + PICTURE + 10
"""Where the words begin."""


class LayerDelegate(QStyledItemDelegate):
    """Paints rows; a click on the eye is told as `eye_clicked(row)`."""

    eye_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = QIcon()
        self._hidden = QIcon()
        self._locked = QIcon()

    def load_icons(self) -> None:
        """Slow the first time: after the first paint."""
        self._shown = icon("eye-outline")
        self._hidden = icon("eye-off-outline", color="faint")
        self._locked = icon("lock-outline", color="disabled")

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        layer: Layer | None = index.data(LAYER)
        from PySide6.QtWidgets import QStyle  # slow to make, and not needed before a photo is open

        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, color("panel"))
        self._paint_eye(painter, area, layer)
        _paint_picture(painter, area, index)
        shades = ("faint", "faint") if layer is not None and not layer.visible else SHADES
        if state & QStyle.StateFlag.State_Selected:
            shades = ("text", "text")
        self._paint_words(painter, area, layer, index, shades)
        painter.setPen(color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        if isinstance(event, QMouseEvent) and _eye_area(area).contains(event.position().toPoint()):
            if event.type() == QEvent.Type.MouseButtonRelease and index.data(LAYER) is not None:
                self.eye_clicked.emit(index.row())
            return True
        return super().editorEvent(event, model, option, index)

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Name of the layer"))
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: Index
    ) -> None:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        editor.setGeometry(area.adjusted(WORDS - 6, 6, -6, -7))

    def _paint_eye(self, painter: QPainter, area: QRect, layer: Layer | None) -> None:
        mark = self._locked if layer is None else (self._shown if layer.visible else self._hidden)
        box = QRect(QPoint(0, 0), QSize(16, 16))
        box.moveCenter(_eye_area(area).center())
        mark.paint(painter, box)

    def _paint_words(
        self,
        painter: QPainter,
        area: QRect,
        layer: Layer | None,
        index: Index,
        shades: tuple[str, str],
    ) -> None:
        words = area.adjusted(WORDS, 5, -8, -6)
        if layer is not None and layer.opacity < 1:
            share = f"{layer.opacity * 100:.0f} %"
            painter.setPen(color(shades[1]))
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, share)
            words.setRight(words.right() - painter.fontMetrics().horizontalAdvance(share) - 8)
        name, subtitle = str(index.data()), str(index.data(SUBTITLE))
        top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.setPen(color(shades[0]))
        painter.drawText(words, top, _elided(painter, name, words.width()))
        small = QFont(painter.font())
        small.setPixelSize(11)
        painter.setFont(small)
        painter.setPen(color(shades[1]))
        painter.drawText(words, bottom, _elided(painter, subtitle, words.width()))


def _paint_picture(painter: QPainter, row: QRect, index: Index) -> None:
    frame = QRect(row.left() + EYE, row.top() + (row.height() - PICTURE) // 2, PICTURE, PICTURE)
    painter.fillRect(frame, color("window"))
    image = index.data(THUMBNAIL)
    if isinstance(image, QImage):
        size = image.size().scaled(frame.size(), KEEP_SHAPE).expandedTo(QSize(2, 2))
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image)
    painter.setPen(color("frame"))
    painter.drawRect(frame.adjusted(0, 0, -1, -1))


def _eye_area(row: QRect) -> QRect:
    return QRect(row.left(), row.top(), EYE, row.height())


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
