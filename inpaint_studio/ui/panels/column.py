"""The column of panels on the right."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.panels.edges import EdgesPanel
from inpaint_studio.ui.panels.fill import FillPanel
from inpaint_studio.ui.panels.history import HistoryPanel
from inpaint_studio.ui.panels.layers import LayersPanel
from inpaint_studio.ui.panels.section import Section
from inpaint_studio.ui.workspace import Workspace

WIDTH = 304


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
        self.setMinimumWidth(260)
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

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 600)

    def load_icons(self) -> None:
        self.layers.load_icons()
