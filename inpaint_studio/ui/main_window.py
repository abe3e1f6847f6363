"""The window: puts the canvas, the tools and the panels in their places and joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inpaint_studio.ui.actions import Actions
from inpaint_studio.ui.canvas.view import CanvasView
from inpaint_studio.ui.dialog_actions import DialogActions
from inpaint_studio.ui.fill_controller import FillController
from inpaint_studio.ui.filling import Filling
from inpaint_studio.ui.jobs import join_jobs
from inpaint_studio.ui.joining import join
from inpaint_studio.ui.layer_actions import LayerActions
from inpaint_studio.ui.mask_actions import MaskActions
from inpaint_studio.ui.menus import build_menus, build_tool_bar, fill_recent
from inpaint_studio.ui.messages import MessageBar
from inpaint_studio.ui.mode_bar import ModeBar
from inpaint_studio.ui.panels.column import WIDTH, PanelColumn
from inpaint_studio.ui.photo_actions import PhotoActions, picture_paths, title_of
from inpaint_studio.ui.recovery import RecoveryActions
from inpaint_studio.ui.status_bar import StatusBar
from inpaint_studio.ui.tool_options import ToolOptions
from inpaint_studio.ui.view_actions import ViewActions
from inpaint_studio.ui.welcome import Welcome
from inpaint_studio.ui.window_actions import WindowActions
from inpaint_studio.ui.window_parts import WindowParts
from inpaint_studio.ui.worker import InferenceThread
from inpaint_studio.ui.workspace import Workspace

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent

    from inpaint_studio.document.document import Document
    from inpaint_studio.settings import Settings
    from inpaint_studio.ui.settings_store import SettingsStore
    from inpaint_studio.weights.library import Library


class MainWindow(QMainWindow):
    """Places things. What they do is said by the objects it joins."""

    first_painted = Signal()

    def __init__(
        self,
        store: SettingsStore,
        *,
        library: Library | None = None,
        worker: InferenceThread | None = None,
    ) -> None:
        super().__init__()
        self.store = store
        self._library = library
        self.worker = worker or InferenceThread(self)
        budget = store.settings.history_budget_mb * 2**20
        self.workspace = Workspace(self, history_budget=budget)
        self.commands = Actions(self)
        self._painted = False
        self._leaving = False
        self._place()
        self._make_controllers()
        join(self)
        self._restore_geometry()
        self.show_recent(store.settings)
        self.show_document(None)

    def library(self) -> Library:
        """The models there are; opened when it is first needed, which is not before the paint."""
        if self._library is None:
            from inpaint_studio.weights.library import open_library

            self._library = open_library(isolated=True)
        return self._library

    def load_icons(self) -> None:
        """Give everything its icons. Slow: called once the window has been painted."""
        self.commands.load_icons()
        self.column.load_icons()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.first_painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work; then stop what runs and leave no thread or process behind. What
        is being written is waited for."""
        if self.photos.closes_later(self.close):
            event.ignore()
            return
        document = self.workspace.document
        if document is not None and document.modified and not self._leaving:
            event.ignore()
            self.photos.settle(self._leave)
            return
        self.hide()
        self._remember_geometry()
        self.store.save()
        self.controller.shut_down()
        self.canvas.shutdown()
        join_jobs(self)
        self.workspace.shut_down()
        self.recovery.shut_down()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if picture_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = picture_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.photos.drop(paths[0])

    # Building

    def _place(self) -> None:
        """Make the widgets and put them where they belong."""
        self.setMinimumSize(860, 560)
        self.setAcceptDrops(True)
        self.recent_menu = build_menus(self, self.commands)
        self.options = ToolOptions()
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.options)
        bar = build_tool_bar(self, self.commands)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, bar)
        self.canvas = CanvasView()
        self.canvas.setAccessibleName(self.tr("Photo"))
        self.canvas.setAccessibleDescription(self.tr("Paint here over what is to be filled"))
        self.welcome = Welcome()
        self.messages = MessageBar()
        self.mode_bar = ModeBar()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.canvas)
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.messages)
        layout.addWidget(self.mode_bar)
        layout.addWidget(self.pages, 1)
        self.column = PanelColumn(self.workspace, self.commands)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(middle)
        self.splitter.addWidget(self.column)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setCollapsible(0, False)
        self.splitter.setCollapsible(1, False)
        self.splitter.setSizes([1000, WIDTH])
        self.setCentralWidget(self.splitter)
        self.status_line = StatusBar()
        self.setStatusBar(self.status_line)

    def _make_controllers(self) -> None:
        """Make the objects that know what the actions do."""
        workspace, commands, store = self.workspace, self.commands, self.store
        self.controller = FillController(
            workspace, self.canvas, self.worker, library=self.library, parent=self
        )
        self.masks = MaskActions(workspace, self.canvas, self.messages, self)
        self.photos = PhotoActions(workspace, self.masks, self.messages, store, self)
        self.layering = LayerActions(self)
        self.views = ViewActions(self.canvas, commands, self.options, store, self)
        self.filling = Filling(
            *(self.controller, self.column.fill, self.column.edges, self.canvas),
            *(store, self.library, self),
        )
        self.dialogs = DialogActions(workspace, self.library, store, self)
        self.windows = WindowActions(self, commands)
        self.parts = WindowParts(self)
        self.recovery = RecoveryActions(self)

    # Following

    def undo(self) -> None:
        self.canvas.settle()
        if self.parts.queueing.take_back_last():
            return
        self.views.reveal_mask()
        self.workspace.undo()

    def redo(self) -> None:
        self.canvas.settle()
        self.views.reveal_mask()
        self.workspace.redo()

    def show_document(self, document: Document | None) -> None:
        self.canvas.show_document(document)
        self.column.edges.clear()
        self.column.history.refresh()
        self.messages.dismiss()
        self.status_line.show_document(document)
        page = self.welcome if document is None else self.canvas
        self.pages.setCurrentWidget(page)
        page.setFocus()
        self.column.fill.show_hint("")
        if document is not None and document.photo.metadata.notes:
            self.status_line.show_sentence(" ".join(document.photo.metadata.notes))
        self.show_state()

    def show_state(self) -> None:
        """Title, and which actions make sense now."""
        document = self.workspace.document
        name = title_of(document) if document is not None else ""
        elided = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 420)
        self.setWindowTitle(f"{elided}[*] — Inpaint Studio" if name else "Inpaint Studio")
        self.setWindowModified(document is not None and document.modified)
        self.windows.show_state(document, running=self.controller.running)

    def show_recent(self, settings: Settings) -> None:
        fill_recent(self.recent_menu, settings.recent_files, self.photos.open_path)
        self.welcome.show_recent(settings.recent_files)

    def _leave(self) -> None:
        self._leaving = True
        self.close()

    def _restore_geometry(self) -> None:
        saved = self.store.settings.window_geometry
        if not saved or not self.restoreGeometry(QByteArray.fromBase64(saved.encode())):
            self.resize(1360, 860)

    def _remember_geometry(self) -> None:
        from msgspec.structs import replace

        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.store.update(lambda settings: replace(settings, window_geometry=geometry))
