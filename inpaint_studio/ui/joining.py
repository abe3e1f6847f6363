"""Which action does what, and who listens to whom: all the wiring of the window in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inpaint_studio.ui.main_window import MainWindow


def join(window: MainWindow) -> None:
    """Connect everything the window is made of."""
    _join_actions(window)
    _join_workspace(window)
    _join_canvas(window)
    _join_fill(window)


def _join_actions(window: MainWindow) -> None:
    masks = window.masks
    window.commands.connect_all(
        {
            "open": window.photos.open,
            "paste_new": window.photos.paste,
            "close": window.photos.close,
            "quit": window.close,
            "export": window.dialogs.export,
            "undo": window.undo,
            "redo": window.redo,
            "mask_invert": masks.invert,
            "mask_clear": masks.clear,
            "mask_load": masks.load,
            "mask_save": masks.save,
            "fill": window.filling.start,
            "show_edges": window.column.edges.overlay.toggle,
            "models": window.dialogs.models,
            "preferences": window.dialogs.preferences,
            "shortcuts": window.dialogs.shortcuts,
            "about": window.dialogs.about,
        }
    )


def _join_workspace(window: MainWindow) -> None:
    workspace, status = window.workspace, window.status_line
    workspace.opened.connect(window.show_document)
    workspace.closed.connect(lambda: window.show_document(None))
    workspace.changed.connect(window.canvas.refresh)
    workspace.changed.connect(status.refresh)
    workspace.changed.connect(window.views.show_change)
    workspace.history_changed.connect(window.show_state)
    workspace.active_layer_changed.connect(window.show_state)
    workspace.problem.connect(window.messages.show_problem)
    workspace.notice.connect(window.messages.show_notice)
    workspace.status.connect(status.show_sentence)
    workspace.busy_changed.connect(status.show_busy)
    window.store.problem.connect(window.messages.show_problem)
    window.store.changed.connect(window.show_recent)


def _join_canvas(window: MainWindow) -> None:
    canvas, status = window.canvas, window.status_line
    canvas.stroke_finished.connect(window.parts.queueing.take_stroke)
    canvas.stroke_finished.connect(window.filling.warm_up)
    canvas.zoom_changed.connect(status.show_zoom)
    canvas.cursor_moved.connect(status.show_cursor)
    window.welcome.open_requested.connect(window.photos.open)
    window.welcome.photo_requested.connect(window.photos.open_path)


def _join_fill(window: MainWindow) -> None:
    controller, filling = window.controller, window.filling
    controller.running_changed.connect(window.show_state)
    controller.message.connect(window.status_line.show_sentence)
    controller.landed.connect(window.views.show_result)
    filling.models_requested.connect(window.dialogs.models)
    filling.device_used.connect(window.status_line.show_device)
    window.dialogs.models_changed.connect(filling.load_models)
    window.mode_bar.changed.connect(window.show_state)
    window.photos.export_requested.connect(window.dialogs.export)
    window.dialogs.export_cancelled.connect(window.photos.stay)
    overlay = window.column.edges.overlay
    overlay.toggled.connect(window.commands["show_edges"].setChecked)
