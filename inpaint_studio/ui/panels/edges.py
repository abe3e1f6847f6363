"""The Edges panel: what EdgeConnect draws before it colours, the moment it exists."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inpaint_studio.engines.api import EdgeMap
from inpaint_studio.ui.panels.edge_sheets import areas, sheet_of
from inpaint_studio.ui.panels.edge_view import EdgeView
from inpaint_studio.ui.panels.fields import WrappedLabel
from inpaint_studio.ui.theme import INVENTED_EDGES, KNOWN_EDGES


class EdgesPanel(QWidget):
    """The edge maps of the last fill, one sheet for each area of the mask, with a legend."""

    maps_changed = Signal()
    """`sheets` are others now."""
    overlay_toggled = Signal(bool)
    """Whether the edges are to be laid over the photo."""

    edit_requested = Signal()
    """The edges are to be drawn on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maps: list[EdgeMap] = []
        self._sheets: list[EdgeMap] = []
        self._index = 0
        self.hint = WrappedLabel(
            self.tr("EdgeConnect draws the missing edges first. They appear here while it fills.")
        )
        self.hint.setProperty("role", "muted")
        self.view = EdgeView()
        self.overlay = QCheckBox(self.tr("Show on the photo"))
        self.overlay.setToolTip(self.tr("Lay the edges over the photo (Shift+E)"))
        self.overlay.toggled.connect(self.overlay_toggled)
        self.edit = QPushButton(self.tr("Edit Edges"))
        self.edit.setToolTip(self.tr("Draw edges on the photo and fill from them (D)"))
        self.edit.clicked.connect(self.edit_requested)
        self.previous = self._step_button("‹", self.tr("Previous area of the mask"), -1)
        self.next = self._step_button("›", self.tr("Next area of the mask"), 1)
        self.place = QLabel()
        self.place.setProperty("role", "muted")
        self._shown = QWidget()
        self._lay_out()
        self.clear()

    @property
    def current(self) -> EdgeMap | None:
        """The map on show."""
        return self._sheets[self._index] if self._sheets else None

    @property
    def sheets(self) -> list[EdgeMap]:
        """One map for each area of the mask; they do not overlap."""
        return self._sheets

    def clear(self) -> None:
        """Forget the maps: a new fill begins, or another photo was opened."""
        self._maps, self._sheets = [], []
        self._show(0)
        self.maps_changed.emit()

    def add(self, edge_map: EdgeMap) -> None:
        """Show a new map; one of the same crop takes the place of the old.

        A large hole is filled crop by crop: their maps are shown as one.
        """
        self._maps = [known for known in self._maps if known.box != edge_map.box]
        self._maps.append(edge_map)
        self._sheets = [sheet_of(area) for area in areas(self._maps)]
        self._show(len(self._sheets) - 1)
        self.maps_changed.emit()

    def _show(self, index: int) -> None:
        self._index = index
        several = len(self._sheets) > 1
        self.hint.setVisible(not self._maps)
        self._shown.setVisible(bool(self._maps))
        for widget in (self.previous, self.next, self.place):
            widget.setVisible(several)
        self.previous.setEnabled(index > 0)
        self.next.setEnabled(index + 1 < len(self._sheets))
        self.place.setText(self.tr("Area {0} of {1}").format(index + 1, len(self._sheets)))
        self.view.show_map(self.current)

    def _step_button(self, text: str, tip: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: self._show(self._index + step))
        return button

    def _lay_out(self) -> None:
        legend = QHBoxLayout()
        legend.setSpacing(6)
        for tint, text in (
            (KNOWN_EDGES, self.tr("Found in the photo")),
            (INVENTED_EDGES, self.tr("Invented")),
        ):
            legend.addWidget(_swatch(tint))
            legend.addWidget(QLabel(text))
            legend.addSpacing(8)
        legend.addStretch()
        below = QHBoxLayout()
        below.setSpacing(4)
        below.addWidget(self.overlay)
        below.addStretch()
        for widget in (self.previous, self.place, self.next):
            below.addWidget(widget)
        shown = QVBoxLayout(self._shown)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.setSpacing(7)
        shown.addWidget(self.view)
        shown.addLayout(legend)
        shown.addLayout(below)
        shown.addWidget(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 12)
        layout.addWidget(self.hint)
        layout.addWidget(self._shown)


def _swatch(tint: str) -> QLabel:
    pixmap = QPixmap(10, 10)
    pixmap.fill(QColor(tint))
    label = QLabel(pixmap=pixmap, alignment=Qt.AlignmentFlag.AlignCenter)
    label.setFixedSize(10, 16)
    return label
