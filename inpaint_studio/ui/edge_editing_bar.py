"""The bar that floats over the photo while edges are edited: tools, fill, done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton

from inpaint_studio.ui.icons import icon

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from inpaint_studio.ui.actions import Actions

MARGIN = 12


class EdgeBar(QFrame):
    """Floats at the top of the canvas; hidden while no edges are edited."""

    tool_chosen = Signal(str)

    def __init__(self, canvas: QWidget, actions: Actions) -> None:
        super().__init__(canvas)
        self.setObjectName("edgeBar")
        self.setAutoFillBackground(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._canvas = canvas
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(6, 5, 6, 5)
        self._layout.setSpacing(4)
        self.tools = {
            "pen": self._tool("pencil-outline", self.tr("Pen (B): Shift draws straight lines")),
            "curve": self._tool("vector-curve", self.tr("Curve (C): drag, then bend, then click")),
            "eraser": self._tool("eraser", self.tr("Eraser (E): as wide as the brush ([ and ])")),
        }
        for name, button in self.tools.items():
            button.clicked.connect(self._chooser(name))
        self.clear = self._button(self.tr("Clear"), self.tr("Take away all invented edges"))
        self.auto = QCheckBox(self.tr("Fill on release"))
        self.auto.setToolTip(self.tr("Fill again whenever a line has been drawn"))
        self._layout.addSpacing(4)
        self._layout.addWidget(self.auto)
        self._layout.addSpacing(4)
        self.fill = QPushButton(self.tr("Fill from These Edges"))
        self.fill.setProperty("role", "primary")
        self.fill.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.fill.setToolTip(actions["fill_from_edges"].toolTip())
        self._layout.addWidget(self.fill)
        self._layout.addWidget(self._more(actions))
        self.done = self._button(self.tr("Done"), self.tr("Stop drawing edges (D, or Esc)"))
        canvas.installEventFilter(self)
        self.hide()

    def show_tool(self, tool: str) -> None:
        for name, button in self.tools.items():
            button.setChecked(name == tool)

    def appear(self) -> None:
        """Show it in the middle of the canvas's upper rim."""
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        room = self._canvas.width()
        for spare in (self.clear, self.auto):  # both are in the Fill menu, too
            spare.show()
        for spare in (self.clear, self.auto):
            spare.setVisible(self._layout.sizeHint().width() <= room)
        self.resize(min(self.sizeHint().width(), room), self.sizeHint().height())
        self.move(max(0, (room - self.width()) // 2), MARGIN)

    def _chooser(self, name: str):  # noqa: ANN202
        return lambda: self.tool_chosen.emit(name)

    def _tool(self, picture: str, tip: str) -> QToolButton:
        button = self._button("", tip)
        button.setIcon(icon(picture))
        button.setIconSize(QSize(18, 18))
        button.setFixedSize(QSize(32, 30))
        button.setCheckable(True)
        button.setProperty("role", "tool")
        return button

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text or tip.split(" (")[0])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._layout.addWidget(button)
        return button

    def _more(self, actions: Actions) -> QToolButton:
        button = self._button("", self.tr("Exchange edges as pictures"))
        button.setIcon(icon("dots-horizontal"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.addAction(actions["edges_import"])
        menu.addAction(actions["edges_export"])
        button.setMenu(menu)
        return button
