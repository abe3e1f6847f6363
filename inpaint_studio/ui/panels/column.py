"""The column of panels on the right."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.panels.edges import EdgesPanel
from inpaint_studio.ui.panels.fill import FillPanel
from inpaint_studio.ui.panels.history import HistoryPanel
from inpaint_studio.ui.panels.layers import LayersPanel
from inpaint_studio.ui.panels.section import Section
from inpaint_studio.ui.workspace import Workspace

WIDTH, NARROWEST = 304, 260


class PanelColumn(QScrollArea):
    """Fill, Edges, Layers and History, one above the other; scrolls when the window is low."""

    def __init__(
        self, workspace: Workspace, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("column")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(NARROWEST)
        self.fill = FillPanel()
        self.edges = EdgesPanel()
        self.layers = LayersPanel(workspace, actions)
        self.history = HistoryPanel(workspace)
        panels = QWidget()
        panels.setObjectName("panels")
        layout = QVBoxLayout(panels)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.sections = (
            Section(self.tr("Fill"), self.fill),
            Section(self.tr("Edges"), self.edges),
            Section(self.tr("Layers"), self.layers, stretches=True),
            Section(self.tr("History"), self.history, stretches=True),
        )
        for section in self.sections:
            layout.addWidget(section, 3 if section.body is self.layers else 0)
        layout.setStretchFactor(self.sections[3], 2)
        layout.addStretch()
        self.setWidget(panels)
        panels.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Never be narrower than what lies in it, whatever font that is written in."""
        panels = self.widget()
        if panels is not None and watched is panels and event.type() == QEvent.Type.LayoutRequest:
            needed = panels.minimumSizeHint().width() + self.verticalScrollBar().width()
            self.setMinimumWidth(max(NARROWEST, needed))
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 600)

    def load_icons(self) -> None:
        self.layers.load_icons()
