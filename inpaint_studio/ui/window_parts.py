"""What the window can do beyond the main job, each part an object of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inpaint_studio.ui.autosaving import Autosaving
from inpaint_studio.ui.comfort import Comfort
from inpaint_studio.ui.comparing import Comparing
from inpaint_studio.ui.copy_command import CopyCommand
from inpaint_studio.ui.edge_editing import EdgeEditing
from inpaint_studio.ui.estimating import Estimating
from inpaint_studio.ui.fill_comparing import FillComparing
from inpaint_studio.ui.fresh_mask import FreshMask
from inpaint_studio.ui.keep_editing import KeepEditing
from inpaint_studio.ui.mask_views import MaskViews
from inpaint_studio.ui.project_actions import ProjectActions
from inpaint_studio.ui.queue_actions import Queueing
from inpaint_studio.ui.rerun import Rerun
from inpaint_studio.ui.retouching import Retouching
from inpaint_studio.ui.selection_actions import SelectionActions
from inpaint_studio.ui.source_control import SourceControl
from inpaint_studio.ui.tool_hints import ToolHints

if TYPE_CHECKING:
    from inpaint_studio.ui.main_window import MainWindow


class WindowParts(QObject):
    """Makes the parts and holds on to them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.edges = EdgeEditing(window)
        self.queueing = Queueing(window)
        self.sources = SourceControl(window)
        self.estimating = Estimating(window)
        self.comfort = Comfort(window)
        self.selections = SelectionActions(window)
        self.mask_views = MaskViews(window)
        self.fresh_mask = FreshMask(window)
        self.hints = ToolHints(window)
        self.comparing = Comparing(window)
        self.fill_comparing = FillComparing(window)
        self.retouching = Retouching(window)
        self.rerun = Rerun(window)
        self.keeps = KeepEditing(window)
        self.projects = ProjectActions(window)
        self.autosaving = Autosaving(window, self.projects)
        self.command = CopyCommand(window)
