"""The History panel: every step by name; click one to go there."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from inpaint_studio.ui.panels.empty import EmptyHint
from inpaint_studio.ui.theme import color
from inpaint_studio.ui.workspace import Workspace


class StepList(QListWidget):
    """Asks for little room; takes what is left."""

    def sizeHint(self) -> QSize:
        return QSize(200, 112)


class HistoryPanel(QWidget):
    """The opened photo first, then the steps; those that were undone are dimmed."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.steps = StepList()
        self.steps.setAccessibleName(self.tr("History"))
        self.steps.setToolTip(self.tr("Click a step to go there (Ctrl+Z, Ctrl+Shift+Z)"))
        self.steps.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.steps.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.steps.setUniformItemSizes(True)
        self.steps.setMinimumHeight(64)
        self.steps.currentRowChanged.connect(self._go)
        self.empty = EmptyHint(self.steps, self.tr("Every step is kept here, to go back to."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 12)
        layout.addWidget(self.steps)
        workspace.history_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the history as it is; the current step is the selected one."""
        document = self._workspace.document
        self.steps.blockSignals(True)
        titles = [] if document is None else [self.tr("Opened"), *document.history.titles]
        self._match_rows(titles)
        self.empty.setVisible(not titles)
        if document is not None:
            self._dim_after(document.history.index)
            self.steps.setCurrentRow(document.history.index)
            self.steps.scrollToItem(self.steps.currentItem())
        self.steps.blockSignals(False)

    def _match_rows(self, titles: list[str]) -> None:
        """Change only the rows that differ: thousands of steps must not slow a stroke down."""
        while self.steps.count() > len(titles):
            self.steps.takeItem(self.steps.count() - 1)
        for row, title in enumerate(titles):
            item = self.steps.item(row) if row < self.steps.count() else self._append()
            if item.text() != title:
                item.setText(title)
                item.setToolTip(title)

    def _append(self) -> QListWidgetItem:
        item = QListWidgetItem(self.steps)
        return item

    def _dim_after(self, index: int) -> None:
        for row in range(self.steps.count()):
            item = self.steps.item(row)
            item.setForeground(color("text" if row <= index else "faint"))

    def _go(self, row: int) -> None:
        document = self._workspace.document
        if document is not None and 0 <= row != document.history.index:
            self._workspace.jump(row)
